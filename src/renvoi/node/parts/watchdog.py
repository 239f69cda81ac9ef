"""The watchdog of a part, as the supervisor has it: how long a part has given no proof that it works."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi.domain.text import read_json
from renvoi.wakeups import to_next

FD_VARIABLE = "HEARTBEAT_FD"
"""The environment variable that holds the number of the pipe's descriptor."""
BEAT_PERIOD_S = 1.0
"""How often a part beats: more often than it is listened to."""
WORK_LIMIT_S = 60.0
"""How long a loop of work may go without progress. More than a store or a disk that is slow or away takes: each of
their operations ends sooner, with an error."""
THREADS_PERIOD_S = 10.0
"""How often the threads that do what would block the event loop are asked whether there is one left."""
MAX_ALARM = 300
"""Characters of an alarm that are passed on; with those of JSON a beat stays one write to the pipe (pipe(7))."""
_THREADS = "the threads"


class HeartbeatSender:
    """Beats as long as the event loop turns and each loop of work that has begun makes progress."""

    def __init__(self, fd: int | None) -> None:
        """Make ready to beat on `fd`; without one nobody listens."""
        self._fd = fd
        self._progress_at_s: dict[str, float] = {}
        self._alarms: dict[str, str] = {}
        self._stuck: str | None = None

    @classmethod
    def inherited(cls) -> "HeartbeatSender":
        """Return the heartbeat of this process, if its parent listens."""
        fd = os.environ.get(FD_VARIABLE)
        return cls(int(fd) if fd is not None else None)

    def progress(self, loop: str) -> None:
        """Note that this loop of work has come round: the part works, and must not be still for longer than allowed."""
        self._progress_at_s[loop] = time.monotonic()

    def alarm(self, source: str, text: str) -> None:
        """Have `/readyz` show `text` as what needs attention, until `source` gives another one; empty for nothing."""
        self._alarms.pop(source, None)
        if text:
            self._alarms[source] = text

    async def beat(self) -> None:
        """Beat until cancelled."""
        threads = asyncio.create_task(self._ask_threads())
        try:
            while True:
                if not self._is_stuck():
                    self._write()
                await asyncio.sleep(to_next(BEAT_PERIOD_S))
        finally:
            threads.cancel()

    def _is_stuck(self) -> bool:
        now_s = time.monotonic()
        stuck = next((loop for loop, at_s in self._progress_at_s.items() if now_s - at_s > WORK_LIMIT_S), None)
        if stuck != self._stuck and stuck is not None:
            structlog.get_logger("node").error("no progress, this part should be restarted", loop=stuck)
        self._stuck = stuck
        return stuck is not None

    def _write(self) -> None:
        if self._fd is None:
            return
        alarm = "; ".join(self._alarms.values())[:MAX_ALARM]
        works = any(loop != _THREADS for loop in self._progress_at_s)
        # A full pipe is nobody who reads: the beats in it are as good.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._fd, json.dumps({"works": works, "alarm": alarm}).encode() + b"\n")

    async def _ask_threads(self) -> None:
        while True:
            await asyncio.to_thread(int)
            self.progress(_THREADS)
            await asyncio.sleep(to_next(THREADS_PERIOD_S))


PERIOD_S = 1.5
"""How often a part that answers is asked."""
SILENT_PERIOD_S = 0.5
"""The pause before it is asked again when it did not answer."""
ASK_TIMEOUT_S = 1.0
"""How long one answer may take."""
SHOW_AFTER_S = 2.5
"""Seconds of silence after which `/readyz` reports it."""
KILL_AFTER_S = 8.0
"""After how much silence a part is killed. With the time until it is noticed and the next start, it is back within
15 s; on a busy machine a process may not run for some seconds, and several questions in a row must fail."""
START_LIMIT_S = 60.0
"""How long a part may take from its start until it works."""
_MAX_STEP_S = 3.0
"""What one look adds to the silence at the most. More has passed only when this process did not run either, such as on
a machine that was suspended."""
_MAX_PULSE_BYTES = 64 * 1024


class Silence:
    """Adds up how long a part did not prove that it works; times are those of a monotonic clock, in seconds."""

    def __init__(self, now_s: float) -> None:
        self._looked_at_s = now_s
        self.seconds = 0.0

    def note(self, now_s: float, *, heard: bool) -> None:
        """Note what a look at `now_s` found."""
        step_s = min(now_s - self._looked_at_s, _MAX_STEP_S)
        self._looked_at_s = now_s
        self.seconds = 0.0 if heard else self.seconds + step_s


class Heartbeat:
    """The supervisor's end of the pipe of a `HeartbeatSender`: read when somebody asks, so no beat wakes it up.

    Close it.
    """

    def __init__(self) -> None:
        """Make the pipe.

        Raises:
            OSError: no more files can be opened.
        """
        self._read_fd, self.child_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._rest = b""
        self._beats = 0
        self._works = False
        self._alarm = ""

    @property
    def works(self) -> bool:
        """Whether the part has said that it does its work."""
        self._read()
        return self._works

    @property
    def alarm(self) -> str:
        """What the part says that needs attention, empty for nothing."""
        self._read()
        return self._alarm

    def took_off(self) -> None:
        """Close the child's end here: the process has its own copy."""
        if self.child_fd >= 0:
            os.close(self.child_fd)
            self.child_fd = -1

    def heard(self) -> bool:
        """Tell whether there was a beat since this was asked last."""
        self._read()
        beats, self._beats = self._beats, 0
        return beats > 0

    def close(self) -> None:
        """Hear no more."""
        os.close(self._read_fd)
        self.took_off()

    def _read(self) -> None:
        text = self._rest
        with suppress(BlockingIOError):
            while piece := os.read(self._read_fd, _MAX_PULSE_BYTES):
                text += piece
        *lines, self._rest = text[-_MAX_PULSE_BYTES:].split(b"\n")
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                said = read_json(line)
                self._works, self._alarm = bool(said["works"]), str(said["alarm"])
                self._beats += 1


def is_stopped(pid: int) -> bool:
    """Tell whether a process or one of its children is stopped by a signal: then it does not work, whoever answers.

    A child counts on its own, as Kamailio is many processes, and others of them answer what is asked.
    """
    return any(_state(each) == "T" for each in (pid, *_children(pid)))


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2][:1]
    except OSError:
        return ""
