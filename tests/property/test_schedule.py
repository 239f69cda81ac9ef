"""Schedules against a reference that looks minute by minute, where clocks are set in odd ways."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.schedule import Day, ExceptionalPeriod, Hours, Period, Schedule, is_open
from tests.support.schedule_reference import clock_of, open_minutes, shown

DAYS_AROUND = 2
MOMENTS = {
    "a half hour twice": ("Australia/Lord_Howe", "2026-04-04T15:00"),
    "a half hour never": ("Australia/Lord_Howe", "2026-10-03T15:30"),
    "the beginning of Ramadan": ("Africa/Casablanca", "2026-02-15T02:00"),
    "the end of Ramadan": ("Africa/Casablanca", "2026-03-22T02:00"),
    "two hours never": ("Antarctica/Troll", "2026-03-29T01:00"),
    "two hours twice": ("Antarctica/Troll", "2026-10-25T01:00"),
    "spring in Paris": ("Europe/Paris", "2026-03-29T01:00"),
    "autumn in Paris": ("Europe/Paris", "2026-10-25T01:00"),
    "spring in New York": ("America/New_York", "2026-03-08T07:00"),
    "autumn in New York": ("America/New_York", "2026-11-01T06:00"),
    "midnight twice": ("America/Havana", "2026-11-01T05:00"),
    "midnight never": ("America/Havana", "2026-03-08T05:00"),
    "a day that does not exist": ("Pacific/Apia", "2011-12-30T10:00"),
    "seconds of an offset": ("Africa/Monrovia", "1972-01-07T00:44"),
    "the end of a year": ("Pacific/Kiritimati", "2026-12-31T10:00"),
    "a leap day": ("Asia/Kathmandu", "2028-02-29T00:00"),
    "no leap day": ("UTC", "2100-03-01T00:00"),
    "nothing": ("Etc/UTC", "2026-11-28T12:00"),
}

minutes = st.one_of(
    st.integers(0, 1439), st.sampled_from([0, 1, 59, 60, 90, 105, 119, 120, 150, 179, 180, 1380, 1438, 1439])
)
ends = st.one_of(minutes, st.just(1440))
hours = st.builds(Hours, minutes, ends)
periods = st.builds(Period, st.lists(st.sampled_from(list(Day)), min_size=1, unique=True).map(tuple), minutes, ends)


@st.composite
def schedules(draw: st.DrawFn, zone: str, around: date) -> Schedule:
    """Make a schedule of a zone whose exceptions and holidays are near a day."""
    offsets = draw(st.lists(st.integers(-3, 3), unique=True, max_size=4))
    exceptions: list[ExceptionalPeriod] = []
    for offset in offsets[:2]:
        last = draw(st.integers(offset, offset + 2))
        if not any(each.first <= _day(around, o) <= each.last for each in exceptions for o in range(offset, last + 1)):
            opened = draw(st.lists(hours, max_size=2).map(tuple))
            exceptions.append(ExceptionalPeriod(_day(around, offset), _day(around, last), opened))
    holidays = tuple(sorted(_day(around, offset) for offset in draw(st.sets(st.integers(-3, 3), max_size=3))))
    return Schedule(
        zone,
        draw(st.lists(periods, max_size=3).map(tuple)),
        "FR" if holidays else None,
        holidays,
        _day(around, 400) if holidays else None,
        tuple(draw(st.permutations(exceptions))),
    )


def _day(around: date, offset: int) -> date:
    return around + timedelta(days=offset)


def moment(name: str) -> tuple[str, int]:
    zone, at = MOMENTS[name]
    return zone, int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("name", MOMENTS)
def test_a_schedule_opens_and_closes_as_the_wall_clock_says(name: str) -> None:
    zone, middle = moment(name)
    grid = 30 if name == "seconds of an offset" else 60
    instants = range(middle - DAYS_AROUND * 86_400, middle + DAYS_AROUND * 86_400, grid)
    with clock_of(zone):
        labels = [shown(at) for at in instants]
        around = shown(middle)[0]
    days = [label[0] for label in labels]
    low, high = min(days), max(days)

    @settings(max_examples=25, deadline=None)
    @given(schedules(zone, around), st.data())
    def look(schedule: Schedule, data: st.DataObject) -> None:
        painted = open_minutes(schedule, low, high)
        expected = [label in painted for label in labels]
        assert [is_open(schedule, at * 1000) for at in instants] == expected
        changes = [n for n in range(1, len(expected)) if expected[n] is not expected[n - 1]]
        for place in data.draw(st.lists(st.integers(0, len(expected) - 1), min_size=3, max_size=3)):
            after_ms = instants[place] * 1000 + data.draw(st.sampled_from([0, 1, 999, grid * 1000 - 1]))
            change = next_change(schedule, after_ms, within_days=10)
            wanted = next((instants[n] * 1000 for n in changes if n > place), None)
            if wanted is None:
                assert change is None or change > instants[-1] * 1000
            else:
                assert change == wanted

    look()


@settings(max_examples=15, deadline=None)
@given(st.data(), st.sampled_from(["Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "Europe/Paris"]))
def test_what_comes_next_is_found_over_a_whole_year(data: st.DataObject, zone: str) -> None:
    """Each change leads to the next one, and half way between them all is as at their beginning."""
    schedule = data.draw(schedules(zone, date(2027, 12, 31)))
    at_ms = 1_796_083_200_000 + data.draw(st.integers(0, 86_400_000))
    for _ in range(40):
        change = next_change(schedule, at_ms)
        if change is None:
            break
        assert is_open(schedule, change) != is_open(schedule, change - 1) == is_open(schedule, at_ms)
        assert is_open(schedule, (at_ms + change) // 2) == is_open(schedule, at_ms)
        at_ms = change


SIX_HOURS_S = 6 * 3600
NASTY = (
    Period(tuple(Day), 23 * 60 + 30, 90),
    Period((Day.SAT, Day.SUN), 105, 165),
    Period((Day.THU, Day.FRI), 30, 25),
)


def settings_of_the_clock(first: int, last: int) -> list[int]:
    """Return instants up to six hours before which the clock of `clock_of` is set, between two instants (s)."""
    instants = range(first, last, SIX_HOURS_S)
    offsets = [time.localtime(at).tm_gmtoff for at in instants]
    return [at for at, before, after in zip(instants[1:], offsets, offsets[1:], strict=False) if before != after]


def test_every_zone_there_is_on_the_days_when_its_clock_is_set() -> None:
    """In the year to come, minute by minute for ten hours, by hours that lie where clocks are set."""
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    seen = 0
    for zone in sorted(available_timezones() - {"Factory", "localtime"}):
        schedule = Schedule(zone, NASTY)
        with clock_of(zone):
            for at in settings_of_the_clock(first, first + 366 * 86_400):
                seen += 1
                instants = range(at - SIX_HOURS_S - 7200, at + 7200, 60)
                labels = [shown(each) for each in instants]
                painted = open_minutes(schedule, labels[0][0], labels[-1][0])
                found = [is_open(schedule, each * 1000) for each in instants]
                assert found == [label in painted for label in labels], (zone, at)
                changes = [n for n in range(1, len(found)) if found[n] is not found[n - 1]]
                if changes:
                    assert next_change(schedule, instants[0] * 1000) == instants[changes[0]] * 1000, (zone, at)
    assert seen > 200
