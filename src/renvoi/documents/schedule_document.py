"""The schedule of a rule as a part of its document (`documents/routing_document.py`), in the words of the API.

Each call of a number reads its document, so a schedule is made of its text once, and the same text gives the same one.
"""

from datetime import date
from functools import lru_cache
from typing import Annotated

import msgspec

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.schedule import (
    Closed,
    ClosedAction,
    Day,
    ExceptionalPeriod,
    Hours,
    Period,
    Schedule,
    clock_text,
    minutes_of,
)

REMEMBERED = 64
"""Schedules that a process remembers: some 5 kB each, and half a megabyte at the most; offices share theirs."""
_PARTS = 4096
"""Periods, hours and exceptions that it remembers: many schedules share them."""
_Digits = Annotated[int, msgspec.Meta(ge=1, lt=10**15)]


class _Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    start: str
    end: str


# Words are texts here and not members of an Enum, whose hashes take longer than all else.
class _Period(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    days: tuple[str, ...]
    start: str
    end: str


class _Exception(
    msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    first: date
    last: date
    open: tuple[_Hours, ...] = ()


class _Closed(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    action: str = "off"
    to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()


_CLOSED_OFF = _Closed()


class _Document(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A schedule; `holiday_dates` are what its `holidays` were when the document was made."""

    time_zone: str
    open: tuple[_Period, ...] = ()
    holidays: str | None = None
    holiday_dates: tuple[date, ...] = ()
    holidays_until: date | None = None
    exceptions: tuple[_Exception, ...] = ()
    closed: _Closed = _CLOSED_OFF


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Document).decode


_texts: dict[int, tuple[Schedule, bytes]] = {}
"""By its id a schedule that was decoded, which so lives on, and its document: an edge may need both at each call."""


def encode_schedule(schedule: Schedule) -> bytes:
    """Return the document of a schedule."""
    known = _texts.get(id(schedule))
    if known is not None and known[0] is schedule:
        return known[1]
    closed = schedule.closed
    return _encode(
        _Document(
            schedule.time_zone,
            tuple(_Period(each.days, clock_text(each.start), clock_text(each.end)) for each in schedule.open),
            schedule.holidays,
            schedule.holiday_dates,
            schedule.holidays_until,
            tuple(
                _Exception(
                    each.first,
                    each.last,
                    tuple(_Hours(clock_text(hours.start), clock_text(hours.end)) for hours in each.open),
                )
                for each in schedule.exceptions
            ),
            _CLOSED_OFF if closed.action is ClosedAction.OFF else _closed_document(closed),
        )
    )


def _closed_document(closed: Closed) -> _Closed:
    return _Closed(closed.action.value, (closed.to.digits,) if closed.to else ())


@lru_cache(REMEMBERED)
def decode_schedule(document: bytes) -> Schedule:
    """Return the schedule of a document.

    Raises:
        ValueError: it is not such a document, or does not hold a schedule.
    """
    try:
        found = _decode(document)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    schedule = Schedule(
        found.time_zone,
        tuple([_period(each.days, each.start, each.end) for each in found.open]),
        found.holidays,
        found.holiday_dates,
        found.holidays_until,
        tuple([_exception(each.first, each.last, each.open) for each in found.exceptions]),
        _closed(found.closed.action, found.closed.to),
    )
    if len(_texts) >= REMEMBERED:
        _texts.clear()
    _texts[id(schedule)] = schedule, document
    return schedule


@lru_cache(_PARTS)
def _period(days: tuple[str, ...], start: str, end: str) -> Period:
    return Period(tuple(map(Day, days)), minutes_of(start), minutes_of(end))


@lru_cache(_PARTS)
def _closed(action: str, to: tuple[int, ...]) -> Closed:
    return Closed(ClosedAction(action), E164.from_digits(to[0]) if to else None)


@lru_cache(_PARTS)
def _hours(start: str, end: str) -> Hours:
    return Hours(minutes_of(start), minutes_of(end))


@lru_cache(_PARTS)
def _exception(first: date, last: date, found: tuple[_Hours, ...]) -> ExceptionalPeriod:
    return ExceptionalPeriod(first, last, tuple([_hours(each.start, each.end) for each in found]) if found else ())
