"""The part of the store in memory that webhooks need."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import webhook_changes as change_rows
from renvoi.adapters.sql import webhooks as rows
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.webhook_changes import WebhookChange
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
from tests.support.memory_state import MemoryReader

_UNENDED = (DeliveryState.PENDING, DeliveryState.WAITING)


class MemoryWebhookReader(MemoryReader):
    """Endpoints and deliveries; see `application.ports.Reader`."""

    def webhook(self, webhook_id: str) -> Webhook | None:
        return self._state.webhooks.get(webhook_id)

    def webhooks(self, account_id: int | None = None, after: str = "", limit: int = 100) -> Sequence[Webhook]:
        found = (each for _, each in sorted(self._state.webhooks.items()))
        return [each for each in found if account_id in (None, each.account_id) and each.id > after][:limit]

    def count_webhooks(self, account_id: int) -> int:
        return len(self.webhooks(account_id, limit=1_000_000))

    def has_webhooks(self) -> bool:
        return any(each.enabled for each in self._state.webhooks.values()) or bool(self._unended())

    def webhooks_with_events(self, limit: int) -> Sequence[str]:
        return [name for name in sorted(self._state.webhooks) if self.unread_events(name, 1)][:limit]

    def webhooks_with_deliveries(self, now_ms: int) -> Sequence[str]:
        pending = [each for each in self._unended() if each.state is DeliveryState.PENDING and _is_due(each, now_ms)]
        due = [each.webhook_id for each in pending if each.webhook_id in self._state.webhooks]
        laned = {each.webhook_id for each in self._unended() if each.lane is not None}
        disabled = [name for name, each in sorted(self._state.webhooks.items()) if not each.enabled and name in laned]
        return sorted({*due, *disabled})

    def _unended(self) -> list[Delivery]:
        return [each for each in self._state.deliveries.values() if each.state in _UNENDED]

    def due_deliveries(self, webhook_id: str, now_ms: int, limit: int) -> Sequence[tuple[Delivery, StoredEvent | None]]:
        pending = [each for each in self._unended() if each.state is DeliveryState.PENDING]
        found = [each for each in pending if each.webhook_id == webhook_id and _is_due(each, now_ms)]
        found.sort(key=lambda each: (each.due_at_ms, each.id))
        return [(each, self._state.events.get(each.position)) for each in found[:limit]]

    def deliveries(
        self, webhook_id: str, before: int | None = None, limit: int = 50, state: DeliveryState | None = None
    ) -> Sequence[Delivery]:
        found = [each for each in self._state.deliveries.values() if each.webhook_id == webhook_id]
        found = [each for each in found if state in (None, each.state) and (before is None or each.id < before)]
        return sorted(found, key=lambda each: -each.id)[:limit]

    def delivery(self, delivery_id: int) -> Delivery | None:
        return self._state.deliveries.get(delivery_id)

    def delivery_queue(self) -> DeliveryQueue:
        unended = self._unended()
        return DeliveryQueue(len(unended), min((each.created_at_ms for each in unended), default=None))

    def webhook_cursor(self, webhook_id: str) -> int:
        return self._state.cursors.get(webhook_id, 0)

    def unread_events(self, webhook_id: str, limit: int) -> Sequence[StoredEvent]:
        webhook = self._state.webhooks.get(webhook_id)
        if webhook is None or not webhook.enabled:
            return []
        cursor = self._state.cursors[webhook_id]
        own = [each for each in self._state.events.values() if each.account_id == webhook.account_id]
        return [each for each in own if each.position > cursor][:limit]

    def webhook_changes(
        self, account_id: int | None = None, webhook_id: str | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[WebhookChange]:
        return [
            each
            for each in reversed(self._state.webhook_changes)
            if account_id in (None, each.account_id)
            and webhook_id in (None, each.webhook_id)
            and (before is None or each.id < before)
        ][:limit]

    def due_webhook_notices(self, now_ms: int, limit: int) -> Sequence[WebhookNotice]:
        due = [
            name for name, at_ms in self._state.webhook_notices.items() if not now_ms < at_ms <= now_ms + FARTHEST_MS
        ]
        found = [self._state.webhooks[name] for name in due[:limit]]
        return [WebhookNotice(each, each.disabled_at_ms or each.updated_at_ms) for each in found]


def _is_due(delivery: Delivery, now_ms: int) -> bool:
    return not now_ms < delivery.due_at_ms <= now_ms + FARTHEST_MS


class MemoryWebhooks(MemoryWebhookReader):
    """Endpoints and deliveries; see `application.ports.Writer`."""

    def add_webhook(self, webhook: Webhook) -> None:
        column_limits.check_row(schema.webhooks, rows.webhook_values(webhook))
        if webhook.id in self._state.webhooks:
            raise Conflict(f"webhook {webhook.id} exists already")
        self._state.webhooks[webhook.id] = webhook
        self._state.cursors[webhook.id] = self.last_event(webhook.account_id)

    def webhook_for_change(self, webhook_id: str) -> Webhook | None:
        return self.webhook(webhook_id)

    def put_webhook(self, webhook: Webhook) -> None:
        before = self._state.webhooks.get(webhook.id)
        if before is None:
            return
        self._state.webhooks[webhook.id] = webhook
        if webhook.enabled and not before.enabled:
            self._state.cursors[webhook.id] = self.last_event(webhook.account_id)

    def put_failing_since(self, webhook_id: str, at_ms: int | None) -> None:
        if webhook_id in self._state.webhooks:
            webhook = self._state.webhooks[webhook_id]
            self._state.webhooks[webhook_id] = replace(webhook, failing_since_ms=at_ms)

    def disable_webhook(self, webhook_id: str, reason: DisabledReason, at_ms: int, *, notice: bool) -> bool:
        webhook = self._state.webhooks.get(webhook_id)
        if webhook is None or not webhook.enabled:
            return False
        self._state.webhooks[webhook_id] = replace(
            webhook,
            enabled=False,
            disabled_at_ms=at_ms,
            disabled_reason=reason,
            updated_at_ms=at_ms,
            revision=webhook.revision + 1,
        )
        if notice:
            self._state.webhook_notices[webhook_id] = at_ms
        return True

    def disable_webhooks(self, account_id: int, at_ms: int) -> int:
        own = [name for name, each in self._state.webhooks.items() if each.account_id == account_id]
        return sum(self.disable_webhook(name, DisabledReason.CLOSED, at_ms, notice=False) for name in own)

    def add_webhook_change(self, change: WebhookChange) -> None:
        column_limits.check_row(schema.webhook_changes, change_rows.change_values(change))
        last = max((each.id for each in self._state.webhook_changes), default=0)
        self._state.webhook_changes.append(replace(change, id=last + 1))

    def remove_old_webhook_changes(self, before_ms: int, limit: int) -> int:
        old = [each for each in self._state.webhook_changes if each.at_ms < before_ms][:limit]
        self._state.webhook_changes = [each for each in self._state.webhook_changes if each not in old]
        return len(old)

    def remove_webhook(self, webhook_id: str) -> bool:
        for name in (secret_of(webhook_id), previous_secret_of(webhook_id)):
            self._state.secrets.pop(name, None)
        self._state.webhook_notices.pop(webhook_id, None)
        self._state.cursors.pop(webhook_id, None)
        own = [key for key, each in self._state.deliveries.items() if each.webhook_id == webhook_id]
        self._remove_deliveries(own)
        return self._state.webhooks.pop(webhook_id, None) is not None

    def remove_webhooks(self, account_id: int, limit: int) -> int:
        removed = 0
        for each in self.webhooks(account_id):
            own = [key for key, delivery in self._state.deliveries.items() if delivery.webhook_id == each.id]
            for key in own[: limit - removed]:
                del self._state.deliveries[key]
                removed += 1
            if removed >= limit:
                break
            removed += self.remove_webhook(each.id)
        return removed

    def _add(self, webhook_id: str, event: StoredEvent, lane: int | None, at_ms: int) -> int:
        number = max(self._state.deliveries, default=0) + 1
        before = [each for each in self._unended() if each.webhook_id == webhook_id and each.lane == lane]
        state = DeliveryState.WAITING if lane is not None and before else DeliveryState.PENDING
        added = Delivery(number, webhook_id, event.position, event.type, lane, at_ms, at_ms, state)
        self._state.deliveries[number] = added
        return number

    def add_deliveries(self, webhook_id: str, events: Sequence[StoredEvent], upto: int, at_ms: int) -> None:
        for event in events:
            self._add(webhook_id, event, lane_of(event), at_ms)
        self._state.cursors[webhook_id] = upto

    def add_delivery(self, webhook_id: str, event: StoredEvent, at_ms: int) -> int:
        return self._add(webhook_id, event, None, at_ms)

    def put_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            before = self._state.deliveries.get(each.id)
            if before is not None and before.state is DeliveryState.PENDING:
                self._state.deliveries[each.id] = each
        for each in deliveries:
            if each.ended_at_ms is None or each.lane is None:
                continue
            same = (each.webhook_id, each.lane)
            waiting = [next_one for next_one in self._unended() if (next_one.webhook_id, next_one.lane) == same]
            if waiting:
                first = min(waiting, key=lambda next_one: next_one.id)
                self._state.deliveries[first.id] = replace(first, state=DeliveryState.PENDING)

    def end_deliveries(self, webhook_id: str, at_ms: int, note: str, limit: int) -> int:
        own = [each for each in self._unended() if each.webhook_id == webhook_id and each.lane is not None]
        for each in own[:limit]:
            self._state.deliveries[each.id] = replace(each, state=DeliveryState.FAILED, ended_at_ms=at_ms, note=note)
        return len(own[:limit])

    def claim_webhook_notice(self, webhook_id: str, now_ms: int, until_ms: int) -> bool:
        due = any(each.webhook.id == webhook_id for each in self.due_webhook_notices(now_ms, 1_000_000))
        if due:
            self._state.webhook_notices[webhook_id] = until_ms
        return due

    def end_webhook_notice(self, webhook_id: str) -> None:
        self._state.webhook_notices.pop(webhook_id, None)

    def remove_old_deliveries(self, before_ms: int, limit: int) -> int:
        ended = sorted(key for key, each in self._state.deliveries.items() if each.state not in _UNENDED)[:limit]
        return self._remove_deliveries([key for key in ended if self._state.deliveries[key].created_at_ms < before_ms])

    def remove_lost_deliveries(self, limit: int) -> int:
        lost = [each.id for each in self._unended() if each.webhook_id not in self._state.webhooks]
        return self._remove_deliveries(lost[:limit])

    def _remove_deliveries(self, keys: Sequence[int]) -> int:
        for key in keys:
            del self._state.deliveries[key]
        return len(keys)

    def release_leases(self, prefix: str, owner: str, names: Collection[str] | None = None) -> None:
        for name, (holder, _) in list(self._state.node_leases.items()):
            is_named = name.startswith(prefix) if names is None else name in {prefix + each for each in names}
            if holder == owner and is_named:
                del self._state.node_leases[name]
