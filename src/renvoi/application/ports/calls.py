"""Records of calls, and how far the spool has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.application.ports.pages import Page, Place
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.numbers.number import E164

HOURS_KEPT = 7 * 24
"""Hours of which is kept how many calls there were."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which call records are wanted: those to which all of it applies; None is any.

    `since_ms` and `until_ms` (ms UTC, the latter excluded) are about the set-up of a call; `caller` is the whole text
    that the record has, `status` the final SIP status.
    """

    number: E164 | None = None
    call_id: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    status: int | None = None
    decision: str | None = None
    caller: str | None = None


EVERY_CALL = CallFilter()


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Which calls a list is of, a page at a time: those to which all of it applies; None is any.

    As in `CallFilter`; `account_id` is whose number was called. With `withheld` False a caller who does not want to be
    known is not found by `caller`, so that nobody can ask who it was.
    """

    account_id: int | None = None
    number: E164 | None = None
    caller: str | None = None
    decision: str | None = None
    status: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    withheld: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call's record, the number that names it in this store, and whose call it is.

    `account_id` is 0 for nobody's, None as long as nobody has looked.
    """

    id: int
    account_id: int | None
    record: CallRecord


class CallReader(Protocol):
    """What can be read of records of calls, and how far the spool has been read."""

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        """Return up to `limit` of the latest call records that are wanted, newest first."""

    def call(self, key: CallKey) -> CallRecord | None:
        """Return one call's record."""

    def call_page(self, only: CallQuery, after: Place | None, limit: int) -> Page[StoredCall]:
        """Return up to `limit` calls behind `after`, the latest first. It may have fewer of them: see `Page`."""

    def stored_call(self, number: int) -> StoredCall | None:
        """Return the call that is named by that number."""

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        """Return the record of the call that a BYE ends."""

    def ladder(self, key: CallKey) -> Ladder | None:
        """Return the ladder of a call; None where none is kept."""

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        """Return how many calls ended, by decision and final SIP status, since the store exists."""

    def hour_counts(self, first: int) -> Mapping[tuple[int, str], int]:
        """Return what was counted in each hour (since 1970-01-01 UTC) from `first` on, by hour and name."""

    def spool_offsets(self) -> Mapping[str, int]:
        """Return up to which byte each spool file is stored."""


class CallWriter(Protocol):
    """What a transaction can do with records of calls, and how far the spool has been read."""

    def unfinished_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        """Return calls set up before `before_ms` that are being forwarded and have no final answer.

        Those that another transaction holds are left out, so of several nodes one gives a call up.
        """

    def unended_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        """Return calls set up before `before_ms` that were answered and have no end, likewise."""

    def put_call(self, record: CallRecord) -> StoredCall:
        """Add or replace a call's record; the first time it becomes that of the account whose number was called."""

    def assign_calls(self, limit: int) -> int:
        """Look whose are up to `limit` calls that an older program stored; return how many they were."""

    def put_ladders(self, ladders: Mapping[CallKey, Ladder]) -> None:
        """Add or replace the ladders of these calls; one without a record has none."""

    def remove_old_ladders(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` ladders of calls set up before `before_ms`, the oldest first; return how many."""

    def remove_old_calls(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` records of calls set up before `before_ms`, the oldest first; return how many."""

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        """Add to the counters of calls that ended, by decision and final SIP status."""

    def count_hours(self, counts: Mapping[tuple[int, str], int]) -> None:
        """Add to what is counted by the hour, and forget what is older than `HOURS_KEPT` before the last of them."""

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        """Note up to which byte a spool file is stored; None forgets the file."""
