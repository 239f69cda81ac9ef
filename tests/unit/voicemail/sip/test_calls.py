"""A call from INVITE to BYE: what the caller gets, and what the owner is told (RFC 3261 §13.3, §15, §17.2)."""

import pytest

from renvoi.voicemail.sip.endpoint import Cancelled, Confirmed, Ended, HungUp, Why
from renvoi.voicemail.sip.sdp import SessionDescription
from tests.support.sip_peer import ANSWER, EDGE, SDP, AgentHarness, Caller, follow_up

REPEATS = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
"""T1, doubled up to T2, until 64·T1."""
OTHER_VIA = ', SIP/2.0/TCP a;x=","'


@pytest.fixture
def harness() -> AgentHarness:
    return AgentHarness()


@pytest.fixture
def caller() -> Caller:
    return Caller()


def settled(harness: AgentHarness) -> bool:
    """Say whether the agent keeps nothing once its timers have run out."""
    harness.wait(100)
    return harness.agent.idle and harness.agent.next_timer() is None


def test_a_call_is_accepted_and_the_caller_hangs_up(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite([("X-Renvoi-Deposit", "abc"), ("Record-Route", "<sip:edge;lr>")]))
    assert (invited.user, invited.call_id, invited.from_tag) == ("+33199001234", caller.call_id, "alice")
    assert invited.headers.get("x-renvoi-DEPOSIT") == "abc"
    assert invited.offer == SessionDescription.parse(SDP.encode())

    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    assert caller.answer.status == 200
    assert caller.answer.source == EDGE
    assert caller.answer["Contact"] == "<sip:voicemail@127.0.0.1:7000>"
    assert caller.answer["Record-Route"] == "<sip:edge;lr>"
    assert caller.answer["To"].endswith(";tag=token1")
    assert caller.answer["Content-Type"] == "application/sdp"
    assert caller.answer.body == ANSWER.encode()

    assert harness.send(caller.ack()) == []
    assert harness.event() == Confirmed(invited.call, None)
    bye = caller.request("BYE")
    assert harness.send(bye) == []
    assert harness.event() == HungUp(invited.call)
    assert harness.send(bye) == []
    assert harness.events() == []
    harness.agent.accept_bye(invited.call, harness.now)
    (answer,) = harness.sent()
    assert (answer.status, answer["To"]) == (200, caller.answer["To"])
    assert harness.ask(bye).status == 200
    assert harness.agent.calls == 0
    assert settled(harness)


def test_a_bye_may_come_before_the_ack(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite())
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    harness.send(caller.request("BYE"))
    assert harness.event() == HungUp(invited.call)
    harness.agent.accept_bye(invited.call, harness.now)
    assert [message.status for message in harness.sent()] == [200]
    assert harness.wait(40) == []
    assert harness.events() == []
    assert settled(harness)


