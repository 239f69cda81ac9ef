"""Calls through a real Kamailio: forwarded, refused, answered, ended (docs/calls.md §2 and §3)."""

import re
from typing import Any

import pytest

from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage
from tests.support.waiting import BESIDE_S

NUMBER, TARGET = "+33199001234", "+33612345678"
HOST = "127.0.0.1"


def test_a_call_is_forwarded_answered_and_ended_by_the_caller(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    edge.put(NUMBER, target=TARGET, revision=7)
    identity = ("Identity", 'abc.def.ghi;info=<https://cert.example/x.pem>;alg=ES256;ppt="shaken"')
    asserted = ("P-Asserted-Identity", '"Alice" <sip:+33140000001@carrier.example;user=phone>')
    call = Call(carrier, edge.address, NUMBER, headers=[identity, asserted, ("Privacy", "none")]).start()
    incoming = Incoming.wait(trunk)
    invite = incoming.invite
    assert invite.uri == f"sip:{TARGET}@{HOST}:{trunk.port}"
    for name in ("From", "To", "Call-ID", "Identity", "P-Asserted-Identity", "Privacy"):
        assert invite.all(name) == call.invite.all(name)
    assert invite.body == call.invite.body
    assert invite.all("Diversion") == [f"<sip:{NUMBER}@{HOST}>;reason=unconditional;counter=1;privacy=off"]
    assert invite.all("History-Info") == [
        f"<sip:{NUMBER}@{HOST}>;index=1",
        f"<sip:{TARGET}@{HOST};cause=302>;index=1.1;mp=1",
    ]
    incoming.reply(180)
    call.expect(180)
    incoming.reply(200, body=SDP)
    assert call.expect(200).body == SDP.encode()
    call.ack()
    trunk.expect("ACK")
    call.send("BYE", headers=[("Reason", 'Q.850;cause=16;text="Normal"')])
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    decided, answered, hung_up = edge.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert decided["key"] == {"call_id": call.call_id, "from_tag": call.tag, "cseq": 1}
    assert decided["decision"] == "forward"
    assert (decided["number"], decided["target"], decided["revision"]) == (NUMBER, TARGET, 7)
    assert decided["caller"] == "+33140000001"
    assert decided["diversions"] == [NUMBER]
    assert answered["trunk"] == "main"
    assert answered["status"] == 200
    assert (hung_up["by"], hung_up["cause"], hung_up["from_tag"]) == ("caller", 16, call.tag)


def test_the_callee_hangs_up(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The BYE of the called side reaches the caller, and the record knows who ended the call."""
    edge.put(NUMBER, target=TARGET)
    call, incoming = talk(edge, carrier, trunk)
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    carrier.send(bye.answer(200), bye.source)
    trunk.expect(200)
    hung_up = edge.wait_for_events(call.call_id, "decided", "answered", "hungup")[-1]
    assert (hung_up["by"], hung_up["from_tag"]) == ("callee", call.tag)


def test_a_reinvite_passes_through_both_ways(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """A change of media inside a call is passed on and makes no second record."""
    edge.put(NUMBER, target=TARGET)
    call, incoming = talk(edge, carrier, trunk)
    call.send("INVITE", body=SDP)
    reinvite = trunk.expect("INVITE")
    assert not reinvite.all("Diversion")
    incoming.answer(reinvite)
    carrier.expect(200)
    call.ack()
    trunk.expect("ACK")
    incoming.send("UPDATE")
    update = carrier.expect("UPDATE")
    carrier.send(update.answer(200), update.source)
    trunk.expect(200)
    assert [event["kind"] for event in edge.events(call.call_id)] == ["decided", "answered"]


def test_early_media_passes_through(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """A 183 with SDP reaches the caller, and so does a reliable provisional answer's PRACK the callee (RFC 3262)."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(183, headers=[("Require", "100rel"), ("RSeq", "1")], body=SDP)
    progress = call.expect(183)
    assert progress.body == SDP.encode()
    call.answer = progress
    call.send("PRACK", headers=[("RAck", "1 1 INVITE")])
    incoming.answer(trunk.expect("PRACK"))
    carrier.expect(200)
    incoming.reply(486, "Busy Here")
    call.expect(486)


def test_the_caller_hangs_up_while_it_rings(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = trunk.expect("CANCEL")
    incoming.answer(cancel)
    incoming.reply(487, "Request Terminated")
    call.expect_cancelled()
    failed = edge.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["trunk"]) == (487, "caller", "main")


def test_a_ring_timeout_ends_the_call(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """After the rule's ring timeout the caller gets 480 with cause 19, and the target stops ringing."""
    edge.put(NUMBER, target=TARGET, ring_timeout_s=5)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    incoming.answer(trunk.expect("CANCEL", 8 + BESIDE_S))
    incoming.reply(487, "Request Terminated")
    assert call.expect(480)["Reason"] == "Q.850;cause=19"
    failed = edge.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["cause"]) == (480, "edge", 19)
    assert 4500 < failed["at_ms"] - edge.events(call.call_id)[0]["at_ms"] < 7000 + 1000 * BESIDE_S


@pytest.mark.parametrize("status", [404, 486, 600, 603])
def test_what_the_target_answers_reaches_the_caller(edge: EdgeNode, carrier: Phone, trunk: Phone, status: int) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    Incoming.wait(trunk).reply(status, headers=[("Reason", "Q.850;cause=17")])
    assert call.expect(status)["Reason"] == "Q.850;cause=17"
    failed = edge.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["cause"], failed["trunk"]) == (status, "callee", 17, "main")


@pytest.mark.parametrize(
    ("rule", "status", "cause", "reason"),
    [
        ({}, 480, 20, "disabled"),
        ({"target": TARGET, "enabled": False}, 480, 20, "not-enabled"),
        ({"target": TARGET, "active": False}, 404, 1, "deactivated"),
        ({"email": "a@example.org"}, 480, 20, "voicemail-absent"),
    ],
)
def test_a_number_that_takes_no_calls(
    edge: EdgeNode, carrier: Phone, trunk: Phone, rule: dict[str, Any], status: int, cause: int, reason: str
) -> None:
    edge.put(NUMBER, revision=4, **rule)
    call = Call(carrier, edge.address, NUMBER).start()
    assert call.expect(status)["Reason"] == f"Q.850;cause={cause}"
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert (decided["reason"], decided["status"], decided["cause"], decided["revision"]) == (reason, status, cause, 4)
    trunk.expect_silence(0.1)


def test_an_unknown_number(edge: EdgeNode, carrier: Phone) -> None:
    """404, which is not sent again once it was acknowledged."""
    call = Call(carrier, edge.address, "+33199009999").start()
    assert call.expect(404)["Reason"] == "Q.850;cause=1"
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert (decided["reason"], decided["called"], decided.get("number")) == ("unknown-number", "+33199009999", None)
    carrier.drop_copies(edge.address)
    carrier.expect_silence(0.8)


@pytest.mark.parametrize(
    "header",
    [
        ("Diversion", f"<sip:{NUMBER}@{HOST}>;reason=user-busy;counter=1"),
        ("diversion", f"<sip:+33155555555@x>, <sip:{NUMBER}@{HOST}:5060;user=phone>"),
        ("History-Info", f"<sip:{NUMBER}@{HOST}>;index=1, <sip:+33155555555@x;cause=302>;index=1.1;mp=1"),
        ("History-Info", f"<sip:{NUMBER}@x>;index=1, <sip:+33155555555@{HOST};cause=302>;index=1.1;mp=1"),
    ],
)
def test_a_call_that_came_by_before_is_a_loop(
    edge: EdgeNode, carrier: Phone, trunk: Phone, header: tuple[str, str]
) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER, headers=[header]).start()
    call.expect(482)
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert decided["reason"] == "loop"
    trunk.expect_silence(0.1)


