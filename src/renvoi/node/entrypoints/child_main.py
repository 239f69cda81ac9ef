"""What the Python parts of the node share."""

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable

import structlog
import uvloop

from renvoi import logs
from renvoi.node.supervisor.watchdog import Pulse


def run(work: Callable[[asyncio.Event, Pulse], Awaitable[None]]) -> None:
    """Run `work` until SIGTERM or SIGINT sets the event that it is given, and it ends; it is given its pulse too."""

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        pulse = Pulse.inherited()
        beating = asyncio.create_task(pulse.beat())
        try:
            with logs.batched():
                await work(stop, pulse)
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
