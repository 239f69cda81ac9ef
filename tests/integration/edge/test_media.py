"""Audio that goes through the media relay, a real rtpengine (docs/trunks.md)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.support.edge import LOOPBACK, EdgeNode
from tests.support.relay import Audio, Relay, media_of, monologue, require_relay, talk
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

NUMBER, TARGET, BOX = "+33199001234", "+33612345678", "+33199005555"
NATTED = InboundTrunk("natted", LOOPBACK.networks, nat=True)
NOBODY_IS_THERE = ("192.168.9.2", 40000)


@pytest.fixture(scope="module")
def shared(relay: Relay, gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge whose only trunk is relayed."""
    trunks = [OutboundTrunk("main", gateway.uri, relay=True)]
    with EdgeNode(tmp_path_factory.mktemp("edge"), trunks, relay=relay.address) as made:
        made.put(NUMBER, target=TARGET)
        yield made


@pytest.fixture
def node(shared: EdgeNode, trunk: Phone) -> EdgeNode:
    """`shared`, with the trunks that it has had at its start."""
    shared.reload(OutboundTrunk("main", trunk.uri, relay=True))
    return shared


@pytest.fixture
def caller() -> Iterator[Audio]:
    """Play the caller's audio."""
    with Audio() as audio:
        yield audio


@pytest.fixture
def callee() -> Iterator[Audio]:
    """Play the callee's audio."""
    with Audio() as audio:
        yield audio


def calling(carrier: Phone, node: EdgeNode, audio: Audio, number: str = NUMBER) -> Call:
    call = Call(carrier, node.address, number)
    call.invite.body = audio.sdp.encode()
    return call.start()


def body(message: SipMessage) -> str:
    return message.body.decode()


def connect(carrier: Phone, node: EdgeNode, trunk: Phone, caller: Audio, callee: Audio) -> tuple[Call, Incoming, str]:
    """Set up a call; return what the caller was answered, too."""
    call = calling(carrier, node, caller)
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=callee.sdp)
    answer = call.expect(200)
    call.ack()
    trunk.expect("ACK")
    return call, incoming, body(answer)


def test_audio_goes_through_the_relay_to_the_end_of_the_call(
    node: EdgeNode, relay: Relay, carrier: Phone, trunk: Phone, caller: Audio, callee: Audio
) -> None:
    """Neither side sees where the other one is, in early audio or after a change of the call."""
    call = calling(carrier, node, caller)
    incoming = Incoming.wait(trunk)
    incoming.reply(183, body=callee.sdp)
    early = body(call.expect(183))
    offer = body(incoming.invite)
    for shown, hidden in ((offer, caller), (early, callee)):
        assert media_of(shown)[1] != hidden.address[1]
        assert str(hidden.address[1]) not in shown
    talk(caller, early, callee, offer)
    incoming.reply(200, body=callee.sdp)
    assert media_of(body(call.expect(200))) == media_of(early)
    call.ack()
    trunk.expect("ACK")
    with Audio() as moved:
        call.send("INVITE", body=moved.sdp, headers=[("Content-Type", "application/sdp")])
        again = trunk.expect("INVITE")
        assert str(moved.address[1]) not in body(again)
        trunk.send(again.answer(200, headers=_answered(incoming), body=callee.sdp), again.source)
        answer = carrier.expect(200)
        call.ack()
        trunk.expect("ACK")
        talk(moved, body(answer), callee, body(again))
    assert relay.has(call.call_id)
    call.send("BYE")
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert not relay.has(call.call_id)


def _answered(incoming: Incoming) -> list[tuple[str, str]]:
    return [("Contact", incoming.contact), ("Content-Type", "application/sdp")]


def test_the_called_side_may_change_the_call_and_end_it(
    node: EdgeNode, relay: Relay, carrier: Phone, trunk: Phone, caller: Audio, callee: Audio
) -> None:
    call, incoming, _ = connect(carrier, node, trunk, caller, callee)
    incoming.send("INVITE", headers=[("Content-Type", "application/sdp")], body=callee.sdp)
    again = carrier.expect("INVITE")
    assert str(callee.address[1]) not in body(again)
    headers = [("Contact", call.contact), ("Content-Type", "application/sdp")]
    carrier.send(again.answer(200, headers=headers, body=caller.sdp), again.source)
    talk(caller, body(again), callee, body(trunk.expect(200)))
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    carrier.send(bye.answer(200), bye.source)
    trunk.expect(200)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert not relay.has(call.call_id)


