"""Every page of the dashboard, by an address that shows it; what they show is put into the store here.

Texts that customers and callers choose are hostile: a browser that ran one of them would be heard of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.routing import Router

from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.sessions import Visitor, begin, new_token, of_local_operator, of_person
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import Token, TokenKind, TokenRecord
from renvoi.domain.calls.call_record import CallKey
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.dashboard.app import Dashboard
from renvoi.http.middleware import Middleware
from tests.support.http_api import NUMBER, START_MS, TARGET
from tests.support.v2_kept import AUDIO, CALL, CALLER, MAIL, MESSAGE, MESSAGE_ID
from tests.support.v2_webhooks import WEBHOOK, put_webhook

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
EVIL_NUMBER = E164("+33199001299")
EVIL_KEY = ApiKey("0e0e0e0e0e0e", "e" * 43)
OWNER, OPERATOR, PASSWORD_TOKEN = new_token(), new_token(), new_token()
PERSON = Person("usr_0a0b0c0d0e0f", 1, EmailAddress("owner@example.com"), START_MS, "not a hash")
ADDRESSES: Mapping[str, str] = {
    "/sign-in": "/sign-in",
    "/sign-in/forgotten": "/sign-in/forgotten",
    "/sign-in/password": "/sign-in/password?token=" + PASSWORD_TOKEN.reveal(),
    "/sessions": "/sessions",
    "/messages": "/messages",
    "/messages/{id}": f"/messages/msg_{MESSAGE_ID}",
    "/messages/{id}/delete": f"/messages/msg_{MESSAGE_ID}/delete",
    "/calls": "/calls",
    "/calls/{id}": "/calls/call_1",
    "/keys": "/keys",
    "/keys/{key}": f"/keys/key_{EVIL_KEY.id}",
    "/keys/{key}/rotate": f"/keys/key_{EVIL_KEY.id}/rotate",
    "/keys/{key}/revoke": f"/keys/key_{EVIL_KEY.id}/revoke",
    "/webhooks": "/webhooks",
    "/webhooks/new": "/webhooks/new",
    "/webhooks/{webhook}": f"/webhooks/wh_{WEBHOOK.id}",
    "/webhooks/{webhook}/rotate": f"/webhooks/wh_{WEBHOOK.id}/rotate",
    "/webhooks/{webhook}/delete": f"/webhooks/wh_{WEBHOOK.id}/delete",
    "/webhooks/{webhook}/deliveries": f"/webhooks/wh_{WEBHOOK.id}/deliveries",
    "/webhooks/{webhook}/deliveries/{delivery}": f"/webhooks/wh_{WEBHOOK.id}/deliveries/dlv_1",
    "/account": "/account",
    "/start": "/start",
    "/start/call/{name}": "/start/call/abc",
    "/start/checks": "/start/checks",
    "/operator": "/operator",
    "/operator/accounts": "/operator/accounts",
    "/operator/accounts/{account}": "/operator/accounts/acc_1",
    "/operator/accounts/{account}/close": "/operator/accounts/acc_1/close",
    "/operator/accounts/{account}/limits": "/operator/accounts/acc_1/limits",
    "/operator/accounts/{account}/policy": "/operator/accounts/acc_1/policy",
    "/operator/accounts/{account}/numbers": "/operator/accounts/acc_1/numbers",
    "/operator/numbers/{number}": f"/operator/numbers/{EVIL_NUMBER}",
    "/operator/numbers/{number}/remove": f"/operator/numbers/{EVIL_NUMBER}/remove",
    "/operator/trunks": "/operator/trunks",
    "/operator/trunks/new": "/operator/trunks/new?preset=ovh",
    "/operator/trunk/{name}": "/operator/trunk/main",
    "/operator/trunk/{name}/remove": "/operator/trunk/main/remove",
    "/operator/rates": "/operator/rates",
    "/operator/mails": "/operator/mails",
    "/operator/mails/kept/{name}": "/operator/mails/kept/m1",
    "/numbers": "/numbers",
    "/numbers/change": f"/numbers/change?number=%2B{NUMBER.digits}&number=%2B{EVIL_NUMBER.digits}",
    "/numbers/{number}": f"/numbers/{NUMBER}?from=06+11+22+33+44&at=2026-12-01T10:00",
}
"""By the path of its route. A page that is new gets a line here, or one in `NO_PAGES`."""
OPEN = frozenset({"/sign-in", "/sign-in/forgotten", ADDRESSES["/sign-in/password"]})
"""Addresses for who is not signed in."""
NO_PAGES: Mapping[str, str] = {
    "/": "sends to the first page",
    "/sign-in/link": "signs in, and sends to the first page",
    "/live": "a stream of events",
    "/shown/{name}": "a secret, once: see test_secret_pages.py",
    "/messages/{id}/audio": "a recording",
    "/calls.csv": "CSV",
    "/calls/{id}/ladder.svg": "a picture",
    "/calls/{id}/ladder.txt": "plain text",
    "/operator/mails/kept/{name}/file": "a mail as a file",
    "/numbers/{number}/greeting.wav": "audio",
}
"""Routes that answer with something else than a page, and with what."""
HEADINGS: Mapping[str, tuple[str, str]] = {
    "/sign-in": ("Sign in", "Connexion"),
    "/messages": ("Messages", "Messages"),
    "/calls": ("Calls", "Appels"),
}
PEAKS = bytes(n * 255 // 199 for n in range(200))


def put_things(writer: Writer) -> None:
    """Store something for every page, and a session of a customer's key and one of an operator."""
    writer.add_person(PERSON)
    begin(writer, OWNER, of_person(PERSON), Visitor("127.0.0.1", EVIL), START_MS)
    kind = TokenKind.RESET
    ends_ms = START_MS + kind.lasts_ms
    writer.add_token(TokenRecord(PASSWORD_TOKEN.id, kind, PERSON.id, START_MS, ends_ms, PASSWORD_TOKEN.hash()))
    begin(writer, OPERATOR, of_local_operator(1), Visitor("127.0.0.1", EVIL), START_MS)
    writer.add_key(KeyRecord(EVIL_KEY.id, 1, EVIL_KEY.hash(), "FR", label=EVIL, scopes=("calls:read",)))
    writer.add_number(1, NumberRow(EVIL_NUMBER, EVIL), START_MS)
    writer.set_label(NUMBER, EVIL)
    writer.put_greeting(NUMBER, AUDIO, START_MS)
    writer.add_message(replace(MESSAGE, peaks=PEAKS), MAIL, AUDIO)
    for place, caller in enumerate(("", "+442079460018", EVIL, "anonymous")):
        message_id = f"{place:x}" * 32
        at_ms = START_MS - place * 86_400_000
        message = replace(MESSAGE, id=message_id, caller=caller, received_at_ms=at_ms, transcript=EVIL)
        failed = Mail(message_id, MAIL.recipient, START_MS, START_MS, MailState.FAILED, 5, EVIL, ended_at_ms=START_MS)
        writer.add_message(message, failed, AUDIO)
    failed_leg = Leg("sip:192.0.2.9:5060", f"sip:{TARGET}@192.0.2.9", START_MS + 10, "main", (f"From: {EVIL}",))
    legs = (
        replace(failed_leg, end="answered", end_at_ms=START_MS + 900, status=503, phrase=EVIL),
        replace(
            failed_leg, trunk="spare", rang_at_ms=START_MS + 1500, end="answered", end_at_ms=START_MS + 5000, status=200
        ),
    )
    writer.put_call(CALL)
    writer.put_ladders({CALL.key: Ladder(legs)})
    for place, caller in enumerate((EVIL, "", CALLER)):
        key = CallKey(f"{EVIL}{place}", "tag", 1)
        writer.put_call(replace(CALL, key=key, caller=caller, status=480, decision="reject", reason="limit-calls"))
    put_webhook(writer, replace(WEBHOOK, description=EVIL))
    writer.add_trunk(OutboundTrunk("main", "sip:192.0.2.9:5060"))


def cookie_of(address: str) -> Token:
    """Return the session that a page is looked at with."""
    return OPERATOR if address.startswith(("/operator", "/start")) else OWNER


def paths_of(app: Middleware) -> Sequence[str]:
    """Return the paths of everything that is asked for by GET, files apart."""
    router = app._app
    assert isinstance(router, Router)
    dashboard = router.default._dashboard  # type: ignore[attr-defined]  # that of `http.app`
    assert isinstance(dashboard, Dashboard)
    return [route.path for route in dashboard.routes if "GET" in (route.methods or ())]


__all__ = ["ADDRESSES", "HEADINGS", "MESSAGE_ID", "NO_PAGES", "NUMBER", "OPEN", "cookie_of", "paths_of", "put_things"]
