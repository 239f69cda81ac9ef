"""A part's proof that it works, as the part itself gives it: a beat each second on a pipe that it inherited."""

import asyncio
import json
import os
import time
from contextlib import suppress

import structlog

FD_VARIABLE = "HEARTBEAT_FD"
"""The environment variable that holds the number of the pipe's descriptor."""
PERIOD_S = 1.0
WORK_LIMIT_S = 60.0
"""How long a loop of work may go without progress. More than a store or a disk that is slow or away takes: each of
their operations ends sooner, with an error."""
THREADS_PERIOD_S = 10.0
"""How often the threads that do what would block the event loop are asked whether there is one left."""
MAX_ALARM = 300
"""Characters of an alarm that are passed on; with those of JSON a beat stays one write to the pipe (pipe(7))."""
_THREADS = "the threads"


class Pulse:
    """Beats as long as the event loop turns and each loop of work that has begun makes progress."""

    def __init__(self, fd: int | None) -> None:
        """Make ready to beat on `fd`; without one nobody listens."""
        self._fd = fd
        self._progress_at_s: dict[str, float] = {}
        self._alarms: dict[str, str] = {}
        self._stuck: str | None = None

    @classmethod
    def inherited(cls) -> "Pulse":
        """Return the pulse of this process, if its parent listens."""
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
                await asyncio.sleep(PERIOD_S)
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
            await asyncio.sleep(THREADS_PERIOD_S)
