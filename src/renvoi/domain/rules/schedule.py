"""When a number is open: hours of the week, holidays and exceptional days, as pure functions of (schedule, instant).

Only the wall clock of the schedule's zone counts: its date, its weekday and its time to the minute.

- A time that the clock shows twice, when it is set back, counts both times; one that it skips counts not at all. So
  hours that lie in a skipped hour do not exist on that day, and hours that end in one end when the clock jumps.
- Hours begin on their day and end on it, or on the day after where the end is not later than the beginning: 22:00 to
  02:00, 00:00 to 00:00 (a whole day), 09:00 to 09:00 (until the next morning). `24:00` is the midnight that ends a day;
  it ends hours and never begins them.
- An exception holds for each day from its first to its last: its hours begin on these days, and no others do. What it
  opens runs to its end, whatever the day after is.
- A holiday that is not an exceptional day has no hours.
- All other days have the hours of the week. Those that pass midnight into an exceptional day or a holiday end at that
  midnight: a day that is said to be closed is closed from its first minute.
- After `holidays_until` nobody knows of holidays, and those days are as all others.

Who changes a rule, or renews it, looks dates of holidays up; calls find them in the rule. They are known for more than
a year, and renewed each month: so a new edition of the calendar is in all rules a month after it was installed, and a
year passes before a rule whose dates cannot be renewed runs out of them.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from operator import attrgetter, ge, lt
from zoneinfo import ZoneInfo, available_timezones

from renvoi.domain.numbers.number import E164

MINUTES = 24 * 60
"""Of a day on the wall clock."""
MAX_PERIODS = 50
MAX_EXCEPTIONS = 200
MAX_EXCEPTION_DAYS = 366
MAX_EXCEPTION_HOURS = 10
"""Hours that one exception opens on each of its days."""
MAX_HOLIDAYS = 600
_MAX_ZONE_LENGTH = 64
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_NO_ZONES = frozenset({"Factory"})
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_HOLIDAYS = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,5})?", re.ASCII)
_DAY = timedelta(days=1)
_first, _last = attrgetter("first"), attrgetter("last")


class Day(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class ClosedAction(StrEnum):
    """What a call meets outside the hours."""

    OFF = "off"
    VOICEMAIL = "voicemail"
    FORWARD = "forward"


WEEK = tuple(Day)
"""In the order of `date.weekday`."""


def is_holiday_code(text: str) -> bool:
    """Tell whether a text has the form of an ISO 3166 code, with or without a subdivision."""
    return _HOLIDAYS.fullmatch(text) is not None


def minutes_of(text: str) -> int:
    """Return the minutes since midnight of a wall-clock time `HH:MM`, `00:00` to `24:00`.

    Raises:
        ValueError: it is not such a time.
    """
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is not a time: write HH:MM, 00:00 to 23:59, or 24:00 for the end of a day")
    return int(text[:2]) * 60 + int(text[3:])


def clock_text(minutes: int) -> str:
    """Return minutes since midnight, 0 to 1440, as `HH:MM`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _check_hours(start: int, end: int) -> None:
    if not 0 <= start < MINUTES:
        raise ValueError("hours begin between 00:00 and 23:59")
    if not 0 <= end <= MINUTES:
        raise ValueError("hours end between 00:00 and 24:00")


