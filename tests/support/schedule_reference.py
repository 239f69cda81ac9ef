"""A slow reference for schedules, written from what they mean: it paints each open minute of the wall clock."""

import os
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from renvoi.domain.rules.schedule import Day, Hours, Schedule

ONE_DAY = timedelta(days=1)
Minute = tuple[date, int]
"""A minute that a wall clock shows: the date, and minutes since midnight."""


@contextmanager
def clock_of(zone: str) -> Iterator[None]:
    """Let the C library's clock, which knows nothing of Python's zones, show the time of a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = f":{_file_of(zone)}"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def _file_of(zone: str) -> Path:
    for directory in zoneinfo.TZPATH:
        if (path := Path(directory) / zone).is_file():
            return path
    return Path(str(files("tzdata") / "zoneinfo" / zone))


def shown(at_s: int) -> Minute:
    """Return what the clock of `clock_of` shows."""
    local = time.localtime(at_s)
    return date(local.tm_year, local.tm_mon, local.tm_mday), local.tm_hour * 60 + local.tm_min


def open_minutes(schedule: Schedule, first: date, last: date) -> set[Minute]:
    """Return each minute of the wall clock, of the days from `first` to `last`, at which the schedule is open."""
    painted: set[Minute] = set()
    day = first - ONE_DAY
    while day <= last:
        for hours in _hours_of(schedule, day):
            for minute in _minutes(day, hours):
                stops = _is_special(schedule, minute[0]) and not _exceptions(schedule, day)
                if stops and minute[0] != day:
                    break
                painted.add(minute)
        day += ONE_DAY
    return painted


def _hours_of(schedule: Schedule, day: date) -> list[Hours]:
    exceptions = _exceptions(schedule, day)
    if exceptions:
        return exceptions[0]
    if day in schedule.holiday_dates:
        return []
    name = Day(day.strftime("%a").lower())
    return [Hours(period.start, period.end) for period in schedule.open if name in period.days]


def _exceptions(schedule: Schedule, day: date) -> list[list[Hours]]:
    return [list(each.open) for each in schedule.exceptions if each.first <= day <= each.last]


def _is_special(schedule: Schedule, day: date) -> bool:
    return bool(_exceptions(schedule, day)) or day in schedule.holiday_dates


def _minutes(day: date, hours: Hours) -> Iterator[Minute]:
    """Give the minutes from the beginning of hours to the first time that the clock would show their end."""
    at = hours.start
    while True:
        yield day, at
        at += 1
        if at == hours.end:
            return
        if at == 24 * 60:
            day, at = day + ONE_DAY, 0
            if hours.end == 0:
                return
