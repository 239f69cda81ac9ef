"""Options of `renvoi forward` as a merge patch of the rule (RFC 7396), in the words of the management API."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from renvoi.application.errors import OperatorError
from renvoi.cli.base import read_file, refuse, usage_error
from renvoi.domain.rules.schedule import Day
from renvoi.domain.text import read_json

P = ParamSpec("P")
T = TypeVar("T")

NONE = "none"
"""Empties a list, or takes an option away."""
MAX_FILE_BYTES = 256 * 1024
_WEEK = [day.value for day in Day]
_HOURS = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})", re.ASCII)
_PLAIN = frozenset({None, "release", "voicemail"})
_SHOWN = 60
"""Characters of a wrong value that are repeated."""


class OptionUnreadable(ValueError):
    """An option is not written as it has to be; the text says which, and how it is written."""


ReadNumber = Callable[[str], str]
"""Reads a phone number as written in the node's region; returns it in E.164."""


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What was given, as texts; None or nothing: not given."""

    to: str | None = None
    emails: tuple[str, ...] = ()
    """Of --voicemail and --email."""
    action: str | None = None
    ring_timeout_s: int | None = None
    no_answer: str | None = None
    busy: str | None = None
    unreachable: str | None = None
    missed_call_mail: bool | None = None
    always_open: bool = False
    time_zone: str | None = None
    hours: tuple[str, ...] = ()
    holidays: str | None = None
    exceptions: tuple[str, ...] = ()
    closed: str | None = None
    anonymous: str | None = None
    block: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    blocked: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is an aim with nothing but what the core endpoint and a forward always had."""
        bare = RuleOptions(
            to=self.to,
            emails=self.emails[:1],
            action=self.action,
            ring_timeout_s=self.ring_timeout_s,
            no_answer=self.no_answer,
            busy=self.busy,
        )
        return self == bare and {self.no_answer, self.busy} <= _PLAIN

    def patch(self, read_number: ReadNumber) -> dict[str, Any]:
        """Return the patch; values that cannot be read end the command, which names them all."""
        reading = _Reading()
        unreachable = self.unreachable or self.no_answer
        voicemail = _given(emails=list(self.emails) or None, missed_call_mail=self.missed_call_mail)
        found = _given(
            action=self.action,
            to=None if self.to is None else [reading.of(read_number, self.to)],
            ring_timeout_s=self.ring_timeout_s,
            on_no_answer=reading.of(_fallback, "--no-answer", self.no_answer, read_number),
            on_busy=reading.of(_fallback, "--busy", self.busy, read_number),
            on_unreachable=reading.of(_fallback, "--unreachable", unreachable, read_number),
            voicemail=voicemail or None,
            callers=self._callers() or None,
        )
        schedule = self._schedule(read_number, reading)
        reading.end()
        if schedule or self.always_open:
            found["schedule"] = None if self.always_open else schedule
        return found

    def _callers(self) -> dict[str, Any]:
        return _given(
            anonymous=self.anonymous,
            block=_prefixes(self.block),
            allow=_prefixes(self.allow),
            blocked=self.blocked,
        )

    def _schedule(self, read_number: ReadNumber, reading: "_Reading") -> dict[str, Any]:
        periods = [reading.of(_period, each) for each in _listed(self.hours)]
        exceptions = [reading.of(_exception, each) for each in _listed(self.exceptions)]
        found = _given(
            time_zone=self.time_zone,
            open=periods if self.hours else None,
            exceptions=exceptions if self.exceptions else None,
            closed=reading.of(_closed, self.closed, read_number),
        )
        if self.holidays is not None:
            found["holidays"] = None if self.holidays == NONE else self.holidays
        if found and self.always_open:
            reading.wrong.append("--always-open takes the schedule away: give no other option of a schedule with it")
        return found


class _Reading:
    """Reads options one by one, and keeps what is wrong with them, until the end."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._refused: list[str] = []

    def of(self, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Return what `read` does; None where that cannot be read."""
        try:
            return read(*args, **named)
        except OptionUnreadable as error:
            found, reason = self.wrong, str(error)
        except OperatorError as error:
            found, reason = self._refused, str(error)
        # --unreachable is read as --no-answer where it is not given.
        if reason not in found:
            found.append(reason)
        return None

    def end(self) -> None:
        """End the command if something was wrong."""
        if self.wrong:
            usage_error(*self._refused, *self.wrong)
        if self._refused:
            refuse(*self._refused)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _listed(values: Sequence[str]) -> Sequence[str]:
    return [] if list(values) == [NONE] else values


def _prefixes(values: Sequence[str]) -> list[str] | None:
    return list(_listed(values)) if values else None


def _fallback(option: str, value: str | None, read_number: ReadNumber) -> dict[str, Any] | None:
    """Read `release`, `voicemail`, or a number, behind which `,voicemail` may stand."""
    if value is None or value in ("release", "voicemail"):
        return None if value is None else {"action": value}
    number, comma, then = value.partition(",")
    if comma and then not in ("release", "voicemail"):
        raise OptionUnreadable(f"{option}: {value[:_SHOWN]!r}: behind the number comes ,release or ,voicemail")
    return {"action": "forward", "to": [read_number(number)], "then": then or "release"}


def _closed(value: str | None, read_number: ReadNumber) -> dict[str, Any] | None:
    if value is None or value in ("off", "voicemail"):
        return None if value is None else {"action": value}
    return {"action": "forward", "to": [read_number(value)]}


def _period(text: str) -> dict[str, Any]:
    days, _, times = text.strip().partition(" ")
    return {"days": _days(days, text), **_times(times, text)}


def _days(text: str, whole: str) -> list[str]:
    found: list[str] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in _WEEK or (dash and last not in _WEEK):
            raise _not_hours(whole)
        begin, end = _WEEK.index(first), _WEEK.index(last or first)
        found += (_WEEK * 2)[begin : end + 1 if end >= begin else end + 8]
    return list(dict.fromkeys(found))


def _times(text: str, whole: str) -> dict[str, str]:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise _not_hours(whole)
    return {"from": found[1], "to": found[2]}


def _not_hours(text: str) -> OptionUnreadable:
    return OptionUnreadable(
        f"--hours: {text[:_SHOWN]!r} cannot be read: write it like 'mon-fri 09:00-18:00' or 'sat,sun 10:00-24:00'"
    )


def _exception(text: str) -> dict[str, Any]:
    days, _, times = text.strip().partition(" ")
    first, _, last = days.partition("..")
    opened = [_HOURS.fullmatch(each) for each in times.split()]
    if not days or not all(opened):
        raise OptionUnreadable(
            f"--exception: {text[:_SHOWN]!r} cannot be read: write it like '2026-12-24..2026-12-26' for closed days, "
            "or '2026-12-31 20:00-02:00'"
        )
    return {
        "from": first,
        "to": last or first,
        "open": [{"from": each[1], "to": each[2]} for each in opened if each is not None],
    }


def read_rule_file(file: Path) -> Any:
    """Return the JSON of a file, - for standard input.

    Raises:
        OperatorError: it cannot be read, is too long, or no JSON.
    """
    content = read_file(file, MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OperatorError(f"{file} is longer than {MAX_FILE_BYTES // 1024} KiB: no rule is")
    try:
        return read_json(content)
    except ValueError as error:
        raise OperatorError(f"{file} is not JSON: {error}") from error
