"""Call events reach the store once each, whoever dies on the way (docs/calls.md §5)."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.adapters.sql.sqlite import SqliteStore, open_sqlite
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.call_records import collector as collecting
from renvoi.call_records import spool_reader as module
from renvoi.call_records.collector import (
    COUNT_PERIOD_MS,
    ENDLESS_AFTER_MS,
    LONGEST_CALL_MS,
    LOST_AFTER_MS,
    PATIENCE_MS,
    Collector,
)
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import Answered, CallEvent, CallKey, CallRecord, Decided, Failed, FellBack, HungUp
from tests.support.memory_store import MemoryStore

NOW = 1_800_000_000_000


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    ms: int = NOW

    def monotonic_ms(self) -> int:
        return self.now_ms()

    def now_ms(self) -> int:
        return self.ms


def decided(call: str, at_ms: int = NOW, status: int | None = None) -> Decided:
    decision = "reject" if status else "forward"
    return Decided(CallKey(call, "t", 1), at_ms, "+331", "+332", "+332", 4, decision, status=status)


def append(file: Path, *events: CallEvent) -> None:
    with file.open("ab") as spool:
        spool.write(b"".join(encode(event) for event in events))


def mine(spool: Path, sequence: int = 0, pid: int | None = None) -> Path:
    """Return the name of a file of a living process: this one."""
    return spool / f"boot-{pid or os.getpid()}-{sequence}.jsonl"


def dead_pid() -> int:
    """Return the id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


Scenario = Callable[[Collector, SqliteStore, HandClock, Path], Awaitable[None]]


def with_collector(tmp_path: Path, scenario: Scenario) -> None:
    spool = tmp_path / "spool"
    spool.mkdir(exist_ok=True)

    async def main() -> None:
        store = await open_sqlite(tmp_path / "renvoi.db")
        clock = HandClock()
        try:
            await scenario(Collector(store, clock, spool, DeadLetters(tmp_path / "dead-letters")), store, clock, spool)
        finally:
            await store.close()

    asyncio.run(main())


