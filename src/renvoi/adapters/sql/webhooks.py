"""Endpoints of webhooks, and deliveries to them, in the store."""

import logging
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

from renvoi.adapters.sql import events as event_rows
from renvoi.adapters.sql import mappers
from renvoi.adapters.sql import statements as common
from renvoi.adapters.sql import webhook_statements as statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.row_repair import UNREADABLE, RowRepair, readable_numbers
from renvoi.adapters.sql.schema import webhook_deliveries
from renvoi.application.ports.webhooks import DeliveryQueue, WebhookNotice
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.webhook import (
    FARTHEST_MS,
    Delivery,
    DeliveryState,
    DisabledReason,
    Webhook,
    lane_of,
    previous_secret_of,
    secret_of,
)

_repair = RowRepair(statements.WEBHOOK)
_repair_delivery = RowRepair(tuple(webhook_deliveries.c))
_LAST = (1 << 63) - 1
_log = logging.getLogger("renvoi.store")
_AT_ONCE = 1000
"""Deliveries that go with their endpoint; the others go later."""


def webhook(row: Row) -> Webhook:
    """Make an endpoint of a row of `statements.WEBHOOK`."""
    values = dict(zip((c.name for c in statements.WEBHOOK), _repair(row), strict=True))
    values["types"] = tuple(values["types"].split())
    numbers, are_all = readable_numbers(values["numbers"])
    if not are_all:
        _log.warning(
            "numbers of webhook %.40s are damaged (%.40r), so it counts as disabled", values["id"], values["numbers"]
        )
    # Without them it would get the events of all numbers.
    values["numbers"] = tuple(numbers)
    values["enabled"] = bool(values["enabled"]) and are_all
    reason = values["disabled_reason"]
    if reason is not None:
        what = f"webhook {values['id']}"
        values["disabled_reason"] = mappers.known_state(DisabledReason, reason, DisabledReason.BY_HAND, what)
    return Webhook(**values)


def webhook_values(value: Webhook) -> dict[str, Any]:
    """Return what the row of an endpoint has, but how far it has come."""
    return {
        "id": value.id,
        "account_id": value.account_id,
        "url": value.url,
        "types": " ".join(value.types),
        "numbers": " ".join(str(number.digits) for number in value.numbers),
        "description": value.description,
        "created_at_ms": value.created_at_ms,
        "updated_at_ms": value.updated_at_ms,
        "enabled": value.enabled,
        "revision": value.revision,
        "failing_since_ms": value.failing_since_ms,
        "disabled_at_ms": value.disabled_at_ms,
        "disabled_reason": None if value.disabled_reason is None else value.disabled_reason.value,
        "previous_until_ms": value.previous_until_ms,
    }


def delivery(row: Row) -> Delivery:
    """Make a delivery of a row of `webhook_deliveries`."""
    values = dict(zip(webhook_deliveries.c.keys(), _repair_delivery(row), strict=True))
    what = f"delivery {values['id']}"
    return Delivery(
        **values | {"state": mappers.known_state(DeliveryState, values["state"], DeliveryState.FAILED, what)}
    )


def _times(now_ms: int) -> dict[str, int]:
    return {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}


