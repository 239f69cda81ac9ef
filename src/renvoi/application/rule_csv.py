"""Rules of many numbers from a CSV file: `number,action[,to][,emails][,ring_timeout_s]`, one line a number."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from renvoi.application.csv_files import ImportRefused, text_of
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.rule_batches import (
    MAX_CHANGES,
    BatchChange,
    BatchRefused,
    Result,
    change_all,
    change_each,
    try_each,
)
from renvoi.application.rules import HolidayDates, RuleChange
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import MAX_RING_TIMEOUT, MIN_RING_TIMEOUT, Rule, RuleType

COLUMNS = ("number", "action", "to", "emails", "ring_timeout_s")
NEEDED = frozenset(("number", "action"))
MAX_LINES = 200_000
MOST_EMAILS = 10
ACTIONS: Mapping[str, RuleType] = {
    "off": RuleType.DISABLED,
    "forward": RuleType.FORWARD,
    "voicemail": RuleType.VOICEMAIL,
}
_SECONDS = tuple(int(each.total_seconds()) for each in (MIN_RING_TIMEOUT, MAX_RING_TIMEOUT))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, and the change that it asks for."""

    number: int
    change: BatchChange


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a file: rules that were changed, that were so already, and lines with why they were not."""

    changed: int = 0
    same: int = 0
    errors: tuple[tuple[int, str], ...] = ()

    def plus(self, lines: Sequence[Line], results: Sequence[Result]) -> "Done":
        """Return this with what came of some more lines."""
        refused = [
            (line.number, problem_text(line, result))
            for line, result in zip(lines, results, strict=True)
            if isinstance(result, Problem)
        ]
        changed = sum(not isinstance(each, Problem) and each.is_changed for each in results)
        same = len(results) - len(refused) - changed
        return Done(self.changed + changed, self.same + same, (*self.errors, *refused))


def problem_text(line: Line, problem: Problem) -> str:
    """Return why a line's change cannot be made."""
    wrong = "; ".join(f"{error.pointer or 'the rule'} {error.detail('en')}" for error in problem.errors)
    return f"{line.change.change.number}: {wrong or problem.code.title('en')}"


def read_rules(file: Path, content: bytes, region: str) -> Sequence[Line]:
    """Read a file; numbers are written as in `region`.

    Raises:
        OperatorError: it is none; the text says which lines are wrong, and what is allowed there.
    """
    text = text_of(file, content)
    try:
        return _read(file, text, region)
    except csv.Error as error:
        raise OperatorError(f"{file} cannot be read as CSV: {error}") from error


def _read(file: Path, text: str, region: str) -> Sequence[Line]:
    rows = _rows(text)
    first, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    if not set(names) >= NEEDED or not set(names) <= set(COLUMNS) or len(set(names)) < len(names):
        raise ImportRefused(file, [(first, f"the first line names the columns: {', '.join(COLUMNS)}")], 1)
    lines: list[Line] = []
    errors: list[tuple[int, str]] = []
    seen: dict[E164, int] = {}
    for number, row in rows:
        try:
            if len(row) != len(names):
                raise OperatorError(f"it has {len(row)} values: give {len(names)}, as the first line does")
            line = Line(number, _change(dict(zip(names, (each.strip() for each in row), strict=True)), region))
            of = line.change.change.number
            if of in seen:
                raise OperatorError(f"{of} is on line {seen[of]} already")
            seen[of] = number
            lines.append(line)
        except OperatorError as error:
            errors.append((number, str(error)))
    if errors:
        raise ImportRefused(file, errors, len(errors))
    if not 0 < len(lines) <= MAX_LINES:
        raise OperatorError(f"{file} has {len(lines)} lines: give 1 to {MAX_LINES}")
    return lines


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the number of its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if any(value.strip() for value in row):
            yield reader.line_num, row


