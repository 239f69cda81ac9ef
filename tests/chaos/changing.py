"""Clients that change rules, all at once, by whatever way there is to a node."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.chaos.history import NEVER, Change, History, Outcome

LOOKS_SHARE = 0.5
"""Of the changes after which somebody looks."""


def pick(numbers: Sequence[str], dice: random.Random) -> str:
    """Choose a number; every second time the first one, so that much happens to it at once."""
    return numbers[0] if dice.random() < 0.5 else dice.choice(numbers)


class NotSent(Exception):
    """The change did not get to the node, for sure."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told about a change."""

    outcome: Outcome
    revision: int | None = None
    note: str = ""


class Way(Protocol):
    """A way to change rules at one node."""

    @property
    def node(self) -> str:
        """The node's name."""

    async def change(self, number: str, target: str, key: str | None) -> Told:
        """Ask for a change.

        Raises:
            NotSent: nobody heard it.
        """


def kind_of(target: str) -> int:
    """Return the `type` of a rule that leads to `target`."""
    return (2 if "@" in target else 1) if target else 0


@dataclass(frozen=True, slots=True)
class Mix:
    """How often, of 100 changes, calls are refused, identical changes are asked for at once, or a key is used."""

    refusals: int = 8
    identical: int = 12
    keyed: int = 14
    pause_s: float = 0.02


class Changers:
    """Changes the rules of `numbers` (to phone numbers) and `mailboxes` (to e-mail addresses), and notes it all."""

    def __init__(
        self,
        history: History,
        ways: Sequence[Way],
        numbers: Sequence[str],
        mailboxes: Sequence[str],
        dice: random.Random,
        mix: Mix | None = None,
        look: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """Make clients who, after a change was answered, `look` at once whether it is in force."""
        self._history = history
        self._ways = ways
        self._numbers = numbers
        self._mailboxes = mailboxes
        self._dice = dice
        self._mix = mix or Mix()
        self._look = look
        self._count = itertools.count(1)

    async def run(self, stop: asyncio.Event, clients: int) -> None:
        """Be so many clients until `stop` is set; each waits for what it has asked."""
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._keep_changing(stop))
            if self._mailboxes:
                group.create_task(self._keep_moving_mailboxes(stop))

    async def begin(self) -> None:
        """Give every number its first rule."""
        for number in self._numbers:
            await self._ask(self._way(), number, self._next_number())
        for number in self._mailboxes:
            await self._ask(self._way(), number, self._next_address())

    async def _keep_changing(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            number = pick(self._numbers, self._dice)
            await self._change_once(number)
            if self._look is not None and self._dice.random() < LOOKS_SHARE:
                await self._look(number)
            await _pause(stop, self._dice.uniform(0, 2 * self._mix.pause_s))

    async def _keep_moving_mailboxes(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._ask(self._way(), self._dice.choice(self._mailboxes), self._next_address())
            await _pause(stop, self._dice.uniform(0.1, 1.0))

    async def _change_once(self, number: str) -> None:
        chance = self._dice.randrange(100)
        mix = self._mix
        if chance < mix.refusals:
            await self._ask(self._way(), number, "")
        elif chance < mix.refusals + mix.identical:
            target = self._next_number()
            await asyncio.gather(*(self._ask(self._way(), number, target) for _ in range(4)))
        elif chance < mix.refusals + mix.identical + mix.keyed:
            await self._change_by_key(number)
        else:
            await self._ask(self._way(), number, self._next_number())

    async def _change_by_key(self, number: str) -> None:
        """Ask for the same with the same key again, at once or after the first answer, mostly at another node."""
        target, key = self._next_number(), f"key-{next(self._count)}"
        requests: list[Awaitable[None]] = [self._ask(self._way(), number, target, key) for _ in range(3)]
        if self._dice.random() < 0.5:
            await asyncio.gather(*requests)
        else:
            for request in requests:
                await request

    def _way(self) -> Way:
        return self._dice.choice(self._ways)

    def _next_number(self) -> str:
        return f"+3364{next(self._count):07}"

    def _next_address(self) -> str:
        return f"box-{next(self._count)}@example.com"

    async def _ask(self, way: Way, number: str, target: str, key: str | None = None) -> None:
        begun = time.monotonic()
        try:
            told = await way.change(number, target, key)
        except NotSent:
            return
        ended = NEVER if told.outcome is Outcome.UNKNOWN else time.monotonic()
        self._history.changes.append(
            Change(begun, ended, way.node, number, target, told.outcome, told.revision, key, told.note)
        )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