class WebhookReader:
    """The part of `application.ports.Reader` that webhooks need."""

    _connection: Connection

    def webhook(self, webhook_id: str) -> Webhook | None:
        row = self._connection.one(statements.webhook, webhook_id=webhook_id)
        return webhook(row) if row else None

    def webhooks(self, account_id: int | None = None, after: str = "", limit: int = 100) -> Sequence[Webhook]:
        if account_id is None:
            found = self._connection.all(statements.all_webhooks, after=after, limit=limit)
        else:
            found = self._connection.all(statements.account_webhooks, account_id=account_id, after=after, limit=limit)
        return [webhook(row) for row in found]

    def count_webhooks(self, account_id: int) -> int:
        row = self._connection.one(statements.count_webhooks, account_id=account_id)
        assert row is not None
        return int(row[0])

    def has_webhooks(self) -> bool:
        row = self._connection.one(statements.has_webhooks)
        return row is not None and bool(row[0])

    def webhooks_with_events(self, limit: int) -> Sequence[str]:
        return [row[0] for row in self._connection.all(statements.webhooks_with_events, limit=limit) if _is_id(row[0])]

    def webhooks_with_deliveries(self, now_ms: int) -> Sequence[str]:
        due = self._connection.all(statements.webhooks_with_deliveries, **_times(now_ms))
        disabled = self._connection.all(statements.disabled_with_deliveries)
        return sorted({row[0] for row in (*due, *disabled) if _is_id(row[0])})

    def due_deliveries(self, webhook_id: str, now_ms: int, limit: int) -> Sequence[tuple[Delivery, StoredEvent | None]]:
        columns = len(webhook_deliveries.c)
        found: list[Row] = []
        for after_ms, until_ms in ((-1, now_ms), (now_ms + FARTHEST_MS, _LAST)):
            if len(found) < limit:
                times = {"after_ms": after_ms, "until_ms": until_ms, "limit": limit - len(found)}
                found += self._connection.all(statements.due_deliveries, webhook_id=webhook_id, **times)
        return [
            (delivery(row[:columns]), event_rows.stored_event(row[columns:]) if row[columns] is not None else None)
            for row in found
        ]

    def deliveries(
        self, webhook_id: str, before: int | None = None, limit: int = 50, state: DeliveryState | None = None
    ) -> Sequence[Delivery]:
        values: dict[str, object] = {"webhook_id": webhook_id, "before": _LAST if before is None else before}
        if state is None:
            found = self._connection.all(statements.deliveries, limit=limit, **values)
        else:
            found = self._connection.all(statements.deliveries_in_state, limit=limit, of_state=state.value, **values)
        return [delivery(row) for row in found]

    def delivery(self, delivery_id: int) -> Delivery | None:
        row = self._connection.one(statements.delivery, id=delivery_id)
        return delivery(row) if row else None

    def delivery_queue(self) -> DeliveryQueue:
        row = self._connection.one(statements.delivery_queue)
        assert row is not None
        return DeliveryQueue(*row)

    def webhook_cursor(self, webhook_id: str) -> int:
        row = self._connection.one(statements.webhook_cursor, webhook_id=webhook_id)
        return row[0] if row else 0

    def unread_events(self, webhook_id: str, limit: int) -> Sequence[StoredEvent]:
        found = self._connection.all(statements.unread_events, webhook_id=webhook_id, limit=limit)
        return [event_rows.stored_event(row) for row in found]

    def due_webhook_notices(self, now_ms: int, limit: int) -> Sequence[WebhookNotice]:
        found = [webhook(row) for row in self._connection.all(statements.due_notices, limit=limit, **_times(now_ms))]
        return [WebhookNotice(each, each.disabled_at_ms or each.updated_at_ms) for each in found]


