"""Health probes: the supervisor asks the API and the voicemail's workers whether they work."""

import asyncio
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from renvoi import sip_options
from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import Settings
from renvoi.domain.hosts import bracketed, host_and_port
from renvoi.domain.text import read_json
from renvoi.http.deps import Measurement
from renvoi.node.parts.sockets import advertised_host, port_refused

ANSWER_TIMEOUT_S = 1.0


def url_of(host: str, port: int) -> str:
    """Return the URL under which a listener can be reached from this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104 - as above
    return f"http://{host_and_port(host, port)}"


async def http_is_ready(url: str) -> bool:
    """Tell whether the listener at `url` answers `GET /healthz`."""
    where = urlsplit(url)
    assert where.hostname is not None
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write(f"GET /healthz HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 200")
            finally:
                writer.close()
    except (TimeoutError, OSError):
        return False


CHILD = "voicemail"
PART = "voicemail-"
"""What the names of the workers' parts begin with."""
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024


def worker_count(settings: Settings) -> int:
    return settings.voicemail_workers if settings.voicemail_workers is not None else os.cpu_count() or 1


def worker_host(settings: Settings) -> str:
    return advertised_host(settings.voicemail_host)


def bind_workers(count: int, host: str = "127.0.0.1", first_port: int = 0) -> list[socket.socket]:
    """Return the SIP sockets of so many workers, which inherit them: a port outlives the worker that serves it.

    Their ports begin with `first_port`; 0 stands for any that are free.

    Raises:
        OperatorError: one cannot be had.
    """
    sockets: list[socket.socket] = []
    for index in range(count):
        sip = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        sockets.append(sip)
        sip.setblocking(False)
        sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        port = first_port + index if first_port else 0
        try:
            sip.bind((host, port))
        except OSError as error:
            for each in sockets:
                each.close()
            raise OperatorError(port_refused(error, "voicemail", host, port, "RENVOI_VOICEMAIL_PORT")) from error
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
        """Whether it takes no calls because the disk is full."""
        return self.free_bytes < self.min_free_bytes


async def load_of(host: str, port: int) -> Load | None:
    """Ask the worker at this address; None when it does not answer as a worker does."""
    where = bracketed(host)
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await sip_options.request(f"sip:{where}:{port}", host, port)
        return Load(**read_json(answer.partition(b"\r\n\r\n")[2]))
    except (TimeoutError, OSError, ValueError, TypeError):
        return None


async def is_ready(host: str, port: int) -> bool:
    return await load_of(host, port) is not None


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
            Measurement("renvoi_disk_full", "1 when the disk is too full to take messages, else 0.", int(full)),
        ]
    return found
