"""Pages of the dashboard with a million numbers and ten million calls in the store: `python -m bench.pages`.

Each page is asked for as a browser asks, of the whole application in this process on SQLite, by somebody signed in to
the account that has nearly all rows, and by an operator. The time is from the request to the last byte of the answer;
beside it stands the same page of a store with a thousand of each, which is the baseline. CPU is that of this process,
which says more than the other times on a machine that is not alone. The first two answers do not count: templates are
compiled then.
"""

import argparse
import asyncio
import logging
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog

from bench import numbering, reading
from bench.report import percentile, progress, table
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql import open_store
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.sessions import Visitor, begin, new_token, of_key, of_local_operator
from renvoi.configuration.setting_types import SQLITE
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.access.session import Token
from renvoi.domain.numbers.number import E164
from renvoi.http.app import create_app
from renvoi.http.dashboard.site import COOKIE
from renvoi.http.deps import Deps

SMALL, ROUNDS = 1000, 30
KEY = ApiKey("0a0a0a0a0a0a", "k" * 43)
BUSY = E164.from_digits(reading.FIRST)
PAGES: Sequence[str] = (
    "/numbers",
    "/numbers?q=%2B33+100+00",
    "/numbers?q=label+1",
    f"/numbers/{BUSY.value}",
    "/messages",
    f"/messages?number=%2B{BUSY.digits}",
    "/calls",
    f"/calls?number=%2B{BUSY.digits}",
    "/calls?decision=reject",
    "/keys",
    "/webhooks",
    "/account",
    "/sessions",
)
OPERATOR_PAGES: Sequence[str] = (
    "/operator",
    "/operator/accounts",
    "/operator/accounts/acc_1/numbers",
    "/operator/mails",
    "/start",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers of one page: their sorted times in ms, the CPU time of one in ms, and how many bytes it has."""

    times: list[float]
    cpu_ms: float
    size: int


def seed(tokens: Mapping[str, Token]) -> Callable[[Writer], None]:
    """Return the work that makes the accounts, the key, the sessions and the numbers that calls came to."""

    def work(writer: Writer) -> None:
        now_ms = SystemClock().now_ms()
        for name in ("bench", "quiet"):
            writer.add_account(name, "en", "FR", 1)
        writer.add_key(KeyRecord(KEY.id, 1, KEY.hash(), "FR"))
        for n in range(reading.NUMBERS):
            writer.add_number(1, NumberRow(E164.from_digits(reading.FIRST + n)), 1)
        record = writer.key(KEY.id)
        assert record is not None
        begin(writer, tokens["key"], of_key(record, KEY.hash()), Visitor("127.0.0.1"), now_ms)
        begin(writer, tokens["operator"], of_local_operator(1), Visitor("127.0.0.1"), now_ms)

    return work


def fill(path: Path, numbers: int, calls: int, messages: int) -> None:
    """Put so many rows into a store on SQLite."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(numbering.filling("sqlite", numbers))
    reading.fill(f"{SQLITE}{path}", calls, messages)


async def measured(store: Store, tokens: Mapping[str, Token]) -> dict[str, Measured]:
    """Return for each page the sorted ms of its answers, and its bytes."""
    app = create_app(Deps(store, SystemClock()))
    app.prepare()
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as client:
        for who, paths in (("key", PAGES), ("operator", OPERATOR_PAGES)):
            cookie = {"Cookie": f"{COOKIE}={tokens[who].reveal()}", "Accept": "text/html"}
            for path in paths:
                times, cpu_s = [], 0.0
                for place in range(ROUNDS + 2):
                    cpu_s = time.process_time() if place == 2 else cpu_s
                    began = time.perf_counter()
                    answer = await client.get(path, headers=cookie)
                    times.append((time.perf_counter() - began) * 1000)
                    assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
                cpu_ms = (time.process_time() - cpu_s) / ROUNDS * 1000
                found[path] = Measured(sorted(times[2:]), cpu_ms, len(answer.content))
    return found


async def times_of(path: Path, numbers: int, calls: int, messages: int) -> dict[str, Measured]:
    """Make a store of that size and measure its pages."""
    tokens = {"key": new_token(), "operator": new_token()}
    store = await open_store(f"{SQLITE}{path}")
    try:
        await store.write(seed(tokens))
        progress(f"{numbers:,} numbers, {calls:,} calls, {messages:,} messages")
        await asyncio.to_thread(fill, path, numbers, calls, messages)
        return await measured(store, tokens)
    finally:
        await store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as directory:
        small = asyncio.run(times_of(Path(directory) / "small.db", SMALL, SMALL, SMALL))
        large = asyncio.run(times_of(Path(directory) / "large.db", options.numbers, options.calls, options.messages))
    rows = [
        (
            page,
            f"{percentile(small[page].times, 0.5):.1f} / {small[page].cpu_ms:.1f}",
            f"{percentile(each.times, 0.5):.1f} / {each.cpu_ms:.1f}",
            f"{each.times[-1]:.1f}",
            f"{each.size / 1000:.1f}",
        )
        for page, each in large.items()
    ]
    table(("page", f"{SMALL:,} of each: p50 / CPU ms", "all: p50 / CPU ms", "slowest ms", "kB"), rows)


if __name__ == "__main__":
    main()
