"""How the rule of a number came to be, and back to what it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from renvoi.application.managed_numbers import find_own_number
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.holidays import Holidays
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.rules import Changed, HolidayDates, RuleChange, acting, anything, change_one, own
from renvoi.application.unreadable_rows import listed
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord, Rule


def rule_at(reader: Reader, record: NumberRecord, revision: int) -> Rule | None:
    """Return the rule of a number at a revision; None where the trail of its account does not have it as a whole."""
    if revision == record.rule.revision:
        return record.rule
    if revision == 0:
        return Rule()
    for entry in reader.history(record.number, 1, revision + 1) if revision < record.rule.revision else ():
        if entry.after.revision == revision and entry.account_id == record.account_id and entry.is_whole:
            return entry.after
    return None


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change of a rule, and the rule before and after it; None where that is kept no longer, or not as a whole."""

    entry: AuditEntry
    before: Rule | None
    after: Rule | None


def past_changes(reader: Reader, who: Principal, number: E164, before: int | None, limit: int) -> Sequence[PastChange]:
    """Return up to `limit` of the latest changes of a number of the principal's, newest first.

    They are those that led to a revision below `before`.

    Raises:
        Problem: there is no such number.
    """
    record = find_own_number(reader, who, number)
    # One more, which has the rule before the last of them.
    found = [each for each in reader.history(number, limit + 1, before) if each.account_id == record.account_id]
    known = {each.after.revision: each.after for each in found if each.is_whole} | {0: Rule()}
    return [
        PastChange(each, known.get(each.after.revision - 1), known.get(each.after.revision)) for each in found[:limit]
    ]


async def undo(
    store: Store,
    clock: Clock,
    holidays: Holidays,
    who: Principal,
    number: E164,
    revision: int | None = None,
    check: Callable[[NumberRecord], None] = anything,
) -> Changed:
    """Give a number the rule again that it had before the last change, or at `revision`: a change like any other.

    Raises:
        Problem: there is no such rule, or it may not be stored (any more): see `change_rule`.
        StoreUnavailable: nothing was changed.
    """
    dates = HolidayDates(holidays, clock.now_ms())
    who = await acting(store, who, number)

    def work(writer: Writer) -> Changed:
        record = own(listed(writer.number_for_change, number), who)
        check(record)
        rule = _rule_at(writer, record, revision)
        return change_one(writer, who, RuleChange(number, lambda _: rule), dates)

    return await dates.needed(lambda: store.write(work))


def _rule_at(reader: Reader, record: NumberRecord, revision: int | None) -> Rule:
    current = record.rule.revision
    wanted = current - 1 if revision is None else revision
    if wanted in (-1, current):
        raise Problem(ProblemCode.NOTHING_TO_UNDO)
    rule = rule_at(reader, record, wanted)
    if rule is None:
        raise Problem(ProblemCode.REVISION_UNKNOWN)
    return rule
