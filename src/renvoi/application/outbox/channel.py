"""What an outbox asks of a channel, the kind of thing that it delivers, and how an attempt may end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol, TypeAlias, TypeVar

from renvoi.application.outbox.leases import LeaseTable
from renvoi.application.ports.unit_of_work import Reader, Writer


class Affected(Enum):
    """What a temporary failure stands in the way of."""

    SERVER = "server"
    """Everything of the channel: the server behind it cannot be reached. Trying other items is of no use now."""
    SITE = "site"
    """The same, and it stays so until somebody changes a setting, the account at the server or the name of this site:
    what the server refuses is who we are, not what we send."""
    ITEM = "item"
    """This one item, as far as is known; others may pass."""


@dataclass(frozen=True, slots=True)
class TemporaryFailure:
    """Not delivered; may pass later. `reason` is one line, for the operator, with what to do where that is known."""

    reason: str
    affected: Affected


@dataclass(frozen=True, slots=True)
class PermanentFailure:
    """Not delivered, and trying again cannot help. `reason` is one line, with the server's words where it gave any."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """What a temporary failure comes to while the item is not given up: the next attempt is at `due_at_ms`."""

    reason: str
    due_at_ms: int


class Fate(Enum):
    """Whether the outcome of an attempt could be stored."""

    WRITTEN = 1
    DELETED = 2
    """The item was deleted meanwhile."""
    TAKEN = 3
    """The item is another node's now, which delivers it itself, or somebody queued it again."""


class Item(Protocol):
    """One thing to deliver, as its row says. Two are equal if nobody has changed the row in between."""

    @property
    def id(self) -> str:
        """Names it within its channel."""

    @property
    def destination(self) -> str:
        """Whom it goes to: one that is slow to take what it gets holds up no other."""

    @property
    def queued_at_ms(self) -> int:
        """Since when it is tried, ms UTC."""

    @property
    def attempts(self) -> int:
        """How often it was tried since then."""


ItemT = TypeVar("ItemT", bound=Item)
Success = TypeVar("Success")
Result: TypeAlias = Success | TemporaryFailure | PermanentFailure
"""How an attempt ended; `Success` is the channel's own."""


class Channel(LeaseTable, Protocol[ItemT, Success]):
    """Items in the store, and the way to deliver one.

    Of items that must arrive one after the other only the first is ever due.
    """

    noun: str
    """What an item is called in logs and alarms, such as `mail`."""
    give_up_after: timedelta
    """How long an item is tried."""

    def due(self, reader: Reader, now_ms: int, limit: int, full: Collection[str]) -> Sequence[ItemT]:
        """Return up to `limit` items that are due and leased by nobody, the longest due first.

        Those for the destinations `full`, which take no more now, are left out; the fullest come first, for channels
        that can only leave out some.
        """

    def find(self, reader: Reader, item_id: str) -> ItemT | None:
        """Return an item as it is now; None when it was deleted."""

    def put(self, writer: Writer, item: ItemT, owner: str) -> bool:
        """Replace an item, which ends its lease; False when it is gone, or `owner` has its lease no longer."""

    def count(self, writer: Writer, after: ItemT, result: Result[Success], *, written: bool) -> None:
        """Count an attempt; without `written` the item is gone, or another node's, and stays as it is."""

    def pause_after(self, attempts: int) -> timedelta:
        """Return how long an item waits that was tried so often; it is varied by half."""

    async def deliver(self, item: ItemT) -> Result[Success] | None:
        """Try to deliver; None when the item has changed since it was read. A cancelled call may have delivered or not.

        Raises:
            StoreUnavailable: it was not tried.
        """

    def after(self, item: ItemT, outcome: Success | PermanentFailure | Retry, now_ms: int) -> ItemT:
        """Return the item as it is after an attempt."""

    def without_note(self, after: ItemT) -> ItemT:
        """Return the item without what was said at its attempt, which the store refuses."""

    async def done(self, after: ItemT, result: Result[Success], fate: Fate) -> None:
        """Log an attempt, and clear away what nobody else knows of."""

    def labels(self, item: ItemT) -> Mapping[str, str]:
        """Return what names an item in the log."""
