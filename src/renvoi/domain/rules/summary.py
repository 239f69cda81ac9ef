"""What a call to a number meets now, for people: one text for the API, the dashboard and the command line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from renvoi.domain.moment import MAX_AT_MS
from renvoi.domain.numbers.number import shown_abroad
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.next_change import next_change
from renvoi.domain.rules.rule import Fallback, Fallbacks, NumberRecord, Otherwise, Rule, RuleType, Unreadable
from renvoi.domain.rules.schedule import Closed, ClosedAction, Schedule, is_open, zone_named

_WEEK = timedelta(days=7)
_YEAR = timedelta(days=300)
"""A day as far away as this is named with its year."""


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of one language; `{…}` stands for what is filled in."""

    formats: str
    """The language of dates, as Babel names it."""
    first_of_month: str
    """How the first day of a month is written, as a pattern of Unicode TR35."""
    deactivated: str
    not_enabled: str
    newer: str
    damaged: str
    off: str
    rings_for: str
    rings: str
    takes_message: str
    releases: str
    refuses: str
    then: str
    busy: str
    unreachable: str
    busy_or_unreachable: str
    closed: str
    open: str
    never_closed: str
    until_time: str
    """Of the same day."""
    until_weekday: str
    """Of the six days after it."""
    until_day: str
    anonymous: str
    blocked: str
    anonymous_and_blocked: str
    rejected: str
    leave_message: str


_ENGLISH = _Words(
    formats="en_001",
    first_of_month="d",
    deactivated="The number is deactivated: calls are refused.",
    not_enabled="Call forwarding is not enabled for the number: calls are refused.",
    newer="A newer renvoi wrote the rule: calls are refused until the operator installs that version here.",
    damaged="The rule cannot be read: calls are refused until the operator removes the number and adds it again, or "
    "restores a backup.",
    off="Calls are refused.",
    rings_for="rings {number} for {seconds} s",
    rings="rings {number}",
    takes_message="takes a message",
    releases="ends the call",
    refuses="refuses calls",
    then="{first}, then {next}",
    busy="{first}; when busy, {next}",
    unreachable="{first}; when unreachable, {next}",
    busy_or_unreachable="{first}; when busy or unreachable, {next}",
    closed="Closed{until}: {what}.",
    open="Open{until}.",
    never_closed="Always open.",
    until_time=" until {time}",
    until_weekday=" until {day} {time}",
    until_day=" until {day} at {time}",
    anonymous="Anonymous callers {what}.",
    blocked="Blocked callers {what}.",
    anonymous_and_blocked="Anonymous and blocked callers {what}.",
    rejected="are rejected",
    leave_message="leave a message",
)

_FRENCH = _Words(
    formats="fr",
    first_of_month="d'er'",
    deactivated="Le numéro est désactivé\u00a0: les appels sont refusés.",
    not_enabled="Le transfert d’appel n’est pas activé pour ce numéro\u00a0: les appels sont refusés.",
    newer="Un renvoi plus récent a écrit la règle\u00a0: les appels sont refusés tant que l’exploitant n’installe pas "
    "cette version ici.",
    damaged="La règle est illisible\u00a0: les appels sont refusés tant que l’exploitant ne supprime pas le numéro "
    "pour l’ajouter de nouveau, ou ne restaure pas une sauvegarde.",
    off="Les appels sont refusés.",
    rings_for="fait sonner le {number} pendant {seconds} s",
    rings="fait sonner le {number}",
    takes_message="prend un message",
    releases="met fin à l’appel",
    refuses="refuse les appels",
    then="{first}, puis {next}",
    busy="{first}\u202f; si la ligne est occupée, {next}",
    unreachable="{first}\u202f; si la ligne est injoignable, {next}",
    busy_or_unreachable="{first}\u202f; si la ligne est occupée ou injoignable, {next}",
    closed="Fermé{until}\u00a0: {what}.",
    open="Ouvert{until}.",
    never_closed="Toujours ouvert.",
    until_time=" jusqu’à {time}",
    until_weekday=" jusqu’à {day} {time}",
    until_day=" jusqu’au {day} à {time}",
    anonymous="Les appelants anonymes {what}.",
    blocked="Les appelants bloqués {what}.",
    anonymous_and_blocked="Les appelants anonymes ou bloqués {what}.",
    rejected="sont rejetés",
    leave_message="laissent un message",
)

_LANGUAGES: Mapping[str, _Words] = {"en": _ENGLISH, "fr": _FRENCH}


