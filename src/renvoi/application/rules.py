"""Change the whole rule of a number: the use case behind `/v2/numbers/{number}/forwarding` and `renvoi forward`.

A change is judged as a whole: all that is wrong with it is told at once. What the usual change does to the store are
the calls of `RuleWriter`, so that a store can make many at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from renvoi.application.accounts import check_open
from renvoi.application.events import forwarding_changed
from renvoi.application.forwarding import note_countries
from renvoi.application.holiday_renewal import look_up
from renvoi.application.policies import readable_policy
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.holidays import Holidays, HolidaysUnknown
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, Clock, Reader, Store
from renvoi.application.unreadable_rows import listed, readable
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, Owner
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.rule_change import Find, changed_options, target_faults, targets_to_check
from renvoi.domain.rules.schedule import Schedule, renew_at_ms

T = TypeVar("T")

_LOOKED_UP = 5
"""How often a change may turn out to need the holidays of yet another schedule: each time somebody else changed it."""
HOLIDAYS_UNKNOWN = FieldError("/schedule/holidays", FieldCode.HOLIDAYS_UNKNOWN)


def anything(_: NumberRecord) -> None:
    """Let a change pass whatever the number's revision is."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What a number's rule is to become: `make` gives it from the present one, of which it keeps what it likes.

    `check` raises the problem of a number that is not as who asks believes. The dates of holidays and the revision of
    what `make` returns are of no account. `holidays` is the code that is asked for, so that it is judged also where
    `make` cannot make a rule.
    """

    number: E164
    make: Callable[[Rule], Rule]
    check: Callable[[NumberRecord], None] = anything
    holidays: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A number behind a change, and the rule that it had; the same rule, revision included, where it was so already."""

    record: NumberRecord
    before: Rule

    @property
    def is_changed(self) -> bool:
        return self.record.rule.revision != self.before.revision


class NeedDates(Exception):
    """Changes need the dates of holidays, which are not looked up within a transaction."""

    def __init__(self, *schedules: Schedule) -> None:
        super().__init__(*(schedule.holidays for schedule in schedules))
        self.schedules = schedules


@dataclass(frozen=True, slots=True)
class HolidayDates:
    """The holidays that were looked up for the changes of one request, at `now_ms`."""

    holidays: Holidays
    now_ms: int
    known: dict[tuple[str | None, str], Schedule | None] = field(default_factory=dict)
    """By code and time zone; None where nothing is known."""

    def given(self, schedule: Schedule) -> Schedule:
        """Return a schedule with the dates of its holidays; without, where nothing is known of them.

        Raises:
            NeedDates: they have not been looked up.
        """
        if schedule.holidays is None:
            return schedule
        key = schedule.holidays, schedule.time_zone
        if key not in self.known:
            raise NeedDates(schedule)
        found = self.known[key]
        if found is None:
            return schedule
        return replace(schedule, holiday_dates=found.holiday_dates, holidays_until=found.holidays_until)

    def besides(self, problem: Problem, code: str | None) -> Problem:
        """Return the problem of a rule that cannot be read, with that of the holidays `code` where these are unknown.

        Raises:
            NeedDates: they have not been looked up.
        """
        is_told = any(error.pointer == HOLIDAYS_UNKNOWN.pointer for error in problem.errors)
        if code is None or problem.code is not ProblemCode.FIELDS_INVALID or is_told:
            return problem
        # Which zone it is makes no difference to what is known of them.
        is_known = self.given(Schedule("UTC", holidays=code)).holidays_until is not None
        return problem if is_known else invalid(*problem.errors, HOLIDAYS_UNKNOWN)

    async def told_with(self, problem: Problem, code: str | None) -> Problem:
        """Return what `besides` does, once the holidays are looked up."""

        async def attempt() -> Problem:
            return self.besides(problem, code)

        return await self.needed(attempt)

    async def find(self, *schedules: Schedule) -> None:
        """Look up the dates of the holidays of schedules."""
        for schedule in schedules:
            key = schedule.holidays, schedule.time_zone
            if key not in self.known:
                self.known[key] = await asyncio.to_thread(self._looked_up, schedule)

    def _looked_up(self, schedule: Schedule) -> Schedule | None:
        try:
            return look_up(schedule, self.holidays, self.now_ms)
        except HolidaysUnknown:
            return None

    async def needed(self, attempt: Callable[[], Awaitable[T]], tries: int = _LOOKED_UP) -> T:
        """Return what `attempt` does once the dates are known that it raises `NeedDates` for.

        Raises:
            Problem: somebody else changes the rule again and again.
        """
        for _ in range(tries):
            try:
                return await attempt()
            except NeedDates as need:
                await self.find(*need.schedules)
        raise Problem(ProblemCode.PRECONDITION_FAILED)


