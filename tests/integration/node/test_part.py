"""A part of the node, with real processes: it comes back when it dies, alone, and never outlives its supervisor."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from renvoi.node.parts import supervised_process as part_module
from renvoi.node.parts.processes import DIES_WITH_PARENT, Command
from renvoi.node.parts.supervised_process import ProcessSpec, State, SupervisedProcess

DEADLINE_S = 30.0
SLEEPER = "import signal; print('here', flush=True); signal.pause()"
"""A child that lives until the test ends it."""


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - processes send no event
            await asyncio.sleep(0.01)


def _spec(
    name: str,
    script: str,
    lines: list[str] | None = None,
    drain: Callable[[float], Awaitable[None]] | None = None,
    fail_first: int = 0,
) -> ProcessSpec:
    failures = iter(range(fail_first))

    async def prepare() -> Command:
        for _ in failures:
            raise RuntimeError("not yet")
        return Command((sys.executable, "-c", script), os.environ)

    async def ready() -> bool:
        return True

    return ProcessSpec(name, prepare, (lines if lines is not None else []).append, ready, drain=drain)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_part_that_is_killed_comes_back_and_the_other_does_not_notice() -> None:
    async def scenario() -> None:
        one, other = SupervisedProcess(_spec("one", SLEEPER)), SupervisedProcess(_spec("other", SLEEPER))
        one.start()
        other.start()
        await _until(lambda: one.state is State.RUNNING and other.state is State.RUNNING)
        first, untouched = one.pid, other.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await _until(lambda: one.state is State.RUNNING and one.pid not in (None, first))
        assert (one.restarts, one.last_end) == (1, "killed by SIGKILL")
        assert (other.pid, other.restarts) == (untouched, 0)
        await asyncio.gather(one.stop(1), other.stop(1))
        assert untouched is not None
        assert not _is_alive(untouched)
        assert one.state is State.STOPPED

    asyncio.run(scenario())


def test_the_delay_doubles_and_starts_over_after_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that ends at once is waited for longer and longer; one that lived is started again soon."""
    monkeypatch.setattr(part_module, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(part_module, "MAX_DELAY_S", 0.04)
    delays: list[float] = []

    class Log:
        def error(self, _event: str, **fields: object) -> None:
            delays.append(float(str(fields["restart_in_s"])))

        def info(self, _event: str, **_fields: object) -> None:
            return None

    monkeypatch.setattr(part_module, "_log", Log)

    async def scenario() -> None:
        part = SupervisedProcess(_spec("short", "raise SystemExit(3)"))
        part.start()
        await _until(lambda: len(delays) >= 4)
        monkeypatch.setattr(part_module, "HEALTHY_AFTER_S", 0.0)
        count = len(delays)
        await _until(lambda: len(delays) >= count + 2)
        await part.stop(1)
        assert part.last_end == "exit code 3"
        assert delays[:4] == [0.01, 0.02, 0.04, 0.04]
        assert delays[-1] == 0.01

    asyncio.run(scenario())


def test_what_keeps_a_part_from_starting_is_tried_again() -> None:
    async def scenario() -> None:
        part = SupervisedProcess(_spec("late", SLEEPER, fail_first=1))
        part.start()
        await _until(lambda: part.state is State.WAITING)
        assert part.last_end == "could not start: not yet"
        await _until(lambda: part.state is State.RUNNING)
        await part.stop(1)

    asyncio.run(scenario())


def test_lines_are_relayed_whatever_their_form() -> None:
    script = "import sys; sys.stderr.write('a\\n\\nb\\xff\\n'); print('c', end='')"

    async def scenario() -> None:
        lines: list[str] = []
        part = SupervisedProcess(_spec("talker", script, lines))
        part.start()
        await _until(lambda: len(lines) >= 3)
        await part.stop(1)
        assert set(lines[:3]) == {"a", "bÿ", "c"}

    asyncio.run(scenario())


def test_a_part_that_ignores_sigterm_is_killed_with_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_module, "KILL_AFTER_S", 0.1)
    script = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); child = os.fork(); "
        # Both write to one pipe, and an unbuffered print would write the line end by itself.
        "os.write(1, f'{child or os.getpid()}\\n'.encode()); signal.pause()"
    )

    async def scenario() -> None:
        lines: list[str] = []
        part = SupervisedProcess(_spec("stubborn", script, lines))
        part.start()
        await _until(lambda: len(lines) >= 2)
        pids = {int(line) for line in lines} | {part.pid or 0}
        await part.stop(0.1)
        await _until(lambda: not any(_is_alive(pid) for pid in pids))

    asyncio.run(scenario())


def test_a_part_is_drained_before_it_is_told_to_end() -> None:
    """The drain runs while the process lives, and is cut off when the grace is over."""
    seen: list[bool] = []

    async def scenario() -> None:
        async def drain(_grace_s: float) -> None:
            seen.append(part.pid is not None and _is_alive(part.pid))
            await asyncio.Event().wait()  # work that goes on for ever, and is cut off

        part = SupervisedProcess(_spec("busy", SLEEPER, drain=drain))
        part.start()
        await _until(lambda: part.state is State.RUNNING)
        begun = time.monotonic()
        await part.stop(0.2)
        assert time.monotonic() - begun < DEADLINE_S

    asyncio.run(scenario())
    assert seen == [True]


def test_no_part_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves the supervisor no time for anything; the kernel ends its parts."""
    supervisor = tmp_path / "supervisor.py"
    supervisor.write_text(
        "import asyncio\n"
        "from renvoi.node.parts.supervised_process import SupervisedProcess\n"
        "from tests.integration.node.test_part import SLEEPER, _spec, _until\n"
        "async def main():\n"
        "    part = SupervisedProcess(_spec('child', SLEEPER))\n"
        "    part.start()\n"
        "    await _until(lambda: part.pid is not None)\n"
        "    print(part.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"}
    with subprocess.Popen([sys.executable, str(supervisor)], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        child = next(int(line) for line in process.stdout if line.strip().isdigit())
        assert _is_alive(child)
        process.kill()
    deadline = time.monotonic() + DEADLINE_S
    while _is_alive(child):
        assert time.monotonic() < deadline, "an orphan is left"


def test_a_part_whose_supervisor_is_gone_already_does_not_begin() -> None:
    """It was killed after it made the process, and before the kernel was told to end that one with it."""
    run = partial(subprocess.run, capture_output=True, text=True, check=False)
    prefix, says = DIES_WITH_PARENT, ("echo", "begun")
    gone = run([*prefix, "1", *says])
    assert (gone.returncode, gone.stdout) == (1, "")
    assert run([*prefix, str(os.getpid()), *says]).stdout == "begun\n"
