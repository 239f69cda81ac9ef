"""The HTTP server, the whole work of a child process: the API, and what machines ask about the node."""

import asyncio
import socket
from dataclasses import replace

from renvoi.adapters.clock import SystemClock
from renvoi.http.app import create_app, create_inner, create_probes
from renvoi.http.deps import Deps, Limits
from renvoi.http.metrics import Metrics
from renvoi.http.server import ServerLimits, serve_http
from renvoi.node.entrypoints.child_main import allow_files
from renvoi.node.entrypoints.write_watch import WriteWatch
from renvoi.node.supervisor.health import url_of
from renvoi.node.supervisor.readiness import NodeStatus
from renvoi.node.supervisor.reconnecting_store import open_reconnecting
from renvoi.node.supervisor.roles import API
from renvoi.settings import Settings

INNER_CONNECTIONS = 200
"""Connections of the inner listener at the most: those of the public one never take their places."""
OTHER_FILES = 200
"""Files that the process has open besides its connections, at the most."""


async def serve_api(settings: Settings, public: socket.socket, inner: socket.socket, stop: asyncio.Event) -> None:
    """Serve the API on `public`, what machines ask about the node on `inner`, until `stop` is set."""
    metrics = Metrics()
    node = NodeStatus(settings)
    store = WriteWatch(
        await open_reconnecting(settings, on_commit=metrics.observe_batch, connections=settings.database_connections)
    )
    try:
        wiring = Deps(
            store,
            SystemClock(),
            error_status=settings.error_status,
            limits=Limits(
                requests_per_key_per_s=settings.rate_limit_per_key,
                refusals_per_address_per_s=settings.bad_key_limit / 60,
                refusals_burst=settings.bad_key_limit,
            ),
            trusted_proxies=settings.proxies,
            public_url=settings.public_url or url_of(settings.http_host, public.getsockname()[1]),
            parts=node.parts,
            measurements=node.measurements,
            refusal=store.refusal,
        )
        limits = ServerLimits(grace_s=settings.shutdown_grace_s, trusted_proxies=settings.proxies)
        allow_files(limits.connections + INNER_CONNECTIONS + OTHER_FILES, "http")
        create = create_app if API in settings.parts else create_probes
        public_up = asyncio.Event()
        async with asyncio.TaskGroup() as serving:
            serving.create_task(serve_http(create(wiring, metrics), public, stop, limits, public_up.set))
            # The supervisor asks the inner one whether this part is ready, so it comes last.
            await public_up.wait()
            few = replace(limits, connections=INNER_CONNECTIONS)
            serving.create_task(serve_http(create_inner(wiring, metrics), inner, stop, few))
    finally:
        await store.close()