def _change(values: Mapping[str, str], region: str) -> BatchChange:
    number = _number(values["number"], region)
    kind = ACTIONS.get(values["action"])
    if kind is None:
        raise OperatorError(f"{values['action'][:40]!r} is not an action: give {', '.join(ACTIONS)}")
    to, emails = values.get("to", ""), _emails(values.get("emails", ""))
    if bool(to) != (kind is RuleType.FORWARD):
        raise OperatorError("the column to has the number that calls are forwarded to, for the action forward alone")
    if kind is RuleType.VOICEMAIL and not emails:
        raise OperatorError("voicemail needs an address in the column emails")
    target = _number(to, region) if to else None
    timeout = _timeout(values.get("ring_timeout_s", ""))

    def make(before: Rule) -> Rule:
        after = replace(before, type=kind, target=target or before.target, emails=emails or before.emails)
        return after if timeout is None else replace(after, ring_timeout=timeout)

    return BatchChange(RuleChange(number, make), frozenset() if target is None else frozenset({target}))


def _number(text: str, region: str) -> E164:
    try:
        return E164.parse(text, region)
    except NumberInvalid as error:
        raise OperatorError(f"{text[:40]!r} is not a phone number: write it like +33199001234") from error


def _emails(text: str) -> tuple[EmailAddress, ...]:
    found = text.split()
    if len(found) > MOST_EMAILS:
        raise OperatorError(f"there are {len(found)} addresses: give at most {MOST_EMAILS}, with spaces between them")
    try:
        return tuple(EmailAddress.parse(each) for each in found)
    except EmailInvalid as error:
        raise OperatorError(f"{text[:80]!r} are not e-mail addresses: put spaces between them") from error


def _timeout(text: str) -> timedelta | None:
    if not text:
        return None
    least, most = _SECONDS
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and least <= int(text) <= most):
        raise OperatorError(f"{text[:20]!r} is not a ring timeout: give {least} to {most} seconds")
    return timedelta(seconds=int(text))


async def import_rules(
    store: Store,
    dates: HolidayDates,
    who: Principal,
    lines: Sequence[Line],
    *,
    dry_run: bool = False,
) -> Done:
    """Make the changes of all lines in one transaction, or none; for up to `MAX_CHANGES` lines.

    Raises:
        BatchRefused: some cannot be made.
        OperatorError: there are too many lines.
    """
    if len(lines) > MAX_CHANGES:
        raise OperatorError(f"{len(lines)} lines are too many for all or none: give up to {MAX_CHANGES}, or --each")
    results = await change_all(store, dates, who, [line.change for line in lines], dry_run=dry_run)
    return Done().plus(lines, results)


def refusal(file: Path, lines: Sequence[Line], error: BatchRefused) -> ImportRefused:
    """Return what the operator reads about a batch that was refused."""
    wrong = [
        (lines[place].number, problem_text(lines[place], problem)) for place, problem in sorted(error.problems.items())
    ]
    return ImportRefused(file, wrong, len(wrong))


async def import_each(
    store: Store,
    dates: HolidayDates,
    who: Principal,
    lines: Sequence[Line],
    note: Callable[[int], None],
    *,
    dry_run: bool = False,
) -> Done:
    """Make the change of each line for itself; `note` is told how many are done."""
    done = Done()
    for first in range(0, len(lines), MAX_CHANGES):
        some = lines[first : first + MAX_CHANGES]
        changes = [line.change for line in some]
        if dry_run:
            done = done.plus(some, await try_each(store, dates, who, changes))
            note(first + len(some))
            continue
        place = 0
        async for results in _each(store, dates, who, changes):
            done = done.plus(some[place : place + len(results)], results)
            place += len(results)
            note(first + place)
    return done


def _each(
    store: Store, dates: HolidayDates, who: Principal, changes: Sequence[BatchChange]
) -> AsyncIterator[Sequence[Result]]:
    def around(_place: int, _writer: Writer, make: Callable[[], Sequence[Result]]) -> Sequence[Result]:
        return make()

    return change_each(store, dates, who, changes, around)
