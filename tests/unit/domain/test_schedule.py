"""Schedules: what they refuse, and what a year of one looks like, in examples."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules import schedule as module
from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.schedule import (
    ALARM_BEFORE,
    MAX_EXCEPTION_HOURS,
    MAX_EXCEPTIONS,
    MAX_PERIODS,
    Closed,
    ClosedAction,
    Day,
    ExceptionalPeriod,
    Hours,
    Period,
    Schedule,
    clock_text,
    due_with_less_than,
    holiday_span,
    is_open,
    load_every_zone,
    minutes_of,
    renew_at_ms,
    shown_zone,
    with_dates,
    zone_names,
)

WORKDAYS = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)
NINE, SIX = 9 * 60, 18 * 60
OFFICE = Period(WORKDAYS, NINE, SIX)
NIGHT = Period(tuple(Day), 22 * 60, 2 * 60)
CHRISTMAS = date(2026, 12, 25)


def at(text: str, zone: str = "Europe/Paris") -> int:
    """Return the instant at which the clock of a zone shows a time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def paris(
    *periods: Period, holidays: tuple[date, ...] = (), exceptions: tuple[ExceptionalPeriod, ...] = ()
) -> Schedule:
    return Schedule("Europe/Paris", periods, "FR", holidays, date(2027, 12, 31), exceptions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27T08:59:59", False),
        ("2026-11-27T09:00:00", True),
        ("2026-11-27T17:59:59", True),
        ("2026-11-27T18:00:00", False),
        ("2026-11-28T12:00:00", False),
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(text: str, expected: bool) -> None:
    assert is_open(paris(OFFICE), at(text)) is expected


@pytest.mark.parametrize(
    ("start", "end", "texts"),
    [
        (0, 0, {"2026-11-23T00:00": True, "2026-11-23T23:59": True, "2026-11-24T00:00": False}),
        (0, 1440, {"2026-11-23T00:00": True, "2026-11-23T23:59": True, "2026-11-24T00:00": False}),
        (NINE, 1440, {"2026-11-23T08:59": False, "2026-11-23T23:59": True, "2026-11-24T00:00": False}),
        (NINE, 0, {"2026-11-23T08:59": False, "2026-11-23T23:59": True, "2026-11-24T00:00": False}),
        (NINE, NINE, {"2026-11-23T08:59": False, "2026-11-23T09:00": True, "2026-11-24T08:59": True}),
        (NINE, NINE - 1, {"2026-11-23T09:00": True, "2026-11-24T08:58": True, "2026-11-24T08:59": False}),
    ],
)
def test_hours_whose_end_is_not_later_pass_midnight(start: int, end: int, texts: dict[str, bool]) -> None:
    schedule = paris(Period((Day.MON,), start, end))
    assert {text: is_open(schedule, at(text)) for text in texts} == texts


CLOSED_DAY = ExceptionalPeriod(CHRISTMAS, CHRISTMAS)
LATE_DAY = ExceptionalPeriod(CHRISTMAS, CHRISTMAS, (Hours(23 * 60, 3 * 60),))


@pytest.mark.parametrize(
    ("schedule", "texts"),
    [
        (  # a holiday: the night before ends at midnight, its own does not begin
            paris(NIGHT, holidays=(CHRISTMAS,)),
            {"2026-12-24T23:59": True, "2026-12-25T00:00": False, "2026-12-25T22:30": False, "2026-12-26T01:00": False},
        ),
        (  # an exception without hours is just so
            paris(NIGHT, exceptions=(CLOSED_DAY,)),
            {"2026-12-24T23:59": True, "2026-12-25T00:00": False, "2026-12-25T22:30": False, "2026-12-26T01:00": False},
        ),
        (  # an exception opens a holiday, and what it opens runs to its end
            paris(OFFICE, holidays=(CHRISTMAS, date(2026, 12, 26)), exceptions=(LATE_DAY,)),
            {"2026-12-25T10:00": False, "2026-12-25T23:00": True, "2026-12-26T02:59": True, "2026-12-26T03:00": False},
        ),
        (  # also into another exception
            paris(exceptions=(ExceptionalPeriod(date(2026, 12, 26), date(2026, 12, 27)), LATE_DAY)),
            {"2026-12-26T02:59": True, "2026-12-26T03:00": False, "2026-12-27T02:00": False},
        ),
    ],
)
def test_exceptions_win_over_holidays_and_these_over_the_week(schedule: Schedule, texts: dict[str, bool]) -> None:
    assert {text: is_open(schedule, at(text)) for text in texts} == texts


def test_days_behind_what_is_known_of_holidays_are_as_all_others() -> None:
    schedule = Schedule("Europe/Paris", (OFFICE,), "FR", (CHRISTMAS,), CHRISTMAS)
    assert not is_open(schedule, at("2026-12-25T12:00"))
    assert is_open(schedule, at("2027-05-14T12:00"))


def test_a_time_that_comes_twice_counts_twice_and_one_that_is_skipped_never() -> None:
    early = paris(Period((Day.SUN,), 2 * 60 + 15, 2 * 60 + 45))
    autumn = at("2026-10-25T00:00")
    assert [is_open(early, autumn + minute * 60_000) for minute in (134, 135, 164, 165, 195, 224, 225)] == [
        *(False, True, True, False, True, True, False)
    ]
    spring = at("2026-03-29T00:00")
    assert not any(is_open(early, spring + minute * 60_000) for minute in range(24 * 60))
    assert is_open(paris(Period((Day.SUN,), 60, 150)), spring + 119 * 60_000)
    assert not is_open(paris(Period((Day.SUN,), 60, 150)), spring + 120 * 60_000)


@pytest.mark.parametrize(
    ("schedule", "now", "expected"),
    [
        (paris(OFFICE), "2026-11-28T12:00", "2026-11-30T09:00"),
        (paris(OFFICE), "2026-11-30T09:00", "2026-11-30T18:00"),
        (paris(OFFICE, holidays=(CHRISTMAS,)), "2026-12-24T18:00", "2026-12-28T09:00"),
        (paris(OFFICE, exceptions=(CLOSED_DAY,)), "2026-12-25T12:00", "2026-12-28T09:00"),
        (
            paris(exceptions=(ExceptionalPeriod(date(2028, 2, 29), date(2028, 2, 29), (Hours(0, 0),)),)),
            "2027-03-01T00:00",
            "2028-02-29T00:00",
        ),
    ],
)
def test_the_next_change(schedule: Schedule, now: str, expected: str) -> None:
    assert next_change(schedule, at(now)) == at(expected)


def test_what_never_changes_has_no_next_change() -> None:
    always = paris(Period(tuple(Day), 0, 0))
    assert next_change(always, at("2026-11-28T12:00")) is None
    assert next_change(paris(), at("2026-11-28T12:00")) is None
    assert next_change(paris(OFFICE), at("2026-11-28T12:00"), within_days=1) is None
    assert next_change(paris(), 253_402_214_300_000) is None


def test_the_longest_schedule_that_never_changes_is_looked_through_at_once() -> None:
    """Whoever reads such a rule must not hold all others up."""
    first = date(2026, 11, 28)
    periods = (Period(tuple(Day), 0, 0), *(Period(tuple(Day), n * 13, n * 17 + 5) for n in range(MAX_PERIODS - 1)))
    hours = (Hours(0, 0), *(Hours(n * 61 % 1440, n * 97 % 1440) for n in range(MAX_EXCEPTION_HOURS - 1)))
    days = (first + timedelta(days=2 * n) for n in range(MAX_EXCEPTIONS))
    exceptions = tuple(ExceptionalPeriod(day, day, hours) for day in days)
    longest = Schedule("Africa/Casablanca", periods, exceptions=exceptions)
    begin = time.process_time()
    assert next_change(longest, at("2026-11-28T12:00")) is None
    assert time.process_time() - begin < 0.3


def of_office(**options: object) -> Callable[[], object]:
    return lambda: Schedule("Europe/Paris", (OFFICE,), **options)  # type: ignore[arg-type]  # what is wrong is the test


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Hours(1440, 60), "between 00:00 and 23:59"),
        (lambda: Hours(-1, 60), "between 00:00 and 23:59"),
        (lambda: Hours(0, 1441), "between 00:00 and 24:00"),
        (lambda: Period((), 0, 60), "at least one day"),
        (lambda: Period((Day.MON, Day.MON), 0, 60), "once"),
        (lambda: ExceptionalPeriod(date(2026, 1, 2), date(2026, 1, 1)), "ends before it begins"),
        (lambda: ExceptionalPeriod(date(2026, 1, 1), date(2027, 1, 2)), "at most 366 days"),
        (lambda: ExceptionalPeriod(CHRISTMAS, CHRISTMAS, (Hours(0, 60),) * 11), "at most 10"),
        (lambda: Closed(ClosedAction.FORWARD), "number to forward to"),
        (lambda: Closed(ClosedAction.VOICEMAIL, E164("+33644630000")), "number to forward to"),
        (lambda: Schedule("Europe/Paris", (OFFICE,) * 51), "at most 50 periods"),
        (of_office(exceptions=(CLOSED_DAY, LATE_DAY)), "2026-12-25 is in two"),
        (of_office(exceptions=(CLOSED_DAY,) * 201), "at most 200 exceptions"),
        (of_office(holiday_dates=(CHRISTMAS,)), "need the code"),
        (of_office(holidays_until=CHRISTMAS), "need the code"),
        (of_office(holidays="France"), "ISO 3166"),
        (of_office(holidays="FR-"), "ISO 3166"),
        (of_office(holidays="FR", holiday_dates=(CHRISTMAS, CHRISTMAS)), "ascend"),
        (of_office(holidays="FR", holiday_dates=(CHRISTMAS,) * 601), "at most 600"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize(
    "name",
    [
        *("", "Paris", "europe/paris", "Europe/Paris\n", "../Europe/Paris", "/etc/passwd", "Europe/../Europe/Paris"),
        *("right/Europe/Paris", "posix/Europe/Paris", "posixrules", "localtime", "Factory", "Europe", "zone.tab"),
        *("Europe/Paris\0", "\ud800", "A" * 100_000, "Europe//Paris", "SECURITY"),
    ],
)
def test_names_that_are_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        Schedule(name)
    assert name not in zone_names()
    assert shown_zone(name).key == "UTC"


def test_a_process_that_has_loaded_every_zone_reads_no_more_files(monkeypatch: pytest.MonkeyPatch) -> None:
    load_every_zone()
    monkeypatch.setattr(module, "ZoneInfo", None)
    assert Schedule("America/Argentina/ComodRivadavia").time_zone
    assert Schedule("Etc/GMT+5").time_zone


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("09:05", 545), ("23:59", 1439), ("24:00", 1440)])
def test_times_are_read_and_shown(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes
    assert clock_text(minutes) == text


@pytest.mark.parametrize("text", ["9:00", "24:01", "25:00", "09:60", "09:00 ", "09:00\n", "٠٩:٠٠", "", "0900", "-1:00"])
def test_texts_that_are_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="write HH:MM"):
        minutes_of(text)


