"""Whether a number's rule may become what a customer wants (`docs/api.md §1`: the rows from 13 on)."""

from collections.abc import Callable
from dataclasses import dataclass

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord, Option, Rule, RuleType
from renvoi.domain.outcome import Outcome

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
    now = after.options
    return tuple(OptionChange(name, was, now[name]) for name, was in before.options.items() if now[name] != was)


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
    if wanted.target is not None:
        if leads_back(record.number, wanted.target, find):
            return Outcome.LOOP
        if owner().refusal(wanted.target) is not None:
            return Outcome.DESTINATION_REFUSED
    return _DONE[wanted.type]


def leads_back(number: E164, target: E164, find: Callable[[E164], NumberRecord | None]) -> bool:
    """Tell whether a call forwarded from `number` to `target` would come back to `number` by rules of our own.

    A deactivated number in the chain counts as well: it may be activated tomorrow, and nobody would check again.
    """
    seen = {number}
    hop: E164 | None = target
    while hop is not None and hop not in seen:
        seen.add(hop)
        record = find(hop)
        hop = record.rule.target if record is not None else None
    return hop == number
