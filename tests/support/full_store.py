"""Rows in every table of the store, two and more where lists show them, in the account of KEY."""

from dataclasses import replace

from renvoi.application.ports.accounts import RememberedAnswer
from renvoi.application.ports.limits import NodeCounts
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.sessions import Visitor, begin, new_token, of_key, of_person
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import NETWORK, STRANGER, attempt
from renvoi.domain.calls.call_record import CallKey, IdentityResult
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.calls.missed_call import MissedCall, WhyMissed
from renvoi.domain.calls.rates import Rate
from renvoi.domain.calls.usage import Usage, day_of
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import SharedKey
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.dashboard_api import Pages
from tests.support.http_api import KEY, NUMBER, SECOND, START_MS
from tests.support.v2_api import OPERATOR_KEY
from tests.support.v2_kept import AUDIO, CALL, MAIL, MESSAGE
from tests.support.v2_webhooks import WEBHOOK, put_webhook

OTHER_OPERATOR = ApiKey("op_0d0d0d0d0d0d", "p" * 43)
FURTHER_KEY = ApiKey("5ec05ec05ec0", "s" * 43)
"""Keys behind those that ask, so that damage to them ends no session."""
LATER = "f" * 32
REMOVED, MOVED = E164("+33199005501"), E164("+33199005502")
BY_HAND = (
    "INSERT INTO call_counts (decision, status, calls) VALUES ('forward', 200, 5), ('reject', 404, 1)",
    "INSERT INTO leases (name, owner, until_ms) VALUES ('one', 'this', 1), ('two', 'that', 1)",
    "INSERT INTO past_changes SELECT 6, audit.* FROM audit WHERE number = 33199001234",
    "INSERT INTO event_seqs (account_id, number, seq, tx) VALUES (1, 33199009999, 7, 0), (1, 33199009998, 7, 0)",
    "INSERT INTO node_counters (name, node, value) VALUES ('messages', 'b', 7), ('calls', 'b', 7)",
    "INSERT INTO idempotency SELECT account_id, 'twice', request_hash, outcome, revision, at_ms FROM idempotency",
    "INSERT INTO imports SELECT 8, account_id, state, created_at_ms, alive_until_ms FROM imports",
    "INSERT INTO counters (name, value) VALUES ('messages', 7), ('calls', 7)",
)
"""Statements for what only older programs, and long work, add."""
_NOW = START_MS
_OWNER = EmailAddress("owner@example.com")


def fill(pages: Pages) -> None:
    """Fill the store of a client that has the rows of `http_api.seed`."""
    pages.add_key(OPERATOR_KEY)
    pages.add_key(OTHER_OPERATOR)
    for work in (_keys, _numbers, _messages, _calls, _people, _trunks, _limits, _webhooks, _others, _removals):
        pages.write(work)
    rule = {
        "action": "forward",
        "to": ["+33644630000"],
        "schedule": {"time_zone": "Europe/Paris", "open": [], "holidays": "FR"},
    }
    for number in (NUMBER, SECOND):
        for action in (rule, {"action": "voicemail", "voicemail": {"emails": ["owner@example.com"]}}, rule):
            answer = pages.send("PUT", f"/v2/numbers/{number}/forwarding", json=action)
            assert answer.status_code == 200, answer.text
    for name in ("first", "second"):
        headers = {"Idempotency-Key": name}
        assert pages.patch("/v2/keys/key_5ec05ec05ec0", {"label": name}, headers=headers).status_code == 200
        assert pages.patch(f"/v2/webhooks/wh_{'f' * 24}", {"description": name}).status_code == 200


def _keys(writer: Writer) -> None:
    record = KeyRecord(FURTHER_KEY.id, 1, FURTHER_KEY.hash(), "FR", label="ERP", numbers=frozenset({SECOND}))
    writer.add_key(record)
    writer.note_key_uses({FURTHER_KEY.id: _NOW, KEY.id: _NOW})
    writer.add_shared_key(SharedKey("0a0a0a0a", bytes(32), 1))
    writer.add_shared_key(SharedKey("0b0b0b0b", bytes(32), 2))
    writer.put_secret("trunk/carrier/outbound", b"sealed")
    writer.remember(1, "once", RememberedAnswer(bytes(32), "forward-enabled", 1, _NOW))


def _numbers(writer: Writer) -> None:
    writer.add_number(1, NumberRow(REMOVED), _NOW)
    writer.add_number(1, NumberRow(MOVED), _NOW)
    for number in (NUMBER, SECOND):
        writer.set_number_state(number, forwarding_enabled=True)
        writer.set_label(number, "Reception")
        writer.put_greeting(number, AUDIO, _NOW)