def test_the_edge_loads_nothing_more_for_schedules() -> None:
    """Its workers decide about calls: neither the package of holidays nor what shows dates may slow their start."""
    script = (
        "import sys, renvoi.edge.router.router, renvoi.edge.router.stale_rules; "
        "print([name for name in ('holidays', 'babel', 'pydantic', 'fastapi') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert ended.stdout == "[]\n"


FRENCH = Schedule("Europe/Paris", holidays="FR")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_dates_are_looked_up_from_yesterday_on_in_the_zone_of_the_schedule() -> None:
    late = ms("2026-11-28T23:30:00")
    assert holiday_span(FRENCH, late) == (date(2026, 11, 28), date(2028, 1, 3))
    assert holiday_span(Schedule("UTC"), late) == (date(2026, 11, 27), date(2028, 1, 2))


@pytest.mark.parametrize(
    ("until", "expected"),
    [(None, 0), (date(2028, 1, 2), ms("2026-12-28T00:00:00")), (date(1970, 1, 1), 0), (date(1960, 1, 1), 0)],
)
def test_a_rule_is_due_a_month_after_its_dates_were_looked_up(until: date | None, expected: int) -> None:
    schedule = FRENCH if until is None else with_dates(FRENCH, (), until)
    assert renew_at_ms(schedule) == expected


def test_a_rule_without_holidays_is_never_due() -> None:
    assert renew_at_ms(None) is None
    assert renew_at_ms(Schedule("Europe/Paris")) is None


def test_rules_that_run_out_are_those_whose_dates_are_known_for_less_than_a_month() -> None:
    now_ms = ms("2026-11-28T00:00:00")
    before_ms = due_with_less_than(ALARM_BEFORE, now_ms)
    soon, later = (with_dates(FRENCH, (), date(2026, 11, 28) + timedelta(days=days)) for days in (30, 31))
    assert [(renew_at_ms(each) or 0) <= before_ms for each in (soon, later)] == [True, False]
