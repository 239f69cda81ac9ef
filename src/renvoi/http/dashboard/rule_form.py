"""The rule of a number as fields of a form, and such fields as the JSON that `/v2` takes for a rule.

What people write is brought into the form that the API takes: `06 44 63 00 00` becomes `+33644630000`, `9-12h` becomes
09:00 to 12:00. What cannot be read is passed on as it is, so that the API's own check says what is wrong with it, and
`RuleInput.field_of` tells which field of the form a pointer into the JSON came from. Fields have the names of their
pointers, without the first slash, but for hours: those are a text for each day of the week (`day/mon`), and for each
exceptional day.

One thing that the API takes is refused: hours that end when they begin. A program that writes them means 24 hours; of
a person who does nobody knows whether that is meant, or none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from renvoi.documents.rule_json import rule_json
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164, NumberInvalid, shown_abroad
from renvoi.domain.rules.rule import Fallback, Otherwise, Rule
from renvoi.domain.rules.schedule import WEEK, Period, Schedule, clock_text
from renvoi.http.dashboard import words
from renvoi.http.dashboard.fields import whole

FALLBACKS = ("on_no_answer", "on_busy", "on_unreachable")
_HOURS = re.compile(
    r"([0-9]{1,2})(?:[:hH.]([0-9]{2})?)?\s*(?:-|–|—|to|à)\s*([0-9]{1,2})(?:[:hH.]([0-9]{2})?)?", re.ASCII
)
_DASH = re.compile(r"[-–—]")
_BETWEEN = re.compile(r"[,;\n]")
_LINES = re.compile(r"\n|[,;]\s")
_CLOSED = frozenset({"", "-", "–", "—", "closed", "fermé", "fermée"})
_SAME_ENDS = words.texts("number.same_ends")
_EXCEPTION = re.compile(r"exception/([0-9]{1,3})/(?:from|to|hours)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as JSON, made of a form: `places` has the field that the value behind a pointer came from.

    `errors` are what is wrong for people alone.
    """

    value: dict[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()

    def field_of(self, pointer: str) -> str | None:
        """Return the name of the field that a pointer leads to; None where no field of the form made that value."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


def fields_of(rule: Rule) -> dict[str, str]:
    """Return the fields that show a rule; ticks are `yes` or empty."""
    fields = {
        "action": rule_json(rule)["action"],
        "to": _number_text(rule.target),
        "ring_timeout_s": str(int(rule.ring_timeout.total_seconds())),
        "voicemail/emails": "\n".join(each.value for each in rule.emails),
        "voicemail/missed_call_mail": "yes" if rule.missed_call_mail else "",
        "callers/anonymous": rule.callers.anonymous.value,
        "callers/blocked": rule.callers.blocked.value,
        "callers/block": "\n".join(rule.callers.block),
        "callers/allow": "\n".join(rule.callers.allow),
    }
    fallbacks = rule.fallbacks
    for name, fallback in zip(FALLBACKS, (fallbacks.no_answer, fallbacks.busy, fallbacks.unreachable), strict=True):
        fields |= _fallback_fields(name, fallback)
    return fields | _schedule_fields(rule.schedule)


def _fallback_fields(name: str, fallback: Fallback) -> dict[str, str]:
    action = fallback.action
    then = fallback.then if action is Otherwise.FORWARD else Otherwise.RELEASE
    return {f"{name}/action": action.value, f"{name}/to": _number_text(fallback.to), f"{name}/then": then.value}


def _schedule_fields(schedule: Schedule | None) -> dict[str, str]:
    if schedule is None:
        return {
            "hours": "always",
            "schedule/time_zone": "",
            "schedule/holidays": "",
            "schedule/closed/action": "voicemail",
            "schedule/closed/to": "",
        }
    fields = {
        "hours": "week",
        "schedule/time_zone": schedule.time_zone,
        "schedule/holidays": schedule.holidays or "",
        "schedule/closed/action": schedule.closed.action.value,
        "schedule/closed/to": _number_text(schedule.closed.to),
    }
    fields |= {f"day/{day}": hours_text(spans) for day, spans in _by_day(schedule.open).items()}
    for place, each in enumerate(schedule.exceptions):
        fields |= {
            f"exception/{place}/from": each.first.isoformat(),
            f"exception/{place}/to": "" if each.last == each.first else each.last.isoformat(),
            f"exception/{place}/hours": hours_text([(hours.start, hours.end) for hours in each.open]),
        }
    return fields


def hours_text(spans: Iterable[tuple[int, int]]) -> str:
    """Return hours as people write them: `09:00–12:00, 13:00–18:00`, empty for none."""
    return ", ".join(f"{clock_text(start)}–{clock_text(end)}" for start, end in spans)


def _by_day(periods: Iterable[Period]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {day.value: [] for day in WEEK}
    for each in periods:
        for day in each.days:
            found[day.value].append((each.start, each.end))
    return {day: sorted(spans) for day, spans in found.items()}


def _number_text(number: E164 | None) -> str:
    return "" if number is None else shown_abroad(number)


def exception_places(fields: Mapping[str, str]) -> Sequence[int]:
    """Return the numbers of the exceptional days that a form has, in their order."""
    return sorted({int(found[1]) for name in fields if (found := _EXCEPTION.fullmatch(name))})


def read_fields(fields: Mapping[str, str], region: str, present: Rule) -> RuleInput:
    """Return the JSON of the rule that the fields ask for; numbers may be written as in `region`.

    `present` is the rule that the number has: hours that are as its hours are keep its periods, so that a form that was
    sent back as it was changes nothing.
    """
    reading = _Reading(fields, region)
    value: dict[str, Any] = {
        "action": reading.text("action", "/action"),
        "to": reading.numbers("to", "/to"),
        "ring_timeout_s": reading.whole("ring_timeout_s", "/ring_timeout_s"),
        "voicemail": {
            "emails": reading.items("voicemail/emails", "/voicemail/emails"),
            "missed_call_mail": reading.tick("voicemail/missed_call_mail", "/voicemail/missed_call_mail"),
        },
        "schedule": reading.schedule(present) if reading.by_week() else None,
        "callers": {
            "anonymous": reading.text("callers/anonymous", "/callers/anonymous"),
            "blocked": reading.text("callers/blocked", "/callers/blocked"),
            "block": reading.prefixes("callers/block", "/callers/block"),
            "allow": reading.prefixes("callers/allow", "/callers/allow"),
        },
    }
    value |= {name: reading.fallback(name) for name in FALLBACKS}
    return RuleInput(value, reading.places, reading.errors)


class _Reading:
    """Reads fields, and notes where in the JSON each went."""

    def __init__(self, fields: Mapping[str, str], region: str) -> None:
        self._fields = fields
        self._region = region
        self.places: dict[str, str] = {}
        self.errors: list[FieldError] = []

    def text(self, name: str, pointer: str) -> str:
        self.places[pointer] = name
        return self._fields.get(name, "").strip()

    def tick(self, name: str, pointer: str) -> bool:
        return bool(self.text(name, pointer))

    def whole(self, name: str, pointer: str) -> int | str:
        return whole(self.text(name, pointer))

    def items(self, name: str, pointer: str) -> list[str]:
        lines = (each.strip() for each in _LINES.split(self.text(name, pointer)))
        return [each for each in lines if each]

    def numbers(self, name: str, pointer: str) -> list[str]:
        text = self.text(name, pointer)
        return [self._number(text)] if text else []

    def prefixes(self, name: str, pointer: str) -> list[str]:
        """Read a line each: a number, or how numbers begin with a `*` behind it."""
        lines = [each.strip() for each in _BETWEEN.split(self.text(name, pointer))]
        return [re.sub(r"\s", "", each) if each.endswith("*") else self._number(each) for each in lines if each]

    def _number(self, text: str) -> str:
        try:
            return E164.parse(text, self._region).value
        except NumberInvalid:
            return text

    def by_week(self) -> bool:
        """Tell whether hours of the week are chosen; no choice, or an unknown one, does not mean "always"."""
        hours = self.text("hours", "/schedule")
        if hours not in ("always", "week"):
            self.errors.append(FieldError("/schedule", FieldCode.NOT_ALLOWED, {"allowed": "always, week"}))
        return hours == "week"

    def fallback(self, name: str) -> dict[str, Any]:
        """Read how a call goes on; what goes with another choice than the one made is left out."""
        action = self.text(f"{name}/action", f"/{name}")
        to = self.numbers(f"{name}/to", f"/{name}/to")
        then = self.text(f"{name}/then", f"/{name}/then")
        return {"action": action, "to": to, "then": then} if action == "forward" else {"action": action}

    def schedule(self, present: Rule) -> dict[str, Any]:
        action = self.text("schedule/closed/action", "/schedule/closed")
        closed: dict[str, Any] = {"action": action}
        to = self.numbers("schedule/closed/to", "/schedule/closed/to")
        if action == "forward":
            closed["to"] = to
        return {
            "time_zone": self.text("schedule/time_zone", "/schedule/time_zone"),
            "open": self._week(present),
            "holidays": self.text("schedule/holidays", "/schedule/holidays") or None,
            "exceptions": [self._exception(*each, present) for each in enumerate(self._exceptions())],
            "closed": closed,
        }

    def _week(self, present: Rule) -> list[dict[str, Any]]:
        """Return the hours of the days as periods: days that have the same hours share one."""
        days = {day.value: _spans(self._fields.get(f"day/{day}", "")) for day in WEEK}
        if present.schedule is not None:
            shown = {
                day: [(clock_text(start), clock_text(end)) for start, end in spans]
                for day, spans in _by_day(present.schedule.open).items()
            }
            if shown == {day: sorted(spans) for day, spans in days.items()}:
                kept: list[dict[str, Any]] = rule_json(present)["schedule"]["open"]
                return kept
        periods: dict[tuple[str, str], list[str]] = {}
        for day, spans in days.items():
            for span in dict.fromkeys(spans):
                periods.setdefault(span, []).append(day)
        self.places["/schedule/open"] = f"day/{WEEK[0]}"
        for place, names in enumerate(periods.values()):
            self.places[f"/schedule/open/{place}"] = f"day/{names[0]}"
        self._check_ends(periods, "/schedule/open")
        return [{"days": names, "from": start, "to": end} for (start, end), names in periods.items()]

    def _exceptions(self) -> Iterator[int]:
        self.places["/schedule/exceptions"] = "exception/0/from"
        for place in exception_places(self._fields):
            if any(self._fields.get(f"exception/{place}/{part}", "").strip() for part in ("from", "to", "hours")):
                yield place

    def _check_ends(self, spans: Iterable[tuple[str, str]], pointer: str) -> None:
        for place, (start, end) in enumerate(spans):
            if start == end:
                self.errors.append(FieldError(f"{pointer}/{place}", FieldCode.REFUSED, {"why": _SAME_ENDS}))

    def _exception(self, place: int, number: int, present: Rule) -> dict[str, Any]:
        pointer, name = f"/schedule/exceptions/{place}", f"exception/{number}"
        self.places[pointer] = f"{name}/from"
        first = self.text(f"{name}/from", f"{pointer}/from")
        last = self.text(f"{name}/to", f"{pointer}/to") or first
        hours = _spans(self.text(f"{name}/hours", f"{pointer}/open"))
        if not _is_kept(first, hours, present):
            self._check_ends(hours, f"{pointer}/open")
        return {"from": first, "to": last, "open": [{"from": start, "to": end} for start, end in hours]}


def _is_kept(first: str, hours: list[tuple[str, str]], present: Rule) -> bool:
    """Tell whether the rule has these hours from that day on already, as a program may have written them."""
    exceptions = () if present.schedule is None else present.schedule.exceptions
    kept = (
        [(clock_text(each.start), clock_text(each.end)) for each in day.open]
        for day in exceptions
        if str(day.first) == first
    )
    return hours in kept


def _spans(text: str) -> list[tuple[str, str]]:
    """Read hours such as `9-12, 13:30–18h`: the times as the API has them, or as they are written where none can be."""
    if text.strip().lower() in _CLOSED:
        return []
    return [_span(part.strip()) for part in _BETWEEN.split(text) if part.strip()]


def _span(text: str) -> tuple[str, str]:
    found = _HOURS.fullmatch(text)
    if found is None:
        start, *more = (part.strip() for part in _DASH.split(text, maxsplit=1))
        return start, "".join(more)
    start_hour, start_minute, end_hour, end_minute = found.groups()
    return f"{int(start_hour):02}:{start_minute or '00'}", f"{int(end_hour):02}:{end_minute or '00'}"
