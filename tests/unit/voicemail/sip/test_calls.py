"""A call from INVITE to BYE: what the caller gets, and what the owner is told (RFC 3261 §13.3, §15, §17.2)."""

import pytest

from renvoi.voicemail.sip.endpoint import Cancelled, Confirmed, Ended, HungUp, Why
from renvoi.voicemail.sip.sdp import SessionDescription
from tests.support.sip_peer import ANSWER, EDGE, SDP, AgentHarness, Caller, follow_up

REPEATS = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
"""T1, doubled up to T2, until 64·T1."""
OTHER_VIA = ', SIP/2.0/TCP a;x=","'


@pytest.fixture
def desk() -> AgentHarness:
    return AgentHarness()


@pytest.fixture
def caller() -> Caller:
    return Caller()


def settled(desk: AgentHarness) -> bool:
    """Say whether the agent keeps nothing once its timers have run out."""
    desk.wait(100)
    return desk.agent.idle and desk.agent.next_timer() is None


def test_a_call_is_accepted_and_the_caller_hangs_up(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite([("X-Renvoi-Deposit", "abc"), ("Record-Route", "<sip:edge;lr>")]))
    assert (invited.user, invited.call_id, invited.from_tag) == ("+33199001234", caller.call_id, "alice")
    assert invited.headers.get("x-renvoi-DEPOSIT") == "abc"
    assert invited.offer == SessionDescription.parse(SDP.encode())

    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    assert caller.answer.status == 200
    assert caller.answer.source == EDGE
    assert caller.answer["Contact"] == "<sip:voicemail@127.0.0.1:7000>"
    assert caller.answer["Record-Route"] == "<sip:edge;lr>"
    assert caller.answer["To"].endswith(";tag=token1")
    assert caller.answer["Content-Type"] == "application/sdp"
    assert caller.answer.body == ANSWER.encode()

    assert desk.send(caller.ack()) == []
    assert desk.event() == Confirmed(invited.call, None)
    bye = caller.request("BYE")
    assert desk.send(bye) == []
    assert desk.event() == HungUp(invited.call)
    assert desk.send(bye) == []
    assert desk.events() == []
    desk.agent.accept_bye(invited.call, desk.now)
    (answer,) = desk.sent()
    assert (answer.status, answer["To"]) == (200, caller.answer["To"])
    assert desk.ask(bye).status == 200
    assert desk.agent.calls == 0
    assert settled(desk)


def test_a_bye_may_come_before_the_ack(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite())
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    desk.send(caller.request("BYE"))
    assert desk.event() == HungUp(invited.call)
    desk.agent.accept_bye(invited.call, desk.now)
    assert [message.status for message in desk.sent()] == [200]
    assert desk.wait(40) == []
    assert desk.events() == []
    assert settled(desk)


