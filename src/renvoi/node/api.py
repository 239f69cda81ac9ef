"""The API, the whole work of a child process."""

import asyncio
import socket

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql.opening import open_store
from renvoi.http.app import create_app
from renvoi.http.metrics import Metrics
from renvoi.http.server import ServerLimits, serve_http
from renvoi.http.wiring import Limits, Wiring
from renvoi.node.http import url_of
from renvoi.node.readiness import NodeStatus
from renvoi.settings import Settings


async def serve_api(settings: Settings, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve the API on `listener` until `stop` is set."""
    metrics = Metrics()
    node = NodeStatus(settings)
    store = await open_store(
        settings.database, on_commit=metrics.observe_batch, connections=settings.database_connections
    )
    try:
        wiring = Wiring(
            store,
            SystemClock(),
            error_status=settings.error_status,
            limits=Limits(
                requests_per_key_per_s=settings.rate_limit_per_key,
                bad_keys_per_address_per_s=settings.bad_key_limit / 60,
                bad_keys_burst=settings.bad_key_limit,
            ),
            trusted_proxies=settings.proxies,
            public_url=settings.public_url or url_of(settings.http_host, listener.getsockname()[1]),
            parts=node.parts,
            measurements=node.measurements,
        )
        limits = ServerLimits(grace_s=settings.shutdown_grace_s)
        await serve_http(create_app(wiring, metrics), listener, stop, limits)
    finally:
        await store.close()
