"""Several outbound trunks: which one is taken, and what happens when it fails (docs/calls.md §3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
IMPATIENT_MS = 1500
"""Short for who waits for silence, and longer than a phone of the tests is held up."""


@pytest.fixture
def first() -> Iterator[Phone]:
    """Play the trunk of the higher priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def second() -> Iterator[Phone]:
    """Play the trunk of the lower priority."""
    with Phone() as phone:
        yield phone


@contextmanager
def edge_with(directory: Path, first: Phone, second: Phone, **settings: Any) -> Iterator[EdgeNode]:
    """Run an edge with two outbound trunks that want different things."""
    trunks = [
        OutboundTrunk("second", second.uri, 10, NumberFormat.INTERNATIONAL, diversion_headers=DiversionHeaders.NONE),
        OutboundTrunk("first", first.uri, 90, diversion_headers=DiversionHeaders.DIVERSION),
    ]
    with EdgeNode(directory, trunks, **settings) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture
def node(tmp_path: Path, first: Phone, second: Phone) -> Iterator[EdgeNode]:
    """Run that edge."""
    with edge_with(tmp_path, first, second) as edge:
        yield edge


@pytest.fixture
def impatient(tmp_path: Path, first: Phone, second: Phone) -> Iterator[EdgeNode]:
    """Run one that does not wait for silent trunks for long."""
    with edge_with(tmp_path, first, second, no_answer_ms=IMPATIENT_MS) as edge:
        yield edge


def test_a_silent_trunk_is_passed_over_and_tried_again_when_it_answers(
    impatient: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    """The call goes on to the next trunk as that one wants it; later calls skip the silent one until it is back."""
    call = Call(carrier, impatient.address, NUMBER).start()
    tried = Incoming.wait(first).invite
    assert tried.uri.startswith(f"sip:{TARGET}@")
    assert len(tried.all("Diversion")) == 1
    incoming = Incoming.wait(second)
    assert incoming.invite.uri.startswith("sip:0033612345678@")
    assert not incoming.invite.all("Diversion")
    assert not incoming.invite.all("History-Info")
    incoming.reply(180)
    call.expect(180)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    second.expect("ACK")
    events = impatient.wait_for_events(call.call_id, "decided", "answered")
    assert events[-1]["trunk"] == "second"

    call = Call(carrier, impatient.address, NUMBER).start()
    Incoming.wait(second).reply(486)
    call.expect(486)

    probe = first.expect("OPTIONS", skip=("INVITE",))
    first.send(probe.answer(200), probe.source)
    wait_for(lambda: _is_taken(impatient, carrier, first, second), "the return of the first trunk")


def _is_taken(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> bool:
    """Make a call; tell whether it went to the first trunk."""
    call = Call(carrier, node.address, NUMBER).start()
    taken: list[Phone] = []

    def came() -> bool:
        for phone in (first, second):
            while (message := phone.receive_now()) is not None:
                if message.status is None and message.method == "INVITE" and message not in phone.seen[:-1]:
                    Incoming(phone, message).reply(486)
                    taken.append(phone)
                    return True
        return False

    wait_for(came, "the INVITE at a trunk")
    call.expect(486)
    return taken[0] is first


@pytest.mark.parametrize("status", [503, 500, 408])
def test_a_trunk_that_refuses_is_passed_over(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone, status: int
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(status)
    Incoming.wait(second).reply(486, headers=[("Reason", "Q.850;cause=17")])
    assert call.expect(486)["Reason"] == "Q.850;cause=17"
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["trunk"], failed["cause"]) == (486, "second", 17)


def test_the_last_answer_reaches_the_caller_when_all_trunks_refuse(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(500)
    Incoming.wait(second).reply(502, headers=[("Reason", "Q.850;cause=27")])
    assert call.expect(502)["Reason"] == "Q.850;cause=27"
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["trunk"]) == (502, "callee", "second")


def test_no_trunk_answers(impatient: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    """503 with cause 38 (network out of order); and the next call is tried all the same."""
    call = Call(carrier, impatient.address, NUMBER).start()
    assert call.expect(503)["Reason"] == "Q.850;cause=38"
    failed = impatient.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"]) == (503, "edge")
    for phone in (first, second):
        phone.forget()
    call = Call(carrier, impatient.address, NUMBER).start()
    Incoming.wait(first).reply(486)
    call.expect(486)


def test_there_is_no_trunk(node: EdgeNode, carrier: Phone) -> None:
    node.reload()
    call = Call(carrier, node.address, NUMBER).start()
    assert call.expect(503)["Reason"] == "Q.850;cause=38"
    node.wait_for_events(call.call_id, "decided", "failed")


def test_the_caller_hangs_up_before_the_trunk_said_anything(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """The call ends with 487 and goes to no other trunk."""
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first)
    call.cancel()
    call.expect_cancelled()
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"]) == (487, "caller")


def test_a_trunk_on_tcp(node: EdgeNode, carrier: Phone) -> None:
    with Phone("tcp") as gateway:
        node.reload(OutboundTrunk("stream", gateway.uri))
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(gateway)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        gateway.expect("ACK")
        call.send("BYE")
        incoming.answer(gateway.expect("BYE"))
        carrier.expect(200)
        node.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_trunk_on_tcp_that_is_not_there(node: EdgeNode, carrier: Phone, second: Phone) -> None:
    """A refused connection counts as no answer."""
    node.reload(
        OutboundTrunk("gone", f"sip:127.0.0.1:{free_port()};transport=tcp", 90), OutboundTrunk("second", second.uri, 10)
    )
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(second).reply(486)
    call.expect(486)


def test_calls_may_come_from_everywhere(tmp_path: Path) -> None:
    """0.0.0.0/0, as an operator behind a firewall of its own may say it: a call from here is let in."""
    everywhere = InboundTrunk("world", (parse_network("0.0.0.0/0"),))
    with EdgeNode(tmp_path, inbound=[everywhere]) as edge, Phone() as carrier:
        Call(carrier, edge.address, NUMBER).start().expect(404)