def test_a_bye_that_repeats_the_last_cseq_is_heeded(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.send(caller.request("BYE", cseq=1))
    assert desk.event() == HungUp(call)


def test_a_second_bye_of_another_transaction_is_answered_with_the_first(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.send(caller.request("BYE"))
    desk.send(caller.request("BYE"))
    assert desk.event() == HungUp(call)
    desk.agent.accept_bye(call, desk.now)
    assert [message["CSeq"] for message in desk.sent()] == ["2 BYE", "3 BYE"]


def test_an_answer_is_repeated_until_its_ack(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite())
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    repeated = desk.wait(10)
    assert [after for after, _ in repeated] == REPEATS[:4]
    assert all(message == caller.answer for _, message in repeated)
    desk.send(caller.ack())
    assert desk.event() == Confirmed(invited.call, None)
    desk.send(caller.ack())
    assert desk.events() == []
    assert desk.wait(60) == []


def test_an_answer_that_nobody_acknowledges_ends_in_a_bye(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite())
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    *repeated, (after, bye) = desk.wait(32.1)
    assert [each for each, _ in repeated] == REPEATS
    assert (after, bye.method, bye["CSeq"]) == (32.0, "BYE", "1 BYE")
    assert desk.event() == Ended(invited.call, Why.NO_ACK)
    assert desk.agent.calls == 1
    desk.send(bye.answer(481))
    assert desk.events() == []
    assert desk.agent.calls == 0
    assert settled(desk)


def test_an_invite_that_comes_again_gets_its_answer_again(desk: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    invited = desk.ring(invite)
    assert desk.send(invite) == []
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (first,) = desk.sent()
    assert desk.ask(invite) == first
    assert desk.events() == []


def test_an_invite_that_waits_gets_100(desk: AgentHarness, caller: Caller) -> None:
    invite = caller.invite([("Timestamp", "54")])
    invited = desk.ring(invite)
    ((after, trying),) = desk.wait(5)
    assert (after, trying.status, trying["Timestamp"], trying["To"]) == (0.2, 100, "54", invite["To"])
    assert desk.ask(invite).status == 100
    desk.agent.accept(invited.call, ANSWER, desk.now)
    assert [message.status for message in desk.sent()] == [200]


def test_a_refusal_is_repeated_until_its_ack_and_absorbs_that(desk: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    invited = desk.ring(invite)
    desk.agent.reject(invited.call, 486, "Busy Here", desk.now, (("Reason", "Q.850;cause=17"),))
    (refusal,) = desk.sent()
    assert (refusal.start_line, refusal["Reason"]) == ("SIP/2.0 486 Busy Here", "Q.850;cause=17")
    assert desk.agent.calls == 0
    assert [after for after, _ in desk.wait(2)] == REPEATS[:2]
    assert desk.send(follow_up("ACK", invite, refusal)) == []
    assert desk.wait(4.9) == []
    assert not desk.agent.idle
    assert settled(desk)
    assert desk.events() == []


def test_a_refusal_that_nobody_acknowledges_is_forgotten(desk: AgentHarness, caller: Caller) -> None:
    desk.agent.reject(desk.ring(caller.invite()).call, 503, "Service Unavailable", desk.now)
    desk.sent()
    assert [after for after, _ in desk.wait(40)] == REPEATS
    assert desk.agent.idle
    assert desk.events() == []


def test_a_cancel_before_the_answer_ends_the_call(desk: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    call = desk.ring(invite).call
    answered, refused = desk.send(follow_up("CANCEL", invite))
    assert (answered.status, answered.method) == (200, "CANCEL")
    assert (refused.status, refused.method) == (487, "INVITE")
    assert answered["To"] == refused["To"]
    assert desk.event() == Cancelled(call)
    desk.agent.accept(call, ANSWER, desk.now)
    desk.agent.hang_up(call, desk.now)
    assert desk.sent() == []
    desk.send(follow_up("ACK", invite, refused))
    assert settled(desk)


def test_a_cancel_after_the_answer_changes_nothing(desk: AgentHarness, caller: Caller) -> None:
    invite = caller.invite()
    call = desk.ring(invite).call
    desk.agent.accept(call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    assert desk.ask(follow_up("CANCEL", invite)).status == 200
    assert desk.events() == []
    desk.send(caller.ack())
    assert desk.event() == Confirmed(call, None)


def test_we_hang_up(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.agent.hang_up(call, desk.now, "Q.850;cause=16")
    (bye,) = desk.sent()
    assert bye.start_line == "BYE sip:alice@192.0.2.1:5070;transport=tcp SIP/2.0"
    assert caller.answer is not None
    assert (bye["From"], bye["To"]) == (caller.answer["To"], caller.answer["From"])
    assert (bye["Call-ID"], bye["CSeq"], bye["Reason"]) == (caller.call_id, "1 BYE", "Q.850;cause=16")
    assert bye.source == EDGE
    desk.agent.hang_up(call, desk.now)
    assert desk.sent() == []
    assert desk.send(caller.request("INVITE", body=SDP))[0].status == 481
    desk.send(bye.answer(200))
    assert desk.event() == Ended(call, Why.HUNG_UP)
    desk.send(bye.answer(200))
    assert desk.events() == []
    assert settled(desk)


def test_our_bye_waits_for_the_ack(desk: AgentHarness, caller: Caller) -> None:
    call = desk.ring(caller.invite()).call
    desk.agent.accept(call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    desk.agent.hang_up(call, desk.now)
    assert desk.sent() == []
    (bye,) = desk.send(caller.ack())
    assert (bye.method, bye.get("Reason")) == ("BYE", None)
    assert desk.event() == Confirmed(call, None)


def test_our_bye_waits_for_the_ack_no_longer_than_it_may_take(desk: AgentHarness, caller: Caller) -> None:
    call = desk.ring(caller.invite()).call
    desk.agent.accept(call, ANSWER, desk.now)
    desk.agent.hang_up(call, desk.now)
    assert [(after, message.method) for after, message in desk.wait(32.1)][-1] == (32.0, "BYE")
    assert desk.event() == Ended(call, Why.NO_ACK)
    desk.wait(40)
    assert desk.events() == []
    assert settled(desk)


def test_our_bye_is_repeated_until_it_is_answered(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.agent.hang_up(call, desk.now)
    (bye,) = desk.sent()
    assert [(after, message) for after, message in desk.wait(40)] == [(after, bye) for after in REPEATS]
    assert desk.event() == Ended(call, Why.NO_REPLY)
    assert settled(desk)


def test_a_provisional_response_slows_our_bye_down(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.agent.hang_up(call, desk.now)
    (bye,) = desk.sent()
    assert desk.send(bye.answer(100)) == []
    assert [after for after, _ in desk.wait(10)] == [0.5, 4.5, 8.5]


def test_byes_may_cross(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.agent.hang_up(call, desk.now)
    (ours,) = desk.sent()
    theirs = caller.request("BYE")
    assert desk.ask(theirs).status == 200
    assert desk.event() == Ended(call, Why.CROSSED)
    desk.send(ours.answer(481))
    assert desk.events() == []
    assert settled(desk)


def test_a_bye_may_cross_our_waiting_for_the_ack(desk: AgentHarness, caller: Caller) -> None:
    call = desk.ring(caller.invite()).call
    desk.agent.accept(call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    desk.agent.hang_up(call, desk.now)
    assert desk.ask(caller.request("BYE")).status == 200
    assert desk.event() == Ended(call, Why.CROSSED)
    assert desk.agent.calls == 0
    assert settled(desk)


def test_hanging_up_suits_the_state_of_the_call(desk: AgentHarness) -> None:
    ringing, leaving = Caller(), Caller()
    call = desk.ring(ringing.invite()).call
    desk.agent.hang_up(call, desk.now)
    assert [message.status for message in desk.sent()] == [480]
    assert desk.event() == Ended(call, Why.HUNG_UP)
    call = desk.call(leaving)
    desk.send(leaving.request("BYE"))
    desk.agent.hang_up(call, desk.now)
    assert [message.status for message in desk.sent()] == [200]
    assert desk.events() == [HungUp(call), Ended(call, Why.CROSSED)]
    assert settled(desk)


def test_a_call_without_an_offer_gets_ours(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite(body=""))
    assert invited.offer is None
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    desk.send(caller.ack(SDP))
    assert desk.event() == Confirmed(invited.call, SessionDescription.parse(SDP.encode()))


@pytest.mark.parametrize("body", ["", "v=1\r\n"])
def test_an_offer_of_ours_may_get_no_answer(desk: AgentHarness, caller: Caller, body: str) -> None:
    invited = desk.ring(caller.invite(body=""))
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    desk.send(caller.ack(body))
    assert desk.event() == Confirmed(invited.call, None)


def test_commands_for_calls_that_are_over_do_nothing(desk: AgentHarness) -> None:
    desk.agent.accept(7, ANSWER, desk.now)
    desk.agent.reject(7, 486, "Busy Here", desk.now)
    desk.agent.accept_bye(7, desk.now)
    desk.agent.hang_up(7, desk.now)
    assert desk.sent() == []
    assert desk.agent.idle


def test_a_command_for_what_did_not_happen_does_nothing(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller)
    desk.agent.accept_bye(call, desk.now)
    desk.agent.accept(call, ANSWER, desk.now)
    desk.agent.reject(call, 488, "Not Acceptable Here", desk.now)
    assert desk.sent() == []
    assert desk.agent.calls == 1


def test_calls_do_not_disturb_one_another(desk: AgentHarness) -> None:
    callers = [Caller() for _ in range(3)]
    calls = [desk.call(caller) for caller in callers]
    assert len(set(calls)) == desk.agent.calls == 3
    desk.send(callers[1].request("BYE"))
    assert desk.event() == HungUp(calls[1])
    desk.agent.accept_bye(calls[1], desk.now)
    assert desk.agent.calls == 2


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
    desk: AgentHarness, caller: Caller, record_route: list[str], uri: str, routes: list[str]
) -> None:
    call = desk.call(caller, [("Record-Route", value) for value in record_route])
    desk.agent.hang_up(call, desk.now)
    (bye,) = desk.sent()
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
def test_any_contact_will_do(desk: AgentHarness, contact: str, uri: str) -> None:
    call = desk.call(Caller(Contact=contact))
    desk.agent.hang_up(call, desk.now)
    assert desk.sent()[0].uri == uri


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
    desk: AgentHarness, via: str, source: tuple[str, int], stamped: str
) -> None:
    desk.agent.reject(desk.ring(Caller(Via=via + OTHER_VIA).invite(), source).call, 486, "Busy", desk.now)
    (refusal,) = desk.sent()
    assert refusal.source == source
    assert refusal.all("Via") == [stamped, 'SIP/2.0/TCP a;x=","']


def test_an_agent_on_ipv6_names_itself_in_brackets() -> None:
    desk = AgentHarness(("::1", 7000))
    caller = Caller()
    call = desk.call(caller)
    assert caller.answer is not None
    assert caller.answer["Contact"] == "<sip:voicemail@[::1]:7000>"
    desk.agent.hang_up(call, desk.now)
    assert desk.sent()[0]["Via"].startswith("SIP/2.0/UDP [::1]:7000;branch=z9hG4bKtoken")
