"""Large requests: what the edge takes by TCP, and how they reach a trunk (docs/calls.md §3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.render import LARGEST_MESSAGE_BYTES, TCP_BUFFER_BYTES
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, BOX, TARGET = "+33199001234", "+33199001235", "+33612345678"


@pytest.fixture
def wire() -> Iterator[Phone]:
    """Play the carrier that calls come from, by TCP."""
    with Phone("tcp") as phone:
        yield phone


@pytest.fixture
def udp() -> Iterator[Phone]:
    """Play the trunk, by UDP, at a port that is free by TCP too."""
    with Phone(port=free_port()) as phone:
        yield phone


@pytest.fixture
def tcp(udp: Phone) -> Iterator[Phone]:
    """Play the same trunk, by TCP."""
    with Phone("tcp", port=udp.port) as phone:
        yield phone


@pytest.fixture
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def node(tmp_path: Path, udp: Phone, worker: Phone) -> Iterator[EdgeNode]:
    """Run an edge with one trunk, whose URI names no transport, and one worker of the voicemail."""
    workers = (("127.0.0.1", worker.port),)
    with EdgeNode(tmp_path, [OutboundTrunk("main", udp.uri)], no_answer_ms=1500, voicemail=workers) as edge:
        edge.put(NUMBER, target=TARGET)
        edge.put(BOX, email="a@example.org")
        yield edge


def call_of(size: int, phone: Phone, node: EdgeNode, called: str = NUMBER) -> Call:
    """Return a call whose INVITE has so many bytes, in headers of 8 kB at most."""
    call = Call(phone, node.address, called)
    while (missing := size - len(call.invite.encode())) > 0:
        call.invite.headers.append(("X-Large", "a" * max(1, min(8000, missing - len("X-Large: \r\n")))))
    assert len(call.invite.encode()) == size
    return call.start()


def assert_untouched(node: EdgeNode) -> None:
    """Check that nothing was marked as down."""
    assert not node.statistics()["trunk_failures"]
    assert [state.state for state in node.trunk_states()] == ["up"]


@pytest.mark.parametrize("size", [1500, 20_000, LARGEST_MESSAGE_BYTES])
def test_large_calls_go_by_tcp_where_the_trunk_takes_it(node: EdgeNode, wire: Phone, tcp: Phone, size: int) -> None:
    call = call_of(size, wire, node)
    incoming = Incoming.wait(tcp)
    assert incoming.invite.uri == f"sip:{TARGET}@127.0.0.1:{tcp.port}"
    assert incoming.invite["Via"].startswith("SIP/2.0/TCP ")
    assert incoming.invite.all("X-Large") == call.invite.all("X-Large")
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    tcp.expect("ACK")
    call.send("BYE")
    incoming.answer(tcp.expect("BYE"))
    wire.expect(200)
    assert_untouched(node)


def test_small_calls_stay_on_udp(node: EdgeNode, carrier: Phone, udp: Phone, tcp: Phone) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(udp).reply(486)
    call.expect(486)
    assert tcp.receive_now() is None


def test_udp_is_taken_at_once_where_the_trunk_takes_no_tcp(node: EdgeNode, wire: Phone, udp: Phone) -> None:
    for _ in range(2):
        call = call_of(20_000, wire, node)
        incoming = Incoming.wait(udp)
        assert incoming.invite.all("Diversion"), "the second attempt has all that the first one had"
        incoming.reply(486)
        call.expect(486)
    assert node.logged().count("takes no TCP") == 1
    assert_untouched(node)


def test_a_trunk_that_says_nothing_by_tcp_is_asked_by_udp(node: EdgeNode, wire: Phone, udp: Phone, tcp: Phone) -> None:
    """Its later answer by TCP is none."""
    call = call_of(3000, wire, node)
    silent = Incoming.wait(tcp)
    Incoming.wait(udp).reply(486)
    call.expect(486)
    assert_untouched(node)
    silent.reply(200, body=SDP)
    tcp.expect("ACK", skip=("CANCEL",))
    tcp.expect("BYE")


def test_a_trunk_whose_uri_says_udp_gets_large_calls_by_udp(
    node: EdgeNode, wire: Phone, udp: Phone, tcp: Phone
) -> None:
    node.reload(OutboundTrunk("main", f"{udp.uri};transport=udp"))
    call = call_of(20_000, wire, node)
    Incoming.wait(udp).reply(486)
    call.expect(486)
    assert tcp.receive_now() is None


@pytest.mark.parametrize("called", [NUMBER, BOX])
def test_what_fits_into_no_datagram_is_our_own_513(
    node: EdgeNode, wire: Phone, udp: Phone, worker: Phone, called: str
) -> None:
    """And nobody is marked as down for it: the next call is made as ever."""
    call = call_of(65_400, wire, node, called)
    assert call.expect(513)["Reason"] == "Q.850;cause=127"
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["reason"]) == (513, "edge", "too-large")
    assert "does not take calls" not in node.logged()
    call = Call(wire, node.address, called).start()
    Incoming.wait(udp if called == NUMBER else worker).reply(603)
    call.expect(603)
    assert not node.statistics()["trunk_failures"]


@pytest.mark.parametrize("size", [LARGEST_MESSAGE_BYTES + 1, 100_000, 130_000])
def test_more_than_64_kib_is_refused_and_a_call_on_that_connection_goes_on(
    node: EdgeNode, wire: Phone, udp: Phone, size: int
) -> None:
    ringing = Call(wire, node.address, NUMBER).start()
    incoming = Incoming.wait(udp)
    incoming.reply(180)
    ringing.expect(180)
    large = call_of(size, wire, node)
    assert large.expect(513)["Reason"] == "Q.850;cause=127"
    connection = wire.seen[-1].source
    incoming.reply(486)
    ringing.expect(486)
    assert wire.seen[-1].source == connection, "the connection is still the first one"


@pytest.mark.parametrize("size", [TCP_BUFFER_BYTES + 1, 300_000])
def test_what_fits_into_no_buffer_costs_the_connection_but_no_call(
    node: EdgeNode, wire: Phone, udp: Phone, size: int
) -> None:
    """Kamailio cannot find the end of such a message; answers go by a new connection (RFC 3261 §18.2.2)."""
    ringing = Call(wire, node.address, NUMBER).start()
    incoming = Incoming.wait(udp)
    incoming.reply(180)
    ringing.expect(180)
    call_of(size, wire, node)
    wait_for(lambda: node.tcp_connections() == 0, "the end of the connection")
    incoming.reply(486)
    ringing.expect(486)
