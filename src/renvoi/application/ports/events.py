"""Events: what happened, in the order in which it can be read."""

from collections.abc import Sequence
from typing import Protocol

from renvoi.domain.events.event import Event, StoredEvent


class EventReader(Protocol):
    """What can be read of events.

    Each account has a log. What was read of it stays before what comes later: an event whose transaction began earlier
    and ended later than another one's holds that one back, on PostgreSQL.
    """

    def events(self, account_id: int, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events of an account behind the one at the position `after`, in the order of its log.

        0 is before all, and so is the position of an event that is not there (any more).
        """

    def event(self, position: int) -> StoredEvent | None:
        """Return the event at a position."""

    def last_event(self, account_id: int) -> int:
        """Return the position of the last event of an account that can be read; 0 without any."""


class EventWriter(Protocol):
    """What a transaction can do with events."""

    def add_event(self, event: Event) -> None:
        """Add an event, with the next `seq` of its number; see `application.events.emit`, by which to call it."""

    def add_stored_event(self, event: Event) -> StoredEvent:
        """Add an event; return it as it is stored."""

    def remove_old_events(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` events from before that time, the oldest first; return how many."""

    def remove_events(self, account_id: int, limit: int) -> int:
        """Remove up to `limit` events of an account; return how many."""
