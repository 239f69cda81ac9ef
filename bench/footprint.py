"""What numbers, changes, look-ups and call records cost a PostgreSQL server: `python -m bench.footprint`.

The server is a cluster of its own on this machine, which syncs as in service. Bytes are PostgreSQL's own figures; the
CPU time is that of all its processes, by the kernel's counters (of 10 ms, so thousands of operations are timed), and
leaves out the client's. The look-up is one row by its primary key, prepared. Changes and records go through the
store: each change in a transaction of its own, records `--batch` events to a transaction, as the collector does it.
docs/scale.md calculates with these figures.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from bench.report import percentile, progress, table
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql import open_store
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.edge.router.lookup import SELECT
from tests.support.node import descendants
from tests.support.postgres import PostgresCluster

FIRST = 33_100_000_000
STEP = 7
NOW_MS = 1_700_000_000_000
CONNECTIONS = 2
_FILL = (
    "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target, ring_timeout_s,"
    " revision, updated_at_ms, created_at_ms, no_answer, busy) SELECT %s + n * %s, 1, '', true, true, 1,"
    " 33644000000 + n, 60, 1, %s, %s, 'release', 'release' FROM generate_series(0, %s - 1) AS n"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation took of the server: CPU seconds, bytes of write-ahead log."""

    cpu_s: float
    wal_bytes: float


class Server:
    """The cluster, and what it has used so far."""

    def __init__(self, cluster: PostgresCluster, database: str) -> None:
        self._cluster = cluster
        self._database = database
        self.url = cluster.url(database)

    def cpu_s(self) -> float:
        """Return the CPU seconds of the postmaster and its children, those that have ended included."""
        assert self._cluster.process is not None
        pid = self._cluster.process.pid
        ticks = sum(
            _ticks(pid, own=13, count=4) if each == pid else _ticks(each, own=13, count=2) for each in self._all()
        )
        return ticks / os.sysconf("SC_CLK_TCK")

    def _all(self) -> list[int]:
        assert self._cluster.process is not None
        pid = self._cluster.process.pid
        return [pid, *descendants(pid)]

    def number(self, statement: str) -> int:
        """Return the one number that `statement` selects."""
        with self._cluster.admin(self._database) as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return int(row[0])

    def wal_bytes(self) -> int:
        """Return how much write-ahead log was ever written."""
        return self.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")

    def settle(self) -> None:
        """Vacuum and write out everything, so that what comes next is charged with its own work only."""
        with self._cluster.admin(self._database) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    async def cost(self, count: int, run: Callable[[], Coroutine[Any, Any, None]]) -> Cost:
        """Return what each of the `count` operations of `run` costs."""
        wal, cpu = self.wal_bytes(), self.cpu_s()
        await run()
        return Cost((self.cpu_s() - cpu) / count, (self.wal_bytes() - wal) / count)