@pytest.mark.parametrize(
    "header",
    [
        ("Diversion", f"<sip:{NUMBER}@sip.carrier.example>"),
        ("Diversion", f"<tel:{NUMBER}>;reason=unconditional;counter=1"),
        ("History-Info", f"<sip:{NUMBER}@sip.carrier.example>;index=1, <sip:+33155555555@x;cause=302>;index=1.1;mp=1"),
    ],
)
def test_a_carrier_that_names_the_called_number_is_no_loop(
    edge: EdgeNode, carrier: Phone, trunk: Phone, header: tuple[str, str]
) -> None:
    """Some carriers write the called number there on every call; ours goes on top of theirs."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER, headers=[header]).start()
    incoming = Incoming.wait(trunk)
    assert header[1] in incoming.invite.all(header[0])
    incoming.reply(486)
    call.expect(486)


def test_too_many_diversions(edge: EdgeNode, carrier: Phone) -> None:
    edge.put(NUMBER, target=TARGET)
    header = ("Diversion", "<sip:+33155555555@x>;reason=unconditional;counter=6")
    call = Call(carrier, edge.address, NUMBER, headers=[header]).start()
    assert call.expect(480)["Reason"] == "Q.850;cause=25"


def test_diversion_headers_that_came_are_kept_below_ours(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    edge.put(NUMBER, target=TARGET)
    came = [
        ("Diversion", "<sip:+33155555555@x>;reason=no-answer;counter=1"),
        ("History-Info", "<sip:+33155555555@x>;index=1"),
        ("History-Info", f"<sip:{NUMBER}@x;cause=408>;index=1.1;mp=1"),
    ]
    call = Call(carrier, edge.address, NUMBER, headers=came).start()
    incoming = Incoming.wait(trunk)
    assert [value.partition(">")[0] for value in incoming.invite.all("Diversion")] == [
        f"<sip:{NUMBER}@{HOST}",
        "<sip:+33155555555@x",
    ]
    assert incoming.invite.all("History-Info") == [
        *(value for name, value in came if name == "History-Info"),
        f"<sip:{TARGET}@{HOST};cause=302>;index=1.1.1;mp=1.1",
    ]
    incoming.reply(486)
    call.expect(486)
    assert edge.events(call.call_id)[0]["diversions"] == ["+33155555555", NUMBER]


def test_a_chain_of_own_numbers_is_resolved_inside(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Each own number on the way leaves its Diversion, the last one on top; the trunk sees one INVITE."""
    second = edge.put("+33261910123", target=TARGET)
    edge.put(NUMBER, target=second)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite.uri.startswith(f"sip:{TARGET}@")
    assert [re.findall(r"\+\d+", value)[0] for value in incoming.invite.all("Diversion")] == [second, NUMBER]
    assert [re.findall(r"\+\d+", value)[0] for value in incoming.invite.all("History-Info")] == [NUMBER, second, TARGET]
    incoming.reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    "called", ["tel:+33199001234", "sip:0199001234@x;user=phone", "sip:0033199001234@x", "sip:33199001234@x"]
)
def test_ways_to_write_the_called_number(edge: EdgeNode, carrier: Phone, trunk: Phone, called: str) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, called).start()
    Incoming.wait(trunk).reply(486)
    call.expect(486)


