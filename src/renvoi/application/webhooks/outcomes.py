"""Outcomes of attempts are stored together: those that come while some are being stored share the next transaction."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from renvoi.application.auth import RENVOI
from renvoi.application.events import emit
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.application.webhooks import changes
from renvoi.application.webhooks.attempts import Outcome
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.webhook import DISABLED_AFTER, DeliveryState, DisabledReason, Webhook
from renvoi.domain.moment import timestamp_text
from renvoi.domain.text import counted

DELIVERED, ATTEMPTS_FAILED, GIVEN_UP, DISABLED = (
    "webhook_delivered",
    "webhook_attempts_failed",
    "webhook_given_up",
    "webhooks_disabled",
)
"""Counters of the store."""
MOST_AT_ONCE = 1000
STORE_PAUSE_S = 1.0
"""Pause before outcomes are stored again that a store did not take."""

log = structlog.get_logger("renvoi.webhooks")


class Outcomes:
    """Stores what came of attempts. `stored` is called with what was, `alarm` with what waits for the store and why."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        stored: Callable[[Sequence[Outcome]], None],
        alarm: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._stored = stored
        self._alarm = alarm
        self._waiting: list[Outcome] = []
        self._come = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    def put(self, outcome: Outcome) -> None:
        """Have an outcome stored soon."""
        self._waiting.append(outcome)
        self._come.set()
        self._settled.clear()

    async def settle(self) -> None:
        """Wait until all are stored."""
        await self._settled.wait()

    async def run(self) -> None:
        """Store them until cancelled."""
        while True:
            await self._come.wait()
            some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            if not some:
                self._come.clear()
                self._settled.set()
                continue
            await self._insist(some)
            self._stored(some)

    async def _insist(self, some: Sequence[Outcome]) -> None:
        """Store outcomes, however long that takes: else what was delivered would be delivered again and again."""
        warned = False
        while True:
            try:
                await self._store.write(partial(keep, some, self._clock.now_ms()))
            except StoreRefused:
                if len(some) > 1:
                    for each in some:
                        await self._insist([each])
                    return
                # Never by what endpoints say: that was made fit. So it is a fault of ours, and is due again.
                log.exception("the store refused the outcome of a delivery", delivery=some[0].delivery.id)
                return
            except StoreUnavailable as error:
                if not warned:
                    log.warning("outcomes of deliveries wait for the store", outcomes=len(some), error=str(error))
                warned = True
                count = len(some) + len(self._waiting)
                waits = counted(count, "outcome of a delivery waits", "outcomes of deliveries wait")
                self._alarm(f"{waits} for the store: {error}")
                await asyncio.sleep(STORE_PAUSE_S)
            else:
                if warned:
                    self._alarm("")
                for each in some:
                    _tell(each)
                return


def keep(some: Sequence[Outcome], now_ms: int, writer: Writer) -> None:
    """Store outcomes of attempts, and what they say of their endpoints."""
    writer.put_deliveries([each.delivery for each in some])
    succeeded = sum(each.is_success for each in some)
    given_up = sum(each.delivery.state is DeliveryState.FAILED for each in some)
    for name, count in ((DELIVERED, succeeded), (ATTEMPTS_FAILED, len(some) - succeeded), (GIVEN_UP, given_up)):
        if count:
            writer.count(name, count)
    # Always in the same order, or two nodes could wait for each other.
    for webhook_id in sorted({each.delivery.webhook_id for each in some}):
        _judge(writer, webhook_id, [each for each in some if each.delivery.webhook_id == webhook_id], now_ms)


def _judge(writer: Writer, webhook_id: str, some: Sequence[Outcome], now_ms: int) -> None:
    before = writer.webhook(webhook_id)
    if before is None or (before.failing_since_ms is None and all(each.is_success for each in some)):
        return
    webhook = writer.webhook_for_change(webhook_id)
    if webhook is None or not webhook.enabled:
        return
    if any(each.is_gone for each in some):
        disable(writer, webhook, DisabledReason.GONE, now_ms)
        return
    if any(each.is_success for each in some):
        if webhook.failing_since_ms is not None:
            writer.put_failing_since(webhook_id, None)
        return
    since_ms = webhook.failing_since_ms
    if since_ms is None or since_ms > now_ms:
        writer.put_failing_since(webhook_id, now_ms)
    elif now_ms - since_ms >= DISABLED_AFTER.total_seconds() * 1000:
        disable(writer, webhook, DisabledReason.FAILING, now_ms)


def disable(writer: Writer, webhook: Webhook, reason: DisabledReason, now_ms: int) -> None:
    """Have an endpoint get nothing any more, and tell so: the account by mail, other endpoints by an event."""
    if not writer.disable_webhook(webhook.id, reason, now_ms, notice=True):
        return
    changes.note_disabled(writer, RENVOI, now_ms, webhook, reason)
    writer.count(DISABLED)
    since = webhook.failing_since_ms
    data = {
        "webhook": f"wh_{webhook.id}",
        "url": webhook.url,
        "reason": reason.value,
        "failing_since": None if since is None else timestamp_text(since),
    }
    emit(writer, Event(EventType.WEBHOOK_DISABLED, webhook.account_id, None, data, now_ms))


def _tell(outcome: Outcome) -> None:
    delivery = outcome.delivery
    entry = log.bind(
        event_id=outcome.event_id,
        webhook=f"wh_{delivery.webhook_id}",
        delivery=f"dlv_{delivery.id}",
        attempts=delivery.attempts,
        status=delivery.status,
    )
    if outcome.is_success:
        entry.info("event delivered", duration_ms=delivery.duration_ms)
    elif delivery.state is DeliveryState.FAILED:
        entry.warning("an event is given up", note=delivery.note)
    else:
        entry.info("an event has to wait", note=delivery.note, due_at_ms=delivery.due_at_ms)