def test_what_waits_for_the_store_is_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second, and until it is stored; a store that is away, or that takes no changes."""
    monkeypatch.setattr(collecting, "PAUSE_S", 0.001)
    (tmp_path / "spool").mkdir()
    said: list[str] = []

    async def main() -> None:
        store, clock, stop = MemoryStore(), HandClock(), asyncio.Event()
        letters = DeadLetters(tmp_path / "dead-letters")
        running = Collector(store, clock, tmp_path / "spool", letters, alarm=said.append)
        store.refuse_with = StoreUnavailable("read-only")
        append(mine(tmp_path / "spool"), decided("a"), decided("b"), Answered(CallKey("a", "t", 1), NOW + 1, 200))
        task = asyncio.create_task(running.run(stop))
        async with asyncio.timeout(10):
            await until(lambda: said == ["2 call records wait: read-only"])
            append(mine(tmp_path / "spool"), decided("c"))
            store.refuse_with, store.fail_with = None, StoreUnavailable("away")
            clock.ms += COUNT_PERIOD_MS
            await until(lambda: said[1:] == ["3 call records wait: away"])
            store.fail_with = None
            await until(lambda: said[2:] == [""])
            stop.set()
            await task
        assert {record.key.call_id for record in await store.read(lambda reader: reader.calls())} == {"a", "b", "c"}

    asyncio.run(main())


async def until(condition: Callable[[], bool]) -> None:
    """Let the others go on until `condition` holds."""
    while not condition():  # noqa: ASYNC110 - the collector sends no event
        await asyncio.sleep(0.001)


async def all_over(store: SqliteStore) -> bool:
    """Tell whether both calls are over."""
    return [record.end_at_ms is not None for record in (await records(store)).values()] == [True, True]


async def records(store: SqliteStore) -> dict[str, CallRecord]:
    return {record.key.call_id: record for record in await store.read(lambda reader: reader.calls())}


def test_events_of_several_processes_make_one_record(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        key = CallKey("c", "t", 1)
        append(mine(spool, 0), decided("c"), HungUp("c", "t", NOW + 9, "callee"))
        append(mine(spool, 1), Answered(key, NOW + 2, 200, "main", NOW + 1))
        assert await collector.collect()
        record = (await records(store))["c"]
        assert (record.ring_at_ms, record.answer_at_ms, record.end_at_ms) == (NOW + 1, NOW + 2, NOW + 9)
        assert (record.status, record.trunk, record.hung_up_by) == (200, "main", "callee")
        assert await store.read(lambda reader: dict(reader.call_counts())) == {("forward", 200): 1}
        assert sorted(name for _, name in await store.read(lambda reader: reader.hour_counts(0))) == [
            "answered",
            "calls",
        ]
        assert not await collector.collect()

    with_collector(tmp_path, scenario)


def test_a_call_that_is_over_is_one_line_of_the_log(tmp_path: Path) -> None:
    """However often it is looked at, and whether it was answered, refused or lost."""

    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        with capture_logs() as logs:
            append(mine(spool), decided("c"), Answered(CallKey("c", "t", 1), NOW + 2, 200, "main"))
            hidden = replace(decided("hidden", status=480), withheld=True)
            append(mine(spool), decided("refused", status=404), decided("lost"), hidden)
            await collector.collect()
            append(mine(spool), HungUp("c", "t", NOW + 9, "callee"))
            clock.ms += LOST_AFTER_MS + 1
            for _again in range(2):
                await collector.collect()
        ended = {line["call_id"]: line for line in logs if line["event"] == "call ended"}
        assert len([line for line in logs if line["event"] == "call ended"]) == len(ended) == 4
        assert {line["log_level"] for line in ended.values()} == {"info"}
        answered = ended["c"]
        assert (answered["number"], answered["decision"], answered["trunk"]) == ("+332", "forward", "main")
        assert (answered["status"], answered["ended_by"], answered["duration_ms"]) == (200, "callee", 7)
        assert [ended[call]["caller"] for call in ("c", "lost", "hidden")] == ["+331", "+331", "withheld"]
        assert "+331" not in str(ended["hidden"])
        assert (await records(store))["hidden"].caller == "+331"
        assert (ended["refused"]["status"], ended["refused"]["duration_ms"]) == (404, None)
        assert (ended["lost"]["status"], ended["lost"]["reason"]) == (408, "lost")

    with_collector(tmp_path, scenario)


def test_copies_of_an_invite_make_one_record(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        append(mine(spool), decided("c", status=404), decided("c", NOW + 1, status=404))
        await collector.collect()
        append(mine(spool), decided("c", NOW + 2, status=404))
        await collector.collect()
        assert len(await records(store)) == 1
        assert await store.read(lambda reader: dict(reader.call_counts())) == {("reject", 404): 1}

    with_collector(tmp_path, scenario)


def test_an_event_waits_for_the_beginning_of_its_call(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        append(mine(spool, 5), Failed(CallKey("c", "t", 1), NOW + 5, 486, "callee", 17))
        await collector.collect()
        assert await records(store) == {}
        append(mine(spool, 6), decided("c"))
        await collector.collect()
        await collector.collect()
        record = (await records(store))["c"]
        assert (record.status, record.cause, record.hung_up_by) == (486, 17, "callee")

    with_collector(tmp_path, scenario)


def test_what_happened_in_one_millisecond_is_put_in_order_however_late_it_is_read(tmp_path: Path) -> None:
    """The BYE's file comes before that of the answer, and both have waited for longer than events are waited for."""

    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        append(mine(spool, 0), HungUp("c", "t", NOW, "caller"))
        append(mine(spool, 1), decided("c"), Answered(CallKey("c", "t", 1), NOW, 200))
        clock.ms += 2 * PATIENCE_MS
        await collector.collect()
        assert (await records(store))["c"].hung_up_by == "caller"

    with_collector(tmp_path, scenario)


