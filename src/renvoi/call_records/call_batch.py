"""The records that a batch of call events touches, as the collector stores them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import structlog

from renvoi.application.events import call_ended, emit, limit_reached
from renvoi.application.missed_calls import queue_missed_call
from renvoi.application.ports.calls import StoredCall
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.limits import LimitNotice, account_of
from renvoi.domain.calls import call_record
from renvoi.domain.calls.call_record import (
    Answered,
    CallEvent,
    CallKey,
    CallRecord,
    Decided,
    Failed,
    HungUp,
    MessageLeft,
    Missed,
)
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.calls.missed_call import why_missed
from renvoi.domain.calls.rates import Rate
from renvoi.domain.calls.usage import Usage, add_up, counted_in_hour, day_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.policies import OVER_LIMIT

KINDS = {reason.value: kind for kind, reason in OVER_LIMIT.items()}
LIMITS_REACHED = {reason: f"limit_reached_{kind}" for reason, kind in KINDS.items()}
"""Counters of the store, by the reason of a call that a limit has refused."""

log = structlog.get_logger("renvoi.call_records.collector")


def log_end(record: CallRecord) -> None:
    """Log a call that is over, in one line; here all parts of it are known. Once its record is stored."""
    answered = record.answer_at_ms is not None
    log.info(
        "call ended",
        call_id=record.key.call_id,
        caller="withheld" if record.withheld else record.caller,
        number=record.number or record.called,
        decision=record.decision,
        reason=record.reason,
        target=record.target,
        trunk=record.trunk,
        status=record.status,
        ended_by=record.hung_up_by,
        duration_ms=(record.end_at_ms or 0) - (record.answer_at_ms or 0) if answered else None,
    )


class CallBatch:
    """The records that a batch of events touches, read and written once each."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._before: dict[CallKey, CallRecord | None] = {}
        self._now: dict[CallKey, CallRecord] = {}
        self._answered: dict[tuple[str, str], CallKey] = {}
        self._ladders: dict[CallKey, Ladder] = {}
        self._rates: dict[str, Rate | None] = {}

    def take(self, event: CallEvent) -> bool:
        """Put `event` into its call's record; False when no such call is known yet."""
        record = self._find(event)
        if record is None:
            if not isinstance(event, Decided):
                return False
            self._now[event.key] = call_record.begin(event)
        else:
            after = self._now[record.key] = self._priced(record, call_record.apply(record, event))
            # One that says nothing new of the call has nothing to say of its ladder either.
            if isinstance(event, Answered | Failed) and event.legs and after != record:
                self._ladders[record.key] = Ladder(event.legs)
        if isinstance(event, Answered):
            self._answered[event.key.call_id, event.key.from_tag] = event.key
        return True

    def _priced(self, before: CallRecord, after: CallRecord) -> CallRecord:
        """Return a record with what a minute costs, by the rates as they are when the call is answered."""
        if after.answer_at_ms is None or not after.used or after.target is None:
            return after
        if before.answer_at_ms is not None and (before.target, before.used) == (after.target, after.used):
            return after
        if after.target not in self._rates:
            self._rates[after.target] = self._writer.rate(E164(after.target))
        rate = self._rates[after.target]
        return after if rate is None else replace(after, price=rate.price)

    def _find(self, event: CallEvent) -> CallRecord | None:
        if isinstance(event, HungUp | MessageLeft | Missed):
            return self._find_answered(event)
        if event.key not in self._before:
            self._before[event.key] = record = self._writer.call(event.key)
            if record is not None:
                self._now[event.key] = record
        return self._now.get(event.key)

    def _find_answered(self, event: HungUp | MessageLeft | Missed) -> CallRecord | None:
        key = self._answered.get((event.call_id, event.from_tag))
        if key is not None:
            return self._now[key]
        stored = self._writer.answered_call(event.call_id, event.from_tag)
        if stored is None:
            return None
        if stored.key not in self._now:
            self._before[stored.key] = self._now[stored.key] = stored
        return self._now[stored.key]

    def put(self) -> list[CallRecord]:
        """Store what has changed, count the calls that got their final answer, and return those that are over."""
        counts: Counter[tuple[str, int]] = Counter()
        hours: Counter[tuple[int, str]] = Counter()
        limits: Counter[str] = Counter()
        notices: dict[tuple[int, int], LimitNotice] = {}
        usages: dict[tuple[str, int], Usage] = {}
        ended: list[StoredCall] = []
        missed: list[StoredCall] = []
        for key, record in self._now.items():
            before = self._before.get(key)
            if record == before:
                continue
            stored = self._writer.put_call(record)
            add_up(usages, before, record)
            if record.end_at_ms is not None and (before is None or before.end_at_ms is None):
                ended.append(stored)
            missed += [stored] * _is_newly_missed(before, record)
            if record.status is not None and (before is None or before.status is None):
                counts[record.decision, record.status] += 1
                hours.update(counted_in_hour(record))
                if record.reason in LIMITS_REACHED:
                    limits[LIMITS_REACHED[record.reason]] += 1
                    if (notice := _notice(record)) is not None:
                        notices.setdefault((notice.account_id, notice.day), notice)
        self._writer.put_ladders(self._ladders)
        self._writer.add_usages(usages)
        self._writer.count_calls(counts)
        self._writer.count_hours(hours)
        for name, calls in sorted(limits.items()):
            self._writer.count(name, calls)
        for _, notice in sorted(notices.items(), key=lambda item: item[0]):
            if self._writer.add_limit_notice(notice):
                emit(self._writer, limit_reached(notice))
        emit_ends(self._writer, ended, missed)
        return [stored.record for stored in ended]


def emit_ends(writer: Writer, ended: Iterable[StoredCall], missed: Iterable[StoredCall] = ()) -> None:
    """Emit the events of calls that are over, and queue the mails of those that were `missed`.

    They are emitted in one order always, or two nodes could wait for each other.
    """
    over = [(stored, _EVENT) for stored in ended] + [(stored, _MAIL) for stored in missed]
    for stored, what in sorted(over, key=lambda each: (each[0].record.number or "", each[0].id, each[1])):
        if what == _MAIL:
            queue_missed_call(writer, stored)
        elif stored.account_id and stored.record.number is not None:
            emit(writer, call_ended(stored))


_EVENT, _MAIL = 0, 1


def _is_newly_missed(before: CallRecord | None, record: CallRecord) -> bool:
    return why_missed(record) is not None and (before is None or why_missed(before) is None)


def _notice(record: CallRecord) -> LimitNotice | None:
    """Return the notice to the account about the limit that has refused a call."""
    account_id = account_of(record.used[0]) if record.used else None
    if account_id is None:
        return None
    at_ms, kind = record.setup_at_ms, KINDS[str(record.reason)]
    return LimitNotice(account_id, day_of(at_ms), kind, record.used[-1], at_ms)
