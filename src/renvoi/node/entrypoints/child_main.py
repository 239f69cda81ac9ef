"""What the Python parts of the node share."""

import asyncio
import resource
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
import uvloop

from renvoi import logs
from renvoi.call_records.spool import RECENT_S, Spool, SpoolDirectory, trouble
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.wakeups import to_next, wait_or_stop

RETRY_PERIOD_S = 1.0


def run(work: Callable[[asyncio.Event, HeartbeatSender], Awaitable[None]]) -> None:
    """Run `work`, given its heartbeat and an event that SIGTERM and SIGINT set, until it ends."""

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        for level, signal_number in logs.LEVEL_SIGNALS.items():
            loop.add_signal_handler(signal_number, logs.set_level, level)
        heartbeat = HeartbeatSender.inherited()
        beating = asyncio.create_task(heartbeat.beat())
        try:
            with logs.batched():
                await work(stop, heartbeat)
        finally:
            beating.cancel()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_told())


def allow_files(count: int, part: str) -> None:
    """Let this process have so many files open, or as many as its hard limit allows: the soft one is often 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return
    if wanted < count:
        structlog.get_logger(part).warning("fewer than set can be served: raise ulimit -n", files=wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class PartSpool:
    """The spool of the part `name`. `time` returns seconds of a clock that nobody sets."""

    def __init__(self, directory: Path, name: str, time: Callable[[], float] = time.monotonic) -> None:
        """Open it.

        Raises:
            OSError: there is no such folder.
        """
        self._log = structlog.get_logger(name)
        self._time = time
        self._lost_count = 0
        self._lost_at_s: float | None = None
        self.spool = Spool(SpoolDirectory(directory), f"{name}{secrets.token_hex(6)}", self._lost, waits=self._waits)

    def trouble(self) -> str:
        """Return what is wrong with the spool, "" for nothing."""
        recent = self._lost_at_s is not None and self._time() - self._lost_at_s < RECENT_S
        return trouble(self._lost_count if recent else 0, self.spool.waiting)

    async def keep_writing(self, stop: asyncio.Event, alarm: Callable[[str], None]) -> None:
        """Write what waits as soon as there is room, until `stop` is set; once more then."""
        while not stop.is_set():
            self.spool.retry()
            alarm(self.trouble())
            await wait_or_stop(stop, to_next(RETRY_PERIOD_S))
        self.spool.retry()

    def _lost(self, line: bytes, error: OSError) -> None:
        self._lost_count += 1
        self._lost_at_s = self._time()
        text = line.decode("ascii", "replace").rstrip()
        self._log.error("the spool cannot be written", lost=text, error=str(error))

    def _waits(self, error: OSError) -> None:
        self._log.warning("the spool cannot be written, call events wait in memory", error=str(error))
