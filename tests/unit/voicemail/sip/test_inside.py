"""What happens inside a call: re-INVITE, UPDATE, target refresh, sequence numbers, session timers."""

import pytest

from renvoi.voicemail.sip.endpoint import Confirmed, Ended, HungUp, Moved, Pressed, Reoffered, Why
from renvoi.voicemail.sip.sdp import SessionDescription
from tests.support.sip_peer import ANSWER, SDP, AgentHarness, Caller, follow_up

TIMER = ("Supported", "timer, replaces")


@pytest.fixture
def harness() -> AgentHarness:
    return AgentHarness()


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def call(harness: AgentHarness, caller: Caller) -> int:
    return harness.call(caller)


def test_a_reinvite_is_for_the_owner_to_answer(harness: AgentHarness, caller: Caller, call: int) -> None:
    assert harness.send(caller.request("INVITE", body=SDP)) == []
    assert harness.event() == Reoffered(call, SessionDescription.parse(SDP.encode()))
    harness.agent.accept(call, ANSWER, harness.now)
    (answer,) = harness.sent()
    assert (answer.status, answer["CSeq"], answer.body) == (200, "2 INVITE", ANSWER.encode())
    assert [after for after, _ in harness.wait(1)] == [0.5]
    harness.send(caller.ack())
    assert harness.event() == Confirmed(call, None)
    assert harness.wait(40) == []


def test_a_refused_reinvite_leaves_the_call_as_it_was(harness: AgentHarness, caller: Caller, call: int) -> None:
    reinvite = caller.request("INVITE", body=SDP)
    harness.send(reinvite)
    harness.agent.reject(call, 488, "Not Acceptable Here", harness.now)
    (refusal,) = harness.sent()
    assert refusal.status == 488
    harness.send(follow_up("ACK", reinvite, refusal))
    harness.events()
    harness.send(caller.request("BYE"))
    assert harness.event() == HungUp(call)


def test_a_reinvite_without_an_offer_gets_ours(harness: AgentHarness, caller: Caller, call: int) -> None:
    harness.send(caller.request("INVITE"))
    assert harness.event() == Reoffered(call, None)
    harness.agent.accept(call, ANSWER, harness.now)
    harness.sent()
    refusal = harness.ask(caller.request("UPDATE", body=SDP))
    assert refusal.status == 491
    harness.send(caller.ack(SDP, cseq=2))
    assert harness.event() == Confirmed(call, SessionDescription.parse(SDP.encode()))


def test_a_reinvite_that_nobody_acknowledges_ends_the_call(harness: AgentHarness, caller: Caller, call: int) -> None:
    harness.send(caller.request("INVITE", body=SDP))
    harness.agent.accept(call, ANSWER, harness.now)
    harness.wait(33)
    assert harness.events()[-1] == Ended(call, Why.NO_ACK)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_offer_while_another_waits_is_put_off(harness: AgentHarness, caller: Caller, call: int, method: str) -> None:
    harness.send(caller.request("INVITE", body=SDP))
    harness.events()
    refusal = harness.ask(caller.request(method, body=SDP))
    assert refusal.status == 500
    assert 0 <= int(refusal["Retry-After"]) <= 10
    assert harness.events() == []
    harness.agent.accept(call, ANSWER, harness.now)
    assert [message["CSeq"] for message in harness.sent()] == ["2 INVITE"]


def test_a_bye_voids_an_offer_that_waits(harness: AgentHarness, caller: Caller, call: int) -> None:
    harness.send(caller.request("INVITE", body=SDP))
    harness.events()
    (terminated,) = harness.send(caller.request("BYE"))
    assert (terminated.status, terminated.method) == (487, "INVITE")
    assert harness.event() == HungUp(call)
    assert harness.send(caller.request("UPDATE"))[0].status == 481


def test_hanging_up_voids_an_offer_that_waits(harness: AgentHarness, caller: Caller, call: int) -> None:
    harness.send(caller.request("INVITE", body=SDP))
    harness.agent.hang_up(call, harness.now)
    assert [message.status or message.method for message in harness.sent()] == [487, "BYE"]


