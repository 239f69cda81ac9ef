"""The log of events as who asks may read it: of the own account, and of the numbers that a key is limited to."""

from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.numbers.number import E164

_PAGE = 500
MOST_LOOKED_AT = 5000
"""Events that one page looks at, however few of them are wanted."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; no types: all, `number` None: whatever number, and none."""

    types: frozenset[str] = frozenset()
    number: E164 | None = None

    def wants(self, who: Principal, event: StoredEvent) -> bool:
        """Tell whether `who` may see an event, and wants to."""
        if who.numbers is not None and (event.number is None or event.number not in who.numbers):
            return False
        if self.number is not None and event.number != self.number:
            return False
        return not self.types or event.type in self.types


EVERY_EVENT = EventFilter()


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of a log; `upto` is the position of the last one looked at, `is_last` that there is none behind it."""

    events: Sequence[StoredEvent]
    upto: int
    is_last: bool


def event_page(reader: Reader, who: Principal, after: int, limit: int, only: EventFilter = EVERY_EVENT) -> EventPage:
    """Return up to `limit` events behind the position `after`, which 0 is before all of.

    Who has named no account reads the log of the node.
    """
    found: list[StoredEvent] = []
    upto, looked_at = after, 0
    while True:
        page = reader.events(who.account_id, upto, min(_PAGE, max(limit, 50)))
        for event in page:
            if len(found) == limit:
                return EventPage(found, upto, is_last=False)
            upto = event.position
            if only.wants(who, event):
                found.append(event)
        looked_at += len(page)
        if len(page) < min(_PAGE, max(limit, 50)):
            return EventPage(found, upto, is_last=True)
        if looked_at >= MOST_LOOKED_AT:
            return EventPage(found, upto, is_last=False)
