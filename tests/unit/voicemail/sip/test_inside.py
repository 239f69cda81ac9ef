"""What happens inside a call: re-INVITE, UPDATE, target refresh, sequence numbers, session timers."""

import pytest

from renvoi.voicemail.sip.endpoint import Confirmed, Ended, HungUp, Moved, Pressed, Reoffered, Why
from renvoi.voicemail.sip.sdp import SessionDescription
from tests.support.sip_peer import ANSWER, SDP, AgentHarness, Caller, follow_up

TIMER = ("Supported", "timer, replaces")


@pytest.fixture
def desk() -> AgentHarness:
    return AgentHarness()


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def call(desk: AgentHarness, caller: Caller) -> int:
    return desk.call(caller)


def test_a_reinvite_is_for_the_owner_to_answer(desk: AgentHarness, caller: Caller, call: int) -> None:
    assert desk.send(caller.request("INVITE", body=SDP)) == []
    assert desk.event() == Reoffered(call, SessionDescription.parse(SDP.encode()))
    desk.agent.accept(call, ANSWER, desk.now)
    (answer,) = desk.sent()
    assert (answer.status, answer["CSeq"], answer.body) == (200, "2 INVITE", ANSWER.encode())
    assert [after for after, _ in desk.wait(1)] == [0.5]
    desk.send(caller.ack())
    assert desk.event() == Confirmed(call, None)
    assert desk.wait(40) == []


def test_a_refused_reinvite_leaves_the_call_as_it_was(desk: AgentHarness, caller: Caller, call: int) -> None:
    reinvite = caller.request("INVITE", body=SDP)
    desk.send(reinvite)
    desk.agent.reject(call, 488, "Not Acceptable Here", desk.now)
    (refusal,) = desk.sent()
    assert refusal.status == 488
    desk.send(follow_up("ACK", reinvite, refusal))
    desk.events()
    desk.send(caller.request("BYE"))
    assert desk.event() == HungUp(call)


def test_a_reinvite_without_an_offer_gets_ours(desk: AgentHarness, caller: Caller, call: int) -> None:
    desk.send(caller.request("INVITE"))
    assert desk.event() == Reoffered(call, None)
    desk.agent.accept(call, ANSWER, desk.now)
    desk.sent()
    refusal = desk.ask(caller.request("UPDATE", body=SDP))
    assert refusal.status == 491
    desk.send(caller.ack(SDP, cseq=2))
    assert desk.event() == Confirmed(call, SessionDescription.parse(SDP.encode()))


def test_a_reinvite_that_nobody_acknowledges_ends_the_call(desk: AgentHarness, caller: Caller, call: int) -> None:
    desk.send(caller.request("INVITE", body=SDP))
    desk.agent.accept(call, ANSWER, desk.now)
    desk.wait(33)
    assert desk.events()[-1] == Ended(call, Why.NO_ACK)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_offer_while_another_waits_is_put_off(desk: AgentHarness, caller: Caller, call: int, method: str) -> None:
    desk.send(caller.request("INVITE", body=SDP))
    desk.events()
    refusal = desk.ask(caller.request(method, body=SDP))
    assert refusal.status == 500
    assert 0 <= int(refusal["Retry-After"]) <= 10
    assert desk.events() == []
    desk.agent.accept(call, ANSWER, desk.now)
    assert [message["CSeq"] for message in desk.sent()] == ["2 INVITE"]


def test_a_bye_voids_an_offer_that_waits(desk: AgentHarness, caller: Caller, call: int) -> None:
    desk.send(caller.request("INVITE", body=SDP))
    desk.events()
    (terminated,) = desk.send(caller.request("BYE"))
    assert (terminated.status, terminated.method) == (487, "INVITE")
    assert desk.event() == HungUp(call)
    assert desk.send(caller.request("UPDATE"))[0].status == 481


def test_hanging_up_voids_an_offer_that_waits(desk: AgentHarness, caller: Caller, call: int) -> None:
    desk.send(caller.request("INVITE", body=SDP))
    desk.agent.hang_up(call, desk.now)
    assert [message.status or message.method for message in desk.sent()] == [487, "BYE"]


def test_a_cancelled_reinvite_leaves_the_call_as_it_was(desk: AgentHarness, caller: Caller, call: int) -> None:
    reinvite = caller.request("INVITE", body=SDP)
    desk.send(reinvite)
    desk.events()
    assert [message.status for message in desk.send(follow_up("CANCEL", reinvite))] == [200, 487]
    assert desk.events() == []
    desk.agent.accept(call, ANSWER, desk.now)
    assert desk.sent() == []
    assert desk.agent.calls == 1


