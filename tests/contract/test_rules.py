"""Whole rules, one and many at a time: what every adapter of the `Store` port makes of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import methodcaller

import pytest

from renvoi.adapters.holidays import PackagedHolidays
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, Reader, Store, Writer
from renvoi.application.rule_batches import BatchChange, BatchRefused, Result, change_all, change_each, try_each
from renvoi.application.rule_history import past_changes, undo
from renvoi.application.rules import Changed, HolidayDates, RuleChange, change_rule
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import Rule
from renvoi.http.v2.forwarding import RULE
from renvoi.http.v2.rule_reading import read_rule, rule_of
from tests.support.http_api import START_MS, FixedClock
from tests.support.stores import A, B, C, Scenario, seed

HOLIDAYS = PackagedHolidays()
WHOLE = rule_of(read_rule(RULE))
MANY = [E164.from_digits(33_261_910_200 + n) for n in range(150)]


def principal(account_id: int, key_id: str | None = None) -> Principal:
    return Principal(account_id, "FR", key_id, "192.0.2.7")


def to(number: E164, rule: Rule) -> RuleChange:
    return RuleChange(number, lambda _: rule)


def all_of(numbers: Sequence[E164], rule: Rule) -> list[BatchChange]:
    targets = frozenset(target for _, target in rule.named_targets())
    return [BatchChange(to(number, rule), targets, rule.schedule) for number in numbers]


def dates() -> HolidayDates:
    return HolidayDates(HOLIDAYS, START_MS)


async def seeded(store: Store) -> int:
    """Make the account with A and B, which may forward to Belgium too; return its id."""
    account_id = await seed(store)
    policy = AccountPolicy(DestinationPolicy(frozenset({"FR", "BE"})))

    def work(writer: Writer) -> None:
        writer.set_number_state(B, forwarding_enabled=True)
        writer.put_policy(PolicyChange(1, account_id, None, "command line", NO_POLICY, policy))

    await store.write(work)
    return account_id


async def with_many(store: Store) -> int:
    account_id = await seeded(store)
    await store.write(lambda writer: writer.add_numbers(account_id, map(NumberRow, MANY), 1))
    return account_id


async def trail(store: Store) -> Sequence[AuditEntry]:
    return await store.read(lambda reader: reader.changes(100_000))


async def put(store: Store, account_id: int, number: E164, rule: Rule) -> Changed:
    return await change_rule(store, FixedClock(), HOLIDAYS, principal(account_id), to(number, rule))


def test_a_whole_rule_comes_back_with_its_trail_its_event_and_the_countries_it_begins_to_use(
    run: Callable[[Scenario], None],
) -> None:
    abroad = replace(WHOLE.fallbacks.busy, to=E164("+32470123456"))
    rule = replace(WHOLE, fallbacks=replace(WHOLE.fallbacks, busy=abroad))

    async def scenario(store: Store) -> None:
        account_id = await seeded(store)
        made = await put(store, account_id, A, rule)
        record = await store.read(methodcaller("number", A))
        assert record == made.record
        assert record.rule.schedule is not None
        assert record.rule.schedule.holiday_dates
        assert replace(record.rule, schedule=rule.schedule) == replace(rule, revision=1)
        (entry,) = await trail(store)
        assert (entry.after, entry.before, entry.is_whole) == (record.rule, Rule(), True)
        assert {option.name for option in entry.options} >= {"busy", "schedule", "callers", "ring_timeout_s"}
        policy = await store.read(methodcaller("policy", account_id))
        assert [country for country, _ in policy.used.since_ms] == ["BE"]
        # The same again is not a change, whatever is known of holidays by now.
        again = await put(store, account_id, A, rule)
        assert not again.is_changed
        assert len(await trail(store)) == 1

    run(scenario)


def test_of_many_equal_changes_at_once_one_is_made(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seeded(store)
        made = await asyncio.gather(*(put(store, account_id, A, WHOLE) for _ in range(20)))
        assert sum(each.is_changed for each in made) == 1
        assert {each.record.rule.revision for each in made} == {1}

    run(scenario)


def test_of_many_changes_that_expect_the_same_revision_one_is_made(run: Callable[[Scenario], None]) -> None:
    def expect_none(record: object) -> None:
        if getattr(record, "rule").revision != 0:  # noqa: B009 - of whatever type it is
            raise Problem(ProblemCode.PRECONDITION_FAILED)

    async def scenario(store: Store) -> None:
        account_id = await seeded(store)
        changes = [
            RuleChange(A, lambda _, n=n: Rule.forward(E164.from_digits(33_644_630_000 + n)), expect_none)  # type: ignore[misc]
            for n in range(20)
        ]
        who = principal(account_id)
        made = await asyncio.gather(
            *(change_rule(store, FixedClock(), HOLIDAYS, who, change) for change in changes), return_exceptions=True
        )
        assert sum(isinstance(each, Changed) for each in made) == 1
        assert [each.after.revision for each in await trail(store)] == [1]

    run(scenario)


def test_undo_finds_the_rule_in_the_trail(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seeded(store)
        who = principal(account_id)
        await put(store, account_id, A, WHOLE)
        await set_rule(store, FixedClock(), who, RuleRequest(A.value, "0", ""))
        back = await undo(store, FixedClock(), HOLIDAYS, who, A)
        assert (back.record.rule.revision, back.record.rule.type) == (3, WHOLE.type)
        found = await store.read(lambda reader: past_changes(reader, who, A, 3, 1))
        assert [each.before and each.before.revision for each in found] == [1]
        assert [each.after and each.after.revision for each in found] == [2]

    run(scenario)


def test_a_batch_is_made_with_all_that_goes_with_each_change(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        made = await change_all(store, dates(), principal(account_id), all_of(MANY, WHOLE))
        assert [each.record.number for each in made] == MANY
        for each in made:
            assert await store.read(methodcaller("number", each.record.number)) == each.record
        entries = await trail(store)
        assert Counter(entry.number for entry in entries) == Counter(MANY)
        assert all(entry.after.revision == 1 for entry in entries)

        def events(reader: Reader) -> list[tuple[object, int]]:
            return [(event.number, event.seq) for event in reader.events(account_id, 0, 1000)]

        assert sorted(map(str, await store.read(events))) == sorted(str((number, 1)) for number in MANY)
        again = await change_all(store, dates(), principal(account_id), all_of(MANY, WHOLE))
        assert not any(each.is_changed for each in again)

    run(scenario)


def test_nothing_is_left_of_a_batch_that_cannot_be_made(run: Callable[[Scenario], None]) -> None:
    loop = Rule.forward(MANY[-1])

    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        changes = [*all_of(MANY[:-1], WHOLE), *all_of(MANY[-1:], loop)]
        for dry_run in (True, False):
            with pytest.raises(BatchRefused) as refused:
                await change_all(store, dates(), principal(account_id), changes, dry_run=dry_run)
            assert list(refused.value.problems) == [len(MANY) - 1]
            assert len(refused.value.others) == len(MANY) - 1
        assert await trail(store) == []
        assert await store.read(lambda reader: reader.events(account_id, 0, 10)) == []
        assert (await store.read(methodcaller("number", MANY[0]))).rule == Rule()

    run(scenario)


def test_batches_are_judged_as_they_are_going_to_be(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seeded(store)
        who = principal(account_id)
        first = [*all_of([A], Rule.forward(B)), *all_of([B], Rule.forward(C))]
        await change_all(store, dates(), who, first)
        swapped = [*all_of([B], Rule.forward(A)), *all_of([A], Rule.forward(C))]
        await change_all(store, dates(), who, swapped)
        with pytest.raises(BatchRefused):
            await change_all(store, dates(), who, [*all_of([A], Rule.forward(B)), *all_of([C], Rule.disabled())])
        assert (await store.read(methodcaller("number", A))).rule.target == C

    run(scenario)


def test_batches_are_whole_among_other_changes_of_the_same_numbers(run: Callable[[Scenario], None]) -> None:
    """Several batches and single changes at once: each batch is in the trail as a whole, and no revision is missing."""

    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        numbers = MANY[:40]

        async def batch(n: int) -> None:
            order = numbers if n % 2 else numbers[::-1]
            rule = Rule.forward(E164.from_digits(33_644_630_000 + n))
            await change_all(store, dates(), principal(account_id, f"b{n}"), all_of(order, rule))

        async def single(n: int) -> None:
            target = f"+336116{n:05}"
            request = RuleRequest(numbers[n % len(numbers)].value, "1", target)
            result = await set_rule(store, FixedClock(), principal(account_id, "one"), request)
            assert result.outcome is Outcome.FORWARD_ENABLED

        await asyncio.gather(*(batch(n) for n in range(6)), *(single(n) for n in range(40)))
        entries = await trail(store)
        made = Counter(entry.key_id for entry in entries)
        assert made == {"one": 40} | {f"b{n}": 40 for n in range(6)}
        for number in numbers:
            revisions = [entry.after.revision for entry in entries if entry.number == number]
            assert sorted(revisions) == list(range(1, len(revisions) + 1))
        # One order of the batches for all numbers: nobody saw half of one.
        orders = {
            tuple(
                entry.key_id
                for entry in sorted(entries, key=lambda each: each.after.revision)
                if entry.number == number and entry.key_id != "one"
            )
            for number in numbers
        }
        assert len(orders) == 1

    run(scenario)


def test_each_for_itself(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        unknown = E164("+33199009999")
        changes = all_of([*MANY[:120], unknown, *MANY[120:]], WHOLE)
        who = principal(account_id)
        tried = await try_each(store, dates(), who, changes)
        assert await trail(store) == []
        found: list[Result] = []

        def around(_: int, __: Writer, make: Callable[[], Sequence[Result]]) -> Sequence[Result]:
            return make()

        async for some in change_each(store, dates(), who, changes, around):
            found += some
        assert [isinstance(each, Problem) for each in found] == [isinstance(each, Problem) for each in tried]
        assert [place for place, each in enumerate(found) if isinstance(each, Problem)] == [120]
        assert len(await trail(store)) == len(MANY)

    run(scenario)


def test_many_changes_that_begin_to_use_a_country_note_it_once(run: Callable[[Scenario], None]) -> None:
    rule = Rule.forward(E164("+32470123456"))

    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        await change_all(store, dates(), principal(account_id), all_of(MANY, rule))
        assert len(await store.read(lambda reader: reader.policy_changes(10, account_id))) == 2, "and that of the seed"

    run(scenario)


def test_long_chains_are_followed_in_a_batch(run: Callable[[Scenario], None]) -> None:
    """Each number forwards to the next one; the last one of them must not forward to the first."""

    async def scenario(store: Store) -> None:
        account_id = await with_many(store)
        chain = [to(number, Rule.forward(following)) for number, following in pairwise(MANY)]
        await change_all(store, dates(), principal(account_id), [BatchChange(each) for each in chain])
        with pytest.raises(BatchRefused):
            # What it names is not told before.
            await change_all(store, dates(), principal(account_id), [BatchChange(to(MANY[-1], Rule.forward(MANY[0])))])

        def look(writer: ChangeWriter) -> int:
            record, hops = writer.number(MANY[0]), 0
            while record is not None and record.rule.target is not None:
                record, hops = writer.number(record.rule.target), hops + 1
            return hops

        assert await store.write(lambda writer: writer.change_rules([], look)) == len(MANY) - 1

    run(scenario)
