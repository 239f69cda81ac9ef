"""What people and programs learn about the trunks of a running node."""

from typing import Any

import pytest

from renvoi.node.control import trunk_reports

URI = "sip:192.0.2.1:5060"


def trunk(
    *addresses: dict[str, Any],
    state: str = "up",
    error: str | None = None,
    at_s: int | None = None,
    **more: object,
) -> Any:
    return {
        "name": "out",
        "uri": "sip:t.example",
        "state": state,
        "addresses": list(addresses),
        "name_error": error,
        "found_at_s": at_s,
        "password_error": None,
        **more,
    }


def address(state: str, since_s: int | None = None, answer: int | None = None, at_s: int | None = None) -> Any:
    return {"uri": URI, "state": state, "since_s": since_s, "answer": answer, "answered_at_s": at_s}


@pytest.mark.parametrize(
    ("found", "text", "well", "up"),
    [
        (trunk(address("up")), f"{URI} up", True, 1),
        (
            trunk(address("up", 0, 486, 60)),
            f"{URI} up since 1970-01-01T00:00:00Z, answered 486 1970-01-01T00:01:00Z",
            True,
            1,
        ),
        (trunk(address("down", 0), state="down"), f"{URI} down since 1970-01-01T00:00:00Z", False, 0),
        (
            trunk(address("retry", 0, 503, 0), state="retry"),
            f"{URI} tried again, down since 1970-01-01T00:00:00Z, answered 503 1970-01-01T00:00:00Z",
            False,
            1,
        ),
        (
            trunk(state="unfound") | {"uri": "sip:[2001:db8::1]", "missing_family": "IPv6"},
            "this node cannot send to 2001:db8::1: RENVOI_SIP_HOST has no address of IPv6",
            False,
            0,
        ),
        (
            trunk(state="unfound") | {"uri": "sip:192.0.2.9", "missing_family": None},
            "not in use yet: the edge is loading it",
            False,
            0,
        ),
        (trunk(state="unfound"), "its name is being looked up", False, 0),
        (trunk(state="unfound", error="no t.example"), "its name is not found; no t.example", False, 0),
        (
            trunk(address("up"), error="DNS is away", at_s=60),
            f"{URI} up; DNS is away; what was found 1970-01-01T00:01:00Z serves",
            False,
            1,
        ),
        (trunk(address("up"), password_error="no key"), f"{URI} up; no key", False, 1),
        (
            trunk(address("up"), registration="registered", registrar_answer=200, registrar_answered_at_s=60),
            f"{URI} up; registered, the registrar answered 200 1970-01-01T00:01:00Z",
            True,
            1,
        ),
        (trunk(address("up"), registration="failed", registrar_answer=None), f"{URI} up; not registered", False, 1),
        (
            trunk(address("up"), registration="elsewhere", registrar_answer=None),
            f"{URI} up; registered by another node",
            True,
            1,
        ),
        (trunk(state="unknown"), "not known: the edge does not say", False, None),
    ],
)
def test_the_state_of_a_trunk(found: Any, text: str, well: bool, up: int | None) -> None:
    assert trunk_reports.describe(found) == text
    assert trunk_reports.is_well(found) is well
    (name, part), *others = trunk_reports.parts([found]).items()
    assert (name, part.state, part.detail, others) == ("trunk out", "ok" if well else "degraded", text, [])
    assert part.is_ready, "another node would meet the same trunk"
    measured = {each.name: each.value for each in trunk_reports.measurements([found])}
    assert measured.get("renvoi_trunk_up") == up
    if up is not None:
        assert measured["renvoi_trunk_name_found"] == int(found["name_error"] is None)
