"""Whose request begins next."""

import asyncio
from collections.abc import Callable

from renvoi.http.limits import AT_ONCE, MAX_HELD, Turns


def test_few_requests_begin_at_once_and_others_client_by_client() -> None:
    """A client that sends thousands waits for itself; another one's request is among the next few."""
    begun: list[str] = []

    async def scenario() -> None:
        turns = Turns(2)
        for n in range(1000):
            turns.ask("greedy", noted(begun, f"greedy {n}"))
        assert begun == ["greedy 0", "greedy 1"]
        turns.ask("second", noted(begun, "second"))
        turns.ask("third", noted(begun, "third"))
        await asyncio.sleep(0)
        assert begun[2:] == ["greedy 2", "second"]
        await asyncio.sleep(0)
        assert begun[4:] == ["third", "greedy 3"]
        for _ in range(500):
            await asyncio.sleep(0)
        assert [each for each in begun if each.startswith("greedy")] == [f"greedy {n}" for n in range(1000)]
        # Nobody waits any more, so the next ones begin at once.
        await asyncio.sleep(0)
        turns.ask("fourth", noted(begun, "fourth"))
        assert begun[-1] == "fourth"

    asyncio.run(scenario())


def test_new_connections_come_before_waiting_requests_and_not_for_ever() -> None:
    begun: list[str] = []

    async def scenario() -> None:
        turns = Turns()
        for _ in range(100):
            turns.ask("greedy", noted(begun, "greedy"))
        for _ in range(MAX_HELD):
            turns.note_connection()
            await asyncio.sleep(0)
        assert len(begun) == AT_ONCE
        turns.note_connection()
        await asyncio.sleep(0)
        assert len(begun) == 2 * AT_ONCE
        turns.note_connection()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(begun) == 3 * AT_ONCE

    asyncio.run(scenario())


def noted(begun: list[str], name: str) -> Callable[[], None]:
    return lambda: begun.append(name)
