"""Calls whose process died, ended by the one that takes its place."""

import json

import pytest

from renvoi.voicemail.sip.endpoint import Moved
from renvoi.voicemail.sip.session import DialogInvalid, DialogState
from tests.support.sip_peer import AGENT, EDGE, AgentHarness, Caller

ROUTES = ("<sip:192.0.2.9;lr;ftag=alice;rv=secret>", "<sip:192.0.2.8;lr>")


def left_by(harness: AgentHarness, caller: Caller) -> DialogState:
    """Have a call begin, and its process die: what it wrote is all that is left."""
    call = harness.call(caller, [("Record-Route", ", ".join(ROUTES))])
    state = harness.agent.left(call)
    assert state is not None
    return DialogState.load(state.dump())


def test_the_next_process_hangs_up() -> None:
    """By a BYE inside the dialog: tags, target and route set are those of the call, CSeq is higher than any before."""
    caller, ended = Caller(From='"Zo\xeb" <sip:zoe@carrier.example>;tag=alice'), list[str]()
    state = left_by(AgentHarness(), caller)
    harness = AgentHarness()
    harness.agent.hang_up_left(state, harness.now, "Q.850;cause=41", lambda: ended.append("over"))
    (bye,) = harness.sent()
    assert caller.answer is not None
    assert bye.start_line == "BYE sip:alice@192.0.2.1:5070;transport=tcp SIP/2.0"
    assert bye.source == EDGE
    assert tuple(value for name, value in bye.headers if name == "Route") == ROUTES
    assert (bye["From"], bye["To"]) == (caller.answer["To"], caller.answer["From"])
    assert (bye["Call-ID"], bye["CSeq"], bye["Reason"]) == (caller.call_id, "2 BYE", "Q.850;cause=41")
    assert f"{AGENT[0]}:{AGENT[1]}" in bye["Via"]
    assert ended == []
    harness.send(bye.answer(200))
    assert ended == ["over"]
    assert harness.events() == []
    assert harness.agent.idle


@pytest.mark.parametrize("status", [None, 481, 408])
def test_whoever_does_not_answer_is_let_go(status: int | None) -> None:
    harness, ended = AgentHarness(), list[str]()
    harness.agent.hang_up_left(left_by(AgentHarness(), Caller()), harness.now, "", lambda: ended.append("over"))
    (bye,) = harness.sent()
    if status is not None:
        harness.send(bye.answer(status))
    else:
        assert [each for _, each in harness.wait(31)] == [bye] * 9
        assert ended == []
        harness.wait(2)
    assert ended == ["over"]
    assert harness.agent.idle


def test_a_new_address_of_the_caller_is_kept() -> None:
    harness, caller = AgentHarness(), Caller()
    call = harness.call(caller)
    before = harness.agent.left(call)
    caller.headers["Contact"] = "<sip:alice@192.0.2.77>"
    harness.ask(caller.request("UPDATE"))
    assert harness.event() == Moved(call)
    harness.ask(caller.request("UPDATE"))
    assert harness.events() == []
    after = harness.agent.left(call)
    assert before is not None
    assert after is not None
    assert (before.target, after.target) == ("sip:alice@192.0.2.1:5070;transport=tcp", "sip:alice@192.0.2.77")
    harness.send(caller.request("BYE"))
    harness.agent.accept_bye(call, harness.now)
    assert harness.agent.left(call) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"call_id": 5},
        {"routes": [1]},
        {"routes": None},
        {"edge": ["127.0.0.1"]},
        {"edge": ["127.0.0.1", 0]},
        {"edge": ["127.0.0.1", 70000]},
        {"cseq": "x"},
        {"target": None},
    ],
)
def test_what_is_no_state_is_refused(changed: dict[str, object]) -> None:
    state = left_by(AgentHarness(), Caller())
    with pytest.raises(DialogInvalid):
        DialogState.load(json.dumps(json.loads(state.dump()) | changed).encode())


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"\xff", b"{", b"{}"])
def test_garbage_is_refused(text: bytes) -> None:
    with pytest.raises(DialogInvalid):
        DialogState.load(text)
