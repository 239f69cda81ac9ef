"""The voicemail workers as the supervisor and `/readyz` see them."""

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.http.wiring import Measurement
from renvoi.node import options
from renvoi.settings import Settings

CHILD = "voicemail"
PART = "voicemail-"
"""What the names of the workers' parts begin with."""
HOST = "127.0.0.1"
"""Only the edge of the same machine reaches the workers."""
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
ANSWER_TIMEOUT_S = 1.0


def worker_count(settings: Settings) -> int:
    """Return how many workers the node has."""
    return settings.voicemail_workers if settings.voicemail_workers is not None else os.cpu_count() or 1


def bind_workers(count: int) -> list[socket.socket]:
    """Return the SIP sockets of so many workers, which inherit them: a port outlives the worker that serves it."""
    sockets = []
    for _ in range(count):
        sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip.setblocking(False)
        sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sip.bind((HOST, 0))
        sockets.append(sip)
    return sockets


@dataclass(frozen=True, slots=True)
class Load:
    """What a worker says of itself: calls now and at the most, and the free space of its disk in bytes."""

    calls: int
    capacity: int
    free_bytes: int
    min_free_bytes: int

    @property
    def disk_full(self) -> bool:
        """Whether it takes no calls for want of space."""
        return self.free_bytes < self.min_free_bytes


async def load_of(port: int) -> Load | None:
    """Ask the worker on `port`; None when it does not answer as a worker does."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await options.request(f"sip:{HOST}:{port}", HOST, port)
        return Load(**json.loads(answer.partition(b"\r\n\r\n")[2]))
    except (TimeoutError, OSError, ValueError, TypeError):
        return None


async def is_ready(port: int) -> bool:
    """Tell whether the worker on `port` answers."""
    return await load_of(port) is not None


def measurements(loads: Sequence[Load | None]) -> list[Measurement]:
    """Return the workers' load for `/metrics`."""
    found: list[Measurement] = []
    for index, load in enumerate(loads, 1):
        if load is not None:
            labels = {"worker": str(index)}
            found += [
                Measurement("renvoi_voicemail_calls", "Calls that a worker has now.", load.calls, labels=labels),
                Measurement("renvoi_voicemail_capacity", "Calls that a worker takes.", load.capacity, labels=labels),
            ]
    answering = [load for load in loads if load is not None]
    if answering:
        free = min(load.free_bytes for load in answering)
        full = any(load.disk_full for load in answering)
        found += [
            Measurement("renvoi_disk_free_bytes", "Free space for recordings.", free),
            Measurement("renvoi_disk_full", "1 when no messages are taken for want of space, else 0.", int(full)),
        ]
    return found
