"""Changes a second on PostgreSQL, beside pgbench on the same cluster: `python -m bench.postgres`.

Two baselines, both on the table `numbers` of the same database. "update" is one UPDATE of one row by its key, which
commits by itself. "change" is what a change of a rule has to do, statement by statement: the row is locked and read,
updated, and the audit trail gets its entry, in one transaction. renvoi's own are whole changes as the API makes them
once it has read the HTTP request: the numbers are parsed, the change is decided by the domain and stored. Rounds of all
alternate; the best round of each counts. The cluster is a temporary one, with fsync on.
"""

import argparse
import asyncio
import random
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from bench.report import percentile, progress, table
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql import open_store
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from tests.support.postgres import PASSWORD, ROLE, PostgresCluster, programs

NUMBERS = 10_000
FIRST, FIRST_TARGET = 33_199_000_000, 33_644_000_000
TARGETS = 1_000_000
CONNECTIONS = 4

_CHOOSE = f"""
\\set number random({FIRST}, {FIRST + NUMBERS - 1})
\\set target random({FIRST_TARGET}, {FIRST_TARGET + TARGETS - 1})
"""
_UPDATE = """
UPDATE numbers SET rule_type = 1, target = :target, revision = revision + 1, updated_at_ms = 1 WHERE number = :number;
"""
SCRIPTS = {
    "pgbench, update": _CHOOSE + _UPDATE,
    "pgbench, change": f"""{_CHOOSE}
BEGIN;
SELECT number, account_id, label, active, forwarding_enabled, rule_type, target, email, ring_timeout_s, revision,
 updated_at_ms, no_answer, busy, fallback_email FROM numbers WHERE number = :number FOR UPDATE \\gset before_
{_UPDATE}
INSERT INTO audit (number, revision, at_ms, account_id, source, before_type, before_param, after_type, after_param)
 VALUES (:number, :before_revision + 1, 1, 1, 'bench', 1, '+33644000000', 1, '+33644000001');
COMMIT;
""",
}


def pgbench(url: str, script: str, clients: int, seconds: int, directory: Path) -> tuple[float, list[float]]:
    """Return transactions a second, and the sorted times of each in milliseconds."""
    path = directory / "script.sql"
    path.write_text(script)
    parts = urlsplit(url)
    words = ["--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2", f"--time={seconds}"]
    words += [f"--file={path}", "--log", f"--log-prefix={directory / 'log'}", f"--host={parts.hostname}"]
    words += [f"--port={parts.port}", f"--username={ROLE}", parts.path[1:]]
    environment = {"PATH": "/usr/bin:/bin", "PGPASSWORD": PASSWORD}
    done = subprocess.run(
        [programs() / "pgbench", *words], env=environment, capture_output=True, text=True, check=True, cwd=directory
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    times = []
    for log in directory.glob("log*"):
        times += [int(line.split()[2]) / 1000 for line in log.read_text().splitlines()]
        log.unlink()
    return float(found[1]), sorted(times)


async def renvoi(url: str, clients: int, seconds: int) -> tuple[float, list[float]]:
    """Return changes a second, and the sorted times of each in milliseconds."""
    store = await open_store(url, connections=CONNECTIONS)
    principal, clock = Principal(1, "FR", None, "bench"), SystemClock()
    times: list[float] = []
    begin = time.perf_counter()

    async def client() -> None:
        while (sent := time.perf_counter()) < begin + seconds:
            answer = await set_rule(store, clock, principal, _request())
            assert answer.outcome is Outcome.FORWARD_ENABLED, answer
            times.append((time.perf_counter() - sent) * 1000)

    try:
        await asyncio.gather(*(client() for _ in range(clients)))
        return len(times) / (time.perf_counter() - begin), sorted(times)
    finally:
        await store.close()


def _request() -> RuleRequest:
    number, target = FIRST + random.randrange(NUMBERS), FIRST_TARGET + random.randrange(TARGETS)
    return RuleRequest(f"+{number}", "1", f"+{target}")


async def fill(url: str) -> None:
    """Make a store with numbers."""
    store: Store = await open_store(url)
    account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    assert account.id == 1
    rows = [NumberRow(E164.from_digits(FIRST + n)) for n in range(NUMBERS)]
    await store.write(lambda writer: writer.add_numbers(account.id, rows, 0))
    await store.close()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    with PostgresCluster(settings={"shared_buffers": "128MB"}) as cluster:
        url = cluster.url(cluster.create_database())
        uvloop.run(fill(url))
        scratch = cluster.home / "bench"
        scratch.mkdir()
        for clients in options.clients:
            best: dict[str, tuple[float, list[float]]] = {}
            for round_number in range(1, options.rounds + 1):
                progress(f"{clients} clients, round {round_number} of {options.rounds}")
                found = {
                    name: pgbench(url, script, clients, options.seconds, scratch) for name, script in SCRIPTS.items()
                }
                found["renvoi, change"] = uvloop.run(renvoi(url, clients, options.seconds))
                best = {name: max(each, best.get(name, each)) for name, each in found.items()}
            for name, (rate, times) in best.items():
                shares = [f"{rate / best[base][0]:.0%}" for base in SCRIPTS]
                rows.append((clients, name, rate, percentile(times, 0.5), percentile(times, 0.99), *shares))
    table(["clients", "what", "a second", "p50 ms", "p99 ms", "of update", "of change"], rows)


if __name__ == "__main__":
    main()
