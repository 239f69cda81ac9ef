"""The states that examples of `/v2` are sent in, by the name in `Example.given`, and how an answer is compared."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.calls.rates import Rate
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import SharedKey
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support import v2_kept, v2_rules, v2_webhooks
from tests.support.http_api import NUMBER, START_MS
from tests.support.v2_api import V2Api
from tests.unit.adapters.test_audio import tone, wav

_VARIES = (
    re.compile(r"(key|msg|call|wh|evt|dlv|rem)_[A-Za-z0-9_-]+"),
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"),
    re.compile(r"(rv|whsec)_\S+"),
    re.compile(r"https?://\S+/v2/audio\?link=\S+"),
    re.compile(r"[A-Za-z0-9_-]{8,}"),
)
"""Texts that differ from run to run: ids, times, secrets, cursors. One is like another of the same kind."""


def _labelled(api: V2Api) -> None:
    api.write(lambda writer: writer.set_label(NUMBER, "Reception"))


def _french_account(api: V2Api) -> None:
    response = api.patch(
        "/v2/account",
        {"language": "fr", "retention": {"messages_days": 60}, "notices": {"email": "owner@example.com"}},
    )
    assert response.status_code == 200


def _kept(api: V2Api) -> None:
    """Store a message with its audio, and an answered call; make the keys that nodes share."""
    api.write(v2_kept.put_message)
    api.write(v2_kept.put_call)
    api.write(lambda writer: writer.add_shared_key(SharedKey("0a0a0a0a", bytes(32), 1)))


def _two_changes(api: V2Api) -> None:
    for kind in ("1", "0"):
        assert api.post({"type": kind}).status_code == 200


def _trunk(api: V2Api) -> None:
    networks = (parse_network("192.0.2.0/24"),)
    sides = InboundTrunk("carrier", networks, "FR"), OutboundTrunk("carrier", "sip:sip.example.com", region="FR")
    api.write(lambda writer: writer.add_trunk(*sides))


def _removed_number(api: V2Api) -> None:
    removal = Removal(71828182845904523, RemovalKind.NUMBER, 1, 9_000, "op_0c0c0c0c0c0c", "192.0.2.7", NUMBER, 0)
    api.write(lambda writer: writer.remove_number(removal))


def _removed_numbers(api: V2Api) -> None:
    _removed_number(api)
    removal = Removal(7, RemovalKind.NUMBER, 1, 8_000, None, "command line", E164("+33199005502"), 0)
    api.write(lambda writer: writer.remove_number(removal))


OTHER_OPERATOR = ApiKey("op_0b0b0b0b0b0b", "p" * 43)


def _changed(api: V2Api, part: str, body: object) -> None:
    key = api.add_key(OTHER_OPERATOR)
    assert api.send("PATCH", f"/v2/admin/accounts/acc_1/{part}", key=key, json=body).status_code == 200


def _policy(api: V2Api) -> None:
    _changed(api, "policy", {"countries": ["FR", "BE"]})


def _limits(api: V2Api) -> None:
    _changed(api, "limits", {"account": {"calls": 10, "minutes_per_day": 600, "spend_per_day": "25.50"}})


GIVEN: Mapping[str, Callable[[V2Api], None]] = {
    "": lambda _: None,
    "a message and a call": _kept,
    "a number with a greeting": lambda api: api.write(lambda w: w.put_greeting(NUMBER, wav(tone(1.0)), START_MS)),
    "a number with a label": _labelled,
    "an account with settings": _french_account,
    "an account with a policy": _policy,
    "an account with limits": _limits,
    "two changes of a rule": _two_changes,
    "a trunk": _trunk,
    "a trunk that can be tried": _trunk,
    "a table of rates": lambda api: api.write(lambda writer: writer.put_rates([Rate("33", 12_500, "EUR")])),
    "a number that was removed": _removed_number,
    "two numbers that were removed": _removed_numbers,
    "a webhook with a delivery": lambda api: api.write(v2_webhooks.put_webhook),
    **v2_rules.GIVEN,
}


def difference(shown: Any, came: Any, where: str = "") -> str | None:
    """Return where an answer is not what the document shows; None when it is."""
    if isinstance(shown, Mapping) and isinstance(came, Mapping):
        if set(shown) != set(came):
            return f"{where}: {sorted(set(shown) ^ set(came))} on one side only"
        found = (difference(shown[name], came[name], f"{where}/{name}") for name in shown)
        return next((each for each in found if each), None)
    if isinstance(shown, list) and isinstance(came, list):
        if len(shown) != len(came):
            return f"{where}: {len(shown)} elements are shown, {len(came)} came"
        found = (difference(*both, f"{where}/{place}") for place, both in enumerate(zip(shown, came, strict=True)))
        return next((each for each in found if each), None)
    if shown == came and type(shown) is type(came):
        return None
    if isinstance(shown, str) and isinstance(came, str) and any(_alike(kind, shown, came) for kind in _VARIES):
        return None
    return f"{where}: {shown!r} is shown, {came!r} came"


def _alike(kind: re.Pattern[str], shown: str, came: str) -> bool:
    return kind.fullmatch(shown) is not None and kind.fullmatch(came) is not None