def test_an_update_with_an_offer_is_for_the_owner_to_answer(desk: AgentHarness, caller: Caller, call: int) -> None:
    update = caller.request("UPDATE", body=SDP)
    assert desk.send(update) == []
    assert desk.event() == Reoffered(call, SessionDescription.parse(SDP.encode()))
    desk.agent.accept(call, ANSWER, desk.now)
    (answer,) = desk.sent()
    assert (answer.status, answer.body) == (200, ANSWER.encode())
    assert desk.wait(5) == []
    assert desk.ask(update) == answer


def test_an_update_without_an_offer_is_answered_at_once(desk: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<sip:elsewhere@192.0.2.2>"
    answer = desk.ask(caller.request("UPDATE"))
    assert (answer.status, answer.body) == (200, b"")
    assert desk.events() == [Moved(call)]
    desk.agent.hang_up(call, desk.now)
    assert desk.sent()[0].uri == "sip:elsewhere@192.0.2.2"


def test_an_update_may_come_before_the_ack(desk: AgentHarness, caller: Caller) -> None:
    invited = desk.ring(caller.invite())
    desk.agent.accept(invited.call, ANSWER, desk.now)
    (caller.answer,) = desk.sent()
    assert desk.send(caller.request("UPDATE", body=SDP)) == []
    assert isinstance(desk.event(), Reoffered)
    desk.agent.accept(invited.call, ANSWER, desk.now)
    assert desk.sent()[0]["CSeq"] == "2 UPDATE"


def test_only_an_accepted_reinvite_moves_the_target(desk: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<sip:elsewhere@192.0.2.2>"
    desk.send(caller.request("INVITE", body=SDP))
    desk.agent.reject(call, 488, "Not Acceptable Here", desk.now)
    caller.headers["Contact"] = ""
    desk.send(caller.request("INVITE", body=SDP))
    desk.agent.accept(call, ANSWER, desk.now)
    desk.sent()
    desk.agent.hang_up(call, desk.now)
    assert desk.sent()[0].uri == "sip:alice@192.0.2.1:5070;transport=tcp"


@pytest.mark.parametrize("cseq", [1, 0])
def test_a_request_out_of_order_is_refused(desk: AgentHarness, caller: Caller, call: int, cseq: int) -> None:
    assert desk.ask(caller.request("INVITE", body=SDP, cseq=cseq)).status == 500
    assert desk.events() == []
    assert desk.agent.calls == call == 1


def test_sequence_numbers_may_leave_gaps(desk: AgentHarness, caller: Caller, call: int) -> None:
    assert desk.ask(caller.request("UPDATE", cseq=90)).status == 200
    assert desk.ask(caller.request("UPDATE", cseq=50)).status == 500
    desk.send(caller.request("BYE", cseq=91))
    assert desk.event() == HungUp(call)


@pytest.mark.parametrize(
    ("method", "status"), [("PRACK", 481), ("INFO", 200), ("MESSAGE", 405), ("OPTIONS", 200), ("FOO", 501)]
)
def test_other_requests_do_not_disturb_the_call(
    desk: AgentHarness, caller: Caller, call: int, method: str, status: int
) -> None:
    assert desk.ask(caller.request(method)).status == status
    assert desk.events() == []
    assert desk.agent.calls == call


RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        (RELAY, "Signal=#\r\nDuration=160\r\n", "#"),
        (RELAY, "Signal= 5\r\nDuration= 250", "5"),
        (RELAY, "Duration=100\nsignal = *\n", "*"),
        (f"{RELAY}; charset=utf-8", "Signal=11\r\n", "#"),
        ("Application/DTMF-Relay", "Signal=a\r\n", "A"),
        (PLAIN, "#", "#"),
        (PLAIN, "0\r\n", "0"),
        (PLAIN, "Signal=9\r\nDuration=160\r\n", "9"),
        (PLAIN, "10", "*"),
        (RELAY, "Signal=16\r\n", None),
        (RELAY, "Signal=!\r\n", None),
    ],
)
def test_a_key_that_comes_by_info(
    desk: AgentHarness, caller: Caller, call: int, kind: str, body: str, key: str | None
) -> None:
    """Once, also when the request comes twice."""
    request = caller.request("INFO", [("Content-Type", kind)])
    request.body = body.encode()
    for _ in range(2):
        assert desk.ask(request).status == 200
    assert desk.events() == ([Pressed(call, key)] if key is not None else [])


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ([("Content-Type", "application/media_control+xml")], "<x/>", 415),
        ([], "Signal=#", 415),
        ([("Content-Type", "text/plain"), ("Content-Disposition", "x;handling=optional")], "x", 200),
        ([("Content-Type", RELAY)], "Signal=##\r\n", 400),
        ([("Content-Type", RELAY)], "Signal=\r\n", 400),
        ([("Content-Type", RELAY)], "#", 400),
        ([("Content-Type", PLAIN)], "\0" * 60000, 400),
        ([("Content-Type", PLAIN)], "Signal=" * 8000, 400),
        ([("Info-Package", "foo")], "", 469),
        ([("Info-Package", "foo"), ("Content-Type", "text/plain")], "x", 469),
        ([("Info-Package", "dtmf"), ("Content-Type", RELAY)], "Signal=1", 200),
    ],
)
def test_other_infos_are_answered(
    desk: AgentHarness, caller: Caller, call: int, headers: list[tuple[str, str]], body: str, status: int
) -> None:
    request = caller.request("INFO", headers)
    request.body = body.encode()
    answer = desk.ask(request)
    assert answer.status == status
    if status == 415:
        assert answer["Accept"] == f"{RELAY}, {PLAIN}"
    assert len(desk.events()) == (1 if "Signal=1" in body else 0)
    assert desk.agent.calls == call


