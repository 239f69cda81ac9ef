"""Whether calls to a country wait, as the account has just begun to use it: for the edge and for `renvoi explain`."""

from collections.abc import Mapping
from dataclasses import replace

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.countries_used import NONE_USED, foreign_country_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.routing.routing import Decision, Forward, Reason, Reject


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
