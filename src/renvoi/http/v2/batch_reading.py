"""The changes of a batch, read from their JSON."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from renvoi.application.rule_batches import BatchChange
from renvoi.application.rules import HOLIDAYS_UNKNOWN, HolidayDates
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, invalid
from renvoi.domain.rules.rule import Rule
from renvoi.http.v2.problems import errors_of
from renvoi.http.v2.rule_models import BatchChangeIn, strict_number
from renvoi.http.v2.rule_reading import holidays_in, patch_change, patch_faults, whole_change

_AT_ONCE = 500
"""Changes that one turn of a thread reads."""
_PARTS = {"forwarding": whole_change, "patch": patch_change}
_NOBODY = E164("+0")
_item = TypeAdapter(BatchChangeIn)


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A change of a request: what it asks for, or why it cannot be read.

    `number` is None where that cannot; `part` is the name of what it asks for, and pointers of `change` begin there.
    """

    number: E164 | None
    part: str
    change: BatchChange | Problem
    patch: Any = None
    """The patch that it asks for, which is judged with the present rule."""

    def faults(self) -> Sequence[FieldError]:
        """Return what is wrong with its patch whatever the present rule is, with pointers into that."""
        return () if self.patch is None else patch_faults(self.patch)

    def errors(self, problem: Problem, place: int) -> list[FieldError]:
        """Return what is wrong with the change at `place`, with pointers into the request."""
        inside = f"/changes/{place}" + (f"/{self.part}" if isinstance(self.change, BatchChange) else "")
        if problem.errors:
            return [FieldError(inside + each.pointer, each.code, each.args) for each in problem.errors]
        of = "" if self.number is None else f"{self.number}: "
        why = {language: of + problem.code.title(language) for language in ("en", "fr")}
        return [FieldError(f"/changes/{place}", FieldCode.CHANGE_REFUSED, {"why": why})]


async def read_changes(values: Sequence[Any], dates: HolidayDates) -> list[ReadChange]:
    """Read all changes, beside the event loop. `dates` tells which holidays are known that the wrong ones ask for.

    Raises:
        Problem: a number is in two of them.
    """
    found: list[ReadChange] = []
    for first in range(0, len(values), _AT_ONCE):
        found += await asyncio.to_thread(_read_some, values[first : first + _AT_ONCE])
    for place, each in enumerate(found):
        if isinstance(each.change, Problem):
            found[place] = replace(each, change=await _with_holidays(each.change, values[place], dates))
    seen: set[E164] = set()
    twice = []
    for place, each in enumerate(found):
        if each.number is not None:
            if each.number in seen:
                twice.append(FieldError(f"/changes/{place}/number", FieldCode.REPEATED))
            seen.add(each.number)
    if twice:
        raise invalid(*twice)
    return found


async def _with_holidays(problem: Problem, value: Any, dates: HolidayDates) -> Problem:
    """Return the problem of a wrong change with that of the holidays in it, which only a look at these shows."""
    for part in _PARTS:
        code = holidays_in(value.get(part)) if isinstance(value, dict) else None
        at = f"/{part}{HOLIDAYS_UNKNOWN.pointer}"
        if code is not None and at not in {error.pointer for error in problem.errors}:
            told = await dates.told_with(invalid(), code)
            problem = invalid(*problem.errors, *(FieldError(at, each.code) for each in told.errors))
    return problem


def _read_some(values: Sequence[Any]) -> list[ReadChange]:
    return [_read(value) for value in values]


def _read(value: Any) -> ReadChange:
    errors: list[FieldError] = []
    try:
        _item.validate_python(value)
    except ValidationError as error:
        errors += errors_of(error)
    found = value if isinstance(value, dict) else {}
    number = _number(found.get("number"))
    parts = [name for name in _PARTS if found.get(name) is not None]
    if isinstance(value, dict) and len(parts) != 1:
        errors.append(FieldError("", FieldCode.EITHER, {"names": ", ".join(_PARTS)}))
    change = None
    for part in parts:
        try:
            change = _PARTS[part](number or _NOBODY, found[part])
        except Problem as problem:
            errors += _within(part, problem.errors)
        else:
            # Whoever is told what is wrong is told all of it.
            errors += _within(part, patch_faults(found[part])) if errors and part == "patch" else ()
    if errors or change is None:
        return ReadChange(number, "", invalid(*errors))
    if parts == ["patch"]:
        targets = frozenset(_numbers_in(found["patch"]))
        return ReadChange(number, "patch", BatchChange(change, targets), found["patch"])
    rule = change.make(Rule())
    targets = frozenset(target for _, target in rule.named_targets())
    return ReadChange(number, "forwarding", BatchChange(change, targets, rule.schedule))


def _within(part: str, errors: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError(f"/{part}{each.pointer}", each.code, each.args) for each in errors]


def _number(value: Any) -> E164 | None:
    try:
        return strict_number(value) if isinstance(value, str) else None
    except FieldFault:
        return None


def _numbers_in(value: Any) -> Iterator[E164]:
    """Yield the numbers that a patch names, and perhaps more."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _numbers_in(inner)
    elif isinstance(value, list):
        yield from (number for inner in value if (number := _number(inner)) is not None)
