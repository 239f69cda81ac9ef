"""A forwarded call is not taken, and its rule names another number: what happens to it then (`docs/calls.md §3`)."""

from collections.abc import Mapping
from dataclasses import replace

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import UNCONDITIONAL
from renvoi.domain.routing.routing import (
    MAX_DIVERSIONS,
    Call,
    Decision,
    Forward,
    NeedRecord,
    Reason,
    Reject,
    diversions_before,
    follow_rules,
)
from renvoi.domain.rules.rule import (
    RELEASE,
    TO_VOICEMAIL,
    Fallback,
    Fallbacks,
    NumberRecord,
    Otherwise,
    Unanswered,
)

DIVERSION_REASONS: Mapping[Unanswered, str] = {
    Unanswered.NO_ANSWER: "no-answer",
    Unanswered.BUSY: "user-busy",
    Unanswered.UNREACHABLE: "unavailable",
}
"""Why our number diverts a call again (RFC 5806 §4.2), by why it was not taken."""


def fall_back(
    forward: Forward,
    why: Unanswered,
    call: Call,
    records: Mapping[E164, NumberRecord | None],
    owners: Mapping[int, Owner],
    now_ms: int,
) -> Decision | NeedRecord:
    """Decide about `call`, which was sent as `forward` says and not taken, and whose fallback is another number.

    The arguments behind it, and asking for records, are those of `route_call`. The rule counts as it was when the call
    came, the account's policy as it is now. The second number is the last one that is tried: its own rule is obeyed if
    it is ours, but does not forward the call once more when that is not taken. A refusal says that it cannot be tried.
    """
    fallback = forward.fallbacks.of(why)
    target = fallback.to
    assert target is not None
    last = forward.diverting[-1]
    if last not in records:
        return NeedRecord(last)
    record = records[last]
    if record is None:
        return Reject(Reason.UNKNOWN, forward.revision)
    if (refused := owners[record.account_id].refusal(target)) is not None:
        return Reject(Reason.DESTINATION_REFUSED, forward.revision, target, refused)
    if target in forward.diverting or _has_been_at(call, target):
        return Reject(Reason.LOOP, forward.revision, target)
    if diversions_before(call) + len(forward.diverting) > MAX_DIVERSIONS:
        return Reject(Reason.TOO_MANY_DIVERSIONS, forward.revision, target)
    diverting = list(forward.diverting)
    decision = follow_rules(call, target, diverting, forward.revision, records, owners, now_ms)
    if not isinstance(decision, Forward):
        return decision
    return _last_try(forward, decision, fallback, why)


def _last_try(before: Forward, decision: Forward, fallback: Fallback, why: Unanswered) -> Forward:
    """Return the second forward, with why our numbers divert, and with what follows if it is not taken either."""
    so_far = len(before.diverting)
    earlier = before.reasons or (UNCONDITIONAL,) * so_far
    beyond = len(decision.diverting) - so_far
    reasons = (*earlier[:-1], DIVERSION_REASONS[why], *(UNCONDITIONAL,) * beyond)
    decision = replace(decision, reasons=reasons)
    if not beyond:
        decision = replace(decision, ring_timeout=before.ring_timeout)
    if fallback.then is Otherwise.VOICEMAIL:
        every = Fallbacks(TO_VOICEMAIL, TO_VOICEMAIL, TO_VOICEMAIL)
        return replace(decision, fallbacks=every, emails=before.emails, mailbox_of=before.diverting[-1])
    if not beyond:
        return replace(decision, fallbacks=Fallbacks(), emails=())
    own = decision.fallbacks
    return replace(decision, fallbacks=Fallbacks(_once(own.no_answer), _once(own.busy), _once(own.unreachable)))


def _once(fallback: Fallback) -> Fallback:
    """Return what is left of a fallback for a call that goes to no further number."""
    return TO_VOICEMAIL if Otherwise.VOICEMAIL in (fallback.action, fallback.then) else RELEASE


def _has_been_at(call: Call, number: E164) -> bool:
    return number in {each.number for each in call.diversions} | {each.number for each in call.history}
