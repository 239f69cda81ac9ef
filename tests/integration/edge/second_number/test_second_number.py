"""Forwarded calls that nobody takes and that go to a second number (docs/calls.md §3)."""

from dataclasses import replace

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Callers
from renvoi.domain.rules.rule import TO_VOICEMAIL, Fallbacks, Otherwise, Rule, RuleType
from renvoi.domain.trunks.choices import DiversionDepth, DiversionHeaders
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.keys import handoff_in
from tests.support.second_number import EMAIL, NUMBER, OTHER, SECOND, TARGET, THIRD, at, rule, talk
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage
from tests.support.waiting import BESIDE_S


@pytest.mark.parametrize(
    ("status", "why", "reason", "cause"),
    [
        (486, "busy", "user-busy", 486),
        (404, "unreachable", "unavailable", 404),
        (500, "unreachable", "unavailable", 404),
        (403, "no-answer", "no-answer", 408),
    ],
)
def test_the_second_number_gets_the_call(
    node: EdgeNode, carrier: Phone, phones: list[Phone], status: int, why: str, reason: str, cause: int
) -> None:
    """The caller notices nothing; the trunk sees one diversion and why, the record both legs."""
    first, _, _ = phones
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(status)
    incoming = at(first, SECOND)
    assert incoming.invite.all("Diversion") == [f"<sip:{NUMBER}@127.0.0.1>;reason={reason};counter=1;privacy=off"]
    assert incoming.invite.all("History-Info") == [
        f"<sip:{NUMBER}@127.0.0.1>;index=1",
        f"<sip:{SECOND}@127.0.0.1;cause={cause}>;index=1.1;mp=1",
    ]
    talk(call, incoming, first, carrier)
    decided, gone_on, answered, _ = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
    assert decided["target"] == TARGET
    assert (gone_on["reason"], gone_on["target"], gone_on["diversions"]) == (why, SECOND, [NUMBER])
    shown = [(leg["request_uri"].split("@")[0], leg["status"], leg["trunk"]) for leg in answered["legs"]]
    assert shown == [(f"sip:{TARGET}", status, "a"), (f"sip:{SECOND}", 200, "a")]
    assert (
        f"Diversion: <sip:{NUMBER}@127.0.0.1>;reason={reason};counter=1;privacy=off" in answered["legs"][1]["headers"]
    )


@pytest.mark.parametrize(
    ("headers", "depth", "shown"),
    [
        (DiversionHeaders.NONE, DiversionDepth.ALL, (0, 0)),
        (DiversionHeaders.DIVERSION, DiversionDepth.ALL, (1, 0)),
        (DiversionHeaders.HISTORY_INFO, DiversionDepth.TOP, (0, 2)),
    ],
)
def test_a_trunk_sees_the_diversion_as_it_wants(
    node: EdgeNode,
    carrier: Phone,
    phones: list[Phone],
    headers: DiversionHeaders,
    depth: DiversionDepth,
    shown: tuple[int, int],
) -> None:
    first, _, _ = phones
    node.reload(OutboundTrunk("a", first.uri, 90, diversion_headers=headers, diversion_depth=depth))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(486)
    incoming = at(first, SECOND)
    assert (len(incoming.invite.all("Diversion")), len(incoming.invite.all("History-Info"))) == shown
    incoming.reply(486)
    call.expect(486)


