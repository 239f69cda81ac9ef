"""The trail of changes of webhooks' endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from renvoi.domain.events.webhook import DisabledReason


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What of an endpoint the trail has: what was chosen, and whether it has another secret than before.

    `disabled_reason` is None while it is enabled, and where a version before this wrote it.
    """

    url: str
    types: tuple[str, ...]
    numbers: tuple[str, ...]
    description: str
    enabled: bool
    rotated: bool = False
    disabled_reason: DisabledReason | None = None


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """One change of an endpoint: when, by which key, from which address, before and after.

    Without a key it was made at the command line, or by renvoi itself: `source` tells (`application.auth`).

    `before` is None when it was made, `after` when it was removed, both where they are damaged. `id` is where it is in
    the trail, once it is stored.
    """

    at_ms: int
    webhook_id: str
    account_id: int
    key_id: str | None
    source: str
    before: WebhookState | None
    after: WebhookState | None
    id: int = field(default=0, compare=False)


class WebhookChangeReader(Protocol):
    """What can be read of the trail."""

    def webhook_changes(
        self, account_id: int | None = None, webhook_id: str | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[WebhookChange]:
        """Return up to `limit` of the latest changes, newest first, with ids below `before`.

        Those of one endpoint or all, of one account or all.
        """


class WebhookChangeWriter(Protocol):
    """Adds to the trail, and shortens it."""

    def add_webhook_change(self, change: WebhookChange) -> None:
        """Add to the trail."""

    def remove_old_webhook_changes(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` changes older than `before_ms`; return how many."""
