"""Copies of SIP messages for a capture server, by HEP3: of each message of a call once, and of nothing else."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.config import HepConfig
from tests.support.edge import EdgeNode
from tests.support.hep import HepServer, words
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone, options
from tests.support.waiting import BESIDE_S

NUMBER, TARGET = "+33199001234", "+33612345678"
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"),))
KEY = 'se"sa\\me$%'


@pytest.fixture(scope="module")
def server() -> Iterator[HepServer]:
    with HepServer(port=free_port()) as made:
        yield made


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(server: HepServer, gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    hep = HepConfig(server.port, 77, KEY)
    with EdgeNode(tmp_path_factory.mktemp("copies"), [OutboundTrunk("main", gateway.uri)], [CARRIER], hep=hep) as made:
        made.put(NUMBER, target=TARGET)
        yield made


def whole_call(node: EdgeNode, carrier: Phone, trunk: Phone) -> tuple[Call, Incoming]:
    """Place a call, have it answered, and hang up."""
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK", skip=("OPTIONS",))
    call.send("BYE")
    incoming.answer(trunk.expect("BYE", skip=("OPTIONS",)))
    carrier.expect(200)
    return call, incoming


def test_nothing_is_sent_before_the_address_is_known(
    node: EdgeNode, server: HepServer, carrier: Phone, trunk: Phone
) -> None:
    said = len(node.logged())
    call, _ = whole_call(node, carrier, trunk)
    assert server.of(call.call_id) == []
    assert len(node.logged()) == said


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_forwarded_call_is_seen_whole(node: EdgeNode, server: HepServer, trunk: Phone, transport: str) -> None:
    asyncio.run(node.kamailio.send_copies("127.0.0.1"))
    said = len(node.logged())
    with Phone(transport) as carrier, Phone(host="127.0.0.2") as stranger:
        began = time.time()
        call, _ = whole_call(node, carrier, trunk)
        copies = server.wait_for(call.call_id, 13)
        assert words(copies)[0] == "INVITE"
        assert sorted(words(copies)) == sorted(["INVITE", "ACK", "BYE"] * 2 + ["180", "200", "200"] * 2 + ["100"])
        assert {(copy.capture_id, copy.key) for copy in copies} == {(77, KEY)}
        assert all(began - 1 <= copy.at_s <= time.time() + 1 for copy in copies)
        assert [copy.protocol for copy in copies].count(6) == (7 if transport == "tcp" else 0)
        seen = {(copy.source[1], copy.destination[1]) for copy in copies if copy.protocol == 17}
        outside = {trunk.port} if transport == "tcp" else {carrier.port, trunk.port}
        assert seen == {(port, node.address[1]) for port in outside} | {(node.address[1], port) for port in outside}
        assert options(carrier, node.address).status == 200
        strange = Call(stranger, node.address, NUMBER).start()
        again, _ = whole_call(node, carrier, trunk)
        server.wait_for(again.call_id, 13)
        assert server.of(strange.call_id) == []
        assert not [copy for copy in server.read() if copy.message.method == "OPTIONS"]
    assert len(node.logged()) == said


def test_a_refused_call_is_seen_whole(node: EdgeNode, server: HepServer, carrier: Phone) -> None:
    asyncio.run(node.kamailio.send_copies("127.0.0.1"))
    call = Call(carrier, node.address, "+33199009999").start()
    call.expect(404)
    assert sorted(words(server.wait_for(call.call_id, 3))) == ["404", "ACK", "INVITE"]


def test_a_server_that_moves_or_goes_stops_no_call(
    node: EdgeNode, server: HepServer, carrier: Phone, trunk: Phone
) -> None:
    """Kamailio asks no DNS for where it is, and has nothing to say when nobody is there."""
    with HepServer("127.0.0.4", server.port) as other:
        asyncio.run(node.kamailio.send_copies("127.0.0.4"))
        call, _ = whole_call(node, carrier, trunk)
        other.wait_for(call.call_id, 13)
        assert server.of(call.call_id) == []
    said, began = len(node.logged()), time.monotonic()
    for _ in range(5):
        whole_call(node, carrier, trunk)
    assert time.monotonic() - began < 5 + BESIDE_S
    assert len(node.logged()) == said
    asyncio.run(node.kamailio.send_copies("127.0.0.1"))
    call, _ = whole_call(node, carrier, trunk)
    server.wait_for(call.call_id, 13)
