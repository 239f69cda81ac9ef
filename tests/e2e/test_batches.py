"""An atomic batch is made as a whole, or not at all, whoever changes its numbers too, and whenever the server dies."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.support.killed_servers import STORES, Home, Server, serving
from tests.support.node import NUMBER

ROUNDS = 2
OTHERS = 4
"""Clients that change single numbers meanwhile."""
NUMBERS = [f"+3319900{n:04}" for n in range(10_000)]
"""As many as a batch may have; `NUMBER` is one of them."""


class Told:
    """What clients asked for, and what they were told: targets of batches, and single numbers with their targets."""

    def __init__(self) -> None:
        self._next = count()
        self.sent: set[str] = set()
        self.made: set[str] = set()
        self.single: set[tuple[str, str]] = set()
        self.refused: set[tuple[str, str]] = set()

    def target(self) -> str:
        """Return one that nothing was set to before."""
        return f"+336446{next(self._next):05}"


async def send_batches(client: httpx.AsyncClient, told: Told) -> None:
    """Set all numbers to one target after the other, until the server dies."""
    while True:
        target = told.target()
        told.sent.add(target)
        changes = [{"number": number, "forwarding": rule_to(target)} for number in NUMBERS]
        answer = await client.post("/v2/forwarding:batch", json={"atomic": True, "changes": changes})
        assert answer.status_code == 200, answer.text[:500]
        told.made.add(target)


async def change_others(client: httpx.AsyncClient, told: Told) -> None:
    """Change one number after the other, until the server dies."""
    while True:
        change = random.choice(NUMBERS), told.target()
        answer = await client.put(f"/v2/numbers/{change[0]}/forwarding", json=rule_to(change[1]))
        # A change that waits too long for the batch is refused, and never made.
        assert answer.status_code in (200, 503), answer.text
        (told.single if answer.status_code == 200 else told.refused).add(change)


def rule_to(target: str) -> dict[str, object]:
    return {"action": "forward", "to": [target]}


async def ask_until_killed(server: Server, key: str, told: Told) -> None:
    """Run all clients, and kill the server while it is at the second batch of a round, or about to answer."""
    async with server.client(key) as client:

        async def until_killed(work: Awaitable[None]) -> None:
            with suppress(httpx.TransportError):
                await work

        before, began = len(told.made), time.monotonic()
        batches = asyncio.create_task(until_killed(send_batches(client, told)))
        others = [asyncio.create_task(until_killed(change_others(client, told))) for _ in range(OTHERS)]
        while len(told.made) == before or not told.single:
            await asyncio.wait([batches, *others], timeout=0.01)
            assert not batches.done(), "the server ended by itself"
            assert len(told.made) < before + 5, "nobody else gets to change anything"
        took_s = time.monotonic() - began
        await asyncio.wait([batches], timeout=random.uniform(0, 1.2 * took_s))
        server.kill()
        await asyncio.gather(batches, *others)


@pytest.mark.parametrize("kind", STORES)
def test_batches_are_whole_when_the_server_is_killed(kind: str, tmp_path: Path) -> None:
    home, told = Home(tmp_path, kind), Told()
    home.add_numbers([number for number in NUMBERS if number != NUMBER])
    for _ in range(ROUNDS):
        with serving(home.node) as server:
            asyncio.run(ask_until_killed(server, home.node.key, told))
    trail = home.trail()
    trail.check()
    assert len(told.made) >= ROUNDS
    for target in told.sent:
        numbers = trail.numbers_of.get(target, Counter())
        assert len(numbers) in (0, len(NUMBERS)), f"{len(numbers)} changes of a batch of {len(NUMBERS)} were made"
        assert set(numbers.values()) <= {1}, "a batch was made twice"
        assert numbers or target not in told.made, "a batch that was acknowledged is lost"
    for number, target in told.single:
        assert trail.times(target, number) == 1, f"{number}: a change was acknowledged and lost"
    for number, target in told.refused:
        assert trail.times(target, number) == 0, f"{number}: a change was refused and made"
