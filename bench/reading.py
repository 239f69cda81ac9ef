"""Pages of calls and messages of an account with a thousand to a million of them: `python -m bench.reading`.

Each page is read as `/v2` reads it, its filters included, on SQLite and on a PostgreSQL of its own on this machine. One
account has nearly all rows, another one a hundred of them, from the first to the last. A page begins at a random place
of the list; the time of the 99th of a hundred pages counts. Rare filters are wanted by one row of 10,000: such a page
looks at a bounded number of rows and says where to go on.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg

from bench.report import percentile, progress, table
from renvoi.adapters.sql import open_store
from renvoi.application import call_log, inbox
from renvoi.application.ports.calls import CallQuery
from renvoi.application.ports.messages import MessageQuery
from renvoi.application.ports.pages import Page, Place
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.configuration.setting_types import SQLITE
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from tests.support.postgres import PostgresCluster

SIZES = (1000, 30_000, 1_000_000)
BEGIN_MS, STEP_MS = 1_790_000_000_000, 1000
FIRST = 33_640_000_000
NUMBERS, CALLERS, RARE, QUIET = 20, 997, 10_000, 100
LIMIT = 50
_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {last}) ",
    "postgresql": "WITH s AS (SELECT n FROM generate_series(0, {last}) AS n) ",
}
_CALLS = (
    "INSERT INTO calls (call_id, from_tag, cseq, caller, called, number, account_id, decision, setup_at_ms, end_at_ms,"
    " status, diversions, last_known, withheld, fallback) {series} SELECT 'call-' || n, 'tag', 1,"
    " '+3314' || (10000000 + n % {callers}), 'sip:x', {first} + n % {numbers},"
    " CASE WHEN n % {quiet} = 0 THEN 2 ELSE 1 END, CASE WHEN n % {rare} = 7 THEN 'reject' ELSE 'forward' END,"
    " {begin} + n * {step}, {begin} + n * {step} + 500, CASE WHEN n % {rare} = 7 THEN 488 ELSE 200 END, '', false,"
    " n % 10 = 0, false FROM s"
)
_MESSAGES = (
    "INSERT INTO messages (id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms, cut_off,"
    " heard_at_ms) {series} SELECT 'm' || (100000000 + n), {first} + n % {numbers}, CASE WHEN n % {quiet} = 0 THEN 2"
    " ELSE 1 END, 1, '+3314' || (10000000 + n % {callers}), 'c', {begin} + n * {step}, 4200, false,"
    " CASE WHEN n % {rare} = 7 THEN NULL ELSE {begin} END FROM s"
)
_MAILS = (
    "INSERT INTO mails (message_id, recipient, queued_at_ms, due_at_ms, state, attempts, note, ended_at_ms) "
    "{series} SELECT 'm' || (100000000 + n), 'o@example.com', 1, 1, 'sent', 1, '', 2 FROM s"
)
BIG, SMALL = Principal(1, "FR", "k", "bench"), Principal(2, "FR", "k", "bench")
LIMITED = Principal(1, "FR", "k", "bench", numbers=frozenset(E164.from_digits(FIRST + n) for n in range(5)))
CALLER = "+331410000042"
A_NUMBER = E164.from_digits(FIRST + 3)
CALL_LISTS: Sequence[tuple[str, Principal, CallQuery]] = (
    ("calls: all", BIG, CallQuery()),
    ("calls: of an account with few", SMALL, CallQuery()),
    ("calls: of a key for five numbers", LIMITED, CallQuery()),
    ("calls: number", BIG, CallQuery(number=A_NUMBER)),
    ("calls: from", BIG, CallQuery(caller=CALLER)),
    ("calls: decision, frequent", BIG, CallQuery(decision="forward")),
    ("calls: decision, rare", BIG, CallQuery(decision="reject")),
    ("calls: status, rare", BIG, CallQuery(status=488)),
    ("calls: number and from", BIG, CallQuery(number=A_NUMBER, caller=CALLER)),
)
MESSAGE_LISTS: Sequence[tuple[str, Principal, MessageQuery]] = (
    ("messages: all", BIG, MessageQuery()),
    ("messages: of an account with few", SMALL, MessageQuery()),
    ("messages: number", BIG, MessageQuery(number=A_NUMBER)),
    ("messages: from", BIG, MessageQuery(caller=CALLER)),
    ("messages: heard", BIG, MessageQuery(heard=True)),
    ("messages: unheard, rare", BIG, MessageQuery(heard=False)),
    ("messages: number, unheard, rare", BIG, MessageQuery(number=A_NUMBER, heard=False)),
)


def fill(url: str, calls: int, messages: int) -> None:
    """Put so many calls and messages into a store."""
    kind = "sqlite" if url.startswith(SQLITE) else "postgresql"
    names: dict[str, object] = {
        "callers": CALLERS,
        "first": FIRST,
        "numbers": NUMBERS,
        "rare": RARE,
        "begin": BEGIN_MS,
        "step": STEP_MS,
    }
    statements = [
        each.format(**names, quiet=max(QUIET, count // QUIET), series=_SERIES[kind].format(last=count - 1))
        for each, count in ((_CALLS, calls), (_MESSAGES, messages), (_MAILS, messages))
    ]
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix(SQLITE))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return
    with psycopg.connect(url, autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())
        # As autovacuum does it some minutes later.
        server.execute("VACUUM ANALYZE")


async def measure(read: Callable[[Place | None], Awaitable[Page[object]]], count: int, pages: int) -> list[float]:
    """Return the sorted ms of pages from random places of a list, the first page among them."""
    chance, found = random.Random(7), []
    for index in range(pages + 10):
        at_ms = BEGIN_MS + chance.randrange(count) * STEP_MS
        begin = time.perf_counter()
        await read(None if index % 10 == 0 else Place(at_ms, ""))
        if index >= 10:  # the statements are compiled, and prepared on PostgreSQL
            found.append((time.perf_counter() - begin) * 1000)
    return sorted(found)


def call_place(after: Place | None) -> Place | None:
    """Return a place among calls, whose ids are numbers."""
    return after and Place(after.at_ms, 1 << 40)


async def times_of(url: str, count: int, pages: int) -> dict[str, list[float]]:
    """Fill a store and measure each list."""
    store = await open_store(url)
    try:
        await store.write(_accounts)
        progress(f"{url.partition(':')[0]}: {count:,} calls and messages")
        await asyncio.to_thread(fill, url, count, count)
        found = {}
        for name, who, calls in CALL_LISTS:
            found[name] = await measure(_calls_of(store, who, calls), count, pages)
        for name, who, messages in MESSAGE_LISTS:
            found[name] = await measure(_messages_of(store, who, messages), count, pages)
        return found
    finally:
        await store.close()


def _calls_of(store: Store, who: Principal, only: CallQuery) -> Callable[[Place | None], Awaitable[Page[object]]]:
    async def read(after: Place | None) -> Page[object]:
        page = await call_log.list_calls(store, who, only, call_place(after), LIMIT)
        return Page(page.items, page.next)

    return read


def _messages_of(store: Store, who: Principal, only: MessageQuery) -> Callable[[Place | None], Awaitable[Page[object]]]:
    async def read(after: Place | None) -> Page[object]:
        page = await inbox.list_messages(store, who, only, after, LIMIT)
        return Page(page.items, page.next)

    return read


def _accounts(writer: Writer) -> None:
    for name in ("bench", "quiet"):
        writer.add_account(name, "en", "FR", 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    with PostgresCluster() as cluster, tempfile.TemporaryDirectory() as directory:
        for kind in ("SQLite", "PostgreSQL"):
            found = []
            for count in options.sizes:
                path = Path(directory) / f"{count}.db"
                url = f"{SQLITE}{path}" if kind == "SQLite" else cluster.url(cluster.create_database())
                found.append(asyncio.run(times_of(url, count, options.pages)))
                path.unlink(missing_ok=True)
            for name in found[0]:
                times = [each[name] for each in found]
                rows.append((kind, name, *(f"{percentile(ms, 0.5):.1f} / {percentile(ms, 0.99):.1f}" for ms in times)))
    table(("store", "list", *(f"{count:,}: p50 / p99 ms" for count in options.sizes)), rows)


if __name__ == "__main__":
    main()
