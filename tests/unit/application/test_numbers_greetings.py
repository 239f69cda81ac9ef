"""Greetings: set, reset and shown, of our numbers only."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.numbers import reset_greeting, set_greeting, show_greeting
from renvoi.application.ports.numbers import Greeting
from renvoi.domain.numbers.number import E164
from tests.support.http_api import START_MS, FixedClock
from tests.support.memory_store import MemoryStore
from tests.support.stores import A, B, seed

UNKNOWN = E164("+33199009999")


def test_a_greeting_of_its_own_and_back() -> None:
    async def scenario() -> None:
        store, clock = MemoryStore(), FixedClock()
        await seed(store)
        assert await show_greeting(store, A) is None
        await set_greeting(store, clock, A, b"RIFF")
        assert await show_greeting(store, A) == Greeting(A, START_MS, b"RIFF")
        assert await show_greeting(store, B) is None
        await reset_greeting(store, clock, A, spoken=True)
        assert await show_greeting(store, A) == Greeting(A, START_MS + 1, None, spoken=True)
        await reset_greeting(store, clock, A, spoken=False)
        assert await show_greeting(store, A) is None

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "use",
    [
        lambda store: set_greeting(store, FixedClock(), UNKNOWN, b"RIFF"),
        lambda store: reset_greeting(store, FixedClock(), UNKNOWN, spoken=True),
        lambda store: reset_greeting(store, FixedClock(), UNKNOWN, spoken=False),
        lambda store: show_greeting(store, UNKNOWN),
    ],
)
def test_a_number_that_is_none_of_ours_has_no_greeting(use: Callable[[MemoryStore], Awaitable[object]]) -> None:
    async def scenario() -> None:
        store = MemoryStore()
        await seed(store)
        with pytest.raises(OperatorError, match="not one of our numbers"):
            await use(store)
        assert await store.read(lambda reader: reader.greeting(UNKNOWN)) is None

    asyncio.run(scenario())
