"""What a call uses of its accounts' limits: asked by the edge, and by `renvoi explain`."""

from collections.abc import Mapping

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.access.limits import NO_LIMITS, LimitKind, Use, uses
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.routing.routing import Decision, Forward, Reason, Reject

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
