"""Runs uvicorn on a socket that is bound already, within limits."""

import asyncio
import contextlib
import math
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

import uvicorn
from starlette.types import ASGIApp

from renvoi.http.connection import LimitedProtocol
from renvoi.http.limits import ConnectionShares, Turns

SWITCH_INTERVAL_S = 0.0005
"""How long the thread that commits may wait for the interpreter when it is back from the disk: Python's own 5 ms would
be longer than most disks take."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the server takes from its connections at most. Times in seconds.

    `keep_alive_s` is how long an idle connection is kept, `head_timeout_s` how long a request's head may take,
    `grace_s` how long requests in progress may take to end when the server stops. Connections of `trusted_proxies`
    stand for many clients.
    """

    connections: int = 2000
    head_bytes: int = 32 * 1024
    head_timeout_s: float = 10.0
    keep_alive_s: int = 75
    grace_s: float = 5.0
    backlog: int = 2048
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


async def serve_http(
    app: ASGIApp,
    sock: socket.socket,
    stop: asyncio.Event,
    limits: ServerLimits | None = None,
    on_started: Callable[[], None] | None = None,
) -> None:
    """Serve `app` on the bound `sock` until `stop` is set and requests in progress have ended, or `grace_s` is over.

    Signals are the caller's. Meant for uvloop's event loop, and works on any.
    """
    limits = limits or ServerLimits()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    config = uvicorn.Config(
        app,
        http=_protocol(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        # The client's address is found by the application, which knows the trusted proxies.
        proxy_headers=False,
        server_header=False,
        backlog=limits.backlog,
        timeout_keep_alive=limits.keep_alive_s,
        timeout_graceful_shutdown=math.ceil(limits.grace_s),
    )
    await _Server(config, stop, on_started).serve(sockets=[sock])


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the node's supervisor decides when to stop."""

    def __init__(self, config: uvicorn.Config, stop: asyncio.Event, on_started: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._stop = stop
        self._on_started = on_started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()

    async def main_loop(self) -> None:
        """Wait until told to stop, and keep the Date header right: uvicorn's own loop wakes up ten times as often."""
        while not self._stop.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                # At the full second, so that all servers of a process wake it up together.
                await asyncio.wait_for(self._stop.wait(), 1 - time.time() % 1)
        self.should_exit = True


def _protocol(limits: ServerLimits) -> type[LimitedProtocol]:
    known = {
        "head_limit": limits.head_bytes,
        "head_timeout_s": limits.head_timeout_s,
        "shares": ConnectionShares(limits.connections, limits.trusted_proxies),
        "turns": Turns(),
        "probe_turns": Turns(),
        "trusted_proxies": limits.trusted_proxies,
    }
    return type("BoundProtocol", (LimitedProtocol,), known)
