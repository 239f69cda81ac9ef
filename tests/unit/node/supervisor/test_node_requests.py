"""What the supervisor does for the pages of the node: facts without secrets, and test calls one at a time."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import read_settings
from renvoi.node.checks.results import TracedMessage, TrialCall
from renvoi.node.control import control
from renvoi.node.control.supervised import SupervisedNode
from renvoi.node.supervisor.node_requests import CALLS_KEPT, NodeRequests, TrialCalls

CALLED, CALLER = "+33199001234", "+33199009876"
INVITE = TracedMessage(0.0, "caller", "edge", "INVITE sip:x SIP/2.0")
OK = TracedMessage(5.0, "edge", "caller", "SIP/2.0 200 OK")
ENDED = TrialCall("try-1", CALLER, CALLED, (INVITE, OK), 200, None, "a note")
Watch = Callable[[Callable[[], tuple[TracedMessage, ...]]], None]


async def shown(calls: TrialCalls, name: str) -> Any:
    found = await calls.show(name)
    assert found is not None
    return found


def test_a_call_is_followed_to_its_end() -> None:
    async def scenario() -> None:
        calls, goes_on = TrialCalls(), asyncio.Event()

        async def place(watch: Watch) -> TrialCall:
            watch(lambda: (INVITE,))
            await goes_on.wait()
            return ENDED

        name = calls.start(CALLED, CALLER, place)
        await asyncio.sleep(0)
        found = await shown(calls, name)
        assert (found["is_over"], found["status"], len(found["messages"])) == (False, None, 1)
        with pytest.raises(OperatorError, match="another test call is under way"):
            calls.start(CALLED, CALLER, place)
        goes_on.set()
        await asyncio.sleep(0)
        found = await shown(calls, name)
        assert (found["is_over"], found["status"], found["note"], found["call_id"]) == (True, 200, "a note", "try-1")
        assert [each["line"] for each in found["messages"]] == [INVITE.line, OK.line]
        assert await calls.show("other") is None

    asyncio.run(scenario())


def test_why_a_call_could_not_be_placed_is_told_and_the_next_one_is_placed() -> None:
    async def scenario() -> None:
        calls = TrialCalls()

        async def refuse(_: Watch) -> TrialCall:
            raise OperatorError("SIPp is not installed")

        async def fail(_: Watch) -> TrialCall:
            raise ValueError("a secret of ours")

        async def place(_: Watch) -> TrialCall:
            return ENDED

        said = []
        for each in (refuse, fail, place):
            name = calls.start(CALLED, CALLER, each)
            await asyncio.sleep(0)
            said.append((await shown(calls, name))["error"])
        assert said == ["SIPp is not installed", "it failed: the node's log says why", ""]

    asyncio.run(scenario())


def test_few_calls_are_remembered_and_a_stop_ends_the_one_under_way() -> None:
    async def scenario() -> None:
        calls = TrialCalls()

        async def place(_: Watch) -> TrialCall:
            return ENDED

        async def never(_: Watch) -> TrialCall:
            await asyncio.Event().wait()
            return ENDED

        names = []
        for _ in range(CALLS_KEPT + 1):
            names.append(calls.start(CALLED, CALLER, place))
            await asyncio.sleep(0)
        assert await calls.show(names[0]) is None
        assert await calls.show(names[1]) is not None
        name = calls.start(CALLED, CALLER, never)
        await asyncio.sleep(0)
        await calls.close()
        assert (await shown(calls, name))["error"] == "the node stops"

    asyncio.run(scenario())


def test_the_http_part_is_told_facts_without_passwords(tmp_path: Path) -> None:
    settings = read_settings({"data_dir": str(tmp_path), "smtp_url": "smtp://renvoi:secret@mail.example.com:587"})

    async def scenario() -> None:
        requests = NodeRequests(settings, lambda: None, {"voicemail": "no room"})
        settings.run_dir.mkdir(parents=True)
        async with control.serve_control(settings.run_dir, {}, requests.all):
            node = SupervisedNode(settings.run_dir)
            facts = await node.facts()
            assert facts["mail_server"] == "smtp://renvoi@mail.example.com:587"
            assert facts["data_dir"] == str(tmp_path)
            assert 0 < facts["disk_free"] <= facts["disk_total"]
            assert (facts["calls"], facts["voicemail"]) == ("", "no room")
            assert await node.test_call("nothing") is None
            with pytest.raises(Exception, match="the node has no store yet"):
                await node.start_call(CALLED, CALLER)

    asyncio.run(scenario())
