"""Endpoints of webhooks, deliveries to them, and what sends those."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.webhook import Delivery, DeliveryState, DisabledReason, Webhook


@dataclass(frozen=True, slots=True)
class DeliveryQueue:
    """Deliveries that have not ended: how many, and since when (ms UTC) the oldest is there; None without any."""

    length: int
    oldest_at_ms: int | None


NO_DELIVERIES = DeliveryQueue(0, None)


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """That an endpoint was disabled, as its account is to be notified by mail."""

    webhook: Webhook
    at_ms: int


class WebhookReader(Protocol):
    """What can be read of endpoints and deliveries."""

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return an endpoint."""

    def webhooks(self, account_id: int | None = None, after: str = "", limit: int = 100) -> Sequence[Webhook]:
        """Return up to `limit` endpoints, of one account or all, in the order of their ids behind `after`."""

    def count_webhooks(self, account_id: int) -> int:
        """Return how many endpoints an account has."""

    def has_webhooks(self) -> bool:
        """Tell whether there is an endpoint that gets something, or a delivery that has not ended."""

    def webhooks_with_events(self, limit: int) -> Sequence[str]:
        """Return endpoints that have not got all events of their account's log yet."""

    def webhooks_with_deliveries(self, now_ms: int) -> Sequence[str]:
        """Return endpoints that have deliveries which are due, and those that are disabled and have unended ones."""

    def due_deliveries(self, webhook_id: str, now_ms: int, limit: int) -> Sequence[tuple[Delivery, StoredEvent | None]]:
        """Return up to `limit` deliveries that are due, the longest due first, with their events, if they are there."""

    def deliveries(
        self, webhook_id: str, before: int | None = None, limit: int = 50, state: DeliveryState | None = None
    ) -> Sequence[Delivery]:
        """Return up to `limit` deliveries to an endpoint with ids below `before`, the latest first."""

    def delivery(self, delivery_id: int) -> Delivery | None: ...

    def delivery_queue(self) -> DeliveryQueue:
        """Return how many deliveries have not ended, and since when."""

    def webhook_cursor(self, webhook_id: str) -> int:
        """Return the position in its account's log up to which an endpoint has got the events; 0: none."""

    def unread_events(self, webhook_id: str, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events of the account's log behind the place up to which the endpoint has got them."""

    def due_webhook_notices(self, now_ms: int, limit: int) -> Sequence[WebhookNotice]:
        """Return up to `limit` notices that are to be sent now and that nobody has claimed."""


class WebhookWriter(Protocol):
    """What a transaction can do with endpoints and deliveries."""

    def add_webhook(self, webhook: Webhook) -> None:
        """Add an endpoint, which gets the events from now on.

        Raises:
            Conflict: there is one of that id already.
        """

    def webhook_for_change(self, webhook_id: str) -> Webhook | None:
        """Return an endpoint and keep everybody else from changing it until the transaction ends."""

    def put_webhook(self, webhook: Webhook) -> None:
        """Replace what was chosen of an endpoint, and whether it is enabled; one that was enabled begins at the end."""

    def put_failing_since(self, webhook_id: str, at_ms: int | None) -> None:
        """Note since when nothing can be delivered; None: something was. Its revision stays."""

    def disable_webhook(self, webhook_id: str, reason: DisabledReason, at_ms: int, *, notice: bool) -> bool:
        """Have an endpoint get nothing any more, and with `notice` notify its account; False when it is so already."""

    def disable_webhooks(self, account_id: int, at_ms: int) -> int:
        """Do so with all of an account that is being closed; return how many those were."""

    def remove_webhook(self, webhook_id: str) -> bool:
        """Remove an endpoint with its secrets and deliveries; False when there is none.

        Where those are many, the rest goes by `remove_lost_deliveries`.
        """

    def remove_webhooks(self, account_id: int, limit: int) -> int:
        """Remove up to `limit` endpoints, and their deliveries, of an account; return how many, 0 if none is left."""

    def add_deliveries(self, webhook_id: str, events: Sequence[StoredEvent], upto: int, at_ms: int) -> None:
        """Have events delivered, each behind those of its number, and note that all up to `upto` were looked at."""

    def add_delivery(self, webhook_id: str, event: StoredEvent, at_ms: int) -> int:
        """Have an event delivered (again), which waits for no other; return the id of the delivery."""

    def put_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Store what came of attempts; behind those that have ended the next of the same number becomes due."""

    def end_deliveries(self, webhook_id: str, at_ms: int, note: str, limit: int) -> int:
        """Give up to `limit` deliveries to an endpoint up; return how many."""

    def claim_webhook_notice(self, webhook_id: str, now_ms: int, until_ms: int) -> bool:
        """Keep a due notice for who asks, until then; False when another one has it."""

    def end_webhook_notice(self, webhook_id: str) -> None:
        """Note that it need not be sent any more."""

    def remove_old_deliveries(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` deliveries that have ended and were made before that time; return how many."""

    def remove_lost_deliveries(self, limit: int) -> int:
        """Remove up to `limit` deliveries that have not ended to endpoints that are gone; return how many."""

    def release_leases(self, prefix: str, owner: str, names: Collection[str] | None = None) -> None:
        """Let others take the leases of `owner` whose names begin so, or these only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt.

    `status` is None where nothing was answered, and `note` says why; `body` is the beginning of what was said.
    `retry_after` is what the endpoint wishes, None without a wish.
    """

    status: int | None
    note: str = ""
    body: str = ""
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class EndpointClient(Protocol):
    """Sends events. Calls may run side by side."""

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send a body to an endpoint, once; whatever goes wrong is in the answer.

        A cancelled call may have sent it or not.
        """
