"""Pages of the numbers of an account with a thousand to a million of them: `python -m bench.numbering`.

Each page is read as `/v2` reads it, its filters included, on SQLite and on a PostgreSQL of its own on this machine. One
number of a thousand takes messages, one of five thousand is inactive, every second has one of 50,000 labels. Without a
prefix a page begins at a random number. The CPU time is that of this process, which says more than the other times do
on a machine that is not alone.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg

from bench.report import percentile, progress, table
from renvoi.adapters.sql import open_store
from renvoi.application.number_lists import START, NumberFilter, NumberPlace, list_numbers
from renvoi.application.ports.unit_of_work import Store
from renvoi.configuration.setting_types import SQLITE
from renvoi.domain.access.api_key import Principal
from renvoi.domain.rules.rule import RuleType
from tests.support.postgres import PostgresCluster

SIZES = (1000, 1_000_000)
FIRST, LIMIT, PAGES = 33_100_000_000, 50, 100
WHO = Principal(1, "FR", None, "bench")
_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {last}) ",
    "postgresql": "WITH s AS (SELECT n FROM generate_series(0, {last}) AS n) ",
}
_NUMBERS = (
    "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target, email,"
    " ring_timeout_s, revision, updated_at_ms, created_at_ms) {series} SELECT {first} + n, 1,"
    " CASE WHEN n % 2 = 1 THEN 'label ' || (100000 + n % 50000) ELSE '' END, n % 5000 <> 3, true,"
    " CASE WHEN n % 1000 = 7 THEN 2 WHEN n % 3 = 0 THEN 0 ELSE 1 END,"
    " CASE WHEN n % 1000 <> 7 AND n % 3 <> 0 THEN 33644630000 END,"
    " CASE WHEN n % 1000 = 7 THEN 'owner@example.com' END, 60, 1, 5, 5 FROM s"
)
LISTS: Sequence[tuple[str, NumberFilter]] = (
    ("all", NumberFilter()),
    ("action, frequent", NumberFilter(type=RuleType.FORWARD)),
    ("action, rare", NumberFilter(type=RuleType.VOICEMAIL)),
    ("state, rare", NumberFilter(active=False)),
    ("action and state, none", NumberFilter(type=RuleType.VOICEMAIL, active=False)),
    ("q, of numbers", NumberFilter("+33 100 00")),
    ("q, of numbers, and action, rare", NumberFilter("+33 100 00", RuleType.VOICEMAIL)),
    ("q, of labels", NumberFilter("LABEL 1")),
    ("q, of labels, and action, rare", NumberFilter("label 1", RuleType.VOICEMAIL)),
    ("q, of labels, none", NumberFilter("nothing")),
)


async def pages(store: Store, wanted: NumberFilter, size: int) -> tuple[list[float], float]:
    """Return the sorted times of some pages in ms, and the CPU time of each of them in µs."""
    times = []
    cpu_s = time.process_time()
    for _ in range(PAGES):
        after = START if wanted.prefix else NumberPlace(FIRST + random.randrange(size))
        began = time.perf_counter()
        await list_numbers(store, WHO, wanted, after, LIMIT)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times), (time.process_time() - cpu_s) / PAGES * 1e6


async def measured(url: str, size: int) -> list[tuple[object, ...]]:
    """Return a row for each list."""
    store = await open_store(url)
    try:
        found: list[tuple[object, ...]] = []
        for name, wanted in LISTS:
            progress(f"{size} numbers, {name}")
            times, cpu_us = await pages(store, wanted, size)
            found.append((name, size, percentile(times, 0.5), percentile(times, 0.99), round(cpu_us)))
        return found
    finally:
        await store.close()


async def make(url: str) -> None:
    """Make a store with an account."""
    store = await open_store(url)
    await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    await store.close()


def filling(database: str, size: int) -> str:
    return _NUMBERS.format(series=_SERIES[database].format(last=size - 1), first=FIRST)


def main() -> None:
    """Measure."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows: list[tuple[object, ...]] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
            path = Path(name) / "renvoi.db"
            asyncio.run(make(f"{SQLITE}{path}"))
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute(filling("sqlite", size))
            rows += [("SQLite", *row) for row in asyncio.run(measured(f"{SQLITE}{path}", size))]
    with PostgresCluster() as cluster:
        for size in SIZES:
            url = cluster.url(cluster.create_database())
            asyncio.run(make(url))
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(filling("postgresql", size).encode())
                server.execute("VACUUM ANALYZE numbers")
            rows += [("PostgreSQL", *row) for row in asyncio.run(measured(url, size))]
    table(["store", "list", "numbers", "p50 ms", "p99 ms", "CPU µs"], rows)


if __name__ == "__main__":
    main()