@dataclass(frozen=True, slots=True)
class Hours:
    """Open hours of a day, in minutes since its midnight: `start` (0 to 1439) belongs to them, `end` (0 to 1440) not.

    They pass midnight when `end` is not greater than `start`.

    Raises:
        ValueError: a time is out of range.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        _check_hours(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Period:
    """Open hours of days of the week, `start` and `end` as `Hours` has them.

    Raises:
        ValueError: a time is out of range, or the days are none or not distinct.
    """

    days: tuple[Day, ...]
    start: int
    end: int

    def __post_init__(self) -> None:
        _check_hours(self.start, self.end)
        if not self.days:
            raise ValueError("a period names at least one day of the week")
        if len(set(self.days)) != len(self.days):
            raise ValueError("a period names each day of the week once")


@dataclass(frozen=True, slots=True)
class ExceptionalPeriod:
    """Days, from `first` to `last`, that have hours of their own: none when `open` is empty.

    Raises:
        ValueError: the days are in the wrong order or too many, or the hours are too many.
    """

    first: date
    last: date
    open: tuple[Hours, ...] = ()

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"an exception ends before it begins: from {self.first} to {self.last}")
        if self.last.toordinal() - self.first.toordinal() >= MAX_EXCEPTION_DAYS:
            raise ValueError(
                f"an exception lasts at most {MAX_EXCEPTION_DAYS} days: from {self.first} to {self.last} is longer"
            )
        if self.open and len(self.open) > MAX_EXCEPTION_HOURS:
            raise ValueError(
                f"an exception has at most {MAX_EXCEPTION_HOURS} times of day, this one has {len(self.open)}"
            )


@dataclass(frozen=True, slots=True)
class Closed:
    """What a call meets outside the hours; `to` is where it is forwarded to, None unless it is.

    Raises:
        ValueError: `to` is missing, or is there without being used.
    """

    action: ClosedAction = ClosedAction.OFF
    to: E164 | None = None

    def __post_init__(self) -> None:
        if (self.action is ClosedAction.FORWARD) != (self.to is not None):
            raise ValueError("a number to forward to belongs to the action forward, and to no other")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a number is open, and what a call meets when it is not.

    `time_zone` is an IANA name. `holidays` is an ISO 3166 code (`FR`, `FR-57`) or None; `holiday_dates` are its days,
    ascending, and `holidays_until` is the last day for which they are known. A day is in one exception at most.

    Raises:
        ValueError: the zone is not known here, a list is too long, exceptions overlap, or holidays are not consistent.
    """

    time_zone: str
    open: tuple[Period, ...] = ()
    holidays: str | None = None
    holiday_dates: tuple[date, ...] = ()
    holidays_until: date | None = None
    exceptions: tuple[ExceptionalPeriod, ...] = ()
    closed: Closed = Closed()
    _by_date: tuple[ExceptionalPeriod, ...] = field(init=False, repr=False, compare=False, hash=False, default=())
    """The exceptions in the order of their days."""

    def __post_init__(self) -> None:
        zone_named(self.time_zone)
        if len(self.open) > MAX_PERIODS:
            raise ValueError(f"a schedule has at most {MAX_PERIODS} periods, this one has {len(self.open)}")
        if self.exceptions:
            self._order_exceptions()
        self._check_holidays()

    def _order_exceptions(self) -> None:
        if len(self.exceptions) > MAX_EXCEPTIONS:
            raise ValueError(f"a schedule has at most {MAX_EXCEPTIONS} exceptions, this one has {len(self.exceptions)}")
        ordered = self.exceptions
        if not _follow_each_other(ordered):
            ordered = tuple(sorted(ordered, key=_first))
        if not _follow_each_other(ordered):
            twice = next(after.first for before, after in pairwise(ordered) if after.first <= before.last)
            raise ValueError(f"a day is in one exception at most, {twice} is in two")
        object.__setattr__(self, "_by_date", ordered)

    def _check_holidays(self) -> None:
        dates = self.holiday_dates
        if self.holidays is None:
            if dates or self.holidays_until is not None:
                raise ValueError("dates of holidays need the code of their country")
            return
        if not is_holiday_code(self.holidays):
            raise ValueError("holidays are an ISO 3166 code, such as FR, or FR-57 with a subdivision")
        if len(dates) > MAX_HOLIDAYS:
            raise ValueError(f"a schedule has at most {MAX_HOLIDAYS} holidays, this one has {len(dates)}")
        if any(map(ge, dates, dates[1:])):
            raise ValueError("the dates of holidays ascend")

    def exception_on(self, day: date) -> ExceptionalPeriod | None:
        """Return the exception that holds on a day."""
        place = bisect_left(self._by_date, day, key=_last)
        if place < len(self._by_date) and self._by_date[place].first <= day:
            return self._by_date[place]
        return None

    def is_holiday(self, day: date) -> bool:
        """Tell whether a day is known to be a holiday, which an exception may open nevertheless."""
        place = bisect_left(self.holiday_dates, day)
        return place < len(self.holiday_dates) and self.holiday_dates[place] == day


def _follow_each_other(exceptions: tuple[ExceptionalPeriod, ...]) -> bool:
    return all(map(lt, map(_last, exceptions), map(_first, exceptions[1:])))


