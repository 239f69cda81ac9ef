"""What a schedule opens on the days to come: pure functions, for people; no call asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from renvoi.domain.moment import MAX_AT_MS
from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.schedule import MINUTES, Schedule, is_open, zone_named

WEEK_DAYS = 7
_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What a day's hours come from."""

    WEEK = "week"
    HOLIDAY = "holiday"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class ComingDay:
    """One day on the wall clock of the schedule's zone.

    `open` has what is open on it, ascending and without overlaps: the first minute of the day, and the first one after
    it, up to 1440. What began the evening before begins at 0. On a day on which the clock is set minutes are those that
    it shows.
    """

    date: date
    kind: DayKind
    open: Sequence[tuple[int, int]]


def coming_days(schedule: Schedule, now_ms: int, days: int = WEEK_DAYS) -> Sequence[ComingDay]:
    """Return today and the days after it, `days` in all; `now_ms` is since 1970-01-01 UTC."""
    zone = zone_named(schedule.time_zone)
    today = datetime.fromtimestamp(min(max(now_ms, 0), MAX_AT_MS - 1) / 1000, zone).date()
    found = []
    for place in range(days):
        day = today + place * _DAY
        first_ms, end_ms = (
            int(datetime(each.year, each.month, each.day, tzinfo=zone).timestamp() * 1000) for each in (day, day + _DAY)
        )
        found.append(ComingDay(day, _kind(schedule, day), _spans(schedule, first_ms, end_ms)))
    return found


def _kind(schedule: Schedule, day: date) -> DayKind:
    if schedule.exception_on(day) is not None:
        return DayKind.EXCEPTION
    return DayKind.HOLIDAY if schedule.is_holiday(day) else DayKind.WEEK


def _spans(schedule: Schedule, first_ms: int, end_ms: int) -> Sequence[tuple[int, int]]:
    """Return what is open between two midnights, by where it changes."""
    zone = zone_named(schedule.time_zone)
    spans: list[tuple[int, int]] = []
    start, at_ms, opened = 0, first_ms, is_open(schedule, first_ms)
    while (change_ms := next_change(schedule, at_ms, within_days=2)) is not None and change_ms < end_ms:
        shown = datetime.fromtimestamp(change_ms / 1000, zone)
        minute = shown.hour * 60 + shown.minute
        if opened and start < minute:
            spans.append((start, minute))
        start, at_ms, opened = minute, change_ms, not opened
    if opened and start < MINUTES:
        spans.append((start, MINUTES))
    return spans
