"""`renvoi number import` as it is installed: from pipes, and ended by Ctrl-C."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import RENVOI
from tests.support.node import OTHER_TARGET, TARGET, command_line, descendants, node
from tests.support.waiting import wait_for

ENDS_WITHIN_S = 1.0
"""Of CPU: a machine that is busy with other things may take any time to grant it."""
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


def cpu_s(pids: Iterable[int]) -> float:
    """Return the CPU time that processes have taken, and those of their children that have ended."""
    stats = (Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split() for pid in pids)
    return sum(sum(map(int, fields[11:15])) for fields in stats) / os.sysconf("SC_CLK_TCK")


def interrupt(words: list[str], is_at_it: Callable[[subprocess.Popen[bytes]], bool]) -> None:
    """Run a command until it is at it, and press Ctrl-C: the whole group gets the signal, and must end in time."""
    # Whoever started the tests in the background has had them, and all that they start, ignore Ctrl-C.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for(lambda: is_at_it(process), "the work to begin", 60)
        children = descendants(process.pid)
        before_s = cpu_s([process.pid, *children])
        os.killpg(process.pid, signal.SIGINT)
        ended = partial(os.waitid, os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        wait_for(lambda: ended() is not None, "the end of the command")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr is not None
        assert process.stderr.read() == b"renvoi: interrupted: nothing was imported\n"
        assert process.returncode == 130
        assert usage.ru_utime + usage.ru_stime - before_s < ENDS_WITHIN_S
        wait_for(lambda: not any(map(command_line, children)), "the end of its processes")
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
        wait_for(lambda: checks(process), "the check", 60)
        children = descendants(process.pid)
        process.kill()
    wait_for(lambda: not any(map(command_line, children)), "the end of its processes")
    assert numbers(data) == []


def rows_left(data: Path) -> dict[str, int]:
    """Return how many rows are staged, by the state of their import."""
    with closing(sqlite3.connect(data / "renvoi.db", timeout=30)) as store:
        words = "SELECT state, (SELECT count(*) FROM import_rows WHERE import_id = imports.id) FROM imports"
        return dict(store.execute(words).fetchall())


def kill_at(data: Path, many: Path, state: str) -> None:
    """Kill an import that has rows staged, and is in that state."""
    with subprocess.Popen(command(data, many), stdout=subprocess.PIPE, start_new_session=True) as process:
        wait_for(lambda: rows_left(data).get(state), f"rows that are {state}", 120)
        process.kill()


@pytest.mark.parametrize("state", ["staging", "committed"])
def test_after_a_kill_all_or_none_is_there_for_the_next_command(data: Path, many: Path, state: str) -> None:
    kill_at(data, many, state)
    # It was in another step by the time of the kill, perhaps; that is what counts.
    committed = "committed" in rows_left(data)
    assert len(numbers(data)) == (ROWS if committed else 0)
    assert rows_left(data) == {} if committed else "staging" in rows_left(data)
    again = subprocess.run(command(data, many), capture_output=True, check=False, timeout=120)
    assert again.returncode == (1 if committed else 0), again.stderr
    if committed:
        assert (
            f"{ROWS} rows are wrong; nothing was imported\nline 1: +33640000000 exists already" in again.stderr.decode()
        )
    assert len(numbers(data)) == ROWS
    assert rows_left(data) == {}


def test_a_node_that_serves_completes_an_import_that_was_killed(tmp_path: Path, many: Path) -> None:
    with node(tmp_path, "--no-calls") as serving:
        before = len(numbers(serving.data))
        kill_at(serving.data, many, "committed")
        wait_for(lambda: rows_left(serving.data) == {}, "the rest of the rows", 60)
        assert len(numbers(serving.data)) == before + ROWS


def test_a_node_that_serves_removes_what_a_killed_import_staged(tmp_path: Path, many: Path) -> None:
    with node(tmp_path, "--no-calls") as serving:
        before = len(numbers(serving.data))
        kill_at(serving.data, many, "staging")
        # After the lease, which a living import renews.
        wait_for(lambda: rows_left(serving.data) == {}, "the removal of the rows", 90)
        assert len(numbers(serving.data)) == before


def test_changes_go_on_during_an_import(tmp_path: Path) -> None:
    """Every change is made while rows are staged and moved; what bounds its wait is the size of the transactions."""
    large = tmp_path / "large.csv"
    large.write_text("".join(f"+{33_640_000_000 + n * 9}\n" for n in range(300_000)))
    with node(tmp_path / "node", "--no-calls") as serving:
        steps: dict[str, int] = {}
        with subprocess.Popen(command(serving.data, large), stdout=subprocess.PIPE) as process:
            while process.poll() is None:
                target = (TARGET, OTHER_TARGET)[sum(steps.values()) % 2]
                serving.forward(target)
                for state in rows_left(serving.data) or {"none": 0}:
                    steps[state] = steps.get(state, 0) + 1
            assert process.stdout is not None
            assert json.loads(process.stdout.read())["imported"] == 300_000
        # One transaction for all rows would have let one change through at each step.
        assert min(steps["staging"], steps["committed"]) > 10, steps
