"""Waiting for a condition: tests never sleep for a time and hope."""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0
"""How long anything may take that is not a promise: what takes a second on an idle machine takes many on a busy one."""
BESIDE_S = 10.0 if "PYTEST_XDIST_WORKER" in os.environ else 0.0
"""What tests that run beside one may add to a limit of its own: a process that starts needs seconds of a core.

Alone it gets nothing on top, so that a promise of seconds is held to its seconds.
"""
_MOST_UNREAD = 64 * 1024
"""Of a UDP socket in which Linux lets 208 KiB wait."""
_PAUSE = threading.Event()


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str], timeout_s: float = PATIENCE_S) -> Any:
    """Return the first true value of `condition`, asked again and again.

    Raises:
        AssertionError: `what` did not happen within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() >= deadline:
            missed = what if isinstance(what, str) else what()
            raise AssertionError(f"{missed} did not happen within {timeout_s} s")
        _PAUSE.wait(0.01)
    return value


def wait_for_reader(port: int) -> None:
    """Wait until whoever has a UDP port of 127.0.0.1 has read most of what came, so that the kernel drops nothing.

    What is lost because a process does not run just now tells nothing of what it makes of what comes.
    """
    wait_for(lambda: _unread_bytes(port) < _MOST_UNREAD, f"the reader of port {port}", 60.0)


def _unread_bytes(port: int) -> int:
    """Return how much waits to be read at a port, with what the kernel itself needs for it."""
    lines = (line.split() for line in Path("/proc/net/udp").read_text("ascii").splitlines()[1:])
    at_port = (fields[4] for fields in lines if int(fields[1].rpartition(":")[2], 16) == port)
    return sum(int(queues.rpartition(":")[2], 16) for queues in at_port)


async def wait_until(
    condition: Callable[[], Awaitable[object]], what: str = "it", timeout_s: float = PATIENCE_S
) -> None:
    """Wait until `condition` is true, which is asked again and again while the event loop goes on.

    Raises:
        AssertionError: `what` did not happen within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while not await condition():
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what} did not happen within {timeout_s} s")
        await asyncio.sleep(0.01)
