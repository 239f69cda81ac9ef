"""What a decision about a call was made from, check by check, for people who ask why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Call, Decision, Reason, Reject
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.domain.rules.schedule import is_open


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one number: `name` says of what, `verdict` what was found; `passed` is False where the call ends."""

    number: E164
    name: str
    verdict: str
    passed: bool = True


def checks_of(
    call: Call,
    records: Mapping[E164, NumberRecord | None],
    owners: Mapping[int, Owner],
    now_ms: int,
    decision: Decision,
) -> list[Check]:
    """Return the checks that led to `decision`, which `route_call` has made of the same, in their order.

    A decision to refuse ends with the check that did not pass; all others passed.
    """
    found: list[Check] = []
    number = call.called
    while number is not None:
        record = records.get(number)
        if record is None:
            if not found:
                found.append(Check(number, "number", Reason.UNKNOWN.value, passed=False))
            break
        steps = list(_of(record, call, now_ms, number in {each.number for each in found}))
        found += steps
        if not steps[-1].passed:
            break
        number = _next(record, call, now_ms)
        if number is not None:
            refused = owners[record.account_id].refusal(number)
            found.append(Check(record.number, "destination", str(refused or "allowed"), passed=refused is None))
            if refused is not None:
                break
    if isinstance(decision, Reject) and (not found or found[-1].passed):
        place = found[-1].number if found else call.called
        assert place is not None
        found.append(Check(place, _LAST.get(decision.reason, "limits"), decision.reason.value, passed=False))
    return found


_LAST = {Reason.COOLING_OFF: "destination", Reason.LOOP: "diversions", Reason.TOO_MANY_DIVERSIONS: "diversions"}


def _of(record: NumberRecord, call: Call, now_ms: int, been_there: bool) -> Iterator[Check]:
    number, rule = record.number, record.rule
    yield Check(number, "number", "active" if record.active else Reason.DEACTIVATED.value, record.active)
    if not record.active:
        return
    if not record.forwarding_enabled:
        yield Check(number, "option", Reason.NOT_ENABLED.value, passed=False)
        return
    if rule.type is RuleType.DISABLED:
        yield Check(number, "rule", Reason.DISABLED.value, passed=False)
        return
    yield Check(number, "rule", f"revision {rule.revision}")
    if been_there:
        yield Check(number, "diversions", Reason.LOOP.value, passed=False)
        return
    verdict = rule.callers.judge(call.caller, withheld=call.withheld)
    refused = verdict.value.startswith("reject-")
    yield Check(number, "caller", verdict.value.removeprefix("reject-"), not refused)
    if refused or verdict.value == "voicemail":
        return
    if rule.schedule is None:
        yield Check(number, "schedule", "always open")
        return
    opened = is_open(rule.schedule, now_ms)
    closed = rule.schedule.closed
    yield Check(
        number,
        "schedule",
        "open" if opened else f"closed: {closed.action.value}",
        opened or closed.action.value != "off",
    )


def _next(record: NumberRecord, call: Call, now_ms: int) -> E164 | None:
    """Return the number that a rule which takes a call sends it to; None for its mailbox."""
    rule = record.rule
    if rule.callers.judge(call.caller, withheld=call.withheld).value == "voicemail":
        return None
    if rule.schedule is not None and not is_open(rule.schedule, now_ms):
        return rule.schedule.closed.to
    return rule.target if rule.type is RuleType.FORWARD else None
