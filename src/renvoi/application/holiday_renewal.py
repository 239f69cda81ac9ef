"""The dates of holidays in rules: looked up when a rule is changed, and again before they run out.

A renewal asks for nothing, so it is not a change: the rule keeps its revision, its time and its place in the trail.
Several nodes may renew; each rule is looked at again under its lock.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from operator import methodcaller

import structlog

from renvoi.application.outbox.pauses import ClockWatch
from renvoi.application.ports.errors import NotUnderstood, StoreUnavailable
from renvoi.application.ports.holidays import Holidays, HolidaysUnknown, KnownHolidays
from renvoi.application.ports.numbers import RenewalPlace
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.schedule import (
    ALARM_BEFORE,
    Schedule,
    due_with_less_than,
    holiday_span,
    renew_at_ms,
    with_dates,
)
from renvoi.domain.text import counted
from renvoi.wakeups import wait_or_stop

PERIOD_S = 3600.0
"""How often rules are looked for that are due."""
AT_ONCE = 50
"""Rules that one transaction renews: some milliseconds."""
PAUSE_S = 0.05
"""Between two of them: who waits for the store comes first."""
CALM_MS = 24 * 60 * 60 * 1000
"""How long nothing is renewed after the clock was set: by a wrong date the dates of this year would go."""
RENEWED = "holidays_renewed"
"""The counter of rules that were renewed."""
_Wanted = tuple[str, date, date]
_Known = Mapping[_Wanted, KnownHolidays | HolidaysUnknown]

log = structlog.get_logger(__name__)


def look_up(schedule: Schedule, holidays: Holidays, now_ms: int) -> Schedule:
    """Return a schedule that knows the dates of its holidays from now on; one without holidays as it is.

    It may take a tenth of a second: not for an event loop, nor within a transaction.

    Raises:
        HolidaysUnknown: nothing is known of holidays under its code.
    """
    if schedule.holidays is None:
        return schedule
    known = holidays.between(schedule.holidays, *holiday_span(schedule, now_ms))
    return with_dates(schedule, known.dates, known.until)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a look at rules that were due came to: how many were renewed, how many could not be, and a reason."""

    renewed: int = 0
    failed: int = 0
    why: str = ""

    def __add__(self, other: "Renewal") -> "Renewal":
        return Renewal(self.renewed + other.renewed, self.failed + other.failed, self.why or other.why)


async def keep_renewed(
    store: Store, holidays: Holidays, clock: Clock, stop: asyncio.Event, alarm: Callable[[str], None]
) -> None:
    """Renew rules before their dates run out, until `stop` is set.

    `alarm` is told what needs attention, or an empty text: rules that are about to run out, or have.
    """
    watch = ClockWatch(clock)
    while not stop.is_set():
        if watch.look():
            log.error("the clock was set, no holidays are looked up for a day", now_ms=clock.now_ms())
        try:
            if not watch.was_set_within(CALM_MS):
                alarm(await _look(store, holidays, clock, stop))
        except StoreUnavailable as error:
            log.warning("rules with holidays cannot be renewed now", error=str(error))
        await wait_or_stop(stop, PERIOD_S)


async def _look(store: Store, holidays: Holidays, clock: Clock, stop: asyncio.Event) -> str:
    """Renew once what is due; return what needs attention."""
    renewal = await renew_due(store, holidays, clock, stop)
    if renewal.renewed:
        log.info("the holidays of rules were renewed", rules=renewal.renewed)
    if renewal.failed:
        log.warning("the holidays of rules cannot be renewed", rules=renewal.failed, error=renewal.why)
    short = await store.read(methodcaller("count_to_renew", due_with_less_than(ALARM_BEFORE, clock.now_ms())))
    return running_out(short, renewal.why) if short else ""


def running_out(count: int, why: str = "") -> str:
    """Say that so many rules (1 or more) know holidays for less than `ALARM_BEFORE`."""
    text = f"{counted(count, 'rule')} with holidays whose dates are known for less than {ALARM_BEFORE.days} days"
    return f"{text}: {why}" if why else text


async def renew_due(store: Store, holidays: Holidays, clock: Clock, stop: asyncio.Event) -> Renewal:
    """Renew all rules that are due; ends in between when `stop` is set.

    Raises:
        StoreUnavailable: some are still due.
    """
    renewal = Renewal()
    place: RenewalPlace | None = None
    known: dict[_Wanted, KnownHolidays | HolidaysUnknown] = {}
    while not stop.is_set():
        now_ms = clock.now_ms()
        due: Sequence[RenewalPlace] = await store.read(methodcaller("rules_to_renew", now_ms, place, AT_ONCE))
        if not due:
            break
        numbers = [number for _, number in due]
        for wanted in await store.read(partial(_wanted_of, numbers=numbers, now_ms=now_ms)):
            if wanted not in known:
                known[wanted] = await asyncio.to_thread(_between, holidays, wanted)
        renewal += await store.write(partial(_renew, numbers=numbers, known=known, now_ms=now_ms))
        place = due[-1]
        await wait_or_stop(stop, PAUSE_S)
    return renewal


def _between(holidays: Holidays, wanted: _Wanted) -> KnownHolidays | HolidaysUnknown:
    try:
        return holidays.between(*wanted)
    except HolidaysUnknown as error:
        return error


def _wanted_of(reader: Reader, numbers: Sequence[E164], now_ms: int) -> set[_Wanted]:
    found = set()
    for number in numbers:
        try:
            record = reader.number(number)
        except NotUnderstood:
            continue  # `_renew` meets it too, and reports it
        schedule = record.rule.schedule if record is not None else None
        if schedule is not None and schedule.holidays is not None:
            found.add((schedule.holidays, *holiday_span(schedule, now_ms)))
    return found


def _renew(writer: Writer, numbers: Sequence[E164], known: _Known, now_ms: int) -> Renewal:
    # In the order of the numbers, or two nodes could wait for each other.
    renewal = sum((_renew_one(writer, number, known, now_ms) for number in sorted(numbers, key=_digits)), Renewal())
    if renewal.renewed:
        writer.count(RENEWED, renewal.renewed)
    return renewal


def _renew_one(writer: Writer, number: E164, known: _Known, now_ms: int) -> Renewal:
    try:
        record = writer.number_for_change(number)
    except NotUnderstood as error:
        return Renewal(failed=1, why=str(error))
    if record is None:
        return Renewal()
    schedule = record.rule.schedule
    if schedule is None or schedule.holidays is None:
        # An older program has changed it and knows of no dates; or somebody did since it was found, and nothing is due.
        writer.renew_rule(number, record.rule)
        return Renewal()
    due_ms = renew_at_ms(schedule)
    if due_ms is None or due_ms > now_ms:
        return Renewal()  # another node has renewed it
    found = known.get((schedule.holidays, *holiday_span(schedule, now_ms)))
    if found is None:
        return Renewal()  # changed since then: it is due, and will be found again
    if isinstance(found, HolidaysUnknown):
        return Renewal(failed=1, why=str(found))
    renewed = with_dates(schedule, found.dates, found.until)
    if renewed == schedule:
        why = f"no holidays of {schedule.holidays} are known after {found.until}: install a newer package holidays"
        return Renewal(failed=1, why=why)
    writer.renew_rule(number, replace(record.rule, schedule=renewed))
    return Renewal(renewed=1)


def _digits(number: E164) -> int:
    return number.digits
