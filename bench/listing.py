"""Pages of `/v1/vn/list` of an account with a million numbers: `python -m bench.listing`.

Each page is read as the API reads it, on SQLite and on a PostgreSQL of its own on this machine. Beside the time that a
page takes stands the longest that anything else on the same event loop had to wait meanwhile: a task that asks for its
turn all the time measures it. The baseline is one statement with OFFSET, as the API had it before.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg

from bench.report import progress, table
from renvoi.adapters.sql import open_store
from renvoi.application.numbers import numbers_page
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.configuration.setting_types import SQLITE
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from tests.support.postgres import PostgresCluster

FIRST, STEP, BATCH, SIZE = 33_640_000_000, 9, 20_000, 100
PAGES = (1, 100, 1000, 9000)
REPEAT = 5
_FILL = (
    "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, ring_timeout_s, revision,"
    " created_at_ms) SELECT %s + n * %s, %s, '', true, true, 0, 60, 0, 1 FROM generate_series(0, %s - 1) AS n"
)


def _add(account_id: int, rows: Sequence[NumberRow], writer: Writer) -> None:
    writer.add_numbers(account_id, iter(rows), 1)


async def fill(store: Store, count: int) -> int:
    """Add an account with so many numbers; return its id."""
    account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 1))
    for start in range(0, count, BATCH):
        rows = [NumberRow(E164.from_digits(FIRST + n * STEP)) for n in range(start, min(start + BATCH, count))]
        await store.write(partial(_add, account.id, rows))
    return account.id


class Turns:
    """Asks for its turn on the event loop all the time, and keeps the longest time between two."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._enough = False

    async def ask(self) -> None:
        """Go on asking until told that it is enough."""
        last = time.perf_counter()
        while not self._enough:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest_s, last = max(self.longest_s, now - last), now

    def stop(self) -> None:
        """End the asking."""
        self._enough = True


async def measure(store: Store, account: int, page: int) -> tuple[float, float]:
    """Return the ms that a page took, and the most ms that others had to wait meanwhile: the best of some."""
    found = []
    for _ in range(REPEAT):
        turns = Turns()
        asking = asyncio.create_task(turns.ask())
        await asyncio.sleep(0)
        begin = time.perf_counter()
        await numbers_page(store, Principal(account, "FR", None, "bench"), page, SIZE)
        took = time.perf_counter() - begin
        turns.stop()
        await asking
        found.append((took * 1000, turns.longest_s * 1000))
    return min(found)


def baseline(url: str, account: int, page: int) -> float:
    """Return the ms that one statement with OFFSET takes for the page, the best of some."""
    rows = f"SELECT * FROM numbers WHERE account_id = {account} ORDER BY number"
    statement = f"{rows} LIMIT {SIZE} OFFSET {(page - 1) * SIZE}"
    found = []
    connected = sqlite3.connect(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else psycopg.connect(url)
    with closing(connected) as connection:
        for _ in range(REPEAT):
            begin = time.perf_counter()
            connection.execute(statement).fetchall()
            found.append((time.perf_counter() - begin) * 1000)
    return min(found)


async def rows_of(name: str, url: str, count: int) -> list[tuple[object, ...]]:
    """Measure each page on the store at `url`."""
    store = await open_store(url)
    try:
        progress(f"{name}: adding {count:,} numbers")
        account = await fill(store, count if url.startswith(SQLITE) else 0)
        if not url.startswith(SQLITE):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_FILL, (FIRST, STEP, account, count))
                # As autovacuum does it some minutes after an import.
                connection.execute("VACUUM ANALYZE numbers")
        found: list[tuple[object, ...]] = []
        for page in PAGES:
            took, wait = await measure(store, account, page)
            found.append((name, page, took, wait, baseline(url, account, page)))
        return found
    finally:
        await store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        found = asyncio.run(rows_of("SQLite", f"{SQLITE}{Path(directory) / 'renvoi.db'}", options.numbers))
    with PostgresCluster() as cluster:
        url = cluster.url(cluster.create_database())
        found += asyncio.run(rows_of("PostgreSQL", url, options.numbers))
    table(("store", "page", "ms", "longest wait of others, ms", "one statement with OFFSET, ms"), found)


if __name__ == "__main__":
    main()