def test_an_event_of_a_call_that_never_began_is_dropped_in_the_end(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        append(mine(spool), HungUp("x", "t", NOW, "caller"), decided("c"))
        await collector.collect()
        clock.ms += PATIENCE_MS
        await collector.collect()
        assert list(await records(store)) == ["c"]
        assert await store.read(lambda r: r.spool_offsets()) == {mine(spool).name: mine(spool).stat().st_size}

    with_collector(tmp_path, scenario)


def test_a_file_goes_when_it_is_stored_and_its_writer_is_done(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        full, present, orphan = mine(spool, 0), mine(spool, 1), mine(spool, 0, dead_pid())
        append(full, decided("a"))
        append(present, decided("b"))
        append(orphan, decided("c"))
        await collector.collect()
        assert set(await records(store)) == {"a", "b", "c"}
        assert list(spool.iterdir()) == [present]
        assert list(await store.read(lambda reader: reader.spool_offsets())) == [present.name]

    with_collector(tmp_path, scenario)


def test_half_a_line_is_waited_for_or_dropped_with_its_dead_writer(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        living, dead = mine(spool), mine(spool, 0, dead_pid())
        line = encode(decided("a"))
        living.write_bytes(line[:20])
        dead.write_bytes(encode(decided("b")) + line[:20])
        await collector.collect()
        assert set(await records(store)) == {"b"}
        assert list(spool.iterdir()) == [living]
        living.write_bytes(line)
        await collector.collect()
        assert set(await records(store)) == {"a", "b"}

    with_collector(tmp_path, scenario)


def test_rubbish_in_the_spool_stops_nothing(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        mine(spool).write_bytes(b'\xff\xfe\n{}\n["decided",{}]\n' + encode(decided("a")))
        await collector.collect()
        assert set(await records(store)) == {"a"}

    with_collector(tmp_path, scenario)


def test_a_backlog_is_taken_in_bounded_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_BYTES", 1000)

    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        orphan = mine(spool, 0, dead_pid())
        append(orphan, *(decided(f"c{n}") for n in range(50)))
        rounds = 0
        while await collector.collect():
            rounds += 1
        assert len(await records(store)) == 50
        assert rounds > 5
        assert not orphan.exists()

    with_collector(tmp_path, scenario)


def test_a_call_that_died_with_the_edge_is_closed(tmp_path: Path) -> None:
    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        append(mine(spool), decided("c"))
        await collector.collect()
        clock.ms += LOST_AFTER_MS + 1
        await collector.collect()
        record = (await records(store))["c"]
        assert (record.status, record.reason, record.hung_up_by, record.end_at_ms) == (408, "lost", "edge", clock.ms)
        assert await store.read(lambda reader: dict(reader.call_counts())) == {("forward", 408): 1}

    with_collector(tmp_path, scenario)


@pytest.mark.parametrize("fell_back", [False, True])
def test_a_call_whose_bye_never_came_is_closed_after_the_longest_time(tmp_path: Path, fell_back: bool) -> None:
    """Its mark holds no more by then. A BYE that waited on the disk of a node all the time is true all the same."""

    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        key, reason = CallKey("c", "t", 1), "no-answer" if fell_back else None
        append(mine(spool), decided("c"), *([FellBack(key, NOW + 1, "no-answer")] if fell_back else []))
        append(mine(spool), Answered(key, NOW + 2, 200, "main", NOW + 1))
        await collector.collect()
        clock.ms = NOW + LONGEST_CALL_MS + ENDLESS_AFTER_MS
        await collector.collect()
        assert (await records(store))["c"].end_at_ms is None
        clock.ms += 10_001
        await collector.collect()
        closed = (await records(store))["c"]
        assert (closed.status, closed.reason, closed.hung_up_by) == (200, reason or "no-bye", "edge")
        assert closed.end_at_ms == clock.ms
        append(mine(spool), HungUp("c", "t", NOW + 9, "callee", 16))
        await collector.collect()
        record = (await records(store))["c"]
        assert (record.reason, record.hung_up_by, record.end_at_ms, record.cause) == (reason, "callee", NOW + 9, 16)

    with_collector(tmp_path, scenario)
