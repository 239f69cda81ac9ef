"""Where a trunk's 3xx leads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import Diversion, HistoryEntry, Redirection
from renvoi.domain.routing.redirection import NotFollowed, reason_of, redirect, wanted_number
from renvoi.domain.routing.routing import Call, Forward
from renvoi.domain.trunks.branch_plan import plan_branches
from renvoi.domain.trunks.choices import DiversionDepth
from renvoi.domain.trunks.trunk import OutboundTrunk

OURS, TARGET, NEXT = E164("+33199001234"), E164("+33612345678"), E164("+33140000009")
FORWARD = Forward((OURS,), 3, TARGET, timedelta(seconds=25))
CALL = Call(OURS)


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:+33140000009@anything.example>",
        "sip:0140000009@192.0.2.1;user=phone",
        "<tel:+33140000009>",
        "<sip:+33140000009@x;user=phone>;q=0.5",
        "<sip:+33140000001@x>;q=0.2, <sip:+33140000009@x>;q=0.9, <sip:+33140000002@x>;q=0.9",
        "<sip:+33140000001@x>;q=high, <sip:+33140000009@x>",
    ],
)
def test_the_number_of_the_best_contact_is_wanted(contact: str) -> None:
    assert wanted_number(contact, "FR") == NEXT


@pytest.mark.parametrize(
    "contact",
    ["", "*", "<sip:alice@x>", "<sip:192.0.2.1>", "<mailto:a@b>", "<sip:alice@x>, <sip:+33140000009@x>;q=0.1"],
)
def test_a_contact_without_a_number_leads_nowhere(contact: str) -> None:
    with pytest.raises(NotFollowed, match="names no number"):
        wanted_number(contact, "FR")


@pytest.mark.parametrize(
    ("status", "diversion", "expected"),
    [
        (301, "", "unconditional"),
        (302, "", "deflection"),
        (300, "", "deflection"),
        (380, "", "deflection"),
        (302, "<sip:+33612345678@x>;reason=user-busy;counter=1", "user-busy"),
        (302, '"A" <sip:1@x>;reason="no-answer", <sip:2@x>;reason=unavailable', "no-answer"),
        (302, "<sip:+33612345678@x>;reason=follow-me", "deflection"),
        (301, "<sip:+33612345678@x>", "unconditional"),
    ],
)
def test_why_it_diverts_says_the_diversion_that_comes_along_or_the_status(
    status: int, diversion: str, expected: str
) -> None:
    assert reason_of(status, diversion) == expected


def test_the_trunk_is_told_of_the_diversion() -> None:
    (plan,) = plan_branches(
        [OutboundTrunk("out", "sip:192.0.2.1")], redirect(FORWARD, NEXT, "user-busy", CALL), (), "", "edge.example"
    )
    assert plan.request_uri == "sip:+33140000009@192.0.2.1"
    assert plan.diversion == (
        "Diversion: <sip:+33612345678@edge.example>;reason=user-busy;counter=1;privacy=off\r\n"
        "Diversion: <sip:+33199001234@edge.example>;reason=unconditional;counter=1;privacy=off\r\n"
    )
    assert plan.history_info == (
        "History-Info: <sip:+33199001234@edge.example>;index=1\r\n"
        "History-Info: <sip:+33612345678@edge.example;cause=302>;index=1.1;mp=1\r\n"
        "History-Info: <sip:+33140000009@edge.example;cause=486>;index=1.1.1;mp=1.1\r\n"
    )


def test_a_trunk_that_sees_the_last_diversion_alone_sees_that_of_the_3xx() -> None:
    trunk = OutboundTrunk("out", "sip:192.0.2.1", diversion_depth=DiversionDepth.TOP)
    (plan,) = plan_branches([trunk], redirect(FORWARD, NEXT, "deflection", CALL), (), "", "edge.example", before=2)
    assert plan.diversion == ("Diversion: <sip:+33612345678@edge.example>;reason=deflection;counter=4;privacy=off\r\n")
    assert plan.history_info == (
        "History-Info: <sip:+33612345678@edge.example>;index=1\r\n"
        "History-Info: <sip:+33140000009@edge.example;cause=480>;index=1.1;mp=1\r\n"
    )


@pytest.mark.parametrize(
    ("call", "to"),
    [
        (CALL, OURS),
        (CALL, TARGET),
        (replace(CALL, diversions=(Diversion("sip:x@y", NEXT),)), NEXT),
        (replace(CALL, history=(HistoryEntry("sip:x@y", NEXT, "1"),)), NEXT),
    ],
)
def test_where_the_call_has_been_it_does_not_go_again(call: Call, to: E164) -> None:
    with pytest.raises(NotFollowed, match="has been at"):
        redirect(FORWARD, to, "deflection", call)


def test_who_redirected_it_does_not_get_it_back() -> None:
    redirected = redirect(FORWARD, NEXT, "deflection", CALL)
    assert redirected.redirections == (Redirection(TARGET, "deflection"),)
    with pytest.raises(NotFollowed, match="has been at"):
        redirect(redirected, TARGET, "deflection", CALL)


def test_it_ends_after_some_hops() -> None:
    forward = FORWARD
    for last in range(1, 4):
        forward = redirect(forward, E164(f"+3314000001{last}"), "deflection", CALL)
    with pytest.raises(NotFollowed, match="3 times"):
        redirect(forward, NEXT, "deflection", CALL)


@pytest.mark.parametrize(("counter", "follows"), [(3, True), (4, False)])
def test_every_diversion_counts(counter: int, *, follows: bool) -> None:
    call = replace(CALL, diversions=(Diversion("sip:x@y", None, counter=counter),))
    if follows:
        assert redirect(FORWARD, NEXT, "deflection", call).target == NEXT
    else:
        with pytest.raises(NotFollowed, match="5 times"):
            redirect(FORWARD, NEXT, "deflection", call)