def test_info_outside_of_a_call_is_refused(desk: AgentHarness, caller: Caller, call: int) -> None:
    desk.send(caller.request("BYE"))
    desk.agent.accept_bye(call, desk.now)
    desk.sent()
    request = caller.request("INFO", [("Content-Type", PLAIN)])
    request.body = b"#"
    assert desk.ask(request).status == 481


def test_a_faulty_contact_is_refused_inside_a_call_too(desk: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<tel:+33612345678>"
    assert desk.ask(caller.request("INVITE", body=SDP)).status == 400
    assert desk.agent.calls == call


def expires(value: str, *others: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Session-Expires", value), *(others or (TIMER,))]


def test_a_session_that_is_not_refreshed_ends(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller, expires("120"))
    assert caller.answer is not None
    assert (caller.answer["Session-Expires"], caller.answer["Require"]) == ("120;refresher=uac", "timer")
    assert desk.wait(87.9) == []
    ((after, bye), *_) = desk.wait(1)
    assert (after, bye.method) == (0.1, "BYE")
    assert desk.event() == Ended(call, Why.SESSION_EXPIRED)
    desk.send(bye.answer(200))
    assert desk.events() == []
    assert desk.agent.calls == 0


def test_a_short_session_is_left_a_third_before_its_end(desk: AgentHarness, caller: Caller) -> None:
    desk.call(caller, expires("90;refresher=uac"))
    assert next(after for after, _ in desk.wait(90)) == 60


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_refresh_keeps_the_session(desk: AgentHarness, caller: Caller, method: str) -> None:
    call = desk.call(caller, expires("90"))
    desk.wait(50)
    desk.send(caller.request(method, expires("300;refresher=uac"), SDP))
    desk.agent.accept(call, ANSWER, desk.now)
    (answer,) = desk.sent()
    assert answer["Session-Expires"] == "300;refresher=uac"
    desk.send(caller.ack())
    desk.events()
    assert desk.wait(267.9) == []
    assert desk.wait(1)[0][1].method == "BYE"


def test_a_refresh_without_an_interval_ends_the_session_timer(desk: AgentHarness, caller: Caller) -> None:
    desk.call(caller, expires("90"))
    answer = desk.ask(caller.request("UPDATE"))
    assert answer.get("Session-Expires") is None
    assert desk.wait(1000) == []


@pytest.mark.parametrize(
    "headers",
    [expires("120;refresher=uas", TIMER), expires("120", ("Supported", "replaces")), expires("soon", TIMER)],
    ids=["ours to refresh", "not supported", "faulty"],
)
def test_where_we_should_refresh_there_is_no_session_timer(
    desk: AgentHarness, caller: Caller, headers: list[tuple[str, str]]
) -> None:
    desk.call(caller, headers)
    assert caller.answer is not None
    assert caller.answer.get("Session-Expires") is caller.answer.get("Require") is None
    assert desk.wait(1000) == []


def test_an_interval_that_is_too_short_is_refused(desk: AgentHarness, caller: Caller) -> None:
    refusal = desk.ask(caller.invite([("x", "89"), ("k", "TIMER")]))
    assert (refusal.status, refusal["Min-SE"]) == (422, "90")
    assert desk.events() == []


def test_hanging_up_ends_the_session_timer(desk: AgentHarness, caller: Caller) -> None:
    call = desk.call(caller, expires("90"))
    desk.wait(59)
    desk.agent.hang_up(call, desk.now)
    assert [message.method for message in desk.sent()] == ["BYE"]
    desk.wait(40)
    assert desk.event() == Ended(call, Why.NO_REPLY)
