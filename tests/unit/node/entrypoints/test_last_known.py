"""Sources that are slow are answered for with what they said last."""

import asyncio

import pytest

from renvoi.node.entrypoints import readiness
from renvoi.node.entrypoints.readiness import LastKnown

LONG_S = 20.0


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "WITHIN_S", 0.01)


class Source:
    """Says what it is given; while that is nothing it hangs."""

    def __init__(self) -> None:
        self.asked = 0
        self.said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def ask(self) -> str:
        self.asked += 1
        return await self.said

    def say(self, text: str) -> None:
        self.said.set_result(text)


def test_one_that_hangs_is_waited_for_no_longer_than_others_can_wait() -> None:
    async def scenario() -> None:
        source, known = Source(), LastKnown[str]()
        async with asyncio.timeout(LONG_S):
            assert await known.of("x", source.ask, "unknown") == "unknown"
            assert await known.of("x", source.ask, "unknown") == "unknown"
            assert source.asked == 1, "it is asked once at a time"
            source.say("fine")
            assert await known.of("x", source.ask, "unknown") == "fine"
            # It hangs again.
            source.said = asyncio.get_running_loop().create_future()
            assert await known.of("x", source.ask, "unknown") == "fine"
            assert await known.of("y", source.ask, "unknown") == "unknown", "others are others"
            source.say("broken")
            assert await known.of("x", source.ask, "unknown") == "broken"

    asyncio.run(scenario())


def test_what_was_said_long_ago_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        source, known = Source(), LastKnown[str]()
        source.say("fine")
        assert await known.of("x", source.ask, "unknown") == "fine"
        source.said = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(readiness, "KEPT_S", -1.0)
        async with asyncio.timeout(LONG_S):
            assert await known.of("x", source.ask, "unknown") == "unknown"

    asyncio.run(scenario())