async def change_rule(
    store: Store, clock: Clock, holidays: Holidays, who: Principal, change: RuleChange, *, dry_run: bool = False
) -> Changed:
    """Make `change`, durable and in force when this returns; in a `dry_run` only say what would be stored.

    On the usual way this is one `store.write`.

    Raises:
        Problem: why not, with all wrong targets.
        StoreUnavailable: nothing was changed.
    """
    dates = HolidayDates(holidays, clock.now_ms())
    who = await acting(store, who, change.number)
    if dry_run:
        return await dates.needed(lambda: store.read(lambda reader: _tried(reader, who, change, dates)))
    return await dates.needed(lambda: store.write(lambda writer: change_one(writer, who, change, dates)))


async def acting(store: Store, who: Principal, number: E164) -> Principal:
    """Return an operator that has named no account as who acts for that of a number.

    Raises:
        Problem: there is no such number, or its account is being closed.
    """
    if not who.is_operator or who.account_id != EVERY_ACCOUNT:
        return who

    def work(reader: Reader) -> Principal | None:
        record = reader.listed_number(number)
        if record is None:
            return None
        check_open(reader, record)
        account = reader.account(str(record.account_id))
        return None if account is None else who.acting_for(account.id, account.region)

    found = await store.read(work)
    if found is None:
        raise Problem(ProblemCode.NUMBER_UNKNOWN)
    return found


def _tried(reader: Reader, who: Principal, change: RuleChange, dates: HolidayDates) -> Changed:
    record = own(reader.listed_number(change.number), who)
    after = wanted_rule(record, change, dates)
    if after is not record.rule:
        owner = owner_for(reader.policy, who, (record.rule, after))
        check_rule(record, after, reader.listed_number, owner)
    return Changed(replace(record, rule=after), record.rule)


def change_one(writer: ChangeWriter, who: Principal, change: RuleChange, dates: HolidayDates) -> Changed:
    """Make one change within a transaction; see `change_rule`.

    Raises:
        Problem: why not; nothing was written.
        NeedDates: look them up, and run this again.
    """
    record = own(listed(writer.number_for_change, change.number), who)
    after = wanted_rule(record, change, dates)
    if after is record.rule:
        return Changed(record, record.rule)
    owner = owner_for(writer.policy, who, (record.rule, after))
    check_rule(record, after, lambda target: listed(writer.number, target), owner)
    note_targets(writer, who, owner, (target for _, target in targets_to_check(record.rule, after)), dates.now_ms)
    return put(writer, who, record, after, dates.now_ms)


def own(record: NumberRecord | None, who: Principal) -> NumberRecord:
    """Return the record of a number that is the principal's.

    Raises:
        Problem: there is none, or it is another account's, or the key is limited to others: nobody can tell which; or
            its rule is `unreadable`.
    """
    if record is None or record.account_id != who.account_id or not who.may_number(record.number):
        raise Problem(ProblemCode.NUMBER_UNKNOWN)
    return readable(record)


