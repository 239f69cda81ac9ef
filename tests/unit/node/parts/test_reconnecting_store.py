"""A store elsewhere: missed once, refused at once while it is away, and never waited for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.node.parts import reconnecting_store
from renvoi.node.parts.reconnecting_store import ReconnectingStore
from tests.support.memory_store import MemoryStore

AWAY = StoreUnavailable("gone fishing")


class Log:
    """What was logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, event: str, **fields: object) -> None:
        self.lines.append(f"{event}: {fields['reason']}")

    def info(self, event: str, **_: object) -> None:
        self.lines.append(event)


class SlowStore(MemoryStore):
    """A store whose answers come when `answers` is set; `begins` tells whether work has begun by then."""

    def __init__(self, *, begins: bool = False) -> None:
        super().__init__()
        self.reads = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.begins = begins

    async def read(self, work: Callable[[Any], Any]) -> Any:
        self.reads += 1
        await self.answers.wait()
        return await super().read(work)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        if self.begins:
            result = await super().write(work)
            await self.answers.wait()
            return result
        await self.answers.wait()
        return await super().write(work)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(reconnecting_store, "log", made)
    monkeypatch.setattr(reconnecting_store, "LOOK_PERIOD_S", 0.01)
    monkeypatch.setattr(reconnecting_store, "IDLE_LOOK_PERIOD_S", 0.01)
    monkeypatch.setattr(reconnecting_store, "LOOK_AWAY_PERIOD_S", 0.01)
    return made


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a store sends no event
            await asyncio.sleep(0.001)


def answers(store: ReconnectingStore) -> bool:
    return store._trouble is None


def run(scenario: Callable[[ReconnectingStore, SlowStore], Awaitable[None]], *, begins: bool = False) -> None:
    """Run a scenario with a store that is open."""

    async def work() -> None:
        real = SlowStore(begins=begins)

        async def open_real() -> MemoryStore:
            return real

        store = ReconnectingStore(open_real)
        await store.start()
        try:
            async with asyncio.timeout(10):
                await scenario(store, real)
        finally:
            real.answers.set()
            await store.close()

    asyncio.run(work())


def test_a_store_that_goes_and_comes_back_is_told_of_once(log: Log) -> None:
    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        assert await store.read(lambda reader: reader.accounts()) == []
        real.fail_with = AWAY
        await until(lambda: not answers(store))
        real.answers.clear()  # whoever asked the real one would wait
        for ask in (store.read, store.write):
            with pytest.raises(StoreUnavailable, match="gone fishing"):
                await ask(lambda port: port.accounts())
        real.answers.set()
        real.fail_with = None
        await until(lambda: answers(store))
        assert await store.write(lambda writer: writer.add_account("acme", "en", "FR", 0).name) == "acme"

    run(scenario)
    assert log.lines == ["the store is away: gone fishing", "the store is back"]


def test_one_that_does_not_answer_is_away(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting_store, "LOOK_TIMEOUT_S", 0.05)

    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        real.answers.clear()
        await until(lambda: not answers(store))
        real.answers.set()
        await until(lambda: answers(store))

    run(scenario)
    assert log.lines == ["the store is away: PostgreSQL does not answer within 0.05 s", "the store is back"]


@pytest.mark.parametrize("ask", ["read", "write"])
def test_work_that_has_not_begun_in_time_never_does(log: Log, monkeypatch: pytest.MonkeyPatch, ask: str) -> None:
    monkeypatch.setattr(reconnecting_store, "PATIENCE_S", 0.05)
    done: list[str] = []

    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        real.answers.clear()
        with pytest.raises(StoreUnavailable, match=r"does not answer within 0\.05 s"):
            await getattr(store, ask)(lambda _: done.append("late"))
        real.answers.set()
        await store.read(lambda reader: reader.accounts())

    run(scenario)
    assert (done, log.lines) == ([], [])


def test_the_outcome_of_a_change_that_has_begun_is_waited_for(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting_store, "PATIENCE_S", 0.05)

    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        real.answers.clear()
        change = asyncio.create_task(store.write(lambda writer: writer.add_account("acme", "en", "FR", 0).name))
        done, _ = await asyncio.wait([change], timeout=0.15)
        assert not done
        real.answers.set()
        assert await change == "acme"

    run(scenario, begins=True)
    assert log.lines == []


