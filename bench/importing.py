"""`renvoi number import` of a million rows, and how long changes of rules wait meanwhile, on each store.

Run as `python -m bench.importing`. The baseline is the same rows put into the same table by SQLite alone: no checking,
one statement a row, one transaction, synced. Memory is the most that a process of the command held, beside that of an
import of a tenth of the rows. Changes are made one after the other by another process than the one that imports, as the
API makes them. The page is read as the API reads it, right after the import.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.report import progress, table
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql import open_store
from renvoi.application.numbers import numbers_page, set_rule
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import RuleType
from tests.support.commands import RENVOI
from tests.support.postgres import shared_cluster

FIRST = 33_640_000_000
CHANGED = "+33199001234"
TARGETS = ("+33644630000", "+33644631111")
PAUSE_S = 0.005
"""Between two changes."""
PAGE, PAGE_SIZE = 9_000, 100


@dataclass(frozen=True)
class Imported:
    """What an import took: seconds, MiB at the most; and the changes meanwhile, in ms."""

    seconds: float
    mib: float
    waits_ms: list[float]
    page_ms: float


def write_rows(path: Path, count: int) -> None:
    """Write a file of valid French mobile numbers, each with a label."""
    with path.open("w") as file:
        file.write("number,label\n")
        for n in range(count):
            file.write(f"+{FIRST + n * 9},customer {n}\n")


def import_rows(directory: Path, count: int, url: str | None = None) -> Imported:
    """Import into a new store, and change a rule again and again meanwhile."""
    data, rows = directory / f"data-{count}-{url is None}", directory / f"{count}.csv"
    write_rows(rows, count)
    environment = os.environ | ({} if url is None else {"RENVOI_DATABASE_URL": url})
    for words in (["account", "add", "bench"], ["number", "add", CHANGED, "--account", "bench"]):
        command = [RENVOI, *words, "--data", str(data)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    command = [RENVOI, "number", "import", str(rows), "--account", "bench", "--data", str(data), "--json"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    return asyncio.run(_measure(process, begin, url or f"sqlite:///{data}/renvoi.db", count))


async def _measure(process: subprocess.Popen[bytes], begin: float, url: str, count: int) -> Imported:
    store = await open_store(url, connections=4)
    try:
        importing = asyncio.create_task(asyncio.to_thread(os.wait4, process.pid, 0))
        waits_ms: list[float] = []
        while not importing.done():
            waits_ms.append(await _change(store, TARGETS[len(waits_ms) % 2]))
            await asyncio.sleep(PAUSE_S)
        _, status, usage = await importing
        seconds = time.perf_counter() - begin
        assert process.stdout is not None
        answer = process.stdout.read()
        if status or json.loads(answer)["imported"] != count:
            sys.exit(f"the import failed: {answer!r}")
        begin = time.perf_counter()
        await numbers_page(store, Principal(1, "FR", None, "bench"), PAGE * count // 1_000_000, PAGE_SIZE)
        page_ms = (time.perf_counter() - begin) * 1000
        return Imported(seconds, usage.ru_maxrss / 1024, waits_ms, page_ms)
    finally:
        await store.close()


async def _change(store: Store, target: str) -> float:
    begin = time.perf_counter()
    await set_rule(store, SystemClock(), E164(CHANGED), RuleType.FORWARD, target)
    return (time.perf_counter() - begin) * 1000


def baseline(directory: Path, count: int) -> float:
    """Return the seconds that SQLite takes for the rows alone."""
    schema = sqlite3.connect(directory / f"data-{count}-True" / "renvoi.db")
    create = schema.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'numbers'").fetchall()
    schema.close()
    connection = sqlite3.connect(directory / "baseline.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for (sql,) in create:
        connection.execute(sql)
    begin = time.perf_counter()
    connection.execute("BEGIN")
    values = ((FIRST + n * 9, 1, f"customer {n}", 1, 1, 0, None, None, 60, 0, None, 1) for n in range(count))
    columns = (
        "number, account_id, label, active, forwarding_enabled, rule_type, target, email, ring_timeout_s, revision"
    )
    words = f"INSERT INTO numbers ({columns}, updated_at_ms, created_at_ms) VALUES ({','.join('?' * 12)})"
    connection.executemany(words, values)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds


@contextmanager
def database() -> Iterator[str]:
    """Lend a database of a PostgreSQL server of its own; give its URL."""
    cluster = shared_cluster()
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


def shown(store: str, count: int, imported: Imported, alone: float | str, small: float) -> tuple[object, ...]:
    """Return a row of the table."""
    waits = sorted(imported.waits_ms)
    times = (waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1])
    return (store, f"{count:,}", imported.seconds, alone, imported.mib, small, len(waits), *times, imported.page_ms)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    count, result = options.rows, []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if options.only != "postgres":
            progress(f"importing {count // 10:,} and {count:,} rows on SQLite")
            small = import_rows(directory, count // 10).mib
            imported = import_rows(directory, count)
            result.append(shown("SQLite", count, imported, baseline(directory, count), small))
        if options.only != "sqlite":
            progress(f"importing {count // 10:,} and {count:,} rows on PostgreSQL")
            with database() as url:
                small = import_rows(directory, count // 10, url).mib
            with database() as url:
                result.append(shown("PostgreSQL", count, import_rows(directory, count, url), "–", small))
    table(
        [
            *("store", "rows", "seconds", "SQLite alone, seconds", "MiB", f"MiB for {count // 10:,} rows"),
            *("changes meanwhile", "p50 ms", "p99 ms", "longest ms", f"page {PAGE * count // 1_000_000:,} ms"),
        ],
        result,
    )


if __name__ == "__main__":
    main()
