"""Runs uvicorn on a socket that is bound already, within limits."""

import asyncio
import contextlib
import math
import socket
import sys
from asyncio import TimerHandle, Transport
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from renvoi.domain.codes import Outcome
from renvoi.http.endpoint import RETRY_AFTER_S
from renvoi.http.reply import Replies

SWITCH_INTERVAL_S = 0.0005
"""How long the thread that commits may wait for the interpreter when it is back from the disk: Python's own 5 ms would
be longer than most disks take."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the server takes from its connections at most. Times in seconds.

    `keep_alive_s` is how long an idle connection is kept, `head_timeout_s` how long a request's head may take,
    `grace_s` how long requests in progress may take to end when the server stops.
    """

    connections: int = 2000
    head_bytes: int = 32 * 1024
    head_timeout_s: float = 10.0
    keep_alive_s: int = 75
    grace_s: float = 5.0
    backlog: int = 2048


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
    server = _Server(config, on_started)

    async def stop_server() -> None:
        await stop.wait()
        server.should_exit = True

    stopper = asyncio.create_task(stop_server())
    try:
        await server.serve(sockets=[sock])
    finally:
        stopper.cancel()


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the node's supervisor decides when to stop."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_started = on_started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()


class _Overloaded:
    """Answers every request with 104: for connections beyond the limit. An ASGI application."""

    def __init__(self) -> None:
        headers = [(b"retry-after", b"%d" % RETRY_AFTER_S), (b"connection", b"close")]
        self._reply = Replies("semantic").of(Outcome.UNAVAILABLE, "en", "json", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._reply(scope, receive, send)


class _Protocol(HttpToolsProtocol):
    """Uvicorn's protocol with what it lacks: limits of a request's head in size and time, and of connections."""

    limits: ClassVar[ServerLimits]
    overloaded: ClassVar[_Overloaded]

    _in_head = True
    _head_bytes = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self.app = self.overloaded
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        # The parser keeps an unfinished head in memory for as long as it comes.
        self._head_bytes += len(data)
        if self._head_bytes > self.limits.head_bytes:
            self.send_400_response("Request head is too large.")
        elif self._head_timer is None:
            self._start_head_timer()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()
        if self.cycle.response_complete:
            # Answered before its body had come; uvicorn has taken back its keep-alive timer for that body.
            self._start_head_timer()

    def _start_head_timer(self) -> None:
        self._stop_head_timer()
        self._head_timer = self.loop.call_later(self.limits.head_timeout_s, self._close_slow)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()


def _protocol(limits: ServerLimits) -> type[HttpToolsProtocol]:
    return type("LimitedProtocol", (_Protocol,), {"limits": limits, "overloaded": _Overloaded()})
