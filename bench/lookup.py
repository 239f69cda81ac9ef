"""How long the edge's look-up takes: `python -m bench.lookup`.

On SQLite, by how many numbers there are: the baseline is the smallest store. Each store is filled through the adapter,
opened as the edge opens it, warmed with as many random look-ups as are then measured, and asked for random numbers of
its own. On PostgreSQL, beside pgbench with one client that runs the same prepared SELECT on the same cluster, over TCP
on loopback as well; there "with memory" is the look-up of `on_store_loss = last-known`, which notes what it reads.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvloop

from bench import postgres
from bench.report import percentile, progress, table
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.numbers import NumberRow
from renvoi.domain.numbers.number import E164
from renvoi.edge.router.lookup import SELECT, Lookup, SqliteLookup
from renvoi.edge.router.postgres_lookup import PostgresLookup
from renvoi.edge.router.stale_rules import Memory, StaleRulesLookup
from tests.support.postgres import PostgresCluster

FIRST = 33_100_000_000
SAMPLES = 200_000
ROUNDS = 5
POSTGRES_SECONDS = 3
POSTGRES_SAMPLES = 10_000


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


def measure(lookup: Lookup, samples: int, choose: Callable[[], int]) -> list[float]:
    """Return the sorted times, in microseconds, of so many look-ups of numbers whose digits `choose` returns."""
    numbers = [E164.from_digits(choose()) for _ in range(samples)]
    times = []
    for number in numbers:
        begin = time.perf_counter_ns()
        reading = lookup.find(number)
        times.append((time.perf_counter_ns() - begin) / 1000)
        assert reading.record is not None
    return sorted(times)


def random_of(count: int, seed: int) -> Callable[[], int]:
    """Return what chooses one of the `count` numbers of `rows`."""
    chosen = random.Random(seed)
    return lambda: FIRST + chosen.randrange(count) * 7


def on_sqlite(counts: list[int]) -> None:
    """Measure all sizes in turn, several rounds, so that a slow moment of the machine hits them all."""
    with tempfile.TemporaryDirectory() as directory:
        lookups = {}
        for count in counts:
            progress(f"filling a store with {count:,} numbers")
            path = Path(directory) / f"{count}.db"
            asyncio.run(fill(path, count))
            lookups[count] = SqliteLookup(path)
            measure(lookups[count], SAMPLES, random_of(count, 0))
        results: dict[int, list[list[float]]] = {count: [] for count in counts}
        for round_number in range(1, ROUNDS + 1):
            progress(f"SQLite, round {round_number} of {ROUNDS}")
            for count, lookup in lookups.items():
                results[count].append(measure(lookup, SAMPLES, random_of(count, round_number)))
    best = {count: min(found, key=mean) for count, found in results.items()}
    report("numbers", {f"{count:,}": times for count, times in best.items()})


def on_postgres() -> None:
    """Measure pgbench and the look-ups in turn, several rounds."""
    script = f"\\set number random({postgres.FIRST}, {postgres.FIRST + postgres.NUMBERS - 1})\n{SELECT}:number;\n"
    chosen = random.Random(0)

    def choose() -> int:
        return postgres.FIRST + chosen.randrange(postgres.NUMBERS)

    with PostgresCluster(settings={"shared_buffers": "128MB"}) as cluster:
        url = cluster.url(cluster.create_database())
        uvloop.run(postgres.fill(url))
        scratch = cluster.home / "bench"
        scratch.mkdir()
        lookup = PostgresLookup(url)
        remembering = StaleRulesLookup(PostgresLookup(url), Memory(), 900)
        results: dict[str, list[list[float]]] = {}
        for round_number in range(1, ROUNDS + 1):
            progress(f"PostgreSQL, round {round_number} of {ROUNDS}")
            _, times = postgres.pgbench(url, script, 1, POSTGRES_SECONDS, scratch)
            found = {
                "pgbench": [each * 1000 for each in times],
                "look-up": measure(lookup, POSTGRES_SAMPLES, choose),
                "look-up with memory": measure(remembering, POSTGRES_SAMPLES, choose),
            }
            for name, each in found.items():
                results.setdefault(name, []).append(each)
        lookup.close()
    report("PostgreSQL", {name: min(found, key=mean) for name, found in results.items()})


def mean(times: list[float]) -> float:
    """Return the mean."""
    return sum(times) / len(times)


def report(what: str, best: dict[str, list[float]]) -> None:
    """Print a table of these times, the baseline first."""
    name, base = next(iter(best.items()))
    table(
        [what, "mean µs", "p50 µs", "p99 µs", f"mean to that of {name}"],
        [
            (name, mean(times), percentile(times, 0.5), percentile(times, 0.99), f"{mean(times) / mean(base):.2f}")
            for name, times in best.items()
        ],
    )


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, nargs="+", default=[1_000, 100_000, 10_000_000])
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    options = parser.parse_args()
    if options.only != "postgres":
        on_sqlite(options.numbers)
    if options.only != "sqlite":
        on_postgres()


if __name__ == "__main__":
    main()
