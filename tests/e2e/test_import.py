"""`renvoi number import` as it is installed: from pipes, and ended by Ctrl-C."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import RENVOI, command_line, descendants
from tests.support.waiting import wait_for

ENDS_WITHIN_S = 1.0
TRIES = 3
ROWS = 60_000
"""Enough to be checked by several processes."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data directory with an account."""
    path = tmp_path / "var"
    subprocess.run([RENVOI, "account", "add", "acme", "--data", path], check=True, capture_output=True)
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a file of many rows."""
    path = tmp_path / "many.csv"
    path.write_text("".join(f"+{33_640_000_000 + n * 9},customer {n}\n" for n in range(ROWS)))
    return path


def command(data: Path, file: Path | str) -> list[str]:
    """Return the words of the command."""
    return [RENVOI, "number", "import", str(file), "--account", "acme", "--data", str(data), "--json"]


def numbers(data: Path) -> list[Any]:
    """Return all numbers."""
    ran = subprocess.run([RENVOI, "number", "list", "--data", data, "--json"], check=True, capture_output=True)
    found: list[Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_rows_come_from_standard_input(data: Path, name: str) -> None:
    text = "+33640000009,é\n0640000018\n"
    ran = subprocess.run(command(data, name), input=text.encode(), capture_output=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["imported"] == 2
    assert [row["number"] for row in numbers(data)] == ["+33640000009", "+33640000018"]


def test_many_rows_come_from_a_pipe(data: Path, many: Path) -> None:
    with subprocess.Popen(["/bin/cat", many], stdout=subprocess.PIPE) as source:
        ran = subprocess.run(command(data, "-"), stdin=source.stdout, capture_output=True, check=False, timeout=120)
    assert json.loads(ran.stdout)["imported"] == ROWS, ran.stderr


def waits_for_input(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a thread of the command is in select(2)."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return any(b"poll" in (task / "wchan").read_bytes() or b"select" in (task / "wchan").read_bytes() for task in tasks)


def checks(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether the processes that check have been started."""
    return len(descendants(process.pid)) >= 2


def interrupt(words: list[str], is_at_it: Callable[[subprocess.Popen[bytes]], bool]) -> None:
    """Interrupt a command; it must end in time. A machine that is busy with other things gets further tries."""
    took: list[float] = []
    for _ in range(TRIES):
        took.append(_interrupt(words, is_at_it))
        # Others may want more than the machine has: each then gets its share of it.
        share = max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
        if took[-1] < ENDS_WITHIN_S * share:
            return
    pytest.fail(f"it took {took} s")


def _interrupt(words: list[str], is_at_it: Callable[[subprocess.Popen[bytes]], bool]) -> float:
    """Run a command until it is at it, and press Ctrl-C: the whole group gets the signal. Return how long it took."""
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        wait_for(lambda: is_at_it(process), "the work to begin")
        children = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        began = time.monotonic()
        process.wait(30)
        took = time.monotonic() - began
        assert process.stderr is not None
        assert process.stderr.read() == b"renvoi: interrupted: nothing was imported\n"
        assert process.returncode == 130
        wait_for(lambda: not any(map(command_line, children)), "the end of its processes")
        return took
    finally:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_an_import_that_waits_for_its_rows(data: Path) -> None:
    interrupt(command(data, "-"), waits_for_input)
    assert numbers(data) == []


def test_ctrl_c_ends_an_import_whose_fifo_nobody_writes(data: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    interrupt(command(data, tmp_path / "fifo"), waits_for_input)
    assert numbers(data) == []


def test_ctrl_c_ends_the_check_of_many_rows(data: Path, many: Path) -> None:
    interrupt(command(data, many), checks)
    assert numbers(data) == []


def test_a_killed_import_leaves_no_processes(data: Path, many: Path) -> None:
    with subprocess.Popen(command(data, many), stdout=subprocess.PIPE, start_new_session=True) as process:
        wait_for(lambda: checks(process), "the check")
        children = descendants(process.pid)
        process.kill()
    wait_for(lambda: not any(map(command_line, children)), "the end of its processes")
    assert numbers(data) == []
