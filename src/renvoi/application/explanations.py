"""What a call to a number would meet, for its owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.application.managed_numbers import find_own_number
from renvoi.application.policies import owner_of
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.unreadable_rows import readable
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid
from renvoi.domain.routing.checks import Check, checks_of
from renvoi.domain.routing.policies import cooled_off
from renvoi.domain.routing.routing import Call, Decision, Forward, NeedRecord, route_call
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.trunks.branch_plan import BranchPlan, in_order, plan_branches


@dataclass(frozen=True, slots=True)
class OwnExplanation:
    """A decision about a call at an instant, what it was made from, and how the call would go to each trunk.

    `unreadable_trunks` are how many could not be read, so that nobody can tell whether the call goes there as well:
    edges that run keep what they had of them, and none starts.
    """

    decision: Decision
    checks: Sequence[Check]
    plans: Sequence[BranchPlan]
    unreadable_trunks: int = 0


def explain_own(
    reader: Reader, who: Principal, number: E164, caller: str, now_ms: int, cooling_off_ms: int, domain: str
) -> OwnExplanation:
    """Decide about a call from `caller` to a number of the principal's, as the edge would at `now_ms`.

    `caller` is a number in E.164; anything else is an anonymous caller. A number of another account is taken for one
    that is not ours, so that its rule does not show. `domain` is the host part of the node's own addresses.

    Raises:
        Problem: there is no such number, or a rule that the call meets is `unreadable`.
    """
    find_own_number(reader, who, number)
    call = Call(number, caller=caller)
    records: dict[E164, NumberRecord | None] = {}
    owners: dict[int, Owner] = {}
    while isinstance(step := route_call(call, records, owners, now_ms), NeedRecord):
        record = reader.listed_number(step.number)
        record = readable(record) if record is not None and _may_see(who, record) else None
        records[step.number] = record
        if record is not None:
            owners[record.account_id] = owner_of(reader, record.account_id)
    decision = cooled_off(step, records, owners, now_ms, cooling_off_ms)
    plans: Sequence[BranchPlan] = ()
    unreadable = 0
    if isinstance(decision, Forward):
        trunks = reader.listed_trunks()
        plans = plan_branches(in_order(trunks.outbound), decision, (), "", domain, _numbers(caller))
        unreadable = len(trunks.unreadable)
    return OwnExplanation(decision, checks_of(call, records, owners, now_ms, decision), plans, unreadable)


def _may_see(who: Principal, record: NumberRecord) -> bool:
    if who.is_operator and who.account_id == EVERY_ACCOUNT:
        return True
    return record.account_id == who.account_id and who.may_number(record.number)


def _numbers(caller: str) -> CallerNumbers:
    try:
        number = E164.parse(caller, NO_REGION)
    except NumberInvalid:
        return CallerNumbers(withheld=True)
    return CallerNumbers(number, number)