def summary(record: NumberRecord, now_ms: int, language: str) -> str:
    """Return what a call to a number meets, and what its hours change of that now, in one line.

    `now_ms` is since 1970-01-01 UTC; `language` is one of `outcome.LANGUAGES`, another one is answered in English.
    Times are those of the schedule's zone.
    """
    words = _LANGUAGES.get(language, _ENGLISH)
    rule = record.rule
    if record.unreadable is not None:
        return words.newer if record.unreadable is Unreadable.NEWER else words.damaged
    if not record.active:
        return words.deactivated
    if not record.forwarding_enabled:
        return words.not_enabled
    if rule.type is RuleType.DISABLED:
        return words.off
    sentences = [_sentence(_when_open(rule, words))]
    if rule.schedule is not None:
        sentences.append(_hours(rule.schedule, min(max(now_ms, 0), MAX_AT_MS - 1), words))
    return " ".join([*sentences, *_callers(rule.callers, words)])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _when_open(rule: Rule, words: _Words) -> str:
    if rule.type is RuleType.VOICEMAIL or rule.target is None:
        return words.takes_message
    seconds = int(rule.ring_timeout.total_seconds())
    text = words.rings_for.format(number=shown_abroad(rule.target), seconds=seconds)
    if rule.fallbacks.no_answer.action is not Otherwise.RELEASE:
        text = words.then.format(first=text, next=_fallback(rule.fallbacks.no_answer, words))
    for joint, fallback in _others(rule.fallbacks, words):
        text = joint.format(first=text, next=_fallback(fallback, words))
    return text


def _others(fallbacks: Fallbacks, words: _Words) -> Iterator[tuple[str, Fallback]]:
    """Give what is done when the line is busy or unreachable, where that is not the same as without an answer."""
    busy, unreachable, no_answer = fallbacks.busy, fallbacks.unreachable, fallbacks.no_answer
    if busy == unreachable != no_answer:
        yield words.busy_or_unreachable, busy
        return
    if busy != no_answer:
        yield words.busy, busy
    if unreachable != no_answer:
        yield words.unreachable, unreachable


def _fallback(fallback: Fallback, words: _Words) -> str:
    if fallback.to is None:
        return words.takes_message if fallback.action is Otherwise.VOICEMAIL else words.releases
    text = words.rings.format(number=shown_abroad(fallback.to))
    if fallback.then is Otherwise.VOICEMAIL:
        return words.then.format(first=text, next=words.takes_message)
    return text


def _hours(schedule: Schedule, now_ms: int, words: _Words) -> str:
    change_ms = next_change(schedule, now_ms)
    until = "" if change_ms is None else _until(schedule, now_ms, change_ms, words)
    if not is_open(schedule, now_ms):
        return words.closed.format(until=until, what=_closed(schedule.closed, words))
    return words.open.format(until=until) if until else words.never_closed


def _closed(closed: Closed, words: _Words) -> str:
    if closed.to is not None:
        return words.rings.format(number=shown_abroad(closed.to))
    return words.takes_message if closed.action is ClosedAction.VOICEMAIL else words.refuses


def _until(schedule: Schedule, now_ms: int, change_ms: int, words: _Words) -> str:
    zone = zone_named(schedule.time_zone)
    now, change = (datetime.fromtimestamp(each / 1000, zone) for each in (now_ms, change_ms))
    time, away = f"{change:%H:%M}", change.date() - now.date()
    if not away:
        return words.until_time.format(time=time)
    if timedelta() < away < _WEEK:
        return words.until_weekday.format(day=format_date(change, "EEEE", words.formats), time=time)
    day = words.first_of_month if change.day == 1 else "d"
    pattern = f"EEEE {day} MMMM" if away < _YEAR else f"{day} MMMM y"
    return words.until_day.format(day=format_date(change, pattern, words.formats), time=time)


def _callers(callers: Callers, words: _Words) -> Iterator[str]:
    anonymous = {
        Anonymous.ACCEPT: "",
        Anonymous.REJECT: words.rejected,
        Anonymous.VOICEMAIL: words.leave_message,
    }[callers.anonymous]
    blocked = ""
    if callers.block:
        blocked = words.leave_message if callers.blocked is Blocked.VOICEMAIL else words.rejected
    if anonymous and anonymous == blocked:
        yield words.anonymous_and_blocked.format(what=anonymous)
        return
    if anonymous:
        yield words.anonymous.format(what=anonymous)
    if blocked:
        yield words.blocked.format(what=blocked)
