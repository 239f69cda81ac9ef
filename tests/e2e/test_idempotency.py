"""`Idempotency-Key` of `/v2`, sent again after the server was killed in the midst of it: each change is made once."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.support.killed_servers import STORES, Home, Server, kill_amid, serving

ROUNDS = 6
CLIENTS = 16
LEAST = CLIENTS
"""How many changes are made in a round at least."""
NUMBERS = [f"+3319900{n:04}" for n in range(12)]


@dataclass(frozen=True)
class Change:
    """A change that no other one is like."""

    key: str
    number: str
    target: str

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        """Ask for it."""
        rule = {"action": "forward", "to": [self.target]}
        path = f"/v2/numbers/{self.number}/forwarding"
        return await client.put(path, json=rule, headers={"Idempotency-Key": self.key})


@dataclass
class Told:
    """What clients were told about their changes; `open` are those that got no answer."""

    numbering: Iterator[int] = field(default_factory=count)
    made: dict[Change, str] = field(default_factory=dict)
    open: set[Change] = field(default_factory=set)
    under_way: set[Change] = field(default_factory=set)

    def new(self) -> Change:
        """Return a change that was not asked for before."""
        n = next(self.numbering)
        change = Change(f"change {n}", random.choice(NUMBERS), f"+336446{n:05}")
        self.open.add(change)
        return change

    def note(self, change: Change, answer: httpx.Response) -> None:
        """Take note of an answer, which has to be the same as the one before it."""
        assert answer.status_code == 200, answer.text
        assert self.made.setdefault(change, answer.text) == answer.text
        self.open.discard(change)


async def change_until_killed(client: httpx.AsyncClient, told: Told) -> None:
    with suppress(httpx.TransportError):
        while True:
            change = told.new()
            told.note(change, await change.send(client))


async def one_round(server: Server, key: str, told: Told) -> None:
    """Send again what got no answer, and some of what did; then more, until the server is killed."""
    async with server.client(key) as client:
        for change in sorted(told.open, key=lambda each: each.key):
            answer = await change.send(client)
            if answer.status_code == 409 and answer.json()["code"] == "request_in_progress":
                # It died between the claim and the change, so nothing was made, nor is for as long as the claim holds.
                told.under_way.add(change)
                told.open.discard(change)
            else:
                told.note(change, answer)
        for change in random.sample(list(told.made), min(20, len(told.made))):
            answer = await change.send(client)
            assert answer.headers["Idempotent-Replayed"] == "true"
            told.note(change, answer)
        clients = [asyncio.create_task(change_until_killed(client, told)) for _ in range(CLIENTS)]
        await kill_amid(server.process, clients, lambda: len(told.made), LEAST)


@pytest.mark.parametrize("kind", STORES)
def test_a_change_sent_again_after_a_kill_is_made_once(kind: str, tmp_path: Path) -> None:
    home, told = Home(tmp_path, kind), Told()
    home.add_numbers(NUMBERS)
    for _ in range(ROUNDS):
        with serving(home.node) as server:
            asyncio.run(one_round(server, home.node.key, told))
    trail = home.trail()
    trail.check()
    for change in told.made:
        assert trail.times(change.target, change.number) == 1, f"{change} was acknowledged"
    for change in told.under_way:
        assert trail.times(change.target, change.number) == 0, f"{change} is said to be under way, and was made"
    for change in told.open:
        assert trail.times(change.target, change.number) <= 1, f"{change} was sent once"