# What a name says is the same for the life of a process, and names that say nothing are not remembered.
@cache
def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
        ValueError: this machine knows none of that name.
    """
    if len(name) <= _MAX_ZONE_LENGTH and _ZONE.fullmatch(name) and name not in _NO_ZONES:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass
    raise ValueError(f"{name[:_MAX_ZONE_LENGTH]!r} is not a time zone: write its IANA name, such as Europe/Paris")


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones that this machine knows; what it has for itself (`localtime`) is none."""
    return frozenset(name for name in available_timezones() if _ZONE.fullmatch(name) and name not in _NO_ZONES)


def shown_zone(name: str) -> ZoneInfo:
    """Return a stored time zone; UTC for one that is not known here, which must keep nothing from being shown."""
    try:
        return zone_named(name)
    except ValueError:
        return ZoneInfo("UTC")


def load_every_zone() -> None:
    """Load all time zones now: for processes that fork and share them, and may no longer read files then."""
    for name in zone_names():
        zone_named(name)


def is_open(schedule: Schedule, at_ms: int) -> bool:
    """Tell whether `schedule` is open at an instant (ms since 1970-01-01 UTC)."""
    shown = datetime.fromtimestamp(at_ms // 1000, zone_named(schedule.time_zone))
    return _is_open(schedule, shown.date(), shown.hour * 60 + shown.minute)


def _is_open(schedule: Schedule, day: date, minute: int) -> bool:
    if not schedule.exceptions:
        return not schedule.is_holiday(day) and _is_in_week(schedule, day, minute)
    eve = schedule.exception_on(day - _DAY)
    if eve is not None and any(hours.end <= hours.start and minute < hours.end for hours in eve.open):
        return True
    today = schedule.exception_on(day)
    if today is not None:
        return any(_begun(hours, minute) for hours in today.open)
    return not schedule.is_holiday(day) and _is_in_week(schedule, day, minute)


def _is_in_week(schedule: Schedule, day: date, minute: int) -> bool:
    """Tell whether hours of the week hold on a day that is neither exceptional nor a holiday."""
    weekday = day.weekday()
    today, eve = WEEK[weekday], WEEK[weekday - 1]
    for period in schedule.open:
        if today in period.days and _begun(period, minute):
            return True
        if minute < period.end <= period.start and eve in period.days and has_week(schedule, day - _DAY):
            return True
    return False


def has_week(schedule: Schedule, day: date) -> bool:
    """Tell whether the hours of the week begin on a day, as it is neither exceptional nor a holiday."""
    return schedule.exception_on(day) is None and not schedule.is_holiday(day)


def _begun(hours: Hours | Period, minute: int) -> bool:
    """Tell whether hours that begin on a day hold at a minute of that day."""
    return hours.start <= minute and (minute < hours.end or hours.end <= hours.start)


HOLIDAYS_AHEAD = timedelta(days=400)
"""Dates are looked up for so many days."""
RENEWED_BEFORE = timedelta(days=370)
"""A rule is due to be renewed when its dates are known for less than this."""
ALARM_BEFORE = timedelta(days=30)
"""Somebody has to look when dates are known for less than this."""


def holiday_span(schedule: Schedule, now_ms: int) -> tuple[date, date]:
    """Return the first and the last day whose holidays a schedule is to know; `now_ms` is since 1970-01-01 UTC.

    It begins with yesterday, whose hours may go on today.
    """
    today = datetime.fromtimestamp(now_ms / 1000, zone_named(schedule.time_zone)).date()
    return today - timedelta(days=1), today + HOLIDAYS_AHEAD


def with_dates(schedule: Schedule, dates: tuple[date, ...], until: date) -> Schedule:
    """Return a schedule with holidays that knows these dates of them."""
    return replace(schedule, holiday_dates=dates, holidays_until=until)


def renew_at_ms(schedule: Schedule | None) -> int | None:
    """Return when the dates of a rule's schedule are due to be renewed (ms since 1970-01-01 UTC).

    None: it has no holidays. 0: it has, and none of their dates.
    """
    if schedule is None or schedule.holidays is None:
        return None
    if schedule.holidays_until is None:
        return 0
    # A calendar that has ended long ago must not give a negative time.
    return max(0, _ms_of(schedule.holidays_until) - RENEWED_BEFORE // timedelta(milliseconds=1))


def due_with_less_than(left: timedelta, now_ms: int) -> int:
    """Return the time that `renew_at_ms` is at most for rules whose dates are known for less than `left` from now."""
    return now_ms - (RENEWED_BEFORE - left) // timedelta(milliseconds=1)


def _ms_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
