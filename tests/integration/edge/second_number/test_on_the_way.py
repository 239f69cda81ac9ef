"""Trunks, redirections, limits and callers who hang up on the way to a second number (docs/calls.md §3)."""

import pytest

from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.rules.rule import Otherwise
from renvoi.domain.trunks.choices import Redirects
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.second_number import NUMBER, OTHER, SECOND, TARGET, THIRD, at, rule, talk
from tests.support.sip import SDP, Call, Incoming, Phone


def test_every_trunk_is_tried_for_each_number(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """What was planned for the first number is not tried with the second one, whose limits are counted on their own."""
    first, second, _ = phones
    node.reload(OutboundTrunk("a", first.uri, 90, max_calls=1), OutboundTrunk("b", second.uri, 10, max_calls=1))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(500)
    at(second, TARGET).reply(500)
    at(first, SECOND).reply(500)
    at(second, SECOND).reply(502)
    call.expect(502)
    failed = node.wait_for_events(call.call_id, "decided", "fellback", "failed")[-1]
    assert [leg["status"] for leg in failed["legs"]] == [500, 500, 500, 502]
    assert not node.table("held")


def test_no_trunk_at_all(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    _, _, worker = phones
    node.reload()
    call = Call(carrier, node.address, NUMBER).start()
    call.expect(503)
    node.put_rule(NUMBER, rule(TARGET, SECOND, Otherwise.VOICEMAIL))
    call = Call(carrier, node.address, NUMBER).start()
    talk(call, Incoming.wait(worker), worker, carrier)


def test_many_addresses_of_the_first_try_leave_some_for_the_second(
    node: EdgeNode, carrier: Phone, phones: list[Phone]
) -> None:
    first, _, worker = phones
    dead = [OutboundTrunk(f"x{each}", f"sip:127.0.0.1:{free_port()};transport=tcp", 90 - each) for each in range(9)]
    node.reload(*dead, OutboundTrunk("a", first.uri, 10))
    node.put_rule(NUMBER, rule(TARGET, SECOND, Otherwise.VOICEMAIL))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET, 20).reply(486)
    incoming = at(first, SECOND, 20)
    incoming.reply(486)
    talk(call, Incoming.wait(worker), worker, carrier)


def test_a_redirection_and_then_the_second_number(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """Who redirected the first try is not named to the second number; the fallback is not lost on the way."""
    first, _, _ = phones
    node.reload(OutboundTrunk("a", first.uri, 90, redirects=Redirects.FOLLOW))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(302, headers=[("Contact", f"<sip:{THIRD}@x>")])
    at(first, THIRD).reply(486)
    incoming = at(first, SECOND)
    assert len(incoming.invite.all("Diversion")) == 1
    talk(call, incoming, first, carrier)
    answered = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")[2]
    assert answered["redirected"] == []
    assert [leg["status"] for leg in answered["legs"]] == [302, 486, 200]


@pytest.mark.parametrize("phase", ["first", "second", "second answers"])
def test_a_caller_who_hangs_up(node: EdgeNode, carrier: Phone, phones: list[Phone], phase: str) -> None:
    first, _, _ = phones
    call = Call(carrier, node.address, NUMBER).start()
    incoming = at(first, TARGET)
    if phase != "first":
        incoming.reply(486)
        first.expect("ACK")
        incoming = at(first, SECOND)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = first.expect("CANCEL")
    incoming.answer(cancel)
    if phase == "second answers":
        # The answer crosses the CANCEL: the caller hears it, and hangs up (RFC 3261 §9.1).
        incoming.reply(200, body=SDP)
        answer = call.expect(200)
        if answer["CSeq"].endswith("CANCEL"):
            call.expect(200)
        call.ack()
        first.expect("ACK", skip=("INVITE",))
        call.send("BYE")
        incoming.answer(first.expect("BYE", skip=("ACK",)))
        carrier.expect(200)
        node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
        return
    incoming.reply(487)
    call.expect_cancelled()
    first.expect("ACK")
    first.expect_silence(0.1)
    kinds = ["decided", *["fellback"] * (phase == "second"), "failed"]
    failed = node.wait_for_events(call.call_id, *kinds)[-1]
    assert (failed["status"], failed["by"]) == (487, "caller")


def test_a_caller_who_hangs_up_as_the_first_target_is_busy(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """Nobody else rings."""
    first, _, _ = phones
    call = Call(carrier, node.address, NUMBER).start()
    incoming = at(first, TARGET)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    incoming.answer(first.expect("CANCEL"))
    incoming.reply(486)
    first.expect("ACK")
    first.expect_silence(0.1)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert failed["by"] == "caller"


def test_limits_are_those_of_the_second_number(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """The first target is let go, the second one is counted and metered, and one call too many there is not tried."""
    first, _, _ = phones
    node.limit(AccountLimits(target=Limits(calls=1), account=Limits(minutes_per_day=10)))
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(486)
    incoming = at(first, SECOND)
    incoming.reply(180)
    call.expect(180)
    counts = node.table("counts")
    assert (int(counts.get(f"t1.{TARGET[1:]}", 0)), int(counts[f"t1.{SECOND[1:]}"]), int(counts["a1"])) == (0, 1, 1)
    node.put_rule(OTHER, rule(THIRD, SECOND))
    other = Call(carrier, node.address, OTHER).start()
    at(first, THIRD).reply(486)
    other.expect(486)
    assert "at its limit" in node.logged()
    talk(call, incoming, first, carrier)
    gone_on = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")[1]
    assert gone_on["used"] == ["a1", f"n{NUMBER[1:]}"]
    assert not node.table("held")
    assert not any(int(count) for count in node.table("counts").values())
