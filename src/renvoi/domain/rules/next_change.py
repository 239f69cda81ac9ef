"""When a schedule opens or closes next: a pure function, for people; no call asks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from renvoi.domain.moment import MAX_AT_MS
from renvoi.domain.rules.schedule import MINUTES, WEEK, Hours, Period, Schedule, has_week, is_open, zone_named

WITHIN_DAYS = 400
"""How far ahead is looked: a year, and a month so that a yearly opening is found."""
_DAY = timedelta(days=1)
_DAY_S = MINUTES * 60
_Span = tuple[int, int]
"""Open minutes of one day: the first one, and the first one after them, up to 1440."""


def next_change(schedule: Schedule, at_ms: int, within_days: int = WITHIN_DAYS) -> int | None:
    """Return the first instant behind `at_ms` at which the schedule opens or closes (ms since 1970-01-01 UTC).

    None when there is none in so many days, or before the year 10000. It takes milliseconds for the longest schedule:
    a day costs what is open on it, and only one on which the clock is set is gone through minute by minute.
    """
    zone = zone_named(schedule.time_zone)
    now_open = is_open(schedule, at_ms)
    at_s, end_s = at_ms // 1000, min(at_ms // 1000 + within_days * _DAY_S, MAX_AT_MS // 1000 - 1)
    days = _Days(schedule)
    is_known = True  # that the minute of `at_s` is as `now_open` says
    while at_s < end_s:
        shown = datetime.fromtimestamp(at_s, zone)
        second = shown.hour * 3600 + shown.minute * 60 + shown.second
        midnight_s = min(at_s + _DAY_S - second, end_s)
        if datetime.fromtimestamp(midnight_s, zone).utcoffset() == shown.utcoffset():
            minute = _first_other(days.spans(shown.date()), second // 60 + is_known, is_open=now_open)
            if minute is not None:
                change_s = at_s + minute * 60 - second
                return change_s * 1000 if change_s <= end_s else None
            at_s, is_known = midnight_s, False
            continue
        set_s = at_s + _to_setting(zone, at_s, midnight_s - at_s)
        first_s = at_s if not is_known else at_s - second % 60 + 60
        for each_s in chain(range(first_s, set_s, 60), (set_s,)):
            if is_open(schedule, each_s * 1000) != now_open:
                return each_s * 1000
        at_s, is_known = set_s, True
    return None


class _Days:
    """What is open on each day. Ordinary days with the same weekday are alike, so these are worked out once."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._weekdays: dict[tuple[int, bool], Sequence[_Span]] = {}

    def spans(self, day: date) -> Sequence[_Span]:
        """Return what is open on a day, in ascending order, with gaps between."""
        schedule = self._schedule
        eve, today = schedule.exception_on(day - _DAY), schedule.exception_on(day)
        night = [] if eve is None else [(0, hours.end) for hours in eve.open if hours.end <= hours.start]
        if today is not None:
            return _merged([*night, *(_begun(hours) for hours in today.open)])
        if schedule.is_holiday(day):
            return _merged(night)
        key = day.weekday(), has_week(schedule, day - _DAY)
        week = self._weekdays.get(key)
        if week is None:
            week = self._weekdays[key] = _merged(self._week(*key))
        return _merged([*night, *week]) if night else week

    def _week(self, weekday: int, eve_has_week: bool) -> Iterator[_Span]:
        today, eve = WEEK[weekday], WEEK[weekday - 1]
        for period in self._schedule.open:
            if today in period.days:
                yield _begun(period)
            if eve_has_week and period.end <= period.start and eve in period.days:
                yield 0, period.end


def _begun(hours: Hours | Period) -> _Span:
    return hours.start, MINUTES if hours.end <= hours.start else hours.end


def _merged(spans: Iterable[_Span]) -> Sequence[_Span]:
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def _first_other(spans: Sequence[_Span], minute: int, *, is_open: bool) -> int | None:
    """Return the first minute of a day, from `minute` on, that is not as `is_open` says; None when there is none."""
    for start, end in spans:
        if end <= minute:
            continue
        if not is_open:
            return max(start, minute)
        if start > minute:
            break
        minute = end
    return minute if is_open and minute < MINUTES else None


def _to_setting(zone: ZoneInfo, at_s: int, step: int) -> int:
    """Return the seconds from `at_s` to the instant, at most `step` later, at which the clock is set."""
    before = datetime.fromtimestamp(at_s, zone).utcoffset()
    same, other = 0, step
    while other - same > 1:
        middle = (same + other) // 2
        if datetime.fromtimestamp(at_s + middle, zone).utcoffset() == before:
            same = middle
        else:
            other = middle
    return other
