"""Whether a number's rule may become what a customer wants (`docs/api.md §1`: the rows from 13 on)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import NumberRecord, Option, Rule, RuleType

_ALREADY = {
    RuleType.DISABLED: Outcome.ALREADY_DISABLED,
    RuleType.FORWARD: Outcome.ALREADY_FORWARDING,
    RuleType.VOICEMAIL: Outcome.ALREADY_VOICEMAIL,
}
_DONE = {
    RuleType.DISABLED: Outcome.DISABLED,
    RuleType.FORWARD: Outcome.FORWARD_ENABLED,
    RuleType.VOICEMAIL: Outcome.VOICEMAIL_ENABLED,
}


@dataclass(frozen=True, slots=True)
class OptionChange:
    """An option of a rule, named as in `Rule.options`, that is not what it was."""

    name: str
    before: Option
    after: Option


def changed_options(before: Rule, after: Rule) -> tuple[OptionChange, ...]:
    """Return the options in which two rules differ."""
    if after.has_options_of(before):
        return ()
    was = before.options
    return tuple(OptionChange(name, was[name], now) for name, now in after.options.items() if now != was[name])


def evaluate(
    record: NumberRecord | None,
    account_id: int,
    wanted: Rule | None,
    find: Callable[[E164], NumberRecord | None],
    owner: Callable[[], Owner],
) -> Outcome:
    """Return the outcome of changing `record`'s rule to `wanted`: the first row that fails, or the success.

    `wanted` is None for a forward to a short or emergency number, which no rule can hold. `find` reads another
    number's record; it is asked along the chain of forwards only. `owner` reads the account, for a new target only.
    """
    if record is None or record.account_id != account_id:
        return Outcome.NUMBER_UNKNOWN
    if not record.forwarding_enabled:
        return Outcome.FORWARDING_NOT_ENABLED
    if not record.active:
        return Outcome.NUMBER_DEACTIVATED
    if wanted is None:
        return Outcome.DESTINATION_REFUSED
    if record.rule.asks_the_same(wanted):
        return _ALREADY[wanted.type]
    if wanted.target is not None and (fault := fault_of(record.number, wanted.target, find, owner)) is not None:
        return fault
    return _DONE[wanted.type]


def fault_of(
    number: E164, target: E164, find: Callable[[E164], NumberRecord | None], owner: Callable[[], Owner]
) -> Outcome | None:
    """Return why calls of `number` may not be forwarded to `target`; None: they may."""
    if leads_back(number, target, find):
        return Outcome.LOOP
    return Outcome.DESTINATION_REFUSED if owner().refusal(target) is not None else None


def leads_back(number: E164, target: E164, find: Callable[[E164], NumberRecord | None]) -> bool:
    """Tell whether a call forwarded from `number` to `target` would come back to `number` by rules of our own.

    Each number that a rule may forward to counts, whenever it does, and a deactivated number in the chain as well: it
    may be activated tomorrow, and nobody would check again.
    """
    seen: set[E164] = set()
    hops = [target]
    while hops:
        hop = hops.pop()
        if hop == number:
            return True
        if seen and hop in seen:
            continue
        record = find(hop)
        # Most targets are nobody's number here.
        if record is not None:
            seen.add(hop)
            hops.extend(record.rule.targets())
    return False


Find = Callable[[E164], NumberRecord | None]


def target_faults(record: NumberRecord, after: Rule, find: Find, owner: Owner) -> list[FieldError]:
    """Return why the rule of `record` may not become `after`: the targets that lead back, and those refused.

    `find` reads other numbers' records. A target that the rule names already and that takes no calls, before and after,
    was checked when it came: a rule can always be switched off.
    """
    faults = []
    for place, target in targets_to_check(record.rule, after):
        if leads_back(record.number, target, find):
            faults.append(FieldError(place, FieldCode.WOULD_LOOP))
        elif (refused := owner.refusal(target)) is not None:
            faults.append(FieldError(place, FieldCode.DESTINATION_REFUSED, {"why": str(refused)}))
    return faults


def targets_to_check(before: Rule, after: Rule) -> Iterator[tuple[str, E164]]:
    """Yield the targets of `after`, with their places, that may get calls, or that `before` does not name there."""
    known = set(before.named_targets())
    for place, target in after.named_targets():
        if after.uses(place) or ((place, target) not in known and place != "/to/0"):
            yield place, target
