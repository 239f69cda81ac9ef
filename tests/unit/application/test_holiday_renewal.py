"""Rules are renewed before their holidays run out, in small steps, and it is told when that cannot be done."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import methodcaller

import pytest

from renvoi.application import holiday_renewal as module
from renvoi.application.holiday_renewal import RENEWED, Renewal, keep_renewed, look_up, renew_due
from renvoi.application.ports.errors import NotUnderstood, StoreUnavailable
from renvoi.application.ports.holidays import HolidaysUnknown, KnownHolidays
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import Schedule
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore

FIRST = 33_199_000_000
DAY = timedelta(days=1)
DAY_MS = 86_400_000
TODAY = date(2026, 11, 28)
START_MS = int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp() * 1000)


class Calendar:
    """Holidays on each first of a month, known up to the day `ends`; it knows FR alone."""

    def __init__(self, ends: date = date(2100, 1, 1)) -> None:
        self.ends = ends
        self.asked: list[str] = []

    def between(self, code: str, first: date, last: date) -> KnownHolidays:
        self.asked.append(code)
        if code != "FR":
            raise HolidaysUnknown(f"no holidays are known under {code}")
        until_day = min(last, self.ends)
        days = (first + n * DAY for n in range((until_day - first).days + 1))
        return KnownHolidays(tuple(day for day in days if day.day == 1), until_day)


def number(n: int) -> E164:
    return E164.from_digits(FIRST + n)


def rule(until_day: date | None, code: str = "FR") -> Rule:
    schedule = Schedule("Europe/Paris", holidays=code, holidays_until=until_day)
    return replace(Rule.forward(E164("+33644630000")), revision=7, schedule=schedule)


def store_with(*rules: Rule) -> MemoryStore:
    """Return a store with a number for each rule, changed at 1."""
    store = MemoryStore()

    def fill(writer: Writer) -> None:
        account = writer.add_account("demo", "en", "FR", 0)
        for n, each in enumerate(rules):
            writer.add_number(account.id, NumberRow(number(n)), 0)
            writer.put_rule(number(n), each, 1)

    asyncio.run(store.write(fill))
    return store


def record(store: MemoryStore, n: int) -> NumberRecord:
    found: NumberRecord = asyncio.run(store.read(methodcaller("number", number(n))))
    return found


def schedule(store: MemoryStore, n: int) -> Schedule:
    found = record(store, n).rule.schedule
    assert found is not None
    return found


def renew(store: MemoryStore, calendar: Calendar, now_ms: int = START_MS) -> Renewal:
    return asyncio.run(renew_due(store, calendar, FixedClock(now_ms), asyncio.Event()))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0)
    monkeypatch.setattr(module, "AT_ONCE", 3)


def test_a_change_looks_its_dates_up() -> None:
    found = look_up(Schedule("Europe/Paris", holidays="FR"), Calendar(), START_MS)
    assert found.holiday_dates[:2] == (date(2026, 12, 1), date(2027, 1, 1))
    assert found.holidays_until == TODAY + 400 * DAY
    plain = Schedule("Europe/Paris")
    assert look_up(plain, Calendar(), START_MS) is plain
    with pytest.raises(HolidaysUnknown):
        look_up(Schedule("Europe/Paris", holidays="XX"), Calendar(), START_MS)


def test_what_is_due_is_renewed_and_not_changed() -> None:
    """Those of less than 370 days, and those that were never looked up; in steps, and each calendar is read once."""
    store = store_with(*[rule(TODAY + 369 * DAY)] * 7, rule(None), rule(TODAY + 371 * DAY))
    calendar = Calendar()
    assert renew(store, calendar) == Renewal(renewed=8)
    assert calendar.asked == ["FR"]
    for n in range(8):
        assert schedule(store, n).holidays_until == TODAY + 400 * DAY
        assert schedule(store, n).holiday_dates[0] == date(2026, 12, 1)
        assert (record(store, n).rule.revision, record(store, n).updated_at_ms) == (7, 1)
    assert schedule(store, 8).holidays_until == TODAY + 371 * DAY
    assert asyncio.run(store.read(lambda reader: reader.counts())) == {RENEWED: 8}
    assert asyncio.run(store.read(lambda reader: reader.history(number(0)))) == []
    assert renew(store, calendar) == Renewal()
    assert renew(store, calendar, START_MS + 31 * DAY_MS) == Renewal(renewed=9)


def test_rules_whose_holidays_nobody_knows_keep_the_dates_they_have_and_stop_no_others() -> None:
    lost, fine = rule(TODAY, "SU"), rule(TODAY)
    store = store_with(*[lost] * 4, fine)
    assert renew(store, Calendar()) == Renewal(1, 4, "no holidays are known under SU")
    assert schedule(store, 0) == lost.schedule
    assert schedule(store, 4).holidays_until == TODAY + 400 * DAY


def test_a_calendar_that_ends_gives_what_it_has_and_is_reported_after() -> None:
    store = store_with(rule(TODAY))
    calendar = Calendar(ends=date(2026, 12, 31))
    why = "no holidays of FR are known after 2026-12-31: install a newer package holidays"
    assert renew(store, calendar) == Renewal(1, 1, why)
    assert schedule(store, 0).holidays_until == date(2026, 12, 31)
    assert renew(store, calendar) == Renewal(0, 1, why)
    assert renew(store, Calendar()) == Renewal(renewed=1)


def test_a_rule_that_cannot_be_read_stops_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_with(rule(TODAY), rule(TODAY))
    found = {number(n): record(store, n) for n in range(2)}

    def damaged(_: object, of: E164) -> NumberRecord:
        if of == number(0):
            raise NotUnderstood("the row does not hold a rule")
        return found[of]

    writer = type(asyncio.run(store.write(lambda each: each)))
    monkeypatch.setattr(writer, "number_for_change", damaged)
    assert renew(store, Calendar()) == Renewal(1, 1, "the row does not hold a rule")


def test_a_rule_that_was_changed_meanwhile_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another node has renewed it, or it has other holidays now, or none."""
    store = store_with(rule(TODAY), rule(TODAY), rule(TODAY))
    renewed, other = rule(TODAY + 399 * DAY), rule(TODAY, "XX")
    others = (renewed, other, replace(renewed, schedule=None))
    found = {number(n): replace(record(store, n), rule=each) for n, each in enumerate(others)}
    writer = type(asyncio.run(store.write(lambda each: each)))
    monkeypatch.setattr(writer, "number_for_change", lambda _, of: found[of])
    assert renew(store, Calendar()) == Renewal()