def test_a_cancelled_reinvite_leaves_the_call_as_it_was(harness: AgentHarness, caller: Caller, call: int) -> None:
    reinvite = caller.request("INVITE", body=SDP)
    harness.send(reinvite)
    harness.events()
    assert [message.status for message in harness.send(follow_up("CANCEL", reinvite))] == [200, 487]
    assert harness.events() == []
    harness.agent.accept(call, ANSWER, harness.now)
    assert harness.sent() == []
    assert harness.agent.calls == 1


def test_an_update_with_an_offer_is_for_the_owner_to_answer(harness: AgentHarness, caller: Caller, call: int) -> None:
    update = caller.request("UPDATE", body=SDP)
    assert harness.send(update) == []
    assert harness.event() == Reoffered(call, SessionDescription.parse(SDP.encode()))
    harness.agent.accept(call, ANSWER, harness.now)
    (answer,) = harness.sent()
    assert (answer.status, answer.body) == (200, ANSWER.encode())
    assert harness.wait(5) == []
    assert harness.ask(update) == answer


def test_an_update_without_an_offer_is_answered_at_once(harness: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<sip:elsewhere@192.0.2.2>"
    answer = harness.ask(caller.request("UPDATE"))
    assert (answer.status, answer.body) == (200, b"")
    assert harness.events() == [Moved(call)]
    harness.agent.hang_up(call, harness.now)
    assert harness.sent()[0].uri == "sip:elsewhere@192.0.2.2"


def test_an_update_may_come_before_the_ack(harness: AgentHarness, caller: Caller) -> None:
    invited = harness.ring(caller.invite())
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    assert harness.send(caller.request("UPDATE", body=SDP)) == []
    assert isinstance(harness.event(), Reoffered)
    harness.agent.accept(invited.call, ANSWER, harness.now)
    assert harness.sent()[0]["CSeq"] == "2 UPDATE"


def test_only_an_accepted_reinvite_moves_the_target(harness: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<sip:elsewhere@192.0.2.2>"
    harness.send(caller.request("INVITE", body=SDP))
    harness.agent.reject(call, 488, "Not Acceptable Here", harness.now)
    caller.headers["Contact"] = ""
    harness.send(caller.request("INVITE", body=SDP))
    harness.agent.accept(call, ANSWER, harness.now)
    harness.sent()
    harness.agent.hang_up(call, harness.now)
    assert harness.sent()[0].uri == "sip:alice@192.0.2.1:5070;transport=tcp"


@pytest.mark.parametrize("cseq", [1, 0])
def test_a_request_out_of_order_is_refused(harness: AgentHarness, caller: Caller, call: int, cseq: int) -> None:
    assert harness.ask(caller.request("INVITE", body=SDP, cseq=cseq)).status == 500
    assert harness.events() == []
    assert harness.agent.calls == call == 1


def test_sequence_numbers_may_leave_gaps(harness: AgentHarness, caller: Caller, call: int) -> None:
    assert harness.ask(caller.request("UPDATE", cseq=90)).status == 200
    assert harness.ask(caller.request("UPDATE", cseq=50)).status == 500
    harness.send(caller.request("BYE", cseq=91))
    assert harness.event() == HungUp(call)


@pytest.mark.parametrize(
    ("method", "status"), [("PRACK", 481), ("INFO", 200), ("MESSAGE", 405), ("OPTIONS", 200), ("FOO", 501)]
)
def test_other_requests_do_not_disturb_the_call(
    harness: AgentHarness, caller: Caller, call: int, method: str, status: int
) -> None:
    assert harness.ask(caller.request(method)).status == status
    assert harness.events() == []
    assert harness.agent.calls == call


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
    harness: AgentHarness, caller: Caller, call: int, kind: str, body: str, key: str | None
) -> None:
    """Once, also when the request comes twice."""
    request = caller.request("INFO", [("Content-Type", kind)])
    request.body = body.encode()
    for _ in range(2):
        assert harness.ask(request).status == 200
    assert harness.events() == ([Pressed(call, key)] if key is not None else [])


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
    harness: AgentHarness, caller: Caller, call: int, headers: list[tuple[str, str]], body: str, status: int
) -> None:
    request = caller.request("INFO", headers)
    request.body = body.encode()
    answer = harness.ask(request)
    assert answer.status == status
    if status == 415:
        assert answer["Accept"] == f"{RELAY}, {PLAIN}"
    assert len(harness.events()) == (1 if "Signal=1" in body else 0)
    assert harness.agent.calls == call


