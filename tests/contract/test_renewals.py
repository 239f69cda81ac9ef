"""Rules whose dates of holidays run out are found in their order, and renewed without being changed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from operator import methodcaller

from renvoi.application.holiday_renewal import RENEWED, renew_due
from renvoi.application.ports.holidays import KnownHolidays
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.rules import RuleChange, change_rule
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, RuleType
from renvoi.domain.rules.schedule import RENEWED_BEFORE, Schedule
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, C, Scenario, seed

UNTIL = date(2027, 12, 31)


def ms_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def rule(until: date | None, revision: int = 1, holidays: str | None = "FR") -> Rule:
    """Return a rule that knows holidays until a day."""
    dates = (date(2026, 12, 25),) if until is not None else ()
    schedule = Schedule("Europe/Paris", holidays=holidays, holiday_dates=dates, holidays_until=until)
    return replace(Rule.forward(C), revision=revision, schedule=schedule)


def due(until: date) -> int:
    return ms_of(until - RENEWED_BEFORE)


def test_rules_are_due_in_the_order_of_their_time_and_number(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        later = UNTIL + timedelta(days=1)
        await store.write(methodcaller("put_rule", A, rule(later), 1))
        await store.write(methodcaller("put_rule", B, rule(UNTIL), 1))
        found = [(due(UNTIL), B), (due(later), A)]
        assert await store.read(methodcaller("rules_to_renew", due(UNTIL) - 1, None, 10)) == []
        assert await store.read(methodcaller("rules_to_renew", due(UNTIL), None, 10)) == found[:1]
        assert await store.read(methodcaller("rules_to_renew", due(later), None, 10)) == found
        assert await store.read(methodcaller("rules_to_renew", due(later), None, 1)) == found[:1]
        assert await store.read(methodcaller("rules_to_renew", due(later), found[0], 10)) == found[1:]
        assert await store.read(methodcaller("rules_to_renew", due(later), found[1], 10)) == []
        assert [await store.read(methodcaller("count_to_renew", due(day))) for day in (UNTIL, later)] == [1, 2]
        await store.write(methodcaller("put_rule", A, rule(UNTIL, 2), 1))
        await store.write(methodcaller("put_rule", B, rule(UNTIL, 2), 1))
        first, second = sorted((A, B), key=lambda number: number.digits)
        same = [(due(UNTIL), first), (due(UNTIL), second)]
        assert await store.read(methodcaller("rules_to_renew", due(UNTIL), None, 10)) == same
        assert await store.read(methodcaller("rules_to_renew", due(UNTIL), same[0], 10)) == same[1:]

    run(scenario)


def test_rules_without_dates_to_come_are_never_due_and_those_without_any_at_once(
    run: Callable[[Scenario], None],
) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, rule(None, holidays=None), 1))
        assert await store.read(methodcaller("count_to_renew", ms_of(date(9000, 1, 1)))) == 0
        await store.write(methodcaller("put_rule", A, rule(None), 1))
        assert await store.read(methodcaller("rules_to_renew", 0, None, 10)) == [(0, A)]
        await store.write(methodcaller("put_rule", A, rule(date(1970, 1, 1)), 1))
        assert await store.read(methodcaller("rules_to_renew", 0, None, 10)) == [(0, A)]
        await store.write(methodcaller("put_rule", A, Rule(revision=2), 1))
        assert await store.read(methodcaller("count_to_renew", ms_of(date(9000, 1, 1)))) == 0

    run(scenario)


def test_a_renewal_is_no_change(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, rule(UNTIL, 7), 1234))
        renewed = rule(UNTIL + timedelta(days=31), 7)
        await store.write(methodcaller("renew_rule", A, renewed))
        record = await store.read(methodcaller("number", A))
        assert (record.rule, record.updated_at_ms) == (renewed, 1234)
        assert await store.read(methodcaller("rules_to_renew", due(UNTIL), None, 10)) == []
        await store.write(methodcaller("renew_rule", A, rule(UNTIL, 6)))
        assert (await store.read(methodcaller("number", A))).rule == renewed
        await store.write(methodcaller("renew_rule", C, renewed))
        assert await store.read(methodcaller("number", C)) is None

    run(scenario)


class Calendar:
    """No day is a holiday, and that is known for ever."""

    def between(self, code: str, first: date, last: date) -> KnownHolidays:  # noqa: ARG002 - as the port has it
        return KnownHolidays((), last)


def test_several_that_renew_at_once_renew_each_rule_once(run: Callable[[Scenario], None]) -> None:
    numbers = [E164.from_digits(33_199_500_000 + n) for n in range(250)]

    async def scenario(store: Store) -> None:
        account = await seed(store)
        rows = [NumberRow(number) for number in numbers]
        await store.write(methodcaller("add_numbers", account, rows, 1))

        def put(writer: Writer) -> None:
            for number in numbers:
                writer.put_rule(number, rule(UNTIL, 7), 1234)

        await store.write(put)
        clock = FixedClock(due(UNTIL) + 1)
        renewals = await asyncio.gather(*(renew_due(store, Calendar(), clock, asyncio.Event()) for _ in range(3)))
        assert sum(each.renewed for each in renewals) == len(numbers)
        assert not any(each.failed for each in renewals)
        assert (await store.read(lambda reader: reader.counts()))[RENEWED] == len(numbers)
        assert await store.read(methodcaller("count_to_renew", clock.now)) == 0
        for number in numbers:
            record = await store.read(methodcaller("number", number))
            assert (record.rule.revision, record.updated_at_ms) == (7, 1234)
            assert record.rule.schedule.holidays_until > UNTIL

    run(scenario)


def test_changes_at_once_say_when_their_dates_run_out(run: Callable[[Scenario], None]) -> None:
    """A store may write many of them in one statement."""
    numbers = [E164.from_digits(33_199_500_000 + n) for n in range(40)]

    async def scenario(store: Store) -> None:
        account = await seed(store)
        await store.write(methodcaller("add_numbers", account, [NumberRow(number) for number in numbers], 1))
        who, clock = Principal(account, "FR", None, "test"), FixedClock(due(UNTIL))
        plain, holidays = Schedule("Europe/Paris"), Schedule("Europe/Paris", holidays="FR")
        changes = [
            RuleChange(number, partial(replace, type=RuleType.FORWARD, target=C, schedule=holidays if n % 2 else plain))
            for n, number in enumerate(numbers)
        ]
        await asyncio.gather(*(change_rule(store, clock, Calendar(), who, change) for change in changes))
        for n, number in enumerate(numbers):
            schedule = (await store.read(methodcaller("number", number))).rule.schedule
            assert (schedule.holidays_until is not None) is bool(n % 2)
        assert await store.read(methodcaller("count_to_renew", 2**53)) == len(numbers) / 2
        assert await store.read(methodcaller("count_to_renew", clock.now)) == 0
        assert await store.read(methodcaller("count_to_renew", clock.now + 31 * 86_400_000)) == len(numbers) / 2

    run(scenario)
