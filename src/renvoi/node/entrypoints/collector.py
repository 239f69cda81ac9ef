"""The collector of call records, the whole work of a child process."""

import asyncio
from datetime import timedelta

import structlog

from renvoi.adapters.clock import SystemClock
from renvoi.application.retention import Retention, keep_to
from renvoi.application.staging import keep_settled
from renvoi.call_records.collector import Collector
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.configuration.settings import Settings
from renvoi.node.parts.reconnecting_store import open_reconnecting
from renvoi.node.parts.watchdog import HeartbeatSender


async def collect_calls(settings: Settings, stop: asyncio.Event, heartbeat: HeartbeatSender) -> None:
    """Move call events from the spool into the store until `stop` is set."""
    store = await open_reconnecting(settings)
    try:
        structlog.get_logger("collector").info("collecting call records", spool=str(settings.spool_dir))
        letters = DeadLetters(settings.dead_letters_dir)
        collector = Collector(
            store,
            SystemClock(),
            settings.spool_dir,
            letters,
            lambda: heartbeat.progress("call records"),
            settings.longest_call_h * 3600 * 1000,
            lambda text: heartbeat.alarm("call records", text),
        )
        await asyncio.gather(
            collector.run(stop),
            keep_to(_retention(settings), store, SystemClock(), stop),
            keep_settled(store, SystemClock(), stop),
        )
    finally:
        await store.close()


def _retention(settings: Settings) -> Retention:
    def of(days: int) -> timedelta | None:
        return timedelta(days=days) if days else None

    return Retention(
        calls=of(settings.call_retention_days),
        audit=of(settings.audit_retention_days),
        ladders=of(settings.ladder_retention_days),
        events=of(settings.event_retention_days),
        deliveries=of(settings.delivery_retention_days),
    )
