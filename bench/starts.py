"""What a start costs: `python -m bench.starts`, for a node on SQLite with everything, and for parts that were killed.

A round starts `renvoi serve` on a store that is there already, waits until everything is ready, and stops it. CPU time
is that of all its processes, start and end together. In the same round `http` and the mailer are killed with SIGKILL,
and the time is taken until another process of that part runs and the node is ready again.

`--baseline DIRECTORY` measures the program of another checkout as well, in turn with this one.
"""

import argparse
import os
import resource
import signal
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from bench.report import progress, table
from tests.support.node import Node
from tests.support.waiting import wait_for

HERE = Path(__file__).resolve().parents[1]
KILLED = ("http", "mailer")
BACK_LIMIT_S = 60.0


def used_s() -> float:
    """Return the CPU seconds of all processes that this one has started and waited for, theirs included."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def start(node: Node) -> dict[str, float]:
    """Start a node and stop it; return CPU seconds, and the seconds until it was ready."""
    before, begun = used_s(), time.monotonic()
    node.start()
    ready_s = time.monotonic() - begun
    node.stop()
    return {"start and end, CPU s": used_s() - before, "until ready, s": ready_s}


def kill(node: Node, part: str) -> float:
    """Kill a part; return the seconds until another process does its work."""
    (pid,) = node.pids(f"renvoi.node {part}")
    begun = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(node.pids(f"renvoi.node {part}")) - {pid}, f"another {part}", BACK_LIMIT_S)
    node.wait_ready(BACK_LIMIT_S)
    return time.monotonic() - begun


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--baseline", type=Path, help="another checkout")
    options = parser.parse_args()
    programs = {"this": HERE} | ({"baseline": options.baseline.resolve()} if options.baseline else {})
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        nodes = {}
        for name, root in programs.items():
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            directory.chmod(0o755)
            os.environ["PYTHONPATH"] = f"{root / 'src'}:{root}"
            nodes[name] = node = Node(directory)
            stack.callback(node.stop)
            # The first start makes the store.
            node.start()
            node.stop()
        for number in range(options.rounds):
            for name, node in nodes.items():
                progress(f"{name}, round {number + 1}")
                for what, value in start(node).items():
                    found[what, name].append(value)
                node.start()
                for part in KILLED:
                    found[f"{part} killed, s", name].append(kill(node, part))
                node.stop()
    rows = [
        (what, name, f"{statistics.median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}")
        for (what, name), values in sorted(found.items())
    ]
    table(["what", "program", "median", "least", "most"], rows)


if __name__ == "__main__":
    main()
