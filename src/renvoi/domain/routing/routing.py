"""The decision about a call: one pure function, shared by the edge, the API's dry run and `renvoi explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.destination_policy import Refused
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import Diversion, HistoryEntry, Redirection, diversions, diverted_before
from renvoi.domain.rules.callers import EVERYONE, Verdict
from renvoi.domain.rules.rule import NO_FALLBACKS, Fallbacks, NumberRecord, Otherwise, RuleType, Unanswered
from renvoi.domain.rules.schedule import ClosedAction, is_open

MAX_DIVERSIONS = 5
"""Diversions that a call may have behind it and still be forwarded (TS 24.604 §4.5.2.6)."""


class Reason(StrEnum):
    """Why a call is refused; the edge maps each to a SIP answer (`docs/calls.md §2`)."""

    UNKNOWN = "unknown-number"
    DEACTIVATED = "deactivated"
    NOT_ENABLED = "not-enabled"
    DISABLED = "disabled"
    CLOSED = "closed"
    ANONYMOUS = "anonymous"
    BLOCKED = "blocked"
    LOOP = "loop"
    TOO_MANY_DIVERSIONS = "too-many-diversions"
    LIMIT_CALLS = "limit-calls"
    LIMIT_RATE = "limit-rate"
    LIMIT_MINUTES = "limit-minutes"
    LIMIT_SPEND = "limit-spend"
    DESTINATION_REFUSED = "destination-refused"
    COOLING_OFF = "cooling-off"


@dataclass(frozen=True, slots=True)
class Call:
    """The facts of a call that a decision depends on.

    `called` is None when no phone number could be read from the request. `diversions` and `history` are what came with
    it, in the order of the message. `caller` is that of `Caller.text`, `withheld` when it does not want to be known.
    """

    called: E164 | None
    diversions: tuple[Diversion, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    caller: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class NeedRecord:
    """Not decided yet: add the record of `number` (or None) to the known ones and ask again."""

    number: E164


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the call on to `target`.

    `diverting` names the own numbers that diverted it, the called one first; `revision` is the called number's.
    `ring_timeout`, `fallbacks` and `emails`, where messages go, are those of the last one in `diverting`.
    `redirections` are of numbers behind it, in order: the last one of these is who sends the call on to `target`.
    `reasons` say why each of `diverting` did so (`diversion.CAUSES`); none is given when all did unconditionally.
    `mailbox_of` is whose messages those are, None for the last one in `diverting`.
    """

    diverting: tuple[E164, ...]
    revision: int
    target: E164
    ring_timeout: timedelta
    fallbacks: Fallbacks = NO_FALLBACKS
    redirections: tuple[Redirection, ...] = ()
    emails: tuple[EmailAddress, ...] = ()
    reasons: tuple[str, ...] = ()
    mailbox_of: E164 | None = None

    @property
    def number_of_mailbox(self) -> E164:
        """The number that messages are left for when the call is not taken."""
        return self.mailbox_of or self.diverting[-1]

    def mailbox(self, why: Unanswered) -> tuple[EmailAddress, ...]:
        """Return where a message goes when the call is not taken for the reason `why`; nowhere: none is recorded."""
        return self.emails if self.fallbacks.of(why).action is Otherwise.VOICEMAIL else ()


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Take a message for the last number in `diverting`, and mail it to `emails`."""

    diverting: tuple[E164, ...]
    revision: int
    emails: tuple[EmailAddress, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call. `revision` is None when the number is not one of ours.

    For a destination `target` is the number that the rule names, and `refused` says what the policy has against it, or
    `until_ms` until when calls there wait (ms since 1970-01-01 UTC).
    """

    reason: Reason
    revision: int | None = None
    target: E164 | None = None
    refused: Refused | None = None
    until_ms: int | None = None


Decision = Forward | Voicemail | Reject