def _messages(writer: Writer) -> None:
    for place, message_id in enumerate((MESSAGE.id, LATER, "0" * 32)):
        at_ms = _NOW + place
        message = replace(MESSAGE, id=message_id, received_at_ms=at_ms, number=SECOND if place == 1 else NUMBER)
        states = (MailState.FAILED, MailState.PENDING, MailState.PENDING)
        mail = replace(MAIL, message_id=message_id, state=states[place], ended_at_ms=None if place else at_ms)
        others = [replace(mail, place=1, recipient=EmailAddress("second@example.org"))]
        writer.add_message(message, mail, AUDIO, others)
    for place, number in enumerate((NUMBER, SECOND)):
        call = MissedCall(f"missed{place}", 1, number, "+33140000001", _NOW, WhyMissed.HUNG_UP)
        writer.add_missed_call(call, [_OWNER])


def _calls(writer: Writer) -> None:
    ladder = Ladder(
        (
            Leg(
                "sip:192.0.2.1",
                "sip:+33644630000@192.0.2.1",
                _NOW,
                "carrier",
                ("X: y",),
                _NOW + 1,
                "answered",
                _NOW + 2,
                200,
            ),
        )
    )
    identity = IdentityResult("TN-Validation-Passed", attestation="A")
    for place in range(3):
        key = CallKey(f"call{place}", "tag", 1)
        number = (NUMBER, SECOND, NUMBER)[place]
        writer.put_call(replace(CALL, key=key, number=number.value, used=("a1", "n1"), price=5, identity=identity))
        writer.put_ladders({key: ladder})
        writer.count_calls({("forward", 200): 1, ("reject", 404): 1})
        writer.count_hours({(_NOW // 3_600_000, "calls"): 1, (_NOW // 3_600_000, "failed"): 1})
    # Those that the collector ends.
    under_way = replace(CALL, key=CallKey("call3", "tag", 1), answer_at_ms=None, end_at_ms=None, status=None)
    writer.put_call(under_way)
    writer.put_spool_offset("one", 7)
    writer.put_spool_offset("two", 8)
    writer.count("messages")


def _people(writer: Writer) -> None:
    for place, account_id in enumerate((1, 1, 0, 0)):
        person = Person(
            f"usr_{place:012x}", account_id, EmailAddress(f"person{place}@example.com"), _NOW,
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA", None, ("192.0.2.0/24",), "en", "dark", _NOW,
        )  # fmt: skip
        writer.add_person(person)
        begin(writer, new_token(), of_person(person), Visitor("192.0.2.9"), _NOW)
        for kind in TokenKind:
            made = (new_token().id, kind, person.id, _NOW, _NOW + 3_600_000)
            writer.add_token(TokenRecord(*made, due_at_ms=_NOW))
    for key in (KEY, OPERATOR_KEY):
        record = writer.key(key.id)
        assert record is not None
        begin(
            writer,
            replace(new_token(), id="f" * 12 if key is KEY else "e" * 12),
            of_key(record, key.hash()),
            Visitor("192.0.2.8"),
            _NOW,
        )
    for allowance in (NETWORK, STRANGER):
        writer.take_attempt(attempt(allowance, "192.0.2.7"), _NOW)


def _trunks(writer: Writer) -> None:
    networks = (parse_network("192.0.2.0/24"),)
    for name, at in (("carrier", 1), ("second", 2)):
        inbound = InboundTrunk(f"{name}", (parse_network(f"192.0.{at}.0/24"),) if at else networks, "FR")
        writer.add_trunk(inbound, OutboundTrunk(name, f"sip:sip{at}.example.com", region="FR", strip="0"))


def _limits(writer: Writer) -> None:
    writer.put_rates([Rate("33", 12_500, "EUR"), Rate("44", 12_500, "EUR")])
    today = day_of(_NOW)
    writer.add_usages({(name, today): Usage(60_000, 1, 5, 5) for name in ("a1", "n33199001234")})
    for account_id in (1, 2):
        writer.add_limit_notice(LimitNotice(account_id, today, LimitKind.MINUTES, f"a{account_id}", _NOW))
        account = writer.account(str(account_id))
        assert account is not None
        writer.put_account(replace(account, email=_OWNER, time_zone="Europe/Paris"))
        before, after = NO_POLICY, AccountPolicy(DestinationPolicy(countries=frozenset({"BE", "FR"})))
        writer.put_policy(PolicyChange(_NOW, account_id, None, "cli", before, after))
        writer.put_policy(PolicyChange(_NOW, account_id, None, "cli", after, after))
    writer.put_node_counts("one", NodeCounts(1, {"a1": 1}))
    writer.put_node_counts("two", NodeCounts(1, {"a1": 1}))


def _webhooks(writer: Writer) -> None:
    for place in "0ef":
        put_webhook(writer, replace(WEBHOOK, id=place * 24, types=("*",)))


def _others(writer: Writer) -> None:
    writer.begin_import(7, 1, _NOW, _NOW + 60_000)
    writer.stage_numbers(7, [(1, NumberRow(E164("+33199005599")))], _NOW + 60_000)


def _removals(writer: Writer) -> None:
    writer.remove_number(Removal(5, RemovalKind.NUMBER, 1, _NOW, None, "command line", REMOVED, 0))
    writer.move_number(Removal(6, RemovalKind.MOVE, 1, _NOW, None, "command line", MOVED, 0, 2), None)
