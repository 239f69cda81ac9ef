"""What the Python parts of the node share."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop

from renvoi.node.pulse import Pulse


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
            await work(stop, pulse)
        finally:
            beating.cancel()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_told())
