"""How long the edge's look-up takes, by how many numbers there are: `python -m bench.lookup`.

The baseline is the smallest store. Each store is filled through the adapter, opened as the edge opens it, warmed with
as many random look-ups as are then measured, and asked for random numbers of its own.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import percentile, progress, table
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports import NumberRow
from renvoi.domain.number import E164
from renvoi.edge.lookup import SqliteLookup

FIRST = 33_100_000_000
SAMPLES = 200_000
ROUNDS = 5


def rows(count: int) -> Iterator[NumberRow]:
    """Return `count` numbers, spread over the range as customers' are."""
    for n in range(count):
        yield NumberRow(E164.from_digits(FIRST + n * 7))


async def fill(path: Path, count: int) -> None:
    """Make a store with `count` numbers."""
    store = await open_sqlite(path)
    account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    await store.write(lambda writer: writer.add_numbers(account.id, rows(count), 0))
    await store.close()


def measure(lookup: SqliteLookup, count: int, seed: int) -> list[float]:
    """Return the sorted times, in microseconds, of `SAMPLES` look-ups of random numbers."""
    chosen = random.Random(seed)
    numbers = [E164.from_digits(FIRST + chosen.randrange(count) * 7) for _ in range(SAMPLES)]
    times = []
    for number in numbers:
        begin = time.perf_counter_ns()
        record = lookup.find(number)
        times.append((time.perf_counter_ns() - begin) / 1000)
        assert record is not None
    return sorted(times)


def main() -> None:
    """Measure all sizes in turn, several rounds, so that a slow moment of the machine hits them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, nargs="+", default=[1_000, 100_000, 10_000_000])
    counts = parser.parse_args().numbers
    with tempfile.TemporaryDirectory() as directory:
        lookups = {}
        for count in counts:
            progress(f"filling a store with {count:,} numbers")
            path = Path(directory) / f"{count}.db"
            asyncio.run(fill(path, count))
            lookups[count] = SqliteLookup(path)
            measure(lookups[count], count, 0)
        results: dict[int, list[list[float]]] = {count: [] for count in counts}
        for round_number in range(1, ROUNDS + 1):
            progress(f"round {round_number} of {ROUNDS}")
            for count, lookup in lookups.items():
                results[count].append(measure(lookup, count, round_number))
        best = {count: min(found, key=sum) for count, found in results.items()}
        base = sum(best[counts[0]]) / SAMPLES
        table(
            ["numbers", "mean µs", "p50 µs", "p99 µs", f"mean to that of {counts[0]:,}"],
            [
                (f"{count:,}", mean := sum(t) / SAMPLES, percentile(t, 0.5), percentile(t, 0.99), f"{mean / base:.2f}")
                for count, t in best.items()
            ],
        )


if __name__ == "__main__":
    main()
