"""Endpoints of webhooks, what is delivered to them, and when it is tried again (`docs/webhooks.md`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from renvoi.domain.events.event import EventType, StoredEvent
from renvoi.domain.numbers.number import E164

EVERY_TYPE = "*"
MAX_ENDPOINTS, MAX_TYPES, MAX_NUMBERS = 50, len(EventType), 1000
"""Endpoints of an account; types and numbers of an endpoint."""
MAX_DESCRIPTION = 200
RETRIES = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""When a delivery is tried, each counted from the attempt before; after the last one it is given up."""
JITTER = 0.2
"""By which part a pause is longer or shorter."""
MAX_RETRY_AFTER = timedelta(hours=24)
"""How long an endpoint can put a delivery off."""
DISABLED_AFTER = timedelta(days=5)
"""How long an endpoint may fail, with nothing delivered in between, until it gets no more."""
BOTH_SECRETS = timedelta(hours=24)
"""How long a secret signs beside the one that it was replaced by."""
MAX_SHOWN = 4096
"""Bytes kept of an answer, and shown of a request."""
FARTHEST_MS = 3 * 24 * 3600 * 1000
"""No delivery is put off for longer; one that is due later was put off by a clock that was set back since."""


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """Nothing could be delivered for `DISABLED_AFTER`."""
    CLOSED = "account_closed"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of an account, or of the node (`event.NODE`). Times are ms UTC.

    `types` are names of `EventType`, or `*` for all; `numbers` is empty for all of the account. `failing_since_ms`:
    nothing has been delivered since. `previous_until_ms`: until then its former secret signs too. `revision` grows with
    each change of it.
    """

    id: str
    account_id: int
    url: str
    types: tuple[str, ...]
    numbers: tuple[E164, ...]
    description: str
    created_at_ms: int
    updated_at_ms: int
    enabled: bool = True
    revision: int = 1
    failing_since_ms: int | None = None
    disabled_at_ms: int | None = None
    disabled_reason: DisabledReason | None = None
    previous_until_ms: int | None = None

    def wanted(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Return those of its account's events that are to be delivered; of any type that it wants, if of no number."""
        types = {kind.value for kind in EventType} if EVERY_TYPE in self.types else set(self.types)
        types.discard(EventType.WEBHOOK_TEST.value)
        if not self.numbers:
            return [event for event in events if event.type in types]
        numbers = {None, *(number.digits for number in self.numbers)}
        return [
            event
            for event in events
            if event.type in types and (None if event.number is None else event.number.digits) in numbers
        ]

    def signs_with_both(self, now_ms: int) -> bool:
        """Tell whether the former secret is still good."""
        return self.previous_until_ms is not None and now_ms < self.previous_until_ms


def secret_of(webhook_id: str) -> str:
    """Return the name of its secret among those of the store."""
    return f"webhook/{webhook_id}"


def previous_secret_of(webhook_id: str) -> str:
    """Return the same of the secret that it had before."""
    return f"webhook/{webhook_id}/previous"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """For the one before it, of the same number."""
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint. Times are ms UTC.

    `position` is the event's, `lane` its number: of those one is tried at a time, in the order of `seq`; None for one
    that was asked for by hand, which waits for nobody. `status` is what the endpoint answered last, `answer` the
    beginning of what it said, and `note` why that failed.
    """

    id: int
    webhook_id: str
    position: int
    type: str
    lane: int | None
    created_at_ms: int
    due_at_ms: int
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    attempted_at_ms: int | None = None
    ended_at_ms: int | None = None
    duration_ms: int | None = None
    status: int | None = None
    note: str = ""
    answer: str = ""


def next_pause(attempts: int, jitter: float, retry_after: timedelta | None = None) -> timedelta | None:
    """Return how long a delivery waits that has failed so often; None when it is given up.

    `jitter` is from 0 to 1. What the endpoint wishes counts where it is longer, up to `MAX_RETRY_AFTER`.
    """
    if attempts >= len(RETRIES):
        return None
    pause = RETRIES[attempts] * (1 + JITTER * (2 * jitter - 1))
    return pause if retry_after is None else max(pause, min(retry_after, MAX_RETRY_AFTER))


def lane_of(event: StoredEvent) -> int:
    """Return the lane of an event."""
    return event.number.digits if event.number is not None else 0


def types_fit(types: Sequence[str]) -> bool:
    """Tell whether these are names of types, or `*` alone."""
    known = {kind.value for kind in EventType if kind is not EventType.WEBHOOK_TEST}
    return bool(types) and (list(types) == [EVERY_TYPE] or (set(types) <= known and len(set(types)) == len(types)))
