"""Many changes of rules at once: all or nothing, or each for itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from renvoi.application.policies import listed_policy
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import StoreUnavailable, UnreadablePolicy
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, LongWork, Reader, Store, Writer
from renvoi.application.rules import (
    Changed,
    HolidayDates,
    NeedDates,
    RuleChange,
    change_one,
    check_rule,
    note_targets,
    own,
    owner_for,
    put,
    wanted_rule,
)
from renvoi.application.unreadable_rows import listed, row_problem
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.rule_change import targets_to_check
from renvoi.domain.rules.schedule import Schedule
from renvoi.domain.text import counted

T = TypeVar("T")

MAX_CHANGES = 10_000
AT_ONCE = 100
"""Changes that share a transaction where each is for itself: others get their turn after some milliseconds."""
_READ_AT_ONCE = 200
_DATES = 5
"""How often changes may turn out to need yet other holidays, beyond once each."""


@dataclass(frozen=True, slots=True)
class BatchChange:
    """One change, and the numbers that it names to forward to, as far as is known before it is made."""

    change: RuleChange
    targets: frozenset[E164] = frozenset()
    schedule: Schedule | None = None
    """Of the rule that it wants, where that is known before."""


Result = Changed | Problem
"""What a change came to."""


class BatchRefused(Exception):
    """Some changes of a batch cannot be made, so none was: the problem of each by its place.

    `others` are those with which nothing is wrong, as they would be.
    """

    def __init__(self, problems: dict[int, Problem], others: dict[int, Changed]) -> None:
        super().__init__(f"{counted(len(problems), 'change')} cannot be made")
        self.problems = problems
        self.others = others


async def change_all(
    store: Store, dates: HolidayDates, who: Principal, changes: Sequence[BatchChange], *, dry_run: bool = False
) -> Sequence[Changed]:
    """Make all changes in one transaction, or none; each number may be in one of them.

    They are judged as they are going to be together: two numbers can change places.

    Raises:
        BatchRefused: some cannot be made.
        Problem: who asks acts for no account.
        StoreUnavailable: nothing was changed.
    """
    await _prepare(dates, who, changes)
    named = names_of(changes)

    def work(writer: ChangeWriter) -> Sequence[Changed]:
        return _all_or_nothing(writer, who, changes, dates)

    if dry_run:
        trial = await _trial(store, who, named)
        return await dates.needed(lambda: asyncio.to_thread(work, trial.copy()), len(changes) + _DATES)
    return await dates.needed(
        lambda: store.write(LongWork(lambda writer: writer.change_rules(named, work))), len(changes) + _DATES
    )


async def change_each(
    store: Store,
    dates: HolidayDates,
    who: Principal,
    changes: Sequence[BatchChange],
    around: Callable[[int, Writer, Callable[[], Sequence[Result]]], T],
) -> AsyncIterator[T]:
    """Make each change for itself, `AT_ONCE` in a transaction, and yield what `around` gives for each of these.

    `around` gets the place of the first of them, the transaction, and what makes them; it may run that or not, and do
    more in the same transaction.

    Raises:
        Problem: who asks acts for no account; or the store went away, and what is made by then stays made.
    """
    await _prepare(dates, who, changes)
    for first in range(0, len(changes), AT_ONCE):
        some = changes[first : first + AT_ONCE]

        def work(writer: Writer, first: int = first, some: Sequence[BatchChange] = some) -> T:
            def run() -> Sequence[Result]:
                return writer.change_rules(names_of(some), lambda many: _each(many, who, some, dates))

            return around(first, writer, run)

        try:
            yield await dates.needed(lambda work=work: store.write(LongWork(work)), len(some) + _DATES)  # type: ignore[misc]
        except StoreUnavailable as error:
            if not first:
                raise
            raise Problem(ProblemCode.BATCH_INTERRUPTED, done=first) from error


async def try_each(
    store: Store, dates: HolidayDates, who: Principal, changes: Sequence[BatchChange]
) -> Sequence[Result]:
    """Return what `change_each` would come to, and change nothing.

    Raises:
        Problem: who asks acts for no account.
        StoreUnavailable: the store does not answer.
    """
    await _prepare(dates, who, changes)
    trial = await _trial(store, who, names_of(changes))
    return await dates.needed(
        lambda: asyncio.to_thread(_each, trial.copy(), who, changes, dates), len(changes) + _DATES
    )


def names_of(changes: Sequence[BatchChange]) -> frozenset[E164]:
    """Return the numbers that changes are of, and name."""
    return frozenset().union(*(each.targets for each in changes), (each.change.number for each in changes))


async def _prepare(dates: HolidayDates, who: Principal, changes: Sequence[BatchChange]) -> None:
    if who.account_id == EVERY_ACCOUNT:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    wanted = {
        (each.schedule.holidays, each.schedule.time_zone): each.schedule
        for each in changes
        if each.schedule is not None and each.schedule.holidays is not None
    }
    await dates.find(*wanted.values())


def _each(
    writer: ChangeWriter, who: Principal, changes: Sequence[BatchChange], dates: HolidayDates
) -> Sequence[Result]:
    results: list[Result] = []
    for each in changes:
        try:
            results.append(change_one(writer, who, each.change, dates))
        except Problem as problem:
            results.append(problem)
    return results


def _all_or_nothing(
    writer: ChangeWriter, who: Principal, changes: Sequence[BatchChange], dates: HolidayDates
) -> Sequence[Changed]:
    problems: dict[int, Problem] = {}
    wanted: dict[int, tuple[NumberRecord, Rule]] = {}
    schedules: list[Schedule] = []
    for place, each in enumerate(changes):
        try:
            record = own(listed(writer.number_for_change, each.change.number), who)
            wanted[place] = record, wanted_rule(record, each.change, dates)
        except Problem as problem:
            problems[place] = problem
        except NeedDates as need:
            schedules += need.schedules
    if schedules:
        raise NeedDates(*schedules)
    after = {record.number: replace(record, rule=rule) for record, rule in wanted.values()}

    def find(number: E164) -> NumberRecord | None:
        return after.get(number) or listed(writer.number, number)

    new = {place: each for place, each in wanted.items() if each[1] is not each[0].rule}
    owner = owner_for(writer.policy, who, *((record.rule, rule) for record, rule in new.values()))
    for place, (record, rule) in new.items():
        try:
            check_rule(record, rule, find, owner)
        except Problem as problem:
            problems[place] = problem
    if problems:
        others = {
            place: Changed(replace(record, rule=rule), record.rule)
            for place, (record, rule) in wanted.items()
            if place not in problems
        }
        raise BatchRefused(problems, others)
    targets = (target for record, rule in new.values() for _, target in targets_to_check(record.rule, rule))
    note_targets(writer, who, owner, targets, dates.now_ms)
    made = {place: put(writer, who, record, rule, dates.now_ms) for place, (record, rule) in new.items()}
    return [made.get(place) or Changed(record, record.rule) for place, (record, _) in wanted.items()]


class _Trial:
    """A `ChangeWriter` on what was read before: nothing of what it is told gets into the store."""

    def __init__(self, records: dict[E164, NumberRecord], policy: AccountPolicy | UnreadablePolicy) -> None:
        self._records = records
        self._policy = policy

    def copy(self) -> "_Trial":
        return _Trial(dict(self._records), self._policy)

    def number(self, number: E164) -> NumberRecord | None:
        return self._records.get(number)

    def number_for_change(self, number: E164) -> NumberRecord | None:
        return self._records.get(number)

    def policy(self, account_id: int) -> AccountPolicy:  # noqa: ARG002 - there is one account in a trial
        if isinstance(self._policy, UnreadablePolicy):
            raise row_problem(self._policy)
        return self._policy

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return self.policy(account_id)

    def put_rule(
        self,
        number: E164,
        rule: Rule,
        at_ms: int,
        event: Event | None = None,  # noqa: ARG002 - nothing is told
        before: Rule | None = None,  # noqa: ARG002 - nothing is written
    ) -> None:
        self._records[number] = replace(self._records[number], rule=rule, updated_at_ms=at_ms)

    def put_policy(self, change: PolicyChange) -> None:
        self._policy = change.after

    def add_audit(self, entry: AuditEntry) -> None:
        """Forget it."""


async def _trial(store: Store, who: Principal, numbers: Collection[E164]) -> _Trial:
    """Read numbers and all that their rules lead to, a few at a time, so that other reads are not held up."""
    records: dict[E164, NumberRecord] = {}
    seen: set[E164] = set()
    wanted = set(numbers)
    while wanted:
        seen |= wanted
        found: list[NumberRecord] = []
        for some in _portions(wanted):
            found += await store.read(lambda reader, some=some: _records(reader, some))  # type: ignore[misc]
        records |= {record.number: record for record in found}
        wanted = {target for record in found for target in record.rule.targets()} - seen
    return _Trial(records, await store.read(lambda reader: listed_policy(reader.policy, who.account_id)))


def _portions(numbers: Collection[E164]) -> Iterator[Sequence[E164]]:
    each = iter(numbers)
    while some := list(islice(each, _READ_AT_ONCE)):
        yield some


def _records(reader: Reader, numbers: Sequence[E164]) -> Sequence[NumberRecord]:
    found = (reader.listed_number(number) for number in numbers)
    return [record for record in found if record is not None]
