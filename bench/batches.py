"""Ten thousand rules at once, and what others wait meanwhile: `python -m bench.batches [--postgres]`.

Rules with a target alone, and rules with all options; in one transaction, and each for itself. While they are stored
somebody else changes one rule of another number after the other: how long the slowest of these takes is what a batch
costs others. Reading the JSON is shown apart, with the longest time that the event loop could not do anything else.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.report import progress, table
from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.sql.postgres import open_postgres
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.rule_batches import BatchChange, Result, change_all, change_each
from renvoi.application.rules import HolidayDates
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.http.v2.batch_reading import read_changes
from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import START_MS, FixedClock
from tests.support.postgres import PostgresCluster

CHANGES = 10_000
FIRST = 33_199_000_000
OTHER = E164("+33140000009")
RULES: dict[str, dict[str, Any]] = {"a target": {"action": "forward"}, "all options": RULE}


class Worst:
    """Remembers the longest of some times, in ms."""

    def __init__(self) -> None:
        self.ms = 0.0

    def note(self, began: float) -> None:
        """Note that something which began at `began` has ended."""
        self.ms = max(self.ms, (time.perf_counter() - began) * 1000)


async def change_another(store: Store, who: Principal, worst: Worst) -> None:
    """Change a rule again and again."""
    count = 0
    while True:
        count += 1
        began = time.perf_counter()
        target = f"+336{11_000_000 + count % 900:08}"
        try:
            await set_rule(store, FixedClock(), who, RuleRequest(OTHER.value, "1", target))
        finally:
            worst.note(began)
        await asyncio.sleep(0.002)


async def watch_loop(worst: Worst) -> None:
    """See how late the event loop is."""
    while True:
        began = time.perf_counter() + 0.002
        await asyncio.sleep(0.002)
        worst.note(began)


def just_make(_: int, __: Writer, make: Callable[[], Sequence[Result]]) -> int:
    """Make the changes of one transaction."""
    return len(make())


async def measure(name: str, store: Store) -> list[tuple[object, ...]]:
    """Return the rows of a store."""
    account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    numbers = [E164.from_digits(FIRST + place) for place in range(CHANGES)]
    rows = [NumberRow(number) for number in [*numbers, OTHER]]
    await store.write(lambda writer: writer.add_numbers(account.id, rows, 0))
    who = Principal(account.id, "FR", None, "bench")
    found: list[tuple[object, ...]] = []
    for rules, rule in RULES.items():
        for atomic in (True, False):
            progress(f"{name}, {rules}, {'one transaction' if atomic else 'each'}")
            targets = (f"+336{44_630_000 + 7 * place + atomic:08}" for place in range(CHANGES))
            values = [
                {"number": number.value, "forwarding": rule | {"to": [target]}}
                for number, target in zip(numbers, targets, strict=True)
            ]
            late, waited = Worst(), Worst()
            watching = asyncio.create_task(watch_loop(late))
            began = time.perf_counter()
            dates = HolidayDates(PackagedHolidays(), START_MS)
            read = await read_changes(values, dates)
            read_s = time.perf_counter() - began
            changes = [each.change for each in read if isinstance(each.change, BatchChange)]
            other = asyncio.create_task(change_another(store, who, waited))
            began, used = time.perf_counter(), time.process_time()
            if atomic:
                await change_all(store, dates, who, changes)
            else:
                async for _ in change_each(store, dates, who, changes, just_make):
                    pass
            took_s, cpu_s = time.perf_counter() - began, time.process_time() - used
            watching.cancel()
            other.cancel()
            await asyncio.wait([other])
            how = "one transaction" if atomic else "each"
            found.append((name, rules, how, read_s, round(late.ms), took_s, cpu_s, round(waited.ms)))
    await store.close()
    return found


async def run(*, postgres: bool) -> list[tuple[object, ...]]:
    """Measure all stores that are wanted."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        found = await measure("SQLite", await open_sqlite(Path(directory) / "renvoi.db"))
    if postgres:
        with PostgresCluster() as cluster:
            url = cluster.url(cluster.create_database())
            found += await measure("PostgreSQL", await open_postgres(url))
    return found


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(run(postgres=options.postgres))
    table(["store", "rules", "how", "read s", "loop late ms", "stored s", "CPU s", "others wait ms"], rows)


if __name__ == "__main__":
    main()