def test_a_change_that_is_late_is_not_begun_again() -> None:
    """A store may run work once more, when others came between."""
    attempt = reconnecting_store._Attempt(lambda _: "done")
    assert attempt(MemoryStore()) == "done"  # type: ignore[arg-type]  # it is not looked at
    assert not attempt.give_up()
    with pytest.raises(StoreUnavailable):
        attempt(MemoryStore())  # type: ignore[arg-type]  # as above


class Opener:
    """Opens a store, after as many failures as there are in `failures`."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    async def __call__(self) -> MemoryStore:
        if self.failures:
            raise self.failures.pop(0)
        return MemoryStore()


def test_a_part_starts_without_its_store_and_gets_it_when_it_is_there(log: Log) -> None:
    async def scenario() -> None:
        store = ReconnectingStore(opener)
        await store.start()
        try:
            with pytest.raises(StoreUnavailable, match="gone fishing"):
                await store.read(lambda reader: reader.accounts())
            await until(lambda: answers(store))
            assert await store.read(lambda reader: reader.accounts()) == []
        finally:
            await store.close()

    opener = Opener(AWAY, AWAY, AWAY)
    asyncio.run(scenario())
    assert log.lines == ["the store is away: gone fishing", "the store is back"]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("failures", [1, 10**6])
def test_a_store_that_is_needed_is_waited_for(failures: int) -> None:
    async def scenario() -> None:
        store = ReconnectingStore(Opener(*[AWAY] * failures))
        try:
            if failures == 1:
                await store.start(needed_within_s=5)
                assert answers(store)
            else:
                with pytest.raises(StoreUnavailable, match="gone fishing"):
                    await store.start(needed_within_s=0.05)
        finally:
            await store.close()

    asyncio.run(scenario())


def test_a_store_of_another_version_ends_the_start_and_is_told_by_who_starts(log: Log) -> None:
    async def scenario() -> None:
        store = ReconnectingStore(Opener(StoreMismatch("of a newer renvoi")))
        try:
            with pytest.raises(StoreMismatch, match="newer"):
                await store.start(needed_within_s=5)
        finally:
            await store.close()

    asyncio.run(scenario())
    assert log.lines == []


def test_one_that_turns_out_to_be_of_another_version_later_is_away(log: Log) -> None:
    async def scenario() -> None:
        store = ReconnectingStore(Opener(AWAY, *[StoreMismatch("of a newer renvoi")] * 10**5))
        await store.start()
        try:
            await until(lambda: store._trouble == "of a newer renvoi")
            with pytest.raises(StoreUnavailable, match="of a newer renvoi"):
                await store.read(lambda reader: reader.accounts())
        finally:
            await store.close()

    asyncio.run(scenario())
    assert log.lines == ["the store is away: gone fishing"]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_store_that_has_just_done_work_is_not_asked_whether_it_is_there(
    log: Log, monkeypatch: pytest.MonkeyPatch, *, is_done: bool
) -> None:
    """One that failed is."""

    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        # The look after the work is the last one for long.
        monkeypatch.setattr(reconnecting_store, "IDLE_LOOK_PERIOD_S", 3600.0)
        await until(lambda: not store._used.is_set())
        real.fail_with = None if is_done else AWAY
        asked = real.reads
        if is_done:
            await store.read(lambda reader: reader.accounts())
            assert store._proved
            await until(lambda: not store._proved)
            assert real.reads == asked + 1
        else:
            with pytest.raises(StoreUnavailable):
                await store.read(lambda reader: reader.accounts())
            await until(lambda: not answers(store))
            assert real.reads > asked + 1

    run(scenario)
    assert log.lines == [] if is_done else ["the store is away: gone fishing"]


def test_a_store_that_periodic_work_asks_is_not_asked_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both wait for the same moments; the work that begins at one tells what a look would."""
    works: list[asyncio.Task[Any]] = []

    async def scenario(store: ReconnectingStore, real: SlowStore) -> None:
        await until(lambda: not store._proved)
        asked = real.reads

        def to_next(period_s: float) -> float:
            if period_s == reconnecting_store.LOOK_PERIOD_S:
                works.append(asyncio.create_task(store.read(lambda reader: reader.accounts())))
            return 0.01

        monkeypatch.setattr(reconnecting_store, "to_next", to_next)
        await store.read(lambda reader: reader.accounts())
        await until(lambda: len(works) == 5)
        assert all(work.done() for work in works[:-1])
        assert real.reads <= asked + 1 + len(works)

    run(scenario)
