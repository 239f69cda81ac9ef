"""Records of calls, and how far the spool has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.numbers.number import E164


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


class CallReader(Protocol):
    """What can be read of records of calls, and how far the spool has been read."""

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        """Return up to `limit` of the latest call records that are wanted, newest first."""

    def call(self, key: CallKey) -> CallRecord | None:
        """Return one call's record."""

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        """Return the record of the call that a BYE ends."""

    def ladder(self, key: CallKey) -> Ladder | None:
        """Return the ladder of a call; None where none is kept."""

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        """Return how many calls ended, by decision and final SIP status, since the store exists."""

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

    def put_call(self, record: CallRecord) -> None:
        """Add or replace a call's record."""

    def put_ladders(self, ladders: Mapping[CallKey, Ladder]) -> None:
        """Add or replace the ladders of these calls; one without a record has none."""

    def remove_old_ladders(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` ladders of calls set up before `before_ms`, the oldest first; return how many."""

    def remove_old_calls(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` records of calls set up before `before_ms`, the oldest first; return how many."""

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        """Add to the counters of calls that ended, by decision and final SIP status."""

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        """Note up to which byte a spool file is stored; None forgets the file."""