def test_a_call_without_an_offer_is_relayed_by_those_that_follow(
    node: EdgeNode, carrier: Phone, trunk: Phone, caller: Audio, callee: Audio
) -> None:
    """The answer offers, and ACK answers (RFC 3261 §13.2.1)."""
    call = Call(carrier, node.address, NUMBER)
    call.invite.body = b""
    call.invite.headers.remove(("Content-Type", "application/sdp"))
    call.start()
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=callee.sdp, headers=[("Content-Type", "application/sdp")])
    offer = body(call.expect(200))
    assert str(callee.address[1]) not in offer
    ack = call.request("ACK", call.cseq, [("Content-Type", "application/sdp")], caller.sdp)
    carrier.send(ack, node.address)
    talk(caller, offer, callee, body(trunk.expect("ACK")))


def test_the_relay_lets_go_of_calls_that_nobody_takes(
    node: EdgeNode, relay: Relay, carrier: Phone, trunk: Phone, caller: Audio
) -> None:
    call = calling(carrier, node, caller)
    incoming = Incoming.wait(trunk)
    assert relay.has(call.call_id)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    trunk.expect("CANCEL")
    incoming.reply(487)
    call.expect_cancelled()
    node.wait_for_events(call.call_id, "decided", "failed")
    assert not relay.has(call.call_id)
    trunk.expect("ACK")
    call = calling(carrier, node, caller)
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    assert not relay.has(call.call_id)


def test_the_next_trunk_is_offered_what_the_caller_offered(
    node: EdgeNode, relay: Relay, carrier: Phone, trunk: Phone, caller: Audio
) -> None:
    with Phone() as second:
        node.reload(OutboundTrunk("main", trunk.uri, relay=True), OutboundTrunk("second", second.uri, priority=10))
        call = calling(carrier, node, caller)
        Incoming.wait(trunk).reply(500)
        assert body(Incoming.wait(second).invite) == caller.sdp
        assert not relay.has(call.call_id)


def test_a_caller_behind_nat_is_heard_and_hears(node: EdgeNode, carrier: Phone, trunk: Phone, callee: Audio) -> None:
    """What it writes leads nowhere; the relay learns where it is. Its trunk takes the relay whatever the other says."""
    node.reload(OutboundTrunk("main", trunk.uri), inbound=[NATTED])
    with Audio(shown=NOBODY_IS_THERE) as natted:
        _, incoming, answer = connect(carrier, node, trunk, natted, callee)
        talk(natted, answer, callee, body(incoming.invite))


def test_without_the_relay_a_call_takes_another_trunk_or_none(tmp_path: Path, carrier: Phone, caller: Audio) -> None:
    """Until the relay is there."""
    require_relay()
    with Phone() as first, Phone() as second, Relay(tmp_path / "relay.log") as relay:
        relayed, plain = OutboundTrunk("first", first.uri, relay=True), OutboundTrunk("second", second.uri, priority=10)
        relay.stop()
        with EdgeNode(tmp_path, [relayed], relay=relay.address, relay_pause_s=1) as edge:
            edge.put(NUMBER, target=TARGET)
            call = calling(carrier, edge, caller)
            assert call.expect(503)["Reason"] == "Q.850;cause=47"
            failed = edge.wait_for_events(call.call_id, "decided", "failed")[-1]
            assert (failed["status"], failed["reason"], failed["by"]) == (503, "relay-absent", "edge")
            # Nor does one that has nothing to offer yet.
            call = Call(carrier, edge.address, NUMBER)
            call.invite.body = b""
            call.invite.headers.remove(("Content-Type", "application/sdp"))
            call.start().expect(503)
            edge.reload(relayed, plain)
            call = calling(carrier, edge, caller)
            incoming = Incoming.wait(second)
            assert body(incoming.invite) == caller.sdp
            incoming.reply(486)
            call.expect(486)
            relay.start()

            def relayed_again() -> bool:
                call = calling(carrier, edge, caller)
                incoming = which(first, second, call)
                incoming.reply(486)
                call.expect(486)
                return incoming.phone is first

            wait_for(relayed_again, "a call through the relay", 20)


