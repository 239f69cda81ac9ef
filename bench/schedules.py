"""What a schedule costs a call at the edge: `python -m bench.schedules`.

In one process, without Kamailio: the decision about a call, from the number's row as the store gives it, without a
schedule (the baseline), with an office's, and with the largest that there can be. A process remembers the schedules
that it read last, so more than that, in turn, are measured too. Then the parts: whether it is open, beside the local
time of the instant, which no schedule can do without; and when it changes, which no call asks. All is CPU time.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import cycle

from bench.report import percentile, table
from renvoi.documents.number_row import COLUMNS, number_record, rule_values
from renvoi.documents.schedule_document import REMEMBERED
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Call, route_call
from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import (
    MAX_EXCEPTIONS,
    MAX_HOLIDAYS,
    MAX_PERIODS,
    Day,
    ExceptionalPeriod,
    Hours,
    Period,
    Schedule,
    is_open,
    zone_named,
)

NUMBER, TARGET = E164("+33199001234"), E164("+33644630000")
ZONE = "Europe/Paris"
BEGIN_MS = 1_795_824_000_000
YEAR_MS = 365 * 86_400_000
CALLS = 50_000
CHANGES = 500
ROUNDS = 5
FIRST = date(2026, 11, 28)


def office() -> Schedule:
    """Return an office's schedule: its hours, a year's holidays, and a few days off."""
    holidays = tuple(FIRST + timedelta(days=36 * n) for n in range(12))
    days_off = tuple(
        ExceptionalPeriod(FIRST + timedelta(days=first), FIRST + timedelta(days=first + 2)) for first in (26, 150, 250)
    )
    return Schedule(ZONE, (Period(tuple(Day)[:5], 540, 1080),), "FR", holidays, FIRST + timedelta(400), days_off)


def largest() -> Schedule:
    """Return the schedule with as much in it as there can be, where each call looks at all periods."""
    periods = tuple(Period(tuple(Day), 1380 + n, n + 1) for n in range(MAX_PERIODS))
    holidays = tuple(FIRST + timedelta(days=n + 1000) for n in range(MAX_HOLIDAYS))
    days = tuple(FIRST + timedelta(days=7 * n) for n in range(MAX_EXCEPTIONS))
    exceptions = tuple(ExceptionalPeriod(day, day, (Hours(1320, 120),) * 10) for day in days)
    return Schedule(ZONE, periods, "FR", holidays, FIRST + timedelta(1600), exceptions)


def micros(work: Callable[[int], object], count: int, seed: int) -> float:
    """Return the mean CPU time, in microseconds, of `work` at `count` instants of a year."""
    chosen = random.Random(seed)
    instants = [BEGIN_MS + chosen.randrange(YEAR_MS) for _ in range(count)]
    begin = time.process_time_ns()
    for at_ms in instants:
        work(at_ms)
    return (time.process_time_ns() - begin) / 1000 / count


def deciding(*schedules: Schedule | None) -> Callable[[int], object]:
    """Return what decides about a call at an instant, from a row with one of the schedules in turn."""
    rows = cycle([row_with(schedule) for schedule in schedules])
    call, owners = Call(NUMBER, caller="+33199009876"), {1: Owner("FR")}

    def decide(at_ms: int) -> object:
        records: dict[E164, NumberRecord | None] = {NUMBER: number_record(NUMBER, next(rows)), TARGET: None}
        return route_call(call, records, owners, at_ms)

    return decide


def row_with(schedule: Schedule | None) -> list[object]:
    """Return the row of a number as the store gives it."""
    rule = replace(Rule.forward(TARGET), emails=(EmailAddress("owner@example.com"),), revision=1, schedule=schedule)
    values = {"account_id": 1, "label": "", "active": 1, "forwarding_enabled": 1, **rule_values(rule)}
    return [values.get(name) for name in COLUMNS]


def others(schedule: Schedule) -> list[Schedule]:
    """Return more schedules of the size of this one than a process remembers."""
    until = schedule.holidays_until
    assert until is not None
    return [replace(schedule, holidays_until=until + timedelta(n)) for n in range(2 * REMEMBERED)]


def main() -> None:
    """Measure all in turn, several rounds, and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    zone = zone_named(ZONE)
    small, large = office(), largest()
    works: dict[str, tuple[Callable[[int], object], int]] = {
        "baseline: a decision without a schedule": (deciding(None), CALLS),
        "a decision with an office's": (deciding(small), CALLS),
        "the same, each of another office": (deciding(*others(small)), CALLS),
        "a decision with the largest": (deciding(large), CHANGES),
        "the same, each another one": (deciding(*others(large)), CHANGES // 10),
        "the local time": (lambda at_ms: datetime.fromtimestamp(at_ms // 1000, zone), CALLS),
        "is it open: an office": (lambda at_ms: is_open(small, at_ms), CALLS),
        "is it open: the largest": (lambda at_ms: is_open(large, at_ms), CALLS),
        "when does it change: an office": (lambda at_ms: next_change(small, at_ms), CHANGES),
        "when does it change: the largest": (lambda at_ms: next_change(large, at_ms), CHANGES),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for round_number in range(ROUNDS):
        for name, (work, count) in works.items():
            times[name].append(micros(work, count, round_number))
    rows = [[name, f"{min(found):.2f}", f"{percentile(sorted(found), 0.5):.2f}"] for name, found in times.items()]
    table(["what", "µs a call, the best round", "median of the rounds"], rows)


if __name__ == "__main__":
    main()