def rounds(
    monkeypatch: pytest.MonkeyPatch,
    store: MemoryStore,
    calendar: Calendar,
    clock: FixedClock,
    *between: Callable[[], None],
) -> list[str]:
    """Keep rules renewed, doing one thing between two looks each; return what was alarmed."""
    alarms: list[str] = []
    left = list(between)

    async def waited(stop: asyncio.Event, seconds: float) -> None:
        if seconds == module.PERIOD_S:
            left.pop(0)() if left else stop.set()

    monkeypatch.setattr(module, "wait_or_stop", waited)
    asyncio.run(keep_renewed(store, calendar, clock, asyncio.Event(), alarms.append))
    return alarms


def test_rules_that_run_out_are_alarmed_until_they_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_with(rule(TODAY + 29 * DAY, "SU"), rule(TODAY + 31 * DAY, "SU"), rule(TODAY))

    alarms = rounds(monkeypatch, store, Calendar(), FixedClock(START_MS))
    what = "with holidays whose dates are known for less than 30 days: no holidays are known under SU"
    assert alarms == [f"1 rule {what}"]
    later = FixedClock(START_MS + 2 * DAY_MS)
    assert rounds(monkeypatch, store, Calendar(), later) == [f"2 rules {what}"]
    for n in range(2):
        asyncio.run(store.write(methodcaller("put_rule", number(n), Rule(revision=8), 1)))
    assert rounds(monkeypatch, store, Calendar(), later) == [""]


def test_a_store_that_is_away_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_with(rule(TODAY))
    store.fail_with = StoreUnavailable("away")

    def come_back() -> None:
        store.fail_with = None

    assert rounds(monkeypatch, store, Calendar(), FixedClock(START_MS), come_back) == [""]
    assert schedule(store, 0).holidays_until == TODAY + 400 * DAY


def test_nothing_is_renewed_for_a_day_after_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock, calendar = store_with(rule(TODAY + 380 * DAY)), FixedClock(START_MS), Calendar()

    def set_clock() -> None:
        clock.set_by += 300 * DAY_MS
        clock.now += 300 * DAY_MS

    def pass_time() -> None:
        clock.now += DAY_MS // 2

    assert rounds(monkeypatch, store, calendar, clock, set_clock, pass_time) == [""]
    assert schedule(store, 0).holidays_until == TODAY + 380 * DAY
    assert rounds(monkeypatch, store, calendar, clock, pass_time, pass_time) == ["", "", ""]
    assert schedule(store, 0).holidays_until == TODAY + 701 * DAY