def _ticks(pid: int, own: int, count: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    # Without the first two fields, which the split has taken.
    return sum(map(int, fields[own - 2 : own - 2 + count]))


def fill(server: Server, count: int) -> None:
    """Put `count` numbers with a forwarding rule into the store."""
    with psycopg.connect(server.url) as connection:
        connection.execute(_FILL, (FIRST, STEP, NOW_MS, NOW_MS, count))
    server.settle()


def numbers(count: int, of: int, seed: int) -> list[int]:
    """Return `count` random ones of the `of` numbers."""
    chosen = random.Random(seed)
    return [FIRST + chosen.randrange(of) * STEP for _ in range(count)]


async def change(store: Store, chosen: list[int], target: int) -> None:
    """Forward each of the numbers to a target of its own, one after the other."""
    for number in chosen:
        target += 1
        request = RuleRequest(f"+{number}", "1", f"+{target}")
        answer = await set_rule(store, SystemClock(), Principal(1, "FR", "key", "192.0.2.1"), request)
        assert answer.outcome.success, answer


def calls(count: int) -> Iterator[tuple[CallRecord, ...]]:
    """Return the three stages of `count` forwarded calls' records: decided, answered, ended."""
    for number in numbers(count, count, 3):
        key = CallKey(f"{random.getrandbits(128):032x}@198.51.100.7", f"{random.getrandbits(40):010x}", 1)
        decided = CallRecord(
            key, "+33261910123", f"+{number}", f"+{number}", 1, "forward", None, "+33644630000", None, NOW_MS,
            diversions=(f"+{number}",),
        )  # fmt: skip
        answered = replace(decided, trunk="carrier-a", ring_at_ms=NOW_MS, answer_at_ms=NOW_MS, status=200)
        yield decided, answered, replace(answered, end_at_ms=NOW_MS, hung_up_by="caller")


async def keep(store: Store, records: list[CallRecord], batch: int) -> None:
    """Store the records in order, `batch` of them to a transaction."""

    def put(group: list[CallRecord]) -> Callable[[Writer], None]:
        def work(writer: Writer) -> None:
            for record in group:
                writer.put_call(record)
            writer.count_calls({("forward", 200): len(group)})
            writer.put_spool_offset("boot-1-0.jsonl", random.getrandbits(40))

        return work

    for begin in range(0, len(records), batch):
        await store.write(put(records[begin : begin + batch]))


def look_up(server: Server, chosen: list[int], times: list[float]) -> None:
    """Look up each of the numbers as the edge does; append the times in microseconds."""
    with psycopg.connect(server.url, autocommit=True, prepare_threshold=0) as connection:
        for number in chosen:
            begin = time.perf_counter_ns()
            row = connection.execute(f"{SELECT}%s", (number,)).fetchone()
            times.append((time.perf_counter_ns() - begin) / 1000)
            assert row is not None


def sizes(server: Server, name: str) -> list[tuple[object, ...]]:
    """Return the rows about one table: bytes a row of the table and of its indexes."""
    count = server.number(f"SELECT count(*) FROM {name}")
    rows = server.number(f"SELECT pg_table_size('{name}')") / count
    indexes = server.number(f"SELECT pg_indexes_size('{name}')") / count
    return [(f"bytes a row of {name}, table", rows), (f"bytes a row of {name}, indexes", indexes)]


async def measure(server: Server, options: argparse.Namespace) -> None:
    """Measure everything on an empty cluster, and print it."""
    store = await open_store(server.url, connections=CONNECTIONS)
    await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    progress(f"filling the store with {options.numbers:,} numbers")
    fill(server, options.numbers)
    found = sizes(server, "numbers")

    progress("look-ups")
    chosen, times = numbers(options.look_ups, options.numbers, 1), list[float]()
    look_up(server, chosen, [])

    async def looking() -> None:
        await asyncio.to_thread(look_up, server, chosen, times)

    cost = await server.cost(len(chosen), looking)
    times.sort()
    found += [("CPU µs a look-up, server", cost.cpu_s * 1e6)]
    found += [("look-up µs on loopback, p50", percentile(times, 0.5)), ("the same, p99", percentile(times, 0.99))]

    progress("changes")
    chosen = numbers(options.changes, options.numbers, 2)
    server.settle()
    cost = await server.cost(len(chosen), lambda: change(store, chosen, 33_640_000_000))
    found += [("CPU µs a change, server", cost.cpu_s * 1e6), ("WAL bytes a change, page fresh", cost.wal_bytes)]
    cost = await server.cost(len(chosen), lambda: change(store, chosen, 33_650_000_000))
    found += [("WAL bytes a change, page written since the checkpoint", cost.wal_bytes)]
    found += sizes(server, "audit")

    progress("call records")
    # In service the stages of many calls are mixed; a batch holds the same stage of as many calls.
    stages = [record for stage in zip(*calls(options.calls), strict=True) for record in stage]
    server.settle()
    cost = await server.cost(options.calls, lambda: keep(store, stages, options.batch))
    found += [("CPU µs a call's record, server", cost.cpu_s * 1e6), ("WAL bytes a call's record", cost.wal_bytes)]
    server.settle()
    found += sizes(server, "calls")
    await store.close()
    table(["what", "figure"], [(name, f"{value:,.0f}") for name, value in found])


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--look-ups", type=int, default=30_000)
    parser.add_argument("--changes", type=int, default=5_000)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=50)
    options = parser.parse_args()
    with PostgresCluster(settings={"shared_buffers": "512MB", "max_wal_size": "8GB"}) as cluster:
        asyncio.run(measure(Server(cluster, cluster.create_database()), options))


if __name__ == "__main__":
    main()
