"""The outcome of calls without Kamailio: what is recorded and answered."""

from pathlib import Path

import pytest

from renvoi.call_records.spool import Spool
from renvoi.domain.calls.call_record import Answered, Failed
from renvoi.edge.router import sip_responses
from renvoi.edge.router.sip_responses import ANSWERED, FORWARD
from tests.support.kamailio import FakeKsr
from tests.support.router_harness import Numbers, event_of, make


@pytest.mark.parametrize("what", sip_responses.GIVEN_UP)
def test_a_call_that_the_edge_gives_up(tmp_path: Path, spool: Spool, what: str) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers()).outcomes.give_up(what) == ANSWERED
    answer, reason = sip_responses.GIVEN_UP[what]
    assert ksr.replies == [(answer.status, answer.phrase)]
    event = event_of(tmp_path)
    assert isinstance(event, Failed)
    assert (event.status, event.cause, event.by, event.reason) == (answer.status, answer.cause, "edge", reason)


def test_a_second_try_is_recorded_by_a_process_that_has_not_seen_the_new_trunks(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr(**{"avp(fallback)": b"1", "rs": b"200", "avp(trunk)": b"unheard-of"})
    make(tmp_path, spool, ksr, Numbers()).outcomes.answered()
    event = event_of(tmp_path)
    assert isinstance(event, Answered)
    assert (event.trunk, event.fallback) == ("unheard-of", True)


@pytest.mark.parametrize(
    ("via", "first", "outcome"),
    [
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead.beef.0", 1, ANSWERED),
        (b"SIP/2.0/UDP x;rport=1;branch=z9hG4bKdead.beef.a;received=1.2.3.4", 11, ANSWERED),
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead.beef.1", 1, FORWARD),
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead", 1, FORWARD),
        (b"", 1, FORWARD),
    ],
)
def test_only_legs_that_were_left_answer_too_late(
    tmp_path: Path, spool: Spool, via: bytes, first: int, outcome: int
) -> None:
    headers = {"hdr(From)": b"<sip:a@x>;tag=a", "hdr(To)": b"<sip:b@x>;tag=b", "hdr(Contact)": b"<sip:b@y>"}
    ksr = FakeKsr(**headers, **{"hdr(Via)": via, "proto": b"udp", "cs": b"3"})
    ksr.values["$var(first)"] = first
    assert make(tmp_path, spool, ksr, Numbers()).outcomes.late_answer() == outcome
    assert ("$var(bye)" in ksr.values) == (outcome == ANSWERED)
    if outcome == ANSWERED:
        assert b"Via: SIP/2.0/UDP edge.example:5060;" in bytes(ksr.values["$var(ack)"])
