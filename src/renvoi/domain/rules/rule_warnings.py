"""What of a rule is allowed and hardly wanted, for people who try one before they store it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from renvoi.domain.field_error import filled
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.domain.rules.schedule import is_open


class WarningCode(Enum):
    """What is hardly wanted, its word and its texts."""

    def __init__(self, word: str, en: str, fr: str) -> None:
        self.word = word
        self._texts = {"en": en, "fr": fr}

    def text(self, language: str) -> str:
        return self._texts[language]

    TARGET_OFF = (
        "target_off",
        "{number} is a number of the account that refuses calls now",
        "{number} est un numéro du compte qui refuse les appels maintenant",
    )
    NEVER_OPEN = (
        "never_open",
        "it does not open within 400 days: calls meet what closed says",
        "il n’ouvre pas d’ici 400 jours : les appels reçoivent ce que dit closed",
    )
    NEVER_CLOSED = (
        "never_closed",
        "it does not close within 400 days: what closed says has no effect",
        "il ne ferme pas d’ici 400 jours : ce que dit closed est sans effet",
    )
    SAME_TARGET = (
        "same_target",
        "it is the number that did not take the call: it is called again at once",
        "c’est le numéro qui n’a pas pris l’appel : il est rappelé aussitôt",
    )
    BLOCKS_NOBODY = (
        "blocks_nobody",
        "allow has it too, so nobody is blocked by it",
        "allow l’a aussi : personne n’est bloqué par lui",
    )
    ALLOWS_NOBODY = (
        "allows_nobody",
        "block has nothing that it makes an exception of",
        "block n’a rien dont il ferait une exception",
    )
    NO_VOICEMAIL = (
        "no_voicemail",
        "no voicemail runs on this node: such calls are refused",
        "aucune messagerie ne tourne sur ce nœud : ces appels sont refusés",
    )


@dataclass(frozen=True, slots=True)
class RuleWarning:
    """A warning about the part of a rule at a JSON pointer."""

    pointer: str
    code: WarningCode
    args: Mapping[str, object] = field(default_factory=dict)

    def detail(self, language: str) -> str:
        return filled(self.code.text(language), self.args, language)


def rule_warnings(
    rule: Rule, now_ms: int, find: Callable[[E164], NumberRecord | None], *, has_voicemail: bool
) -> list[RuleWarning]:
    """Return the warnings about a rule; `find` gives the account's own numbers, None for all others."""
    if rule.type is RuleType.DISABLED:
        return []
    found = [*_of_targets(rule, find), *_of_schedule(rule, now_ms), *_of_callers(rule)]
    if rule.takes_messages and not has_voicemail:
        found.append(RuleWarning("/voicemail", WarningCode.NO_VOICEMAIL))
    return found


def _of_targets(rule: Rule, find: Callable[[E164], NumberRecord | None]) -> Iterator[RuleWarning]:
    for place, target in rule.named_targets():
        if not rule.uses(place):
            continue
        if place.startswith("/on_") and target == rule.target:
            yield RuleWarning(place, WarningCode.SAME_TARGET)
        record = find(target)
        if record is not None and (
            not record.active or not record.forwarding_enabled or record.rule.type is RuleType.DISABLED
        ):
            yield RuleWarning(place, WarningCode.TARGET_OFF, {"number": target.value})


def _of_schedule(rule: Rule, now_ms: int) -> Iterator[RuleWarning]:
    schedule = rule.schedule
    if schedule is not None and next_change(schedule, now_ms) is None:
        opened = is_open(schedule, now_ms)
        yield RuleWarning("/schedule", WarningCode.NEVER_CLOSED if opened else WarningCode.NEVER_OPEN)


def _of_callers(rule: Rule) -> Iterator[RuleWarning]:
    callers = rule.callers
    for place, entry in enumerate(callers.block):
        if any(_covers(each, entry) for each in callers.allow):
            yield RuleWarning(f"/callers/block/{place}", WarningCode.BLOCKS_NOBODY)
    for place, entry in enumerate(callers.allow):
        if not any(_covers(each, entry) or _covers(entry, each) for each in callers.block):
            yield RuleWarning(f"/callers/allow/{place}", WarningCode.ALLOWS_NOBODY)


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether whoever `narrow` has, `wide` has too."""
    return narrow.rstrip("*").startswith(wide[:-1]) if wide.endswith("*") else wide == narrow
