"""The HTTP server on a real socket of this process, with the store on SQLite."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import uvloop
from starlette.types import ASGIApp

from renvoi.adapters.sql.sqlite import SqliteStore, open_sqlite
from renvoi.http.app import create_app, create_inner
from renvoi.http.deps import Deps, Limits
from renvoi.http.metrics import Metrics
from renvoi.http.middleware import Middleware
from renvoi.http.server import ServerLimits, serve_http
from tests.support.http_api import FixedClock, seed
from tests.support.ports import listen_unused
from tests.support.stores import make_sqlite

DEADLINE_S = 60


@dataclass
class Node:
    """A running server, its store, and the way to stop it."""

    port: int
    store: SqliteStore
    stop: asyncio.Event
    serving: asyncio.Task[None]
    client: httpx.AsyncClient
    inner: ASGIApp
    app: Middleware

    async def metrics(self) -> dict[str, float]:
        """Return what the inner application shows on /metrics."""
        transport = httpx.ASGITransport(self.inner)
        async with httpx.AsyncClient(transport=transport, base_url="http://inner") as client:
            text = (await client.get("/metrics")).text
        samples = (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
        return {name: float(value) for name, _, value in samples}


@asynccontextmanager
async def running(
    directory: Path,
    limits: Limits | None = None,
    server_limits: ServerLimits | None = None,
    deps: Mapping[str, Any] = MappingProxyType({}),
) -> AsyncIterator[Node]:
    """Run a server on a free port of loopback; `deps` is passed on to `Deps`."""
    metrics = Metrics()
    make_sqlite(directory / "renvoi.db")
    store = await open_sqlite(directory / "renvoi.db", on_commit=lambda changes, _: metrics.observe_batch(changes))
    await store.write(seed)
    stop, started = asyncio.Event(), asyncio.Event()
    wired = Deps(store, FixedClock(), limits=limits or Limits(), is_stopping=stop.is_set, **deps)
    app, inner = create_app(wired, metrics), create_inner(wired, metrics)
    sock = listen_unused()
    port = sock.getsockname()[1]
    serving = asyncio.create_task(serve_http(app, sock, stop, server_limits, started.set))
    await asyncio.wait_for(started.wait(), DEADLINE_S)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_S, limits=httpx.Limits(max_connections=250)
        ) as client:
            yield Node(port, store, stop, serving, client, inner, app)
    finally:
        stop.set()
        await asyncio.wait_for(serving, DEADLINE_S)
        await store.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario on the event loop that the server runs on."""

    async def main() -> None:
        await asyncio.wait_for(scenario(), DEADLINE_S)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def exchange(port: int, *sent: bytes) -> bytes:
    """Send bytes on a connection of their own and return all that comes until the server closes it.

    Each of several pieces is a segment of its own, which the server reads alone as far as it can.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return await reader.read()
    finally:
        writer.close()