def which(one: Phone, other: Phone, call: Call) -> Incoming:
    """Wait until a call has come to one of two phones; return it there."""
    found: list[Incoming] = []

    def came() -> bool:
        for phone in (one, other):
            while (message := phone.receive_now()) is not None:
                if message.status is None and message.method == "INVITE" and message["Call-ID"] == call.call_id:
                    found.append(Incoming(phone, message))
        return bool(found)

    wait_for(came, "an INVITE at one of two phones")
    return found[0]


def test_a_trunk_that_needs_a_relay_gets_no_calls_where_none_is_set(tmp_path: Path, carrier: Phone) -> None:
    """The caller leaves a message, if the rule says so."""
    with Phone() as trunk, Phone() as worker:
        relayed, workers = OutboundTrunk("first", trunk.uri, relay=True), ((worker.host, worker.port),)
        with EdgeNode(tmp_path, [relayed], voicemail=workers) as edge:
            edge.put(NUMBER, target=TARGET)
            call = Call(carrier, edge.address, NUMBER).start()
            call.expect(503)
            assert edge.wait_for_events(call.call_id, "decided", "failed")[-1]["reason"] == "relay-absent"
            assert "RENVOI_RTPENGINE is not set" in edge.logged()
            edge.put(BOX, target=TARGET, no_answer="voicemail", fallback_email="box@example.org")
            call = Call(carrier, edge.address, BOX).start()
            incoming = Incoming.wait(worker)
            incoming.reply(200, body=SDP)
            assert call.expect(200).body == SDP.encode()
            call.ack()
            worker.expect("ACK", skip=("OPTIONS",))
            incoming.send("BYE")
            bye = carrier.expect("BYE")
            carrier.send(bye.answer(200), bye.source)
            edge.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")


@pytest.mark.parametrize(("talks", "unheard"), [("caller", "callee"), ("callee", "caller"), ("both", None)])
def test_who_was_not_heard_stands_in_the_record(
    node: EdgeNode, carrier: Phone, trunk: Phone, caller: Audio, callee: Audio, talks: str, unheard: str | None
) -> None:
    call, incoming, answer = connect(carrier, node, trunk, caller, callee)
    if talks in ("caller", "both"):
        monologue(caller, answer, callee)
    if talks in ("callee", "both"):
        monologue(callee, body(incoming.invite), caller)
    call.send("BYE")
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    ended = node.wait_for_events(call.call_id, "decided", "answered", "hungup")[-1]
    assert ended["unheard"] == unheard


def test_srtp_of_a_caller_ends_at_the_relay_where_the_trunk_has_none(
    node: EdgeNode, carrier: Phone, trunk: Phone, caller: Audio, callee: Audio
) -> None:
    """A trunk by UDP or TCP is offered RTP, as keys would go in the clear."""
    call = Call(carrier, node.address, NUMBER)
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
    call.invite.body = (caller.sdp.replace("RTP/AVP", "RTP/SAVP") + key).encode()
    call.start()
    incoming = Incoming.wait(trunk)
    offer = body(incoming.invite)
    assert "RTP/AVP 8" in offer
    assert "a=crypto" not in offer
    incoming.reply(200, body=callee.sdp)
    answer = body(call.expect(200))
    assert "RTP/SAVP 8" in answer
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" in answer


def test_a_late_copy_of_an_answer_leads_to_the_relay(
    tmp_path: Path, relay: Relay, carrier: Phone, caller: Audio, callee: Audio
) -> None:
    """The edge has forgotten the call, the relay has not (RFC 6026 §7.1)."""
    with Phone() as trunk:
        trunks = [OutboundTrunk("main", trunk.uri, relay=True)]
        with EdgeNode(tmp_path, trunks, relay=relay.address) as made:
            made.put(NUMBER, target=TARGET)
            call, incoming, answer = connect(carrier, made, trunk, caller, callee)
            made.stop()
            made.start()
            incoming.reply(200, body=callee.sdp)
            assert media_of(body(call.expect(200))) == media_of(answer)
