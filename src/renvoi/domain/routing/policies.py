"""What the policies of its accounts make of a decision about a call: for the edge and for `renvoi explain`.

A call uses some of their limits, and one to a country that an account has just begun to use waits (cooling-off).
"""

from collections.abc import Mapping
from dataclasses import replace

from renvoi.domain.access.account_policy import NONE_USED, Owner, foreign_country_of
from renvoi.domain.access.limits import NO_LIMITS, LimitKind, Use, uses
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Decision, Forward, Reason, Reject
from renvoi.domain.rules.rule import NumberRecord

OVER_LIMIT: Mapping[LimitKind, Reason] = {
    LimitKind.CALLS: Reason.LIMIT_CALLS,
    LimitKind.RATE: Reason.LIMIT_RATE,
    LimitKind.MINUTES: Reason.LIMIT_MINUTES,
    LimitKind.SPEND: Reason.LIMIT_SPEND,
}
"""Why a call is refused that would go over a limit."""


def call_uses(
    decision: Decision, records: Mapping[E164, NumberRecord | None], owners: Mapping[int, Owner]
) -> tuple[Use, ...]:
    """Return what a call uses about which this was decided; nothing for one that is refused.

    `records` and `owners` are those that it was decided by.
    """
    # Mostly there are no limits, and this is asked for each call.
    if isinstance(decision, Reject) or all(owner.policy.limits is NO_LIMITS for owner in owners.values()):
        return ()
    diverting = [
        (number, record.account_id, owners[record.account_id].policy.limits)
        for number in decision.diverting
        if (record := records[number]) is not None
    ]
    return tuple(uses(diverting, decision.target if isinstance(decision, Forward) else None))


def cooled_off(
    decision: Decision,
    records: Mapping[E164, NumberRecord | None],
    owners: Mapping[int, Owner],
    now_ms: int,
    cooling_off_ms: int,
) -> Decision:
    """Return a decision that was made by `records` and `owners`, or that the call is refused, as it has to wait.

    The account that sends the call out waits for `cooling_off_ms` from when a rule of it first named that country.
    """
    if not cooling_off_ms or not isinstance(decision, Forward):
        return decision
    record = records[decision.diverting[-1]]
    assert record is not None
    owner = owners[record.account_id]
    # Mostly there is none, and this is asked for each call.
    if owner.policy.used is NONE_USED:
        return decision
    since_ms = owner.policy.used.since(foreign_country_of(decision.target, owner.region) or "")
    if since_ms is None or now_ms - since_ms >= cooling_off_ms:
        return decision
    rejected = Reject(Reason.COOLING_OFF, decision.revision, decision.target)
    return replace(rejected, until_ms=since_ms + cooling_off_ms)
