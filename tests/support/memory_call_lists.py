"""Calls of a store in memory, and what its lists have in common."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Table

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import mappers as rows
from renvoi.application.ports.accounts import AuditFilter
from renvoi.application.ports.calls import EVERY_CALL, CallFilter, CallQuery, StoredCall
from renvoi.application.ports.pages import Page, Place
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder

if TYPE_CHECKING:
    from tests.support.memory_state import State

T = TypeVar("T")


def check_place(table: Table, after: Place | None, at: str) -> None:
    if after is not None:
        column_limits.check_row(table, {at: after.at_ms, "id": after.id})


def page_of(found: Sequence[T], place: Callable[[T], Place], after: Place | None, limit: int) -> Page[T]:
    behind = sorted((each for each in found if after is None or place(each) < after), key=place, reverse=True)
    return Page(behind[:limit], place(behind[limit - 1]) if len(behind) > limit else None)


def is_within(at_ms: int, only: CallFilter | CallQuery | AuditFilter) -> bool:
    return (only.since_ms is None or at_ms >= only.since_ms) and (only.until_ms is None or at_ms < only.until_ms)


def check_filter(table: Table, only: CallFilter | AuditFilter) -> None:
    column_limits.check_row(table, rows.filter_values(only))


class MemoryCallLists:
    """See `application.ports.calls`."""

    _state: "State"

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        check_filter(schema.calls, only)
        found = [
            record
            for record in self._state.calls.values()
            if only.call_id in (None, record.key.call_id)
            and (only.number is None or record.number == only.number.value)
            and is_within(record.setup_at_ms, only)
            and only.status in (None, record.status)
            and only.decision in (None, record.decision)
            and only.caller in (None, record.caller)
        ]
        return sorted(found, key=lambda record: record.setup_at_ms, reverse=True)[:limit]

    def call(self, key: CallKey) -> CallRecord | None:
        return self._state.calls.get(key)

    def call_page(self, only: CallQuery, after: Place | None, limit: int) -> Page[StoredCall]:
        column_limits.check_row(schema.calls, rows.filter_values(only))
        check_place(schema.calls, after, "setup_at_ms")
        found = [
            stored
            for stored in map(self._stored, self._state.calls)
            if only.account_id in (None, stored.account_id)
            and (only.number is None or stored.record.number == only.number.value)
            and is_within(stored.record.setup_at_ms, only)
            and only.status in (None, stored.record.status)
            and only.decision in (None, stored.record.decision)
            and only.caller in (None, stored.record.caller)
            and only.withheld in (None, stored.record.withheld)
        ]
        return page_of(found, lambda stored: Place(stored.record.setup_at_ms, stored.id), after, limit)

    def stored_call(self, number: int) -> StoredCall | None:
        return next((each for each in map(self._stored, self._state.calls) if each.id == number), None)

    def _stored(self, key: CallKey) -> StoredCall:
        return StoredCall(*self._state.call_ids[key], self._state.calls[key])

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        found = (
            record for key, record in self._state.calls.items() if (key.call_id, key.from_tag) == (call_id, from_tag)
        )
        return next((record for record in found if record.answer_at_ms is not None), None)

    def ladder(self, key: CallKey) -> Ladder | None:
        return self._state.ladders.get(key)
