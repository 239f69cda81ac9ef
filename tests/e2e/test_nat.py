"""A node behind NAT, with carriers outside and callers behind another NAT (docs/operating/network.md, trunks.md)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.callers import Caller
from tests.support.nat import (
    CALLER,
    CALLERS,
    CARRIER,
    INNER_TRUNK_PORT,
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
from tests.support.sip_message import Address, SipMessage, uri_in
from tests.support.waiting import wait_for

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


@contextmanager
def caller_behind_nat(lab: NatLab) -> Iterator[tuple[Phone, Audio, Audio]]:
    """Yield a caller, its audio, and that of the trunk."""
    with (
        lab.inside(THEIRS),
        Phone(host=CALLER) as caller,
        Audio(CALLER) as mouth,
        lab.inside(PUBLIC),
        Audio(TRUNK) as ear,
    ):
        yield caller, mouth, ear


def offered(caller: Phone, mouth: Audio) -> Call:
    """Place a call that offers audio."""
    call = Call(caller, EDGE, NUMBER)
    call.invite.body = mouth.sdp.encode()
    return call.start()


def test_a_caller_behind_nat_is_reached_heard_and_hears(lab: NatLab, node: Node, trunk: Phone) -> None:
    """Of what it writes nothing leads to it, and its NAT gives each flow another port."""
    with caller_behind_nat(lab) as (caller, mouth, ear):
        call = offered(caller, mouth)
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


def source_of(incoming: Incoming) -> str:
    """Return where the trunk is told that the caller is."""
    return uri_in(incoming.invite["Contact"]).partition("@")[2]


def test_a_caller_whose_nat_takes_another_port_is_reached_once_it_has_asked(
    lab: NatLab, node: Node, trunk: Phone
) -> None:
    """By what it sends inside the call the trunk learns where it is now, and the relay where its audio comes from."""
    with caller_behind_nat(lab) as (caller, mouth, ear):
        call = offered(caller, mouth)
        incoming = Incoming.wait(trunk)
        before = source_of(incoming)
        incoming.reply(200, headers=SDP_TYPE, body=ear.sdp)
        answer = call.expect(200)
        call.ack()
        trunk.expect("ACK")
        talk(mouth, answer.body.decode(), ear, incoming.invite.body.decode())
        lab.rebind()
        call.send("INVITE", SDP_TYPE, mouth.sdp)
        again = trunk.expect("INVITE")
        incoming.invite.headers = [
            (name, again["Contact"] if name == "Contact" else value) for name, value in incoming.invite.headers
        ]
        assert source_of(incoming) != before
        trunk.send(
            again.answer(200, tag=incoming.tag, headers=[*SDP_TYPE, ("Contact", incoming.contact)], body=ear.sdp),
            again.source,
        )
        answer = caller.expect(200)
        call.ack()
        trunk.expect("ACK")
        talk(mouth, answer.body.decode(), ear, again.body.decode())
        incoming.send("BYE")
        bye = caller.expect("BYE")
        caller.send(bye.answer(200), bye.source)
        trunk.expect(200)
        assert node.record(call.call_id)["hung_up_by"] == "callee"


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_a_call_whose_nat_has_taken_another_port_ends(lab: NatLab, node: Node, trunk: Phone, by: str) -> None:
    """The caller does it as ever. The trunk gets no answer of the caller's, and the record ends all the same."""
    with lab.inside(THEIRS), Phone(host=CALLER) as caller, lab.inside(PUBLIC), Audio(TRUNK) as ear:
        call = Call(caller, EDGE, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, headers=SDP_TYPE, body=ear.sdp)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        lab.rebind()
        if by == "caller":
            call.send("BYE")
            incoming.answer(trunk.expect("BYE"))
            caller.expect(200)
        else:
            incoming.send("BYE")
            trunk.expect(408)
            assert caller.receive_now() is None
        assert node.record(call.call_id)["hung_up_by"] == by


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_a_trunk_behind_the_nat_of_the_caller(lab: NatLab, node: Node, by: str) -> None:
    """Which has to name its outer address in Contact; audio finds its way through the relay."""
    node.renvoi(
        "trunk", "add", "inner", "--outbound", f"sip:{CALLERS}:{INNER_TRUNK_PORT}", "--priority", "90", "--relay"
    )
    try:
        with (
            lab.inside(THEIRS),
            Phone(host=CALLER) as caller,
            Phone(host=CALLER, port=INNER_TRUNK_PORT) as inner,
            Audio(CALLER) as mouth,
            Audio(CALLER) as ear,
        ):
            call = offered(caller, mouth)
            incoming = Incoming.wait(inner)
            incoming.contact = f"<sip:callee@{CALLERS}:{INNER_TRUNK_PORT}>"
            incoming.reply(200, headers=SDP_TYPE, body=ear.sdp)
            answer = call.expect(200)
            assert_nothing_inner(incoming.invite, answer)
            call.ack()
            inner.expect("ACK")
            talk(mouth, answer.body.decode(), ear, incoming.invite.body.decode())
            if by == "callee":
                incoming.send("BYE")
                bye = caller.expect("BYE")
                caller.send(bye.answer(200), bye.source)
                inner.expect(200)
            else:
                call.send("BYE")
                incoming.answer(inner.expect("BYE"))
                caller.expect(200)
            assert node.record(call.call_id)["hung_up_by"] == by
    finally:
        node.renvoi("trunk", "remove", "inner")


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
    # The worker tells of its message, whenever the edge tells the end of the call.
    wait_for(lambda: node.record(caller.call_id)["missed"] is False, "the record of the message", 30)
    assert node.record(caller.call_id)["status"] == 200