def test_info_outside_of_a_call_is_refused(harness: AgentHarness, caller: Caller, call: int) -> None:
    harness.send(caller.request("BYE"))
    harness.agent.accept_bye(call, harness.now)
    harness.sent()
    request = caller.request("INFO", [("Content-Type", PLAIN)])
    request.body = b"#"
    assert harness.ask(request).status == 481


def test_a_faulty_contact_is_refused_inside_a_call_too(harness: AgentHarness, caller: Caller, call: int) -> None:
    caller.headers["Contact"] = "<tel:+33612345678>"
    assert harness.ask(caller.request("INVITE", body=SDP)).status == 400
    assert harness.agent.calls == call


def expires(value: str, *others: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Session-Expires", value), *(others or (TIMER,))]


def test_a_session_that_is_not_refreshed_ends(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller, expires("120"))
    assert caller.answer is not None
    assert (caller.answer["Session-Expires"], caller.answer["Require"]) == ("120;refresher=uac", "timer")
    assert harness.wait(87.9) == []
    ((after, bye), *_) = harness.wait(1)
    assert (after, bye.method) == (0.1, "BYE")
    assert harness.event() == Ended(call, Why.SESSION_EXPIRED)
    harness.send(bye.answer(200))
    assert harness.events() == []
    assert harness.agent.calls == 0


def test_a_short_session_is_left_a_third_before_its_end(harness: AgentHarness, caller: Caller) -> None:
    harness.call(caller, expires("90;refresher=uac"))
    assert next(after for after, _ in harness.wait(90)) == 60


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_refresh_keeps_the_session(harness: AgentHarness, caller: Caller, method: str) -> None:
    call = harness.call(caller, expires("90"))
    harness.wait(50)
    harness.send(caller.request(method, expires("300;refresher=uac"), SDP))
    harness.agent.accept(call, ANSWER, harness.now)
    (answer,) = harness.sent()
    assert answer["Session-Expires"] == "300;refresher=uac"
    harness.send(caller.ack())
    harness.events()
    assert harness.wait(267.9) == []
    assert harness.wait(1)[0][1].method == "BYE"


def test_a_refresh_without_an_interval_ends_the_session_timer(harness: AgentHarness, caller: Caller) -> None:
    harness.call(caller, expires("90"))
    answer = harness.ask(caller.request("UPDATE"))
    assert answer.get("Session-Expires") is None
    assert harness.wait(1000) == []


@pytest.mark.parametrize(
    "headers",
    [expires("120;refresher=uas", TIMER), expires("120", ("Supported", "replaces")), expires("soon", TIMER)],
    ids=["ours to refresh", "not supported", "faulty"],
)
def test_where_we_should_refresh_there_is_no_session_timer(
    harness: AgentHarness, caller: Caller, headers: list[tuple[str, str]]
) -> None:
    harness.call(caller, headers)
    assert caller.answer is not None
    assert caller.answer.get("Session-Expires") is caller.answer.get("Require") is None
    assert harness.wait(1000) == []


def test_an_interval_that_is_too_short_is_refused(harness: AgentHarness, caller: Caller) -> None:
    refusal = harness.ask(caller.invite([("x", "89"), ("k", "TIMER")]))
    assert (refusal.status, refusal["Min-SE"]) == (422, "90")
    assert harness.events() == []


def test_hanging_up_ends_the_session_timer(harness: AgentHarness, caller: Caller) -> None:
    call = harness.call(caller, expires("90"))
    harness.wait(59)
    harness.agent.hang_up(call, harness.now)
    assert [message.method for message in harness.sent()] == ["BYE"]
    harness.wait(40)
    assert harness.event() == Ended(call, Why.NO_REPLY)
