"""Workers of the voicemail that say nothing, at a real Kamailio that waits for them for as long as all edges do."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.edge import EdgeNode
from tests.support.played_workers import NUMBER, Workers, edge_before, hang_up, talk, worker_of
from tests.support.sip import SDP, Call, Phone
from tests.support.stall_monitor import StallMonitor
from tests.support.waiting import wait_for

SILENT_MS = 500
"""How long a worker may be silent, as edges are set up."""


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Play three workers."""
    with Phone() as one, Phone() as two, Phone() as three:
        yield one, two, three


@pytest.fixture
def node(workers: Workers, tmp_path: Path) -> Iterator[EdgeNode]:
    """Run an edge with these workers."""
    with edge_before(workers, tmp_path, voicemail_answer_ms=SILENT_MS) as edge:
        yield edge


def test_a_silent_worker_is_passed_over_within_a_second_and_taken_again_when_it_answers(
    node: EdgeNode, carrier: Phone, workers: Workers
) -> None:
    """The first call waits for it half a second, later ones not at all, until it answers OPTIONS."""
    with StallMonitor(node.address) as stalls:
        began = time.monotonic()
        call = Call(carrier, node.address, NUMBER).start()
        silent = worker_of(workers, call).phone
        others = [phone for phone in workers if phone is not silent]
        incoming = worker_of(others, call)
        incoming.reply(200, body=SDP)
        call.expect(200)
        assert time.monotonic() - began < 1.2 + stalls.held_up_s, "within about a second"
    call.ack()
    silent.forget()
    for _ in range(3):
        talk(node, carrier, workers)
    assert all(message.method == "OPTIONS" for message in silent.seen)
    probe = silent.expect("OPTIONS")
    silent.send(probe.answer(200), probe.source)
    wait_for(lambda: talk(node, carrier, workers)[1].phone is silent, "the return of the silent worker")


def test_workers_that_are_all_down_are_tried_all_the_same(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    """Silence of all of them is answered in time, and the first that is back takes the next call at once."""
    call = Call(carrier, node.address, NUMBER).start()
    assert call.expect(480)["Reason"] == "Q.850;cause=41"
    for phone in workers:
        phone.forget()
    call = Call(carrier, node.address, NUMBER).start()
    incoming = worker_of(workers)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("INVITE", "OPTIONS"))
    hang_up(call, incoming)
    assert "cannot find load" not in node.logged()


def test_a_late_answer_of_a_worker_does_not_reach_the_caller(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    late = worker_of(workers)
    others = [phone for phone in workers if phone is not late.phone]
    incoming = worker_of(others)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("OPTIONS",))
    late.reply(200, body=SDP)
    late.phone.expect("ACK", skip=("INVITE", "OPTIONS"))
    late.answer(late.phone.expect("BYE", skip=("OPTIONS",)))
    carrier.expect_silence(0.1)
    hang_up(call, incoming)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