def wanted_rule(record: NumberRecord, change: RuleChange, dates: HolidayDates) -> Rule:
    """Return the rule that a number is to get: the present one itself where that says the same, else the next revision.

    Raises:
        Problem: the number is not as it was believed to be, or takes no changes, or no rule can be made.
        NeedDates: those of the new rule's holidays are not known.
    """
    change.check(record)
    if not record.forwarding_enabled:
        raise Problem(ProblemCode.FORWARDING_NOT_ENABLED)
    if not record.active:
        raise Problem(ProblemCode.NUMBER_INACTIVE)
    before = record.rule
    try:
        after = change.make(before)
    except Problem as problem:
        raise dates.besides(problem, change.holidays) from problem
    schedule = _dated_as(after.schedule, before.schedule, dates.now_ms)
    if after.asks_all_the_same(before, schedule):
        return before
    if schedule is not None and schedule.holidays is not None and schedule.holidays_until is None:
        schedule = dates.given(schedule)
    return replace(after, revision=before.revision + 1, schedule=schedule)


def _dated_as(schedule: Schedule | None, before: Schedule | None, now_ms: int) -> Schedule | None:
    """Return `schedule` with the dates that the one before has, where they are of the same holidays, else without."""
    if schedule is None or schedule.holidays is None:
        return schedule
    if before is not None and (schedule.holidays, schedule.time_zone) == (before.holidays, before.time_zone):
        dated = replace(schedule, holiday_dates=before.holiday_dates, holidays_until=before.holidays_until)
        # Dates that are due to be renewed are nobody's change.
        if dated == before or (renew_at_ms(before) or 0) > now_ms:
            return dated
    return replace(schedule, holiday_dates=(), holidays_until=None)


def owner_for(find: Callable[[int], AccountPolicy], who: Principal, *changes: tuple[Rule, Rule]) -> Owner:
    """Return the account as far as targets depend on it that rules get; `find` reads its policy.

    `changes` are rules before and after. Where they have no target to check, the policy is not read.

    Raises:
        Problem: it is needed, and cannot be read.
    """
    needed = any(next(targets_to_check(*each), None) is not None for each in changes)
    return Owner(who.region, readable_policy(find, who.account_id) if needed else NO_POLICY)


def check_rule(record: NumberRecord, after: Rule, find: Find, owner: Owner) -> None:
    """Let a change pass whose targets are all allowed, and whose holidays have got their dates (`wanted_rule`).

    Raises:
        Problem: some are not; it names them all.
    """
    faults = target_faults(record, after, find, owner)
    schedule = after.schedule
    if schedule is not None and schedule.holidays is not None and schedule.holidays_until is None:
        raise invalid(*faults, HOLIDAYS_UNKNOWN)
    if faults:
        loops = any(fault.code is FieldCode.WOULD_LOOP for fault in faults)
        code = ProblemCode.FORWARDING_WOULD_LOOP if loops else ProblemCode.DESTINATION_NOT_ALLOWED
        raise Problem(code, errors=faults)


def note_targets(writer: ChangeWriter, who: Principal, owner: Owner, targets: Iterable[E164], now_ms: int) -> None:
    """Note the countries of `targets` that the account begins to use."""
    countries = {country for target in targets if (country := owner.new_country(target)) is not None}
    if countries:
        change = PolicyChange(now_ms, who.account_id, who.key_id, who.source, NO_POLICY, NO_POLICY)
        note_countries(writer, change, countries)


def put(writer: ChangeWriter, who: Principal, record: NumberRecord, after: Rule, now_ms: int) -> Changed:
    """Store the rule `after` of a number, which has been judged, with its entry of the audit trail and its event."""
    before = record.rule
    by = who.account_id, who.key_id, who.source
    entry = AuditEntry(now_ms, record.number, *by, before, after, changed_options(before, after))
    writer.put_rule(record.number, after, now_ms, forwarding_changed(entry), before)
    writer.add_audit(entry)
    return Changed(replace(record, rule=after, updated_at_ms=now_ms), before)
