"""A part that hangs, with real processes: it is shown within 5 s, killed, and back within 15 s, alone."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from renvoi.node.parts import supervised_process as part_module
from renvoi.node.parts import watchdog
from renvoi.node.parts.processes import Command
from renvoi.node.parts.supervised_process import ProcessSpec, State, SupervisedProcess
from tests.support.waiting import BESIDE_S

SHOWN_WITHIN_S, BACK_WITHIN_S = 5.0 + BESIDE_S / 2, 15.0 + BESIDE_S
CHILD = """
import asyncio, os, signal, sys, time
from renvoi.node.parts import watchdog as pulse_module
from renvoi.node.entrypoints.child_main import run

fifo, limit_s = sys.argv[1], float(sys.argv[2])
pulse_module.WORK_LIMIT_S, pulse_module.THREADS_PERIOD_S = limit_s, 0.2

def read():
    open(fifo).read()

async def work(stop, heartbeat):
    loop = asyncio.get_running_loop()
    turn = {"do": lambda: asyncio.sleep(0.05)}
    loop.add_signal_handler(signal.SIGUSR1, read)
    loop.add_signal_handler(signal.SIGUSR2, lambda: turn.update(do=lambda: asyncio.to_thread(read)))
    loop.add_signal_handler(signal.SIGHUP, lambda: [loop.run_in_executor(None, read) for _ in range(64)])
    while not stop.is_set():
        heartbeat.progress("work")
        await turn["do"]()

run(work)
os._exit(0)
"""
"""A child as ours are. SIGUSR1 blocks its event loop, SIGUSR2 a thread that its loop of work waits for, SIGHUP all its
threads: each reads from a FIFO to which nobody writes."""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """Return a FIFO without a writer."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def spec(name: str, fifo: Path, work_limit_s: float = 60.0) -> ProcessSpec:
    """Return a part that runs `CHILD`."""

    async def prepare() -> Command:
        return Command((sys.executable, "-c", CHILD, str(fifo), str(work_limit_s)), os.environ)

    return ProcessSpec(name, prepare, lambda _line: None, beats=True)


async def until(condition: Callable[[], bool], within_s: float = 30.0) -> float:
    """Return after how many seconds `condition` holds."""
    began = time.monotonic()
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - processes send no event
            await asyncio.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("hang", [signal.SIGSTOP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP])
def test_a_part_that_hangs_is_shown_and_started_again(fifo: Path, hang: signal.Signals) -> None:
    async def scenario() -> None:
        # A loop of work may take its time over a store, an event loop may not.
        one, other = (
            SupervisedProcess(spec("one", fifo, 1.0 if hang in (signal.SIGUSR2, signal.SIGHUP) else 60.0)),
            SupervisedProcess(spec("other", fifo)),
        )
        one.start()
        other.start()
        try:
            await until(lambda: one.state is State.RUNNING and other.state is State.RUNNING)
            hung, untouched = one.pid, other.pid
            assert hung is not None
            os.kill(hung, hang)
            shown_s = await until(lambda: one.status()["alarm"] != "")
            back_s = shown_s + await until(lambda: one.state is State.RUNNING and one.pid not in (None, hung))
            # Work without progress for a second is what this child is told to take for hanging.
            late_s = 1.0 + 0.2 if hang in (signal.SIGUSR2, signal.SIGHUP) else 0.0
            assert shown_s < SHOWN_WITHIN_S + late_s
            assert back_s < BACK_WITHIN_S + late_s
            assert one.last_end is not None
            assert one.last_end.startswith("hung: it did not answer")
            assert one.status()["alarm"] == ""
            assert (other.pid, other.restarts) == (untouched, 0)
        finally:
            await asyncio.gather(one.stop(1), other.stop(1))

    asyncio.run(scenario())


def test_a_machine_that_was_suspended_restarts_nothing(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the supervisor jumps by an hour between two looks; the part goes on."""
    late_s = [0.0]

    class Time:
        @staticmethod
        def monotonic() -> float:
            return time.monotonic() + late_s[0]

    monkeypatch.setattr(part_module, "time", Time)
    looks: list[float] = []
    note = watchdog.Silence.note

    def counted(self: watchdog.Silence, now_s: float, *, heard: bool) -> None:
        looks.append(now_s)
        late_s[0] += 3600.0
        note(self, now_s, heard=heard)

    monkeypatch.setattr(watchdog.Silence, "note", counted)

    async def scenario() -> None:
        part = SupervisedProcess(spec("one", fifo))
        part.start()
        try:
            await until(lambda: len(looks) >= 3)
            assert (part.state, part.restarts) == (State.RUNNING, 0)
        finally:
            await part.stop(1)

    asyncio.run(scenario())


def test_a_part_that_never_begins_to_work_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "START_LIMIT_S", 0.5)

    async def prepare() -> Command:
        # It lives, and gives no beat; the test ends it.
        return Command((sys.executable, "-c", "import signal; signal.pause()"), os.environ)

    async def scenario() -> None:
        part = SupervisedProcess(ProcessSpec("late", prepare, lambda _line: None, beats=True))
        part.start()
        try:
            await until(lambda: part.restarts >= 1)
            assert part.last_end == "did not begin to work within 0.5 s"
        finally:
            await part.stop(1)

    asyncio.run(scenario())


def test_a_part_that_ends_its_work_is_not_asked_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is told to stop may be silent for as long as its grace is."""
    monkeypatch.setattr(watchdog, "PERIOD_S", 0.01)
    monkeypatch.setattr(watchdog, "SILENT_PERIOD_S", 0.01)
    monkeypatch.setattr(watchdog, "KILL_AFTER_S", 0.05)
    answers = [True]
    asked: list[bool] = []

    async def works() -> bool:
        asked.append(answers[0])
        return answers[0]

    async def drain(_grace_s: float) -> None:
        answers[0] = False
        count = len(asked)
        await until(lambda: len(asked) > count or part._stopping.is_set())
        await asyncio.sleep(0.2)  # four times what would be a hang; nothing happens that could be waited for

    async def prepare() -> Command:
        return Command((sys.executable, "-c", "import signal; signal.pause()"), os.environ)

    part = SupervisedProcess(ProcessSpec("busy", prepare, lambda _line: None, works, drain=drain))

    async def scenario() -> None:
        part.start()
        await until(lambda: part.state is State.RUNNING)
        await part.stop(5)
        assert part.last_end == "killed by SIGTERM"

    asyncio.run(scenario())