def test_a_bye_that_repeats_the_last_cseq_is_heeded(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.send(caller.request("BYE", cseq=1))
    assert harness.event() == HungUp(call)


def test_a_second_bye_of_another_transaction_is_answered_with_the_first(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.send(caller.request("BYE"))
    harness.send(caller.request("BYE"))
    assert harness.event() == HungUp(call)
    harness.agent.accept_bye(call, harness.now)
    assert [message["CSeq"] for message in harness.sent()] == ["2 BYE", "3 BYE"]


def test_an_answer_is_repeated_until_its_ack(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite())
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    repeated = harness.wait(10)
    assert [after for after, _ in repeated] == REPEATS[:4]
    assert all(message == caller.answer for _, message in repeated)
    harness.send(caller.ack())
    assert harness.event() == Confirmed(invited.call, None)
    harness.send(caller.ack())
    assert harness.events() == []
    assert harness.wait(60) == []


def test_an_answer_that_nobody_acknowledges_ends_in_a_bye(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite())
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    *repeated, (after, bye) = harness.wait(32.1)
    assert [each for each, _ in repeated] == REPEATS
    assert (after, bye.method, bye["CSeq"]) == (32.0, "BYE", "1 BYE")
    assert harness.event() == Ended(invited.call, Why.NO_ACK)
    assert harness.agent.calls == 1
    harness.send(bye.answer(481))
    assert harness.events() == []
    assert harness.agent.calls == 0
    assert settled(harness)


def test_an_invite_that_comes_again_gets_its_answer_again(harness: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    invited = harness.ring(invite)
    assert harness.send(invite) == []
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (first,) = harness.sent()
    assert harness.ask(invite) == first
    assert harness.events() == []


def test_an_invite_that_waits_gets_100(harness: AgentHarness, caller: Caller) -> None:
    invite = caller.invite([("Timestamp", "54")])
    invited = harness.ring(invite)
    ((after, trying),) = harness.wait(5)
    assert (after, trying.status, trying["Timestamp"], trying["To"]) == (0.2, 100, "54", invite["To"])
    assert harness.ask(invite).status == 100
    harness.agent.accept(invited.call, ANSWER, harness.now)
    assert [message.status for message in harness.sent()] == [200]


def test_a_refusal_is_repeated_until_its_ack_and_absorbs_that(harness: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    invited = harness.ring(invite)
    harness.agent.reject(invited.call, 486, "Busy Here", harness.now, (("Reason", "Q.850;cause=17"),))
    (refusal,) = harness.sent()
    assert (refusal.start_line, refusal["Reason"]) == ("SIP/2.0 486 Busy Here", "Q.850;cause=17")
    assert harness.agent.calls == 0
    assert [after for after, _ in harness.wait(2)] == REPEATS[:2]
    assert harness.send(follow_up("ACK", invite, refusal)) == []
    assert harness.wait(4.9) == []
    assert not harness.agent.idle
    assert settled(harness)
    assert harness.events() == []


def test_a_refusal_that_nobody_acknowledges_is_forgotten(harness: AgentHarness, caller: Caller) -> None:
    harness.agent.reject(harness.ring(caller.invite()).call, 503, "Service Unavailable", harness.now)
    harness.sent()
    assert [after for after, _ in harness.wait(40)] == REPEATS
    assert harness.agent.idle
    assert harness.events() == []


def test_a_cancel_before_the_answer_ends_the_call(harness: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    call = harness.ring(invite).call
    answered, refused = harness.send(follow_up("CANCEL", invite))
    assert (answered.status, answered.method) == (200, "CANCEL")
    assert (refused.status, refused.method) == (487, "INVITE")
    assert answered["To"] == refused["To"]
    assert harness.event() == Cancelled(call)
    harness.agent.accept(call, ANSWER, harness.now)
    harness.agent.hang_up(call, harness.now)
    assert harness.sent() == []
    harness.send(follow_up("ACK", invite, refused))
    assert settled(harness)


def test_a_cancel_after_the_answer_changes_nothing(harness: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    call = harness.ring(invite).call
    harness.agent.accept(call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    assert harness.ask(follow_up("CANCEL", invite)).status == 200
    assert harness.events() == []
    harness.send(caller.ack())
    assert harness.event() == Confirmed(call, None)


def test_we_hang_up(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.agent.hang_up(call, harness.now, "Q.850;cause=16")
    (bye,) = harness.sent()
    assert bye.start_line == "BYE sip:alice@192.0.2.1:5070;transport=tcp SIP/2.0"
    assert caller.answer is not None
    assert (bye["From"], bye["To"]) == (caller.answer["To"], caller.answer["From"])
    assert (bye["Call-ID"], bye["CSeq"], bye["Reason"]) == (caller.call_id, "1 BYE", "Q.850;cause=16")
    assert bye.source == EDGE
    harness.agent.hang_up(call, harness.now)
    assert harness.sent() == []
    assert harness.send(caller.request("INVITE", body=SDP))[0].status == 481
    harness.send(bye.answer(200))
    assert harness.event() == Ended(call, Why.HUNG_UP)
    harness.send(bye.answer(200))
    assert harness.events() == []
    assert settled(harness)


def test_our_bye_waits_for_the_ack(harness: AgentHarness, caller: Caller) -> None:
    call = harness.ring(caller.invite()).call
    harness.agent.accept(call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    harness.agent.hang_up(call, harness.now)
    assert harness.sent() == []
    (bye,) = harness.send(caller.ack())
    assert (bye.method, bye.get("Reason")) == ("BYE", None)
    assert harness.event() == Confirmed(call, None)


def test_our_bye_waits_for_the_ack_no_longer_than_it_may_take(harness: AgentHarness, caller: Caller) -> None:
    call = harness.ring(caller.invite()).call
    harness.agent.accept(call, ANSWER, harness.now)
    harness.agent.hang_up(call, harness.now)
    assert [(after, message.method) for after, message in harness.wait(32.1)][-1] == (32.0, "BYE")
    assert harness.event() == Ended(call, Why.NO_ACK)
    harness.wait(40)
    assert harness.events() == []
    assert settled(harness)


def test_our_bye_is_repeated_until_it_is_answered(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.agent.hang_up(call, harness.now)
    (bye,) = harness.sent()
    assert [(after, message) for after, message in harness.wait(40)] == [(after, bye) for after in REPEATS]
    assert harness.event() == Ended(call, Why.NO_REPLY)
    assert settled(harness)


def test_a_provisional_response_slows_our_bye_down(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.agent.hang_up(call, harness.now)
    (bye,) = harness.sent()
    assert harness.send(bye.answer(100)) == []
    assert [after for after, _ in harness.wait(10)] == [0.5, 4.5, 8.5]


def test_byes_may_cross(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.agent.hang_up(call, harness.now)
    (ours,) = harness.sent()
    theirs = caller.request("BYE")
    assert harness.ask(theirs).status == 200
    assert harness.event() == Ended(call, Why.CROSSED)
    harness.send(ours.answer(481))
    assert harness.events() == []
    assert settled(harness)


def test_a_bye_may_cross_our_waiting_for_the_ack(harness: AgentHarness, caller: Caller) -> None:
    call = harness.ring(caller.invite()).call
    harness.agent.accept(call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    harness.agent.hang_up(call, harness.now)
    assert harness.ask(caller.request("BYE")).status == 200
    assert harness.event() == Ended(call, Why.CROSSED)
    assert harness.agent.calls == 0
    assert settled(harness)


def test_hanging_up_suits_the_state_of_the_call(harness: AgentHarness) -> None:
    ringing, leaving = Caller(), Caller()
    call = harness.ring(ringing.invite()).call
    harness.agent.hang_up(call, harness.now)
    assert [message.status for message in harness.sent()] == [480]
    assert harness.event() == Ended(call, Why.HUNG_UP)
    call = harness.call(leaving)
    harness.send(leaving.request("BYE"))
    harness.agent.hang_up(call, harness.now)
    assert [message.status for message in harness.sent()] == [200]
    assert harness.events() == [HungUp(call), Ended(call, Why.CROSSED)]
    assert settled(harness)


def test_a_call_without_an_offer_gets_ours(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite(body=""))
    assert invited.offer is None
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    harness.send(caller.ack(SDP))
    assert harness.event() == Confirmed(invited.call, SessionDescription.parse(SDP.encode()))


@pytest.mark.parametrize("body", ["", "v=1\r\n"])
def test_an_offer_of_ours_may_get_no_answer(harness: AgentHarness, caller: Caller, body: str) -> None:
    invited = harness.ring(caller.invite(body=""))
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    harness.send(caller.ack(body))
    assert harness.event() == Confirmed(invited.call, None)


def test_commands_for_calls_that_are_over_do_nothing(harness: AgentHarness) -> None:
    harness.agent.accept(7, ANSWER, harness.now)
    harness.agent.reject(7, 486, "Busy Here", harness.now)
    harness.agent.accept_bye(7, harness.now)
    harness.agent.hang_up(7, harness.now)
    assert harness.sent() == []
    assert harness.agent.idle


def test_a_command_for_what_did_not_happen_does_nothing(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller)
    harness.agent.accept_bye(call, harness.now)
    harness.agent.accept(call, ANSWER, harness.now)
    harness.agent.reject(call, 488, "Not Acceptable Here", harness.now)
    assert harness.sent() == []
    assert harness.agent.calls == 1


def test_calls_do_not_disturb_one_another(harness: AgentHarness) -> None:
    callers = [Caller() for _ in range(3)]
    calls = [harness.call(caller) for caller in callers]
    assert len(set(calls)) == harness.agent.calls == 3
    harness.send(callers[1].request("BYE"))
    assert harness.event() == HungUp(calls[1])
    harness.agent.accept_bye(calls[1], harness.now)
    assert harness.agent.calls == 2


@pytest.mark.parametrize(
    ("record_route", "uri", "routes"),
    [
        (["<sip:a;lr;x=1>, <sip:b;lr>"], "sip:alice@192.0.2.1:5070;transport=tcp", ["<sip:a;lr;x=1>", "<sip:b;lr>"]),
        (
            ["<sip:a?h=1>", "<sip:b;lr>"],
            "sip:a",
            ["<sip:b;lr>", "<sip:alice@192.0.2.1:5070;transport=tcp>"],
        ),
        ([], "sip:alice@192.0.2.1:5070;transport=tcp", []),
    ],
    ids=["loose", "strict", "none"],
)
def test_our_bye_takes_the_recorded_route(
    harness: AgentHarness, caller: Caller, record_route: list[str], uri: str, routes: list[str]
) -> None:
    call = harness.call(caller, [("Record-Route", value) for value in record_route])
    harness.agent.hang_up(call, harness.now)
    (bye,) = harness.sent()
    assert (bye.uri, bye.all("Route")) == (uri, routes)
    assert bye.source == EDGE


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("<sip:alice@192.0.2.1;transport=UDP>", "sip:alice@192.0.2.1;transport=UDP"),
        ("sip:alice@192.0.2.1;expires=60", "sip:alice@192.0.2.1"),
        (
            '"A <x>, \\"B\\"" <sips:[2001:db8::1]:5061;ob;x=%3b>;+sip.instance="<urn:x>"',
            "sips:[2001:db8::1]:5061;ob;x=%3b",
        ),
        ("<sip:192.0.2.1?Replaces=a%40b>", "sip:192.0.2.1"),
    ],
)
def test_any_contact_will_do(harness: AgentHarness, contact: str, uri: str) -> None:
    call = harness.call(Caller(Contact=contact))
    harness.agent.hang_up(call, harness.now)
    assert harness.sent()[0].uri == uri


@pytest.mark.parametrize(
    ("via", "source", "stamped"),
    [
        ("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1", EDGE, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;received=127.0.0.1"),
        ("SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1", EDGE, "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1"),
        (
            "SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1",
            ("127.0.0.1", 9),
            "SIP/2.0/UDP 127.0.0.1;rport=9;branch=z9hG4bK1;received=127.0.0.1",
        ),
        ("SIP / 2.0 / UDP [::1]:5060 ;branch=z9hG4bK1", ("::1", 9), "SIP / 2.0 / UDP [::1]:5060 ;branch=z9hG4bK1"),
    ],
)
def test_a_response_says_where_the_request_came_from(
    harness: AgentHarness, via: str, source: tuple[str, int], stamped: str
) -> None:
    harness.agent.reject(harness.ring(Caller(Via=via + OTHER_VIA).invite(), source).call, 486, "Busy", harness.now)
    (refusal,) = harness.sent()
    assert refusal.source == source
    assert refusal.all("Via") == [stamped, 'SIP/2.0/TCP a;x=","']


def test_an_agent_on_ipv6_names_itself_in_brackets() -> None:
    harness = AgentHarness(("::1", 7000))
    caller = Caller()
    call = harness.call(caller)
    assert caller.answer is not None
    assert caller.answer["Contact"] == "<sip:voicemail@[::1]:7000>"
    harness.agent.hang_up(call, harness.now)
    assert harness.sent()[0]["Via"].startswith("SIP/2.0/UDP [::1]:7000;branch=z9hG4bKtoken")
