"""What looks into the store now and then, when there is nothing to do."""

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.application import notice_loop, removals, staging
from renvoi.application.ports.unit_of_work import Store
from tests.support.memory_store import MemoryStore


async def _nothing() -> None:
    """Tell nobody anything."""


LOOPS: list[tuple[ModuleType, Callable[[Store, asyncio.Event], Awaitable[None]]]] = [
    (staging, lambda store, stop: staging.keep_settled(store, SystemClock(), stop)),
    (removals, lambda store, stop: removals.keep_removing(store, SystemClock(), lambda _: None, stop)),
    (notice_loop, lambda _, stop: notice_loop.NoticeLoop("notices", _nothing).run(stop)),
]


@pytest.mark.parametrize(("module", "run"), LOOPS, ids=lambda each: getattr(each, "__name__", ""))
def test_they_look_at_common_moments(
    module: ModuleType, run: Callable[[Store, asyncio.Event], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So those of a process wake it up once, and share a view of the store (`wakeups`)."""
    waits: list[float] = []

    async def main() -> None:
        stop = asyncio.Event()

        def to_next(period_s: float) -> float:
            waits.append(period_s)
            if len(waits) == 2:
                stop.set()
            return 0.001

        monkeypatch.setattr(module, "to_next", to_next)
        async with asyncio.timeout(10):
            await run(MemoryStore(), stop)

    asyncio.run(main())
    assert waits == [module.PERIOD_S] * 2


def test_what_was_not_removed_changes_nothing() -> None:
    """On a server each change, even one of nothing, is four ways there and back, and uses up a transaction's number."""

    class ReadOnly(MemoryStore):
        async def write(self, _work: Callable[[Any], Any]) -> Any:
            raise AssertionError("there is nothing to change")

    progress = asyncio.run(removals.settle_removals(ReadOnly(), SystemClock(), lambda _: None))
    assert progress == removals.Progress(0, 0, None)
