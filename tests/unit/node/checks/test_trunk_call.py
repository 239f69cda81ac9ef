"""`renvoi trunk test --call`: what is thought of a call, by how it ended at the trunk."""

from dataclasses import replace

import pytest

from renvoi.application.calls import Trace
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import ANSWERED, RANG_OUT, SILENT, Ladder, Leg
from renvoi.node.checks import trunk_call

OURS, TARGET = "+33199001234", "+33644630000"
RECORD = CallRecord(CallKey("c", "t", 1), OURS, OURS, OURS, 1, "forward", None, TARGET, "out", 0)


def leg(end: str, status: int | None = None, phrase: str = "") -> Leg:
    return Leg("sip:192.0.2.9:5060", "sip:+33644630000@192.0.2.9", 0, "out", end=end, status=status, phrase=phrase)


@pytest.mark.parametrize(
    ("legs", "ok", "text"),
    [
        ([leg(ANSWERED, 200, "OK")], True, "it was answered (200 OK), and ended"),
        (
            [leg(ANSWERED, 407, "Who"), leg(ANSWERED, 486, "Busy Here")],
            True,
            "the called party is busy (486 Busy Here)",
        ),
        ([leg(RANG_OUT)], True, "it rang for 20 s, and nobody answered"),
        ([leg(ANSWERED, 403, "Forbidden")], False, "out refuses it: 403 Forbidden"),
        ([leg(SILENT)], False, "out does not answer"),
        ([], False, "it was sent nowhere (503)"),
    ],
)
def test_the_verdict_is_about_the_trunk(legs: list[Leg], ok: bool, text: str) -> None:
    finding = trunk_call.verdict("out", 503, Trace(RECORD, Ladder(tuple(legs)), None))
    assert (finding.ok, finding.text) == (ok, text)
    assert ok or finding.advice


def test_what_our_own_edge_refuses_is_no_fault_of_the_trunk() -> None:
    refused = replace(RECORD, decision="reject", reason="destination-refused")
    finding = trunk_call.verdict("out", 480, Trace(refused, None, None))
    assert (finding.ok, finding.text) == (False, "our own edge refuses it: destination-refused")
