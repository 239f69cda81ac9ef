"""The sender of webhooks, the whole work of a child process: it delivers events to endpoints that customers chose.

It is a process of its own as their number is the customers', and as no mail and no call is to wait for them.
"""

import asyncio
import random
from collections.abc import Callable

import structlog

from renvoi import __version__
from renvoi.adapters import sealing
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.endpoint_client import HttpEndpointClient
from renvoi.adapters.sql.announcements import listener_of, listening
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.webhooks.sender import MAX_AT_ONCE, SenderConfig, WebhookSender
from renvoi.configuration.settings import Settings
from renvoi.node.control.control import node_name
from renvoi.node.entrypoints.child_main import allow_files
from renvoi.node.parts.reconnecting_store import open_reconnecting
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.wakeups import wait_or_stop

OTHER_FILES = 200
"""Files that the process has open besides its connections, at the most."""
LOST_PERIOD_S = 60.0
LOST_AT_ONCE = 500

log = structlog.get_logger("renvoi.webhooks")


def client_of(settings: Settings) -> HttpEndpointClient:
    """Return what sends events from a node with these settings."""
    return HttpEndpointClient(
        SystemClock(),
        allow_http=settings.webhook_http == "yes",
        networks=settings.webhook_inner_networks,
        agent=f"renvoi/{__version__}",
    )


async def send_webhooks(settings: Settings, stop: asyncio.Event, heartbeat: HeartbeatSender) -> None:
    """Do the sender's work until `stop` is set."""
    allow_files(MAX_AT_ONCE + OTHER_FILES, "webhooks")
    store = await open_reconnecting(settings)
    listener = listener_of(settings.database, "webhooks")
    try:
        config = SenderConfig(
            owner=node_name(settings.data_dir),
            jitter=random.random,
            sealer=_sealer_of(settings),
            progress=lambda: heartbeat.progress("webhooks"),
            alarm=lambda reason: heartbeat.alarm("webhooks", reason),
            store_alarm=lambda reason: heartbeat.alarm("webhooks and the store", reason),
            is_told=lambda: listener.hears,
        )
        sender = WebhookSender(store, client_of(settings), SystemClock(), config)
        log.info("sending webhooks", http=settings.webhook_http, networks=settings.webhook_networks)
        with listening(listener, sender.look):
            await asyncio.gather(sender.run(stop, settings.shutdown_grace_s), _remove_lost(store, stop))
    finally:
        await store.close()


def _sealer_of(settings: Settings) -> Callable[[], Sealer | None]:
    def load() -> Sealer | None:
        try:
            return sealing.load(settings.secrets_key)
        except OperatorError as error:
            raise SecretClosed(str(error)) from error

    return load


async def _remove_lost(store: Store, stop: asyncio.Event) -> None:
    """Remove what was on its way to endpoints that are not there any more."""
    while not stop.is_set():
        try:
            while await store.write(lambda writer: writer.remove_lost_deliveries(LOST_AT_ONCE)) and not stop.is_set():
                pass
        except StoreUnavailable as error:
            log.warning("deliveries to removed endpoints stay for now", error=str(error))
        await wait_or_stop(stop, LOST_PERIOD_S)
