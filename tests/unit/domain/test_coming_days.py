"""The hours of the days to come, as people read them."""

from datetime import UTC, date, datetime

from renvoi.domain.rules.coming_days import DayKind, coming_days
from renvoi.domain.rules.schedule import WEEK, Day, ExceptionalPeriod, Hours, Period, Schedule

PARIS = "Europe/Paris"
SUNDAY = int(datetime(2026, 11, 29, 15, 0, tzinfo=UTC).timestamp() * 1000)


def test_a_week_has_its_hours_from_today_on() -> None:
    morning, afternoon = Period(WEEK[:5], 540, 720), Period(WEEK[:5], 780, 1080)
    found = coming_days(Schedule(PARIS, (morning, afternoon)), SUNDAY)
    assert [(each.date.isoformat(), each.kind, list(each.open)) for each in found[:2]] == [
        ("2026-11-29", DayKind.WEEK, []),
        ("2026-11-30", DayKind.WEEK, [(540, 720), (780, 1080)]),
    ]
    assert [len(each.open) for each in found] == [0, 2, 2, 2, 2, 2, 0]


def test_nights_end_on_the_next_day_and_hours_that_meet_are_one() -> None:
    night = Schedule(PARIS, (Period((Day.MON,), 1320, 120), Period((Day.TUE,), 120, 600)))
    monday, tuesday, wednesday = coming_days(night, SUNDAY)[1:4]
    assert list(monday.open) == [(1320, 1440)]
    assert list(tuesday.open) == [(0, 600)]
    assert list(wednesday.open) == []


def test_a_number_that_never_closes_is_open_all_day() -> None:
    assert [list(each.open) for each in coming_days(Schedule(PARIS, (Period(WEEK, 0, 0),)), SUNDAY, 2)] == [
        [(0, 1440)],
        [(0, 1440)],
    ]


def test_exceptions_and_holidays_say_that_they_are() -> None:
    found = coming_days(
        Schedule(
            PARIS,
            (Period(WEEK, 540, 1080),),
            "FR",
            (date(2026, 12, 1),),
            date(2027, 12, 31),
            (ExceptionalPeriod(date(2026, 11, 30), date(2026, 11, 30), (Hours(600, 660),)),),
        ),
        SUNDAY,
        4,
    )
    assert [(each.kind, list(each.open)) for each in found] == [
        (DayKind.WEEK, [(540, 1080)]),
        (DayKind.EXCEPTION, [(600, 660)]),
        (DayKind.HOLIDAY, []),
        (DayKind.WEEK, [(540, 1080)]),
    ]


def test_a_day_on_which_the_clock_is_set_has_the_minutes_that_it_shows() -> None:
    spring = int(datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp() * 1000)
    assert list(coming_days(Schedule(PARIS, (Period((Day.SUN,), 60, 240),)), spring, 1)[0].open) == [(60, 240)]
    autumn = int(datetime(2026, 10, 25, 12, tzinfo=UTC).timestamp() * 1000)
    assert list(coming_days(Schedule(PARIS, (Period((Day.SUN,), 60, 240),)), autumn, 1)[0].open) == [(60, 240)]
