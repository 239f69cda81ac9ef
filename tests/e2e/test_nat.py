"""A node behind NAT, with carriers outside and callers behind another NAT (docs/operating.md, docs/trunks.md)."""

import re
from collections.abc import Iterator

import pytest

from tests.support.callers import Caller
from tests.support.nat import (
    CALLER,
    CALLERS,
    CARRIER,
    NODE,
    OURS,
    OUTER,
    PUBLIC,
    THEIRS,
    TRUNK,
    NatLab,
    require_namespaces,
)
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.relay import Audio, Relay, require_relay, talk
from tests.support.rtp_talker import address_of
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import Address, SipMessage

pytestmark = pytest.mark.xdist_group("e2e-nat")

OUTER_SIP, TRUNK_PORT = 15060, 5070
EDGE: Address = (OUTER, OUTER_SIP)
RTP_PORTS = range(20000, 20040)
SDP_TYPE = [("Content-Type", "application/sdp")]


@pytest.fixture(scope="module")
def lab() -> Iterator[NatLab]:
    """Make the laboratory, without anything in it."""
    require_namespaces()
    require_relay()
    made = NatLab()
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def node(lab: NatLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a whole node behind its router, with a media relay beside it."""
    directory = tmp_path_factory.mktemp("nat")
    made = Node(directory)
    relay = Relay(directory / "relay.log", [f"{NODE}!{OUTER}"])
    lab.build(made.sip_port, OUTER_SIP, RTP_PORTS, relay.ports)
    made.configure(
        sip_host=NODE,
        sip_advertised=f"{OUTER}:{OUTER_SIP}",
        rtp_ports=f"{RTP_PORTS[0]}-{RTP_PORTS[-1]}",
        voicemail_workers=1,
        rtpengine=f"udp:{relay.address[0]}:{relay.address[1]}",
    )
    made.renvoi("trunk", "add", "carriers", "--inbound", f"{CARRIER}/31", "--outbound", f"sip:{TRUNK}:{TRUNK_PORT}")
    made.renvoi("trunk", "add", "natted", "--inbound", CALLERS, "--nat")
    try:
        with lab.inside(OURS):
            relay.start()
            made.start()
            made.forward(TARGET)
            assert made.set_rule(2, "owner@example.com", SECOND).json()["code"] == 4
        yield made
    finally:
        made.stop()
        relay.stop()


@pytest.fixture
def trunk(lab: NatLab, node: Node) -> Iterator[Phone]:
    """Play the carrier that calls go to."""
    assert node.process is not None
    with lab.inside(PUBLIC):
        phone = Phone(host=TRUNK, port=TRUNK_PORT)
    with phone:
        yield phone


@pytest.fixture(params=[(PUBLIC, CARRIER), (THEIRS, CALLER)], ids=["carrier", "natted"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Say where a call comes from: a carrier, or a caller behind NAT."""
    where: tuple[str, str] = request.param
    return where


def assert_nothing_inner(*messages: SipMessage) -> None:
    """Check that nobody is shown an address behind the node's NAT."""
    for message in messages:
        found = re.search(r"10\.77\.[0-9.]+|127\.0\.[0-9.]+", message.raw.decode())
        assert found is None, message.raw.decode()


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_a_forwarded_call_through_the_nodes_nat(lab: NatLab, trunk: Phone, by: str) -> None:
    with lab.inside(PUBLIC), Phone(host=CARRIER) as carrier, Audio(CARRIER) as audio:
        call = Call(carrier, EDGE, NUMBER)
        call.invite.body = audio.sdp.encode()
        call.start()
        incoming = Incoming.wait(trunk)
        assert f" {OUTER}:{OUTER_SIP};" in incoming.invite.all("Via")[0]
        assert f"<sip:{OUTER}:{OUTER_SIP};" in incoming.invite["Record-Route"]
        incoming.reply(200, headers=SDP_TYPE, body=audio.sdp)
        assert_nothing_inner(incoming.invite, call.expect(200))
        call.ack()
        trunk.expect("ACK")
        if by == "callee":
            incoming.send("BYE")
            bye = carrier.expect("BYE")
            carrier.send(bye.answer(200), bye.source)
            trunk.expect(200)
        else:
            call.send("BYE")
            bye = trunk.expect("BYE")
            incoming.answer(bye)
            carrier.expect(200)


def test_a_caller_behind_nat_is_reached_heard_and_hears(lab: NatLab, node: Node, trunk: Phone) -> None:
    """Of what it writes nothing leads to it, and its NAT gives each flow another port."""
    with (
        lab.inside(THEIRS),
        Phone(host=CALLER) as caller,
        Audio(CALLER) as mouth,
        lab.inside(PUBLIC),
        Audio(TRUNK) as ear,
    ):
        call = Call(caller, EDGE, NUMBER)
        call.invite.body = mouth.sdp.encode()
        call.start()
        incoming = Incoming.wait(trunk)
        assert f"@{CALLERS}:" in incoming.invite["Contact"]
        offer = incoming.invite.body.decode()
        incoming.reply(200, headers=SDP_TYPE, body=ear.sdp)
        answer = call.expect(200)
        assert_nothing_inner(incoming.invite, answer)
        for body in (offer, answer.body.decode()):
            assert address_of(body)[0] == OUTER
        call.ack()
        trunk.expect("ACK")
        talk(mouth, answer.body.decode(), ear, offer)
        incoming.send("BYE")
        bye = caller.expect("BYE")
        caller.send(bye.answer(200), bye.source)
        trunk.expect(200)
        assert node.record(call.call_id)["unheard"] is None


def test_the_voicemail_behind_nat_hears_callers_and_is_heard(lab: NatLab, node: Node, place: tuple[str, str]) -> None:
    """By the port that its description names, as strict carriers want it."""
    where, host = place
    with lab.inside(where), Caller(EDGE, SECOND, host=host) as caller:
        assert caller.connect() == 200
        answer = caller.call.answer
        assert answer is not None
        assert answer["Contact"] == f"<sip:voicemail@{OUTER}:{OUTER_SIP}>"
        assert_nothing_inner(answer)
        told = address_of(answer.body.decode())
        assert told[0] == OUTER
        assert caller.wait_for_beep()
        assert caller.talker.sources == {told}
        caller.talk(1.2)
        assert caller.hang_up() == 200
    record = node.record(caller.call_id)
    assert (record["status"], record["missed"]) == (200, False)