def route_call(
    call: Call,
    records: Mapping[E164, NumberRecord | None],
    owners: Mapping[int, Owner],
    now_ms: int,
) -> Decision | NeedRecord:
    """Decide what happens to `call`, from the records known so far (`docs/calls.md §2`, steps 4 to 7).

    `owners` has the account of each of these records, by its id: each may forward to what its own policy allows.

    `now_ms` is when the call came (ms since 1970-01-01 UTC), the same in all rounds of one call: schedules go by it.

    The caller of this function does the I/O: it starts with no records, and as long as the answer is `NeedRecord` adds
    that number's record (None: not one of ours) and asks again. Each answer asks for a new number and a call visits at
    most `MAX_DIVERSIONS` + 1 of ours, so this ends after at most `MAX_DIVERSIONS` + 2 look-ups.
    """
    if call.called is None:
        return Reject(Reason.UNKNOWN)
    return follow_rules(call, call.called, [], None, records, owners, now_ms)


def follow_rules(
    call: Call,
    number: E164,
    diverting: list[E164],
    revision: int | None,
    records: Mapping[E164, NumberRecord | None],
    owners: Mapping[int, Owner],
    now_ms: int,
) -> Decision | NeedRecord:
    """Decide about a call that our numbers `diverting` have sent on to `number`, which they were allowed to.

    `revision` is the called number's, None as long as it has no number behind it; the rest is that of `route_call`.
    """
    before = diversions_before(call)
    while True:
        if number not in records:
            return NeedRecord(number)
        record = records[number]
        if record is None:
            if revision is None:
                return Reject(Reason.UNKNOWN)
            return _forward(revision, diverting, number, records)
        if revision is None:
            revision = record.rule.revision
        if (reason := _refusal(record, call, diverting, before)) is not None:
            return Reject(reason, revision)
        step = _step(record, call, now_ms)
        if isinstance(step, Reason):
            return Reject(step, revision)
        diverting.append(number)
        if step is None:
            return Voicemail(tuple(diverting), revision, record.rule.emails)
        number = step
        if (refused := owners[record.account_id].refusal(number)) is not None:
            return Reject(Reason.DESTINATION_REFUSED, revision, number, refused)


def _forward(
    revision: int, diverting: list[E164], target: E164, records: Mapping[E164, NumberRecord | None]
) -> Forward:
    last = records[diverting[-1]]
    assert last is not None
    rule = last.rule
    return Forward(tuple(diverting), revision, target, rule.ring_timeout, rule.fallbacks, emails=rule.emails)


def _step(record: NumberRecord, call: Call, now_ms: int) -> E164 | Reason | None:
    """Return where a number's rule sends a call: to another number, to its mailbox (None), or nowhere (why)."""
    rule = record.rule
    if rule.callers is not EVERYONE:
        match rule.callers.judge(call.caller, withheld=call.withheld):
            case Verdict.REJECT_ANONYMOUS:
                return Reason.ANONYMOUS
            case Verdict.REJECT_BLOCKED:
                return Reason.BLOCKED
            case Verdict.VOICEMAIL:
                return None
    schedule = rule.schedule
    if schedule is not None and not is_open(schedule, now_ms):
        return Reason.CLOSED if schedule.closed.action is ClosedAction.OFF else schedule.closed.to
    return rule.target if rule.type is RuleType.FORWARD else None


def _refusal(record: NumberRecord, call: Call, diverting: list[E164], before: int) -> Reason | None:
    number = record.number
    if not record.active:
        return Reason.DEACTIVATED
    if not record.forwarding_enabled:
        return Reason.NOT_ENABLED
    if record.rule.type is RuleType.DISABLED:
        return Reason.DISABLED
    if number in diverting or _diverted_before(call, number):
        return Reason.LOOP
    if before + len(diverting) > MAX_DIVERSIONS:
        return Reason.TOO_MANY_DIVERSIONS
    return None


def _diverted_before(call: Call, number: E164) -> bool:
    """Tell whether the call has been at `number` already.

    Some carriers write the called number into Diversion or History-Info on every call: there only entries of our own
    count. Should a peer rewrite the hosts of ours, `MAX_DIVERSIONS` still ends the loop.
    """
    by_us = number == call.called
    if any(diversion.number == number and (diversion.ours or not by_us) for diversion in call.diversions):
        return True
    return diverted_before(call.history, number, by_us=by_us)


def diversions_before(call: Call) -> int:
    """Count diversions of a call until it came; a network may keep either header or both, so the larger count holds."""
    return max(sum(diversion.counter for diversion in call.diversions), diversions(call.history))
