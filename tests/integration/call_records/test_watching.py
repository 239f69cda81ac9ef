"""The collector sleeps until something is written to the spool."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from renvoi.call_records import collector as collecting
from renvoi.call_records.collector import Collector
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.inotify import InotifyUnavailable, InotifyWatch
from tests.integration.call_records.test_collector import HandClock, append, decided, mine, until
from tests.support.memory_store import MemoryStore

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the collector never look by itself."""
    monkeypatch.setattr(collecting, "IDLE_PERIOD_S", 1e6)
    monkeypatch.setattr(collecting, "PAUSE_S", 0.001)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that gets an element whenever the collector goes to sleep, False when it wakes up."""
    found: list[bool] = []
    wait = InotifyWatch.wait

    async def noting(self: InotifyWatch, stop: asyncio.Event, timeout_s: float) -> None:
        found.append(True)
        await wait(self, stop, timeout_s)
        found.append(False)

    monkeypatch.setattr(InotifyWatch, "wait", noting)
    return found


def run(tmp_path: Path, scenario: Callable[[MemoryStore, Path], Awaitable[None]]) -> None:
    """Run a collector beside `scenario`."""

    async def main() -> None:
        store, stop, spool = MemoryStore(), asyncio.Event(), tmp_path / "spool"
        spool.mkdir()
        collector = Collector(store, HandClock(), spool, DeadLetters(tmp_path / "dead-letters"))
        task = asyncio.create_task(collector.run(stop))
        async with asyncio.timeout(PATIENCE_S):
            await scenario(store, spool)
            stop.set()
            await task

    asyncio.run(main())


async def stored(store: MemoryStore, *calls: str) -> None:
    """Wait for the records of these calls."""
    found: set[str] = set()
    while found != set(calls):
        found = {record.key.call_id for record in await store.read(lambda reader: reader.calls())}
        await asyncio.sleep(0)


def test_what_is_written_or_renamed_into_the_spool_is_collected_at_once(tmp_path: Path, rests: list[bool]) -> None:
    async def scenario(store: MemoryStore, spool: Path) -> None:
        await until(lambda: rests[-1:] == [True])
        append(mine(spool), decided("a"))
        await stored(store, "a")
        await until(lambda: rests[-1])
        append(mine(spool), decided("b"))
        await stored(store, "a", "b")
        await until(lambda: rests[-1])
        append(tmp_path / "new", decided("c"))
        (tmp_path / "new").rename(mine(spool, 1))
        await stored(store, "a", "b", "c")

    run(tmp_path, scenario)


def test_where_nothing_can_be_watched_it_looks_all_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise InotifyUnavailable("Too many open files")

    monkeypatch.setattr(collecting, "InotifyWatch", unavailable)

    async def scenario(store: MemoryStore, spool: Path) -> None:
        for call in ("a", "b"):
            append(mine(spool), decided(call))
            await stored(store, *"ab"[: "ab".index(call) + 1])

    run(tmp_path, scenario)
