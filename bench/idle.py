"""What a node costs that does nothing: `python -m bench.idle`, for nodes on SQLite and on PostgreSQL, part by part.

Each node has everything: API, edge, voicemail, mailer and collector, as `renvoi serve` starts it. For `--seconds`
nobody asks it anything. CPU time and wake-ups are those of all threads of all its processes, by the kernel (schedstat,
voluntary context switches); memory is the proportional share (PSS), in which what processes share counts once.
Statements are those that the PostgreSQL server executed for the node, BEGIN and COMMIT included (pg_stat_statements).

`--baseline DIRECTORY` measures the program of another checkout as well, in turn with this one.
"""

import argparse
import json
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.report import progress, table
from tests.support.node import Node, command_line, descendants
from tests.support.postgres import PostgresCluster

SETTLE_S = 40
"""Seconds from a start to its idleness: what answers the probes of the start ends 32 s later (RFC 3261, Timer J)."""
GOALS = {"cpu": 1.0, "wakes": 50.0, "pss": 300.0, "statements": 5.0}
"""Per cent of a core, wake-ups a second, MiB and statements a second of a whole node."""
HERE = Path(__file__).resolve().parents[1]
_PART = re.compile(r"renvoi\.node ([\w-]+)")


@dataclass(slots=True)
class Use:
    """What processes have used: CPU seconds, wake-ups; the memory that they have now in MiB; how many they are."""

    cpu_s: float = 0.0
    wakes: float = 0.0
    pss_mib: float = 0.0
    processes: int = 0

    def __iadd__(self, other: "Use") -> "Use":
        self.cpu_s += other.cpu_s
        self.wakes += other.wakes
        self.pss_mib += other.pss_mib
        self.processes += other.processes
        return self


def use_of(pid: int) -> Use:
    """Return what a process has used since it began."""
    proc = Path(f"/proc/{pid}")
    found = Use(processes=1)
    for task in (proc / "task").iterdir():
        with suppress(FileNotFoundError):
            found.cpu_s += int((task / "schedstat").read_text().split()[0]) / 1e9
            found.wakes += _field(task / "status", "voluntary_ctxt_switches")
    found.pss_mib = _field(proc / "smaps_rollup", "Pss") / 1024
    return found


def _field(path: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s*(\d+)", path.read_text(), re.MULTILINE)
    assert found is not None, path
    return int(found[1])


def part_of(pid: int) -> str:
    """Return what a process of a node is for."""
    line = command_line(pid)
    found = _PART.search(line)
    if found is not None:
        return found[1]
    return "edge" if "kamailio" in line else "supervisor"


def measure(node: Node, seconds: float) -> dict[str, Use]:
    """Return what each process of `node` uses within so many seconds, by part; their sum is `all`."""
    assert node.process is not None
    pids = [node.process.pid, *descendants(node.process.pid)]
    before = {pid: use_of(pid) for pid in pids}
    begun = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    found: dict[str, Use] = defaultdict(Use)
    for pid in pids:
        now = use_of(pid)
        used = Use((now.cpu_s - before[pid].cpu_s) / took, (now.wakes - before[pid].wakes) / took, now.pss_mib, 1)
        found[part_of(pid)] += used
        found["all"] += used
    return found


class Server:
    """A PostgreSQL server that counts statements."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self._cluster = cluster
        with cluster.admin("postgres") as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")

    def new_database(self) -> str:
        """Make a database; return its URL."""
        return self._cluster.url(self._cluster.create_database())

    def statements(self) -> Mapping[str, int]:
        """Return how often each statement was executed for renvoi."""
        with self._cluster.admin("postgres") as connection:
            rows = connection.execute(
                "SELECT query, sum(calls)::bigint FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid"
                " WHERE rolname = 'renvoi' GROUP BY query"
            )
            return dict(rows.fetchall())


def idle(root: Path, url: str | None, server: Server, options: argparse.Namespace) -> Iterator[tuple[object, ...]]:
    """Measure a node of the program in `root`; give a row for each part, and one for the whole."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        Path(directory).chmod(0o755)
        os.environ["PYTHONPATH"] = f"{root / 'src'}:{root}"
        if url is not None:
            _put_into_file(Path(directory) / "data", url)
        node = Node(Path(directory))
        stack.callback(node.stop)
        node.start()
        time.sleep(SETTLE_S)
        before = server.statements()
        found = measure(node, options.seconds)
        counted = {text: count - before.get(text, 0) for text, count in server.statements().items()}
    if options.statements:
        for text, count in sorted(counted.items(), key=lambda each: -each[1]):
            if count:
                progress(f"{count / options.seconds:8.2f}/s  {' '.join(text.split())[:150]}")
    for part, use in sorted(found.items(), key=lambda each: (each[0] == "all", each[0])):
        statements = f"{sum(counted.values()) / options.seconds:,.1f}" if part == "all" and url else ""
        yield part, use.processes, f"{100 * use.cpu_s:.2f}", use.wakes, use.pss_mib, statements


def _put_into_file(data: Path, url: str) -> None:
    """Have nodes find the database as the guide has it: in an environment, its password would keep memory apart."""
    data.mkdir(0o751)
    path = data / "renvoi.toml"
    path.touch(0o600)
    path.write_text(f"database_url = {json.dumps(url)}\n", "utf-8")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--baseline", type=Path, help="another checkout")
    parser.add_argument("--statements", action="store_true", help="also list the statements")
    options = parser.parse_args()
    programs = {"this": HERE} | ({"baseline": options.baseline.resolve()} if options.baseline else {})
    rows: list[tuple[object, ...]] = []
    with PostgresCluster(settings={"shared_preload_libraries": "pg_stat_statements"}) as cluster:
        server = Server(cluster)
        for store in options.store or ("sqlite", "postgresql"):
            for name, root in programs.items():
                progress(f"{name} on {store}")
                url = server.new_database() if store == "postgresql" else None
                rows += [(store, name, *row) for row in idle(root, url, server, options)]
    goals = ("", "goal", "all", "", *(f"< {goal:g}" for goal in GOALS.values()))
    header = ["store", "program", "part", "processes", "% of a core", "wake-ups/s", "PSS MiB", "statements/s"]
    table(header, [*rows, goals])


if __name__ == "__main__":
    main()
