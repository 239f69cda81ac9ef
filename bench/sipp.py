"""SIPp as a load generator: callers at a fixed rate, and the trunk that answers them."""

import csv
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from renvoi.node.checks.test_call import is_free
from tests.support.ports import free_port
from tests.support.waiting import wait_for

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Load:
    """The outcome of a run of calls: how many ended as the scenario says, how many did not, in how many seconds."""

    good: int
    failed: int
    retransmissions: int
    seconds: float
    messages: dict[str, int]
    """How often each message of the scenario was received, by its name in SIPp's counts."""


def _command(scenario: str, port: int, *words: str) -> list[str]:
    path = SCENARIOS / f"{scenario}.xml"
    return ["sipp", "-sf", str(path), "-i", "127.0.0.1", "-p", str(port), "-nostdin", *words]


@contextmanager
def trunk(directory: Path, scenario: str = "target") -> Iterator[int]:
    """Run the trunk; yields its port."""
    port = free_port()
    with (directory / f"{scenario}.screen").open("wb") as screen:
        process = subprocess.Popen(_command(scenario, port), cwd=directory, stdout=screen, stderr=screen)
    try:
        wait_for(lambda: not is_free(("127.0.0.1", port), tcp=False), "the trunk's start")
        yield port
    finally:
        process.kill()
        process.wait()


def call(
    scenario: str, directory: Path, edge_port: int, numbers: Sequence[str], rate: int, seconds: float, limit: int = 5000
) -> Load:
    """Place calls to `numbers` in turn at `rate` a second, for `seconds`."""
    injected = directory / "numbers.csv"
    injected.write_text("RANDOM\n" + "".join(f"{number}\n" for number in numbers))
    stat, counts = directory / "stat.csv", directory / "counts.csv"
    for old in (stat, counts):
        old.unlink(missing_ok=True)
    words = ["-r", str(rate), "-m", str(int(rate * seconds)), "-l", str(limit), "-inf", str(injected), "-fd", "1"]
    words += ["-trace_stat", "-stf", str(stat), "-trace_counts", "-timeout", f"{int(seconds) + 60}s"]
    words += ["-recv_timeout", "8000", "-trace_err", "-error_file", str(directory / "errors.log")]
    with (directory / "caller.screen").open("wb") as screen:
        command = [*_command(scenario, free_port(), *words), f"127.0.0.1:{edge_port}"]
        done = subprocess.Popen(command, cwd=directory, stdout=screen, stderr=screen)
        done.wait(seconds + 120)
    with stat.open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    good, failed = int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
    hours, minutes, rest = last["ElapsedTime(C)"].split(":")[:3]
    elapsed = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return Load(good, failed, int(last["Retransmissions(C)"]), elapsed, _counts(directory, done.pid, scenario))


def _counts(directory: Path, pid: int, scenario: str) -> dict[str, int]:
    path = directory / f"{scenario}_{pid}_counts.csv"
    with path.open() as file:
        rows = list(csv.reader(file, delimiter=";"))
    return {name: int(value) for name, value in zip(rows[0], rows[-1], strict=False) if value.isdigit()}