class WebhookWriter(WebhookReader):
    """The part of `application.ports.Writer` that webhooks need."""

    _duplicate: Callable[[Exception], str | None]
    _announce: Callable[[Topic], None]

    def add_webhook(self, webhook: Webhook) -> None:
        values = webhook_values(webhook)
        with unique(f"webhook {webhook.id}", self._duplicate):
            self._connection.run(statements.add_webhook, cursor=0, cursor_tx=0, **values)
        self._begin_at_end(webhook)

    def _begin_at_end(self, webhook: Webhook) -> None:
        row = self._connection.one(event_rows.last_place, account_id=webhook.account_id)
        tx, position = row or (0, 0)
        self._connection.run(statements.put_cursor, webhook_id=webhook.id, cursor_tx=tx, cursor=position)
        self._announce("webhooks")

    def webhook_for_change(self, webhook_id: str) -> Webhook | None:
        row = self._connection.one(statements.webhook_for_change, webhook_id=webhook_id)
        return webhook(row) if row else None

    def put_webhook(self, webhook: Webhook) -> None:
        before = self.webhook(webhook.id)
        values = webhook_values(webhook)
        for name in ("account_id", "created_at_ms"):
            del values[name]
        self._connection.run(statements.put_webhook, webhook_id=values.pop("id"), **values)
        if before is not None and webhook.enabled and not before.enabled:
            self._begin_at_end(webhook)
        self._announce("webhooks")

    def put_failing_since(self, webhook_id: str, at_ms: int | None) -> None:
        self._connection.run(statements.put_failing_since, webhook_id=webhook_id, at_ms=at_ms)

    def disable_webhook(self, webhook_id: str, reason: DisabledReason, at_ms: int, *, notice: bool) -> bool:
        due_at_ms = at_ms if notice else None
        values = {"reason": reason.value, "at_ms": at_ms, "due_at_ms": due_at_ms}
        done = self._connection.run(statements.disable_webhook, webhook_id=webhook_id, **values) > 0
        if done:
            self._announce("webhooks")
            self._announce("mails")
        return done

    def disable_webhooks(self, account_id: int, at_ms: int) -> int:
        values = {"reason": DisabledReason.CLOSED.value, "at_ms": at_ms}
        return self._connection.run(statements.disable_webhooks, of_account=account_id, **values)

    def remove_webhook(self, webhook_id: str) -> bool:
        for name in (secret_of(webhook_id), previous_secret_of(webhook_id)):
            self._connection.run(common.remove_secret, key=name)
        self._connection.run(statements.remove_deliveries_of, webhook_id=webhook_id, limit=_AT_ONCE)
        self._announce("webhooks")
        return self._connection.run(statements.remove_webhook, webhook_id=webhook_id) > 0

    def remove_webhooks(self, account_id: int, limit: int) -> int:
        removed = 0
        for each in self.webhooks(account_id, limit=limit):
            left = limit - removed
            removed += self._connection.run(statements.remove_deliveries_of, webhook_id=each.id, limit=left)
            if removed >= limit:
                break
            removed += self.remove_webhook(each.id)
        return removed

    def add_deliveries(self, webhook_id: str, events: Sequence[StoredEvent], upto: int, at_ms: int) -> None:
        rows = (_added(webhook_id, event, lane_of(event), at_ms) for event in events)
        if events:
            self._connection.run_many(statements.add_deliveries, rows)
        row = self._connection.one(event_rows.place_of, position=upto)
        if row is not None:
            self._connection.run(statements.put_cursor, webhook_id=webhook_id, cursor_tx=row[0], cursor=upto)

    def add_delivery(self, webhook_id: str, event: StoredEvent, at_ms: int) -> int:
        row = self._connection.one(statements.add_delivery, **_added(webhook_id, event, None, at_ms))
        assert row is not None
        self._announce("webhooks")
        return int(row[0])

    def put_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        self._connection.run_many(statements.put_delivery, map(_outcome, deliveries))
        ended = [each for each in deliveries if each.ended_at_ms is not None and each.lane is not None]
        if ended:
            lanes = ({"of_webhook": each.webhook_id, "of_lane": each.lane} for each in ended)
            self._connection.run_many(statements.wake_next, lanes)

    def end_deliveries(self, webhook_id: str, at_ms: int, note: str, limit: int) -> int:
        values = {"at_ms": at_ms, "note": note}
        return self._connection.run(statements.end_deliveries, of_webhook=webhook_id, limit=limit, **values)

    def claim_webhook_notice(self, webhook_id: str, now_ms: int, until_ms: int) -> bool:
        values = {"until_ms": until_ms, **_times(now_ms)}
        return self._connection.run(statements.claim_notice, webhook_id=webhook_id, **values) > 0

    def end_webhook_notice(self, webhook_id: str) -> None:
        self._connection.run(statements.end_notice, webhook_id=webhook_id)

    def remove_old_deliveries(self, before_ms: int, limit: int) -> int:
        return self._connection.run(statements.remove_old_deliveries, before_ms=before_ms, limit=limit)

    def remove_lost_deliveries(self, limit: int) -> int:
        return self._connection.run(statements.remove_lost_deliveries, limit=limit)

    def release_leases(self, prefix: str, owner: str, names: Collection[str] | None = None) -> None:
        if names is None:
            self._connection.run(statements.release_leases, of_owner=owner, prefix=prefix)
            return
        for name in sorted(names):
            self._connection.run(common.release_lease, key=prefix + name, of_owner=owner)


def _added(webhook_id: str, event: StoredEvent, lane: int | None, at_ms: int) -> dict[str, object]:
    return {
        "webhook_id": webhook_id,
        "position": event.position,
        "type": event.type,
        "lane": lane,
        "at_ms": at_ms,
    }


def _outcome(value: Delivery) -> dict[str, object]:
    return {
        "key": value.id,
        "due_at_ms": value.due_at_ms,
        "state": value.state.value,
        "attempts": value.attempts,
        "attempted_at_ms": value.attempted_at_ms,
        "ended_at_ms": value.ended_at_ms,
        "duration_ms": value.duration_ms,
        "status": value.status,
        "note": value.note,
        "answer": value.answer,
    }


@lru_cache(maxsize=1000)
def _is_id(value: object) -> bool:
    """Tell whether an endpoint is found by that id; of one that is not, say so once: senders ask all the time."""
    is_id = isinstance(value, str) and UNREADABLE not in value
    if not is_id:
        _log.error("a webhook gets nothing, as its id is damaged: %.40r", value)
    return is_id