def test_ten_long_addresses_reach_the_worker(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    first, _, worker = phones
    emails = tuple(EmailAddress(f"{each}{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.example") for each in range(10))
    node.put_rule(NUMBER, replace(rule(TARGET, SECOND, Otherwise.VOICEMAIL), emails=emails))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(486)
    at(first, SECOND).reply(486)
    taken = Incoming.wait(worker)
    handoff = handoff_in(taken.invite[HEADER])
    assert (handoff.email, *handoff.others) == emails
    talk(call, taken, worker, carrier)


def test_each_target_rings_for_as_long_as_the_rule_says(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """An answer of the first one in that very instant is hung up on; the second one rings out as well."""
    first, _, _ = phones
    node.put_rule(NUMBER, rule(TARGET, SECOND, ring_s=5))
    call = Call(carrier, node.address, NUMBER).start()
    ringing = at(first, TARGET)
    ringing.reply(180)
    call.expect(180)
    # In whichever order they come.
    came: dict[str, SipMessage] = {}
    while len(came) < 2:
        message = first.receive(10)
        came[message.start_line.split()[0]] = message
    incoming = Incoming(first, came["INVITE"])
    assert incoming.invite.uri.startswith(f"sip:{SECOND}@")
    ringing.answer(came["CANCEL"])
    ringing.reply(200, body=SDP)
    assert first.expect("ACK")["CSeq"] == "1 ACK"
    bye = first.expect("BYE")
    assert bye["To"] == f"{ringing.invite['To']};tag={ringing.tag}"
    ringing.answer(bye)
    incoming.reply(180)
    call.expect(180)
    assert call.expect(480, 10)["Reason"] == "Q.850;cause=19"
    incoming.answer(first.expect("CANCEL"))
    _, gone_on, failed = node.wait_for_events(call.call_id, "decided", "fellback", "failed")
    assert gone_on["reason"] == "no-answer"
    assert gone_on["rang_at_ms"] is not None
    assert [leg["end"] for leg in failed["legs"]] == ["rang-out", "rang-out"]
    rang_ms = failed["legs"][1]["end_at_ms"] - failed["legs"][1]["rang_at_ms"]
    assert 4900 < rang_ms < 6500 + 1000 * BESIDE_S


def test_then_a_message_is_taken(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """Of the call with all that it was: two numbers, then the voicemail of the one that was called."""
    first, _, worker = phones
    node.put_rule(NUMBER, rule(TARGET, SECOND, Otherwise.VOICEMAIL))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(486)
    at(first, SECOND).reply(404)
    taken = Incoming.wait(worker)
    assert taken.invite.uri == f"sip:{NUMBER}@{worker.host}:{worker.port}"
    handoff = handoff_in(taken.invite[HEADER])
    assert (str(handoff.number), handoff.email, handoff.revision) == (NUMBER, EMAIL, 5)
    talk(call, taken, worker, carrier)
    _, gone_on, fell_back, answered, _ = node.wait_for_events(
        call.call_id, "decided", "fellback", "fellback", "answered", "hungup"
    )
    assert [(each["reason"], each["target"]) for each in (gone_on, fell_back)] == [
        ("busy", SECOND),
        ("unreachable", None),
    ]
    assert [leg["status"] for leg in answered["legs"]] == [486, 404, 200]


@pytest.mark.parametrize("then", [Otherwise.RELEASE, Otherwise.VOICEMAIL])
@pytest.mark.parametrize("second", [NUMBER, OTHER, "+33899700000", "+33140000099"])
def test_a_second_number_that_cannot_be_tried(
    node: EdgeNode, carrier: Phone, phones: list[Phone], second: str, then: Otherwise
) -> None:
    """Itself, one of ours that is off, one that the policy refuses, and one that the call has come from."""
    first, _, worker = phones
    node.put(OTHER)
    node.put_rule(NUMBER, rule(TARGET, second, then))
    before = [("Diversion", "<sip:+33140000099@far.example>;reason=unconditional")]
    call = Call(carrier, node.address, NUMBER, headers=before).start()
    at(first, TARGET).reply(486, headers=[("Reason", "Q.850;cause=17")])
    if then is Otherwise.RELEASE:
        assert call.expect(486)["Reason"] == "Q.850;cause=17"
        failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
        assert (failed["by"], failed["trunk"]) == ("callee", "a")
    else:
        talk(call, Incoming.wait(worker), worker, carrier)
        events = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
        assert (events[1]["reason"], events[1]["target"]) == ("busy", None)
    assert f"{NUMBER}: the second number is not tried: " in node.logged()


def test_a_second_number_of_ours_is_obeyed(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """Its target rings, with both diversions, and its own voicemail takes the message."""
    first, _, worker = phones
    node.put_rule(NUMBER, rule(TARGET, OTHER))
    own = Rule(RuleType.FORWARD, E164(THIRD), (EmailAddress("other@example.org"),), 9)
    node.put_rule(OTHER, replace(own, fallbacks=Fallbacks(busy=TO_VOICEMAIL)))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(600)
    incoming = at(first, THIRD)
    assert [line.split(";")[:2] for line in incoming.invite.all("Diversion")] == [
        [f"<sip:{OTHER}@127.0.0.1>", "reason=unconditional"],
        [f"<sip:{NUMBER}@127.0.0.1>", "reason=user-busy"],
    ]
    incoming.reply(486)
    taken = Incoming.wait(worker)
    handoff = handoff_in(taken.invite[HEADER])
    assert (str(handoff.number), str(handoff.email)) == (OTHER, "other@example.org")
    taken.reply(486)
    call.expect(486)
    _, gone_on, *_ = node.wait_for_events(call.call_id, "decided", "fellback", "fellback", "failed")
    assert (gone_on["target"], gone_on["diversions"]) == (THIRD, [NUMBER, OTHER])


def test_a_second_number_of_ours_may_be_a_voicemail_or_turn_the_caller_away(
    node: EdgeNode, carrier: Phone, phones: list[Phone]
) -> None:
    first, _, worker = phones
    node.put_rule(NUMBER, rule(TARGET, OTHER))
    node.put(OTHER, email="other@example.org")
    call = Call(carrier, node.address, NUMBER, caller="+33611111111").start()
    at(first, TARGET).reply(486)
    taken = Incoming.wait(worker)
    assert str(handoff_in(taken.invite[HEADER]).number) == OTHER
    taken.reply(486)
    call.expect(486)
    node.put_rule(OTHER, Rule(RuleType.FORWARD, E164(THIRD), callers=Callers(block=("+33611*",))))
    call = Call(carrier, node.address, NUMBER, caller="+33611111111").start()
    at(first, TARGET).reply(486)
    call.expect(486)


def test_two_numbers_that_fall_back_to_each_other(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """Each target is tried once."""
    first, _, _ = phones
    node.put_rule(NUMBER, rule(TARGET, OTHER))
    node.put_rule(OTHER, rule(THIRD, NUMBER))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(486)
    at(first, THIRD).reply(486)
    call.expect(486)
    first.expect("ACK")
    first.expect_silence(0.1)
