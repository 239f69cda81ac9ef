"""What is noted in memory reaches the store once in a while, and nothing of it is lost while a store is away."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from operator import methodcaller

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.write_behind import AT_ONCE, ChangeCounts, KeyUses, keep_writing
from renvoi.domain.calls.usage import CHANGED, HOUR_MS
from tests.support.memory_store import MemoryStore


class Counting(MemoryStore):
    """Counts its transactions; those from `fails_from` on fail."""

    def __init__(self, fails_from: int = 10**9) -> None:
        super().__init__()
        self.writes = 0
        self.fails_from = fails_from
        self.written, self.failed_often = asyncio.Event(), asyncio.Event()

    async def write(self, work):  # type: ignore[no-untyped-def]  # as the one that it stands for
        self.writes += 1
        if self.writes >= self.fails_from:
            if self.writes == 3:
                self.failed_often.set()
            raise StoreUnavailable("away")
        result = await super().write(work)
        self.written.set()
        return result


def test_many_uses_are_one_write_and_none_is_no_write() -> None:
    async def scenario() -> None:
        store, uses = Counting(), KeyUses()
        await uses.write(store)
        assert store.writes == 0
        for at_ms in range(1000):
            uses.note(f"k{at_ms % 3}", at_ms)
        await uses.write(store)
        assert store.writes == 1
        assert await store.read(methodcaller("key_uses", ["k0", "k1", "k2"])) == {"k0": 999, "k1": 997, "k2": 998}
        await uses.write(store)
        assert store.writes == 1

    asyncio.run(scenario())


def test_what_a_store_did_not_take_is_written_later_with_the_newest_times() -> None:
    async def scenario() -> None:
        store, uses = Counting(fails_from=2), KeyUses()
        wanted = {f"k{n:04}": n for n in range(AT_ONCE + 10)}
        for key_id, at_ms in wanted.items():
            uses.note(key_id, at_ms)
        with pytest.raises(StoreUnavailable):
            await uses.write(store)
        assert len(await store.read(methodcaller("key_uses", wanted))) == AT_ONCE
        uses.note(f"k{AT_ONCE + 5:04}", 10**6)
        store.fails_from = 10**9
        await uses.write(store)
        assert await store.read(methodcaller("key_uses", wanted)) == wanted | {f"k{AT_ONCE + 5:04}": 10**6}
        assert store.writes == 3

    asyncio.run(scenario())


def test_they_are_written_each_period_and_once_more_at_the_end() -> None:
    async def scenario() -> None:
        store, uses, stop = Counting(), KeyUses(), asyncio.Event()
        uses.note("a", 1)
        writing = asyncio.create_task(keep_writing([uses], store, stop, timedelta(milliseconds=1)))
        await asyncio.wait_for(store.written.wait(), 5)
        writing.cancel()
        writing = asyncio.create_task(keep_writing([uses], store, stop, timedelta(hours=1)))
        await asyncio.sleep(0)
        uses.note("b", 2)
        stop.set()
        await asyncio.wait_for(writing, 5)
        assert await store.read(methodcaller("key_uses", ["a", "b"])) == {"a": 1, "b": 2}
        uses.note("a", 3)
        await asyncio.wait_for(keep_writing([uses], store, stop, timedelta(hours=1)), 5)
        assert await store.read(methodcaller("key_uses", ["a"])) == {"a": 3}

    asyncio.run(scenario())


def test_a_store_that_is_away_ends_nothing() -> None:
    async def scenario() -> None:
        store, uses, stop = Counting(fails_from=1), KeyUses(), asyncio.Event()
        uses.note("a", 1)
        writing = asyncio.create_task(keep_writing([uses], store, stop, timedelta(milliseconds=1)))
        await asyncio.wait_for(store.failed_often.wait(), 5)
        store.fails_from = 10**9
        await asyncio.wait_for(store.written.wait(), 5)
        stop.set()
        await asyncio.wait_for(writing, 5)
        assert await store.read(methodcaller("key_uses", ["a"])) == {"a": 1}

    asyncio.run(scenario())


class Hours:
    """A clock that is set."""

    def __init__(self) -> None:
        self.hour = 1000

    def now_ms(self) -> int:
        return self.hour * HOUR_MS + 5

    def monotonic_ms(self) -> int:
        return self.now_ms()


async def counted(store: MemoryStore) -> Mapping[tuple[int, str], int]:
    return dict(await store.read(lambda reader: reader.hour_counts(0)))


def test_changes_are_counted_in_the_hour_in_which_they_are_made() -> None:
    async def scenario() -> None:
        clock, store = Hours(), MemoryStore()
        counts = ChangeCounts(clock)
        counts.note(0)
        await counts.write(store)
        assert await counted(store) == {}
        counts.note(1)
        counts.note(256)
        clock.hour = 1001
        counts.note(3)
        await counts.write(store)
        assert await counted(store) == {(1000, CHANGED): 257, (1001, CHANGED): 3}
        await counts.write(store)
        assert await counted(store) == {(1000, CHANGED): 257, (1001, CHANGED): 3}

    asyncio.run(scenario())


def test_what_a_store_did_not_take_is_written_with_what_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_: object) -> None:
        raise StoreUnavailable("away")

    async def scenario() -> None:
        store, counts = MemoryStore(), ChangeCounts(Hours())
        counts.note(2)
        with monkeypatch.context() as patched:
            patched.setattr(store, "write", away)
            with pytest.raises(StoreUnavailable):
                await counts.write(store)
        counts.note(1)
        await counts.write(store)
        assert await counted(store) == {(1000, CHANGED): 3}

    asyncio.run(scenario())
