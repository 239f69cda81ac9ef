"""CPU time of a change of a rule without HTTP, on SQLite in memory: `python -m bench.change_cpu [TREE …]`.

Each `TREE` is another one to compare with, such as `git worktree add TREE COMMIT` makes. This file runs the code of
each in a process of its own, and their rounds take turns: what else the machine does meets all alike.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

sys.path[:0] = ["src", "."]

from renvoi.adapters.clock import SystemClock  # noqa: E402 - of the tree that this runs in
from renvoi.adapters.sql.sqlite import open_sqlite  # noqa: E402
from renvoi.application.forwarding import RuleRequest, set_rule  # noqa: E402
from renvoi.application.ports.numbers import NumberRow  # noqa: E402
from renvoi.application.ports.unit_of_work import Store  # noqa: E402
from renvoi.domain.access.api_key import Principal  # noqa: E402
from renvoi.domain.numbers.number import E164  # noqa: E402

MEMORY = Path("/dev/shm")
NUMBERS = [E164.from_digits(33_199_000_000 + place) for place in range(2000)]
TOGETHER = 32
_counter = count()


def next_target() -> str:
    """Return a number in France that was not returned before, up to a million times."""
    return f"+336{44_000_000 + next(_counter) * 7919 % 1_000_000}"


async def cpu_us(store: Store, principal: Principal, changes: int) -> float:
    """Return the CPU time of one of so many changes, `TOGETHER` of them at a time."""
    clock = SystemClock()

    async def change(place: int) -> None:
        number = NUMBERS[place % len(NUMBERS)].value
        result = await set_rule(store, clock, principal, RuleRequest(number, "1", next_target()))
        assert result.outcome.success, result

    began = time.process_time()
    for first in range(0, changes, TOGETHER):
        await asyncio.gather(*(change(first + place) for place in range(TOGETHER)))
    return (time.process_time() - began) / changes * 1e6


async def measure(changes: int) -> None:
    """Measure a round for each line that comes, and answer with its microseconds."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        store = await open_sqlite(Path(directory) / "renvoi.db")
        account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
        await store.write(lambda writer: writer.add_numbers(account.id, map(NumberRow, NUMBERS), 0))
        principal = Principal(account.id, "FR", "key", "127.0.0.1")
        await cpu_us(store, principal, 960)
        while sys.stdin.readline():
            print(await cpu_us(store, principal, changes), flush=True)
        await store.close()


def main() -> None:
    """Let the trees take turns, and say what each round of each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="*", type=Path, help="compare with the code in this directory")
    parser.add_argument("--changes", type=int, default=3200, help="changes of a round")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        asyncio.run(measure(args.changes))
        return
    trees = [Path.cwd(), *args.tree]
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", f"--changes={args.changes}"]
    with ExitStack() as running:
        children = [
            running.enter_context(
                subprocess.Popen(command, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for tree in trees
        ]
        rounds = [[_round_of(child) for child in children] for _ in range(args.rounds)]
    for tree, found in zip(trees, zip(*rounds, strict=True), strict=True):
        print(f"{tree}: {min(found):.0f} us a change at least, {statistics.median(found):.0f} in the middle round")


def _round_of(child: "subprocess.Popen[str]") -> float:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return float(child.stdout.readline())


if __name__ == "__main__":
    main()
