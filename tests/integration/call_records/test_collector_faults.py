"""A store that is away and a collector that is killed: no event is lost, none is counted twice (docs/calls.md §5)."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.adapters.sql.sqlite import SqliteStore
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.call_records import collector as collecting
from renvoi.call_records.collector import (
    LOST_AFTER_MS,
    PATIENCE_MS,
    Collector,
)
from renvoi.domain.calls.call_record import HungUp
from tests.integration.call_records.test_collector import (
    NOW,
    HandClock,
    all_over,
    append,
    decided,
    mine,
    records,
    with_collector,
)
from tests.support.waiting import wait_until


def test_a_store_that_is_away_costs_no_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        append(mine(spool), decided("c"))
        write, failures, stop = store.write, 3, asyncio.Event()

        async def failing(work: object) -> object:
            nonlocal failures
            if failures:
                failures -= 1
                raise StoreUnavailable("gone")
            stop.set()
            return await write(work)  # type: ignore[arg-type]  # the double of a generic method

        monkeypatch.setattr(store, "write", failing)
        await asyncio.wait_for(collector.run(stop), 10)
        assert set(await records(store)) == {"c"}

    with_collector(tmp_path, scenario)


def test_what_could_not_be_stored_is_not_logged_as_if_it_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk lets the whole transaction run, and refuses it at its end: once for each try."""
    monkeypatch.setattr(collecting, "RETRY_S", 0.001)

    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        unknown = HungUp("x", "t", NOW - PATIENCE_MS - 1, "callee")
        append(mine(spool), decided("lost", NOW - LOST_AFTER_MS - 1))
        await collector.collect()
        append(mine(spool), decided("c", status=404), unknown)
        write, failures, stop = store.write, 3, asyncio.Event()

        async def refusing(work: Callable[[object], object]) -> object:
            nonlocal failures
            if not failures:
                return await write(work)

            def whole(writer: object) -> object:
                nonlocal failures
                work(writer)
                failures -= 1
                raise StoreUnavailable("the disk is full")

            return await write(whole)

        monkeypatch.setattr(store, "write", refusing)
        clock.ms += 10_001
        with capture_logs() as logs:
            task = asyncio.create_task(collector.run(stop))
            async with asyncio.timeout(10):
                await wait_until(lambda: all_over(store), "the end of both calls")
            stop.set()
            await task
        assert failures == 0
        assert sorted(line["call_id"] for line in logs if line["event"] == "call ended") == ["c", "lost"]
        assert len([line for line in logs if "unknown call" in line["event"]]) == 1

    with_collector(tmp_path, scenario)


KILLED = """
import asyncio, sys, time
from pathlib import Path
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.call_records.collector import Collector
from renvoi.call_records.dead_letters import DeadLetters

class Wall:
    def now_ms(self): return int(time.time() * 1000)

async def main():
    letters = DeadLetters(Path(sys.argv[2] + "-dead"))
    collector = Collector(await open_sqlite(Path(sys.argv[1])), Wall(), Path(sys.argv[2]), letters)
    print("up", flush=True)
    await collector.run(asyncio.Event())

asyncio.run(main())
"""


def test_killed_again_and_again_no_record_is_lost_or_doubled(tmp_path: Path) -> None:
    """SIGKILL at growing distances from the start: each round writes events, kills, and the last one counts."""
    spool, database = tmp_path / "spool", tmp_path / "renvoi.db"
    spool.mkdir()
    expected = set()
    for round_number in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, database, spool], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            for n in range(60 * round_number):
                call = f"r{round_number}-{n}"
                append(mine(spool, round_number), decided(call, status=404))
                expected.add(call)
            process.kill()

    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, __: Path) -> None:
        while await collector.collect():
            pass
        counts = await store.read(lambda reader: dict(reader.call_counts()))
        assert counts == {("reject", 404): len(expected)}
        found = await store.read(lambda reader: reader.calls(limit=10_000))
        assert {record.key.call_id for record in found} == expected
        assert len(found) == len(expected)

    with_collector(tmp_path, scenario)
