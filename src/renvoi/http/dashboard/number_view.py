"""What the pages of numbers show: states, the week, the history, what a call would meet, and lines for the API."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from shlex import quote

from babel.dates import format_date
from markupsafe import Markup

from renvoi.application.explanations import OwnExplanation
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.rule_history import PastChange
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.decision_text import decision_text, refusal_text
from renvoi.domain.routing.routing import Reason
from renvoi.domain.rules.coming_days import ComingDay, DayKind, coming_days
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.domain.rules.schedule import MINUTES, Hours, Period, Schedule, clock_text, is_open
from renvoi.domain.rules.summary import summary
from renvoi.http.dashboard.actors import Actors
from renvoi.http.dashboard.formats import LOCALES
from renvoi.http.dashboard.rule_form import hours_text
from renvoi.http.dashboard.visit import Visit

_BETWEEN_DIGITS = re.compile(r"(?<=[0-9]) (?=[0-9])|(?<=[0-9]) (?=s\b)")
_VERDICTS = {
    "active": "active",
    "accept": "accept",
    "voicemail": "voicemail",
    "always open": "always",
    "open": "open",
    "closed: off": "closed",
    "closed: voicemail": "closed_voicemail",
    "closed: forward": "closed_forward",
    "allowed": "allowed",
}
"""What `Check.verdict` says of checks that pass, and the ends of the keys of their words."""


@dataclass(frozen=True, slots=True)
class State:
    """What a number does now, in a word; `kind` is a class of `.badge`."""

    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day of the week to come.

    `spans` are the minutes that are open, as start and length; `now` is the present minute, None on another day.
    """

    name: str
    is_today: bool
    spans: Sequence[tuple[int, int]]
    hours: str
    note: str
    now: int | None


@dataclass(frozen=True, slots=True)
class PastShown:
    """A change in the history; `sentence` is what its rule was, empty where that is not kept."""

    entry: AuditEntry
    sentence: str
    who: Markup
    is_present: bool
    can_return: bool


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A check of a call."""

    number: E164
    name: str
    verdict: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What a call would meet."""

    sentence: str
    checks: Sequence[CheckShown]
    trunks: Sequence[tuple[str, str]]
    """The trunks that it would be sent to, in their order, with the Request-URI of each."""
    unreadable_trunks: int
    """How many trunks nobody can tell that of."""


def unbroken(text: str) -> str:
    """Return a sentence in which no phone number and no length of time is divided between two lines."""
    return _BETWEEN_DIGITS.sub("\u00a0", text)


def sentence_of(visit: Visit, record: NumberRecord) -> str:
    """Return what a call to a number meets now."""
    return unbroken(summary(record, visit.now_ms, visit.language))


def state_of(visit: Visit, record: NumberRecord) -> State:
    """Return what a number does now, in a word."""
    rule = record.rule
    if record.unreadable is not None:
        return State(visit.text("numbers.unreadable"), "bad")
    if not record.active:
        return State(visit.text("numbers.inactive"), "bad")
    if not record.forwarding_enabled:
        return State(visit.text("numbers.not_enabled"), "warn")
    if rule.type is RuleType.DISABLED:
        return State(visit.text("numbers.off"), "")
    if rule.schedule is not None and not is_open(rule.schedule, visit.now_ms):
        return State(visit.text("numbers.closed_now"), "warn")
    if rule.type is RuleType.VOICEMAIL:
        return State(visit.text("numbers.takes_messages"), "info")
    return State(visit.text("numbers.forwards"), "good")


def week_of(visit: Visit, schedule: Schedule, minute: int) -> Sequence[DayShown]:
    """Return the days to come, today first; `minute` is the present one of today."""
    days = coming_days(schedule, visit.now_ms)
    return [_day(visit, day, None if place else minute) for place, day in enumerate(days)]


def _day(visit: Visit, day: ComingDay, now: int | None) -> DayShown:
    spans = [(start, end - start) for start, end in day.open]
    if not day.open:
        hours = visit.text("number.day_closed")
    elif list(day.open) == [(0, MINUTES)]:
        hours = visit.text("number.day_open")
    else:
        hours = hours_text(day.open)
    note = "" if day.kind is DayKind.WEEK else visit.text(f"number.day_{day.kind.value}")
    return DayShown(_day_name(visit, day.date), now is not None, spans, hours, note, now)


def _day_name(visit: Visit, day: date) -> str:
    return format_date(day, "EEE d", LOCALES[visit.language])


def nights_of(visit: Visit, schedule: Schedule | None) -> Sequence[str]:
    """Return sentences on the hours that end on the day after they began: nobody sees at once that 12-9 does."""
    if schedule is None:
        return ()
    found: list[tuple[str, Period | Hours]] = [
        (", ".join(visit.text(f"day.{day.value}") for day in period.days), period) for period in schedule.open
    ]
    found += [(_day_name(visit, each.first), hours) for each in schedule.exceptions for hours in each.open]
    return [
        visit.text("number.until_next_day", days=days, start=clock_text(hours.start), end=clock_text(hours.end))
        for days, hours in found
        if 0 < hours.end <= hours.start
    ]


def past_of(visit: Visit, record: NumberRecord, changes: Sequence[PastChange], actors: Actors) -> Sequence[PastShown]:
    """Return the history of a rule, newest first."""
    return [_past(visit, record, each, actors) for each in changes]


def _past(visit: Visit, record: NumberRecord, change: PastChange, actors: Actors) -> PastShown:
    entry = change.entry
    is_present = entry.after.revision == record.rule.revision
    sentence = ""
    if change.after is not None:
        # What the rule said, whatever the state of the number is now.
        then = replace(record, rule=change.after, active=True, forwarding_enabled=True)
        sentence = unbroken(summary(then, visit.now_ms, visit.language))
    who = actors.shown(entry.key_id, entry.source)
    return PastShown(entry, sentence, who, is_present, change.after is not None and not is_present)


def explained(visit: Visit, found: OwnExplanation) -> Explained:
    """Return what a call would meet, as people read it."""
    return Explained(
        unbroken(decision_text(found.decision, visit.language)),
        [
            CheckShown(each.number, visit.text(f"number.check_{each.name}"), _verdict(visit, each.verdict), each.passed)
            for each in found.checks
        ],
        [(plan.trunk, plan.request_uri) for plan in found.plans],
        found.unreadable_trunks,
    )


def _verdict(visit: Visit, verdict: str) -> str:
    """Return what a check found in words, where it has some, else as it stands in records."""
    if verdict in _VERDICTS:
        return visit.text(f"number.verdict_{_VERDICTS[verdict]}")
    name, _, revision = verdict.partition(" ")
    if name == "revision" and revision.isdigit():
        return visit.text("number.revision", revision=revision)
    if verdict in set(Reason):
        return refusal_text(Reason(verdict), visit.language)
    return verdict


def api_lines(visit: Visit, number: E164) -> Iterator[tuple[str, str]]:
    """Yield what can be done by the API, and the command line for it."""
    address = quote(f"{visit.deps.public_url}/v2/numbers/{number}/forwarding")
    key = "-H 'Authorization: Bearer YOUR_KEY'"
    body = quote('{"action": "forward", "to": ["+33644630000"]}')
    yield visit.text("number.api_read"), f"curl {address} \\\n  {key}"
    yield (
        visit.text("number.api_change"),
        f"curl -X PATCH {address} \\\n  {key} \\\n  -H 'Content-Type: application/merge-patch+json' \\\n  -d {body}",
    )