def test_a_call_over_tcp(edge: EdgeNode, trunk: Phone) -> None:
    """A carrier on TCP and a trunk on UDP: requests of both sides find their way (double Record-Route)."""
    edge.put(NUMBER, target=TARGET)
    with Phone("tcp") as carrier:
        call, incoming = talk(edge, carrier, trunk)
        incoming.send("BYE")
        bye = carrier.expect("BYE")
        carrier.send(bye.answer(200), bye.source)
        trunk.expect(200)
        edge.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_trunk_gets_the_format_and_the_headers_it_wants(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Trunks changed at run time are used by the next call."""
    edge.put(NUMBER, target=TARGET)
    before = edge.trunks.outbound
    try:
        edge.reload(
            OutboundTrunk(
                "national",
                trunk.uri,
                number_format=NumberFormat.NATIONAL,
                diversion_headers=DiversionHeaders.HISTORY_INFO,
            )
        )
        call = Call(carrier, edge.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        assert incoming.invite.uri.startswith("sip:0612345678@")
        assert not incoming.invite.all("Diversion")
        assert len(incoming.invite.all("History-Info")) == 2
        incoming.reply(486)
        call.expect(486)
    finally:
        edge.reload(*before)


def talk(edge: EdgeNode, carrier: Phone, trunk: Phone) -> tuple[Call, Incoming]:
    """Set up an answered call to `NUMBER`."""
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    return call, incoming


def test_a_retransmitted_invite_makes_one_call(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start().start().start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    incoming.reply(486)
    call.expect(486, skip=(100, 180))
    assert [message.method for message in trunk.seen] == ["INVITE"]
    edge.wait_for_events(call.call_id, "decided", "failed")


def test_a_forked_copy_is_refused_and_leaves_no_second_record(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The same call by another way is merged (RFC 3261 §8.2.2.2)."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    copy = SipMessage(call.invite.start_line, [("Via", carrier.via()), *call.invite.headers[1:]], call.invite.body)
    carrier.send(copy, edge.address)
    carrier.expect(482)
    incoming.reply(486)
    call.expect(486, skip=(100, 482))
    edge.wait_for_events(call.call_id, "decided", "failed")
