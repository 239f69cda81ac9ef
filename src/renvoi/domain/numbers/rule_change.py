"""Whether a number's rule may become what a customer wants (`docs/api.md §1`: the rows from 13 on)."""

from collections.abc import Callable
from dataclasses import dataclass

from phonenumbers import PhoneNumberType

from renvoi.domain.numbers.number import E164, number_plan
from renvoi.domain.numbers.rule import NumberRecord, Option, Rule, RuleType
from renvoi.domain.outcome import Outcome

_REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)
_REFUSED_COUNTRY_CODES = frozenset({"808", "870", "878", "881", "882", "883", "888", "979"})
"""Shared cost, Inmarsat, personal, satellite, global networks and premium codes (ITU-T E.164, annex)."""
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


def may_forward_to(target: E164) -> bool:
    """Tell whether `target` is a destination that a forwarded call may cost somebody's money for.

    Refused are premium and shared-cost numbers, personal numbers, pagers, satellite and
    global networks. Short and emergency numbers never become an `E164` (see `NumberShort`).
    """
    if target.value[1:4] in _REFUSED_COUNTRY_CODES:
        return False
    return number_plan(target).type not in _REFUSED_TYPES


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
) -> Outcome:
    """Return the outcome of changing `record`'s rule to `wanted`: the first row that fails, or the success.

    `wanted` is None for a forward to a short or emergency number, which no rule can hold. `find` reads another
    number's record; it is asked along the chain of forwards only.
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
        if not may_forward_to(wanted.target):
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
