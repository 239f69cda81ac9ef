"""IPv6, alone and beside IPv4: calls between both, to the voicemail, and through the media relay."""

from collections.abc import Iterator
from ipaddress import ip_network
from itertools import product

import pytest

from renvoi.domain.hosts import host_and_port
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.config import Listener
from tests.support.edge import EdgeNode
from tests.support.relay import Audio, Relay, media_of, talk
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, TARGET, BOX = "+33199001234", "+33612345678", "+33199005555"
BOTH = ["127.0.0.1", "::1"]
CARRIER = InboundTrunk("carrier", (ip_network("127.0.0.1"), ip_network("::1")))


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone(host="127.0.0.7") as phone:
        yield phone


@pytest.fixture(scope="module")
def node(worker: Phone, relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with an address of each kind."""
    with EdgeNode(
        tmp_path_factory.mktemp("dual"),
        # So that it knows the relay from its start on.
        [OutboundTrunk("main", "sip:127.0.0.1:9", relay=True)],
        [CARRIER],
        host="::1",
        advertised="2001:db8::1",
        advertised_port=15060,
        second=Listener("127.0.0.1"),
        voicemail=((worker.host, worker.port),),
        relay=relay.address,
    ) as made:
        made.put(NUMBER, target=TARGET)
        made.put(BOX, email="box@example.org")
        yield made


def at(node: EdgeNode, host: str) -> tuple[str, int]:
    return host, node.config.port


def shown(node: EdgeNode, host: str) -> str:
    """Return what the edge is called on the side of an address."""
    return "[2001:db8::1]:15060" if ":" in host else host_and_port(host, node.config.port)


@pytest.mark.parametrize(("from_", "to"), list(product(BOTH, BOTH)))
def test_calls_between_both_kinds_are_set_up_changed_and_ended(node: EdgeNode, from_: str, to: str) -> None:
    """Each side sees the edge at an address of its own kind, and reaches the other one by it."""
    with Phone(host=from_) as caller, Phone(host=to) as trunk:
        node.reload(OutboundTrunk("main", trunk.uri), inbound=[CARRIER])
        call = Call(caller, at(node, from_), NUMBER).start()
        incoming = Incoming.wait(trunk)
        assert f" {shown(node, to)};" in incoming.invite.all("Via")[0]
        assert shown(node, to) in incoming.invite.all("Record-Route")[0]
        incoming.reply(200, body=SDP)
        assert shown(node, from_) in call.expect(200).all("Record-Route")[-1]
        call.ack()
        trunk.expect("ACK")
        call.send("UPDATE")
        incoming.answer(trunk.expect("UPDATE"))
        caller.expect(200)
        incoming.send("BYE")
        bye = caller.expect("BYE")
        caller.send(bye.answer(200), bye.source)
        trunk.expect(200)
        node.wait_for_events(call.call_id, "decided", "answered", "hungup")


@pytest.mark.parametrize("host", BOTH)
def test_the_voicemail_is_at_an_address_of_the_callers_kind(node: EdgeNode, worker: Phone, host: str) -> None:
    worker.forget()
    with Phone(host=host) as caller:
        call = Call(caller, at(node, host), BOX).start()
        incoming = Incoming.wait(worker)
        incoming.reply(200, body=SDP)
        assert call.expect(200)["Contact"] == f"<sip:voicemail@{shown(node, host)}>"
        call.ack()
        worker.expect("ACK", skip=("OPTIONS",))
        call.send("UPDATE")
        incoming.answer(worker.expect("UPDATE"))
        assert caller.expect(200)["Contact"] == f"<sip:voicemail@{shown(node, host)}>"
        incoming.send("BYE")
        bye = caller.expect("BYE")
        caller.send(bye.answer(200), bye.source)
        worker.expect(200)


@pytest.mark.parametrize(("from_", "to"), [BOTH, BOTH[::-1]])
def test_audio_between_both_kinds_goes_through_the_relay(node: EdgeNode, from_: str, to: str) -> None:
    with Phone(host=from_) as caller, Phone(host=to) as trunk, Audio(from_) as mouth, Audio(to) as ear:
        node.reload(OutboundTrunk("main", trunk.uri, relay=True), inbound=[CARRIER])
        call = Call(caller, at(node, from_), NUMBER)
        call.invite.body = mouth.sdp.encode()
        call.start()
        incoming = Incoming.wait(trunk)
        offer = incoming.invite.body.decode()
        assert media_of(offer)[0] == to
        incoming.reply(200, body=ear.sdp)
        answer = call.expect(200).body.decode()
        assert media_of(answer)[0] == from_
        talk(mouth, answer, ear, offer)


def test_a_trunk_at_an_address_of_ipv6_that_is_down_is_passed_over(node: EdgeNode) -> None:
    with Phone(host="::1") as caller, Phone(host="::1") as first, Phone() as second:
        trunks = OutboundTrunk("first", first.uri), OutboundTrunk("second", second.uri, priority=10)
        node.reload(*trunks, inbound=[CARRIER])
        call = Call(caller, at(node, "::1"), NUMBER).start()
        Incoming.wait(first).reply(503)
        incoming = Incoming.wait(second)
        assert node.trunk_states()[0].state != "up"
        incoming.reply(486)
        call.expect(486)


def test_strangers_get_no_answer_by_ipv6(node: EdgeNode) -> None:
    with Phone(host="::1") as stranger:
        node.reload(inbound=[InboundTrunk("other", (ip_network("2001:db8::/32"), ip_network("::/0")))])
        Call(stranger, at(node, "::1"), NUMBER).start().expect(503)
        node.reload(inbound=[InboundTrunk("other", (ip_network("2001:db8::/32"),))])
        call = Call(stranger, at(node, "::1"), NUMBER).start()
        assert call.expect(403)
