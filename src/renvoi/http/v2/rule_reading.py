"""The rule of a request of `/v2`: read from its JSON, whole or as a merge patch (RFC 7396) of the present one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from renvoi.application.rules import RuleChange, anything
from renvoi.documents.rule_json import rule_json
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.rules.callers import EVERYONE, Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import (
    NO_FALLBACKS,
    RELEASE,
    Action,
    Fallback,
    Fallbacks,
    NumberRecord,
    Otherwise,
    Rule,
    RuleType,
)
from renvoi.domain.rules.schedule import (
    Closed,
    ClosedAction,
    Day,
    ExceptionalPeriod,
    Hours,
    Period,
    Schedule,
    is_holiday_code,
)
from renvoi.http.v2.problems import errors_of
from renvoi.http.v2.rule_models import (
    CallersIn,
    ClosedIn,
    FallbackIn,
    ForwardingIn,
    HoursIn,
    PeriodIn,
    ScheduleIn,
)

_TYPES = {Action.OFF: RuleType.DISABLED, Action.FORWARD: RuleType.FORWARD, Action.VOICEMAIL: RuleType.VOICEMAIL}
_READ_ONLY = ("revision", "updated_at", "summary")
_FALLBACKS = ("on_no_answer", "on_busy", "on_unreachable")
_NO_MESSAGES = frozenset({"action", "to", "ring_timeout_s", "revision", "updated_at", "summary"})
"""Parts of a rule that need no address, unless it is the action."""
_BY_PRESENT_RULE = frozenset({FieldCode.MISSING, FieldCode.NOT_USED})
"""What a patch can be wrong by only together with the rule that it is for."""
_adapter = TypeAdapter(ForwardingIn)


def rule_faults(value: Any) -> Sequence[FieldError]:
    """Return what is wrong with the JSON of a whole rule."""
    try:
        read_rule(value)
    except Problem as problem:
        return problem.errors
    return ()


def patch_faults(value: Any) -> Sequence[FieldError]:
    """Return what is wrong with a merge patch whatever rule it is for."""
    if not isinstance(value, dict):
        return [FieldError("", FieldCode.WRONG_TYPE, {"expected": {"en": "an object", "fr": "un objet"}})]
    unknown = list(_unknown(value, ForwardingIn, ""))
    alone = rule_faults(merged_patch({"action": Action.OFF.value}, value))
    return _unique([*unknown, *(each for each in alone if each.code not in _BY_PRESENT_RULE)])


def read_rule(value: Any) -> ForwardingIn:
    """Read a whole rule.

    Raises:
        Problem: fields of it are wrong; it names them all.
    """
    try:
        found = _adapter.validate_python(value)
    except ValidationError as error:
        raise invalid(*_unique([*errors_of(error), *_missing(value)])) from error
    if not _is_whole(found) and (missing := list(_missing(value))):
        raise invalid(*missing)
    return found


def _is_whole(found: ForwardingIn) -> bool:
    """Tell whether a rule has all that its parts need; a quick look, which may say no of one that has."""
    if found.action == "forward" and not found.to:
        return False
    if found.voicemail.emails:
        return True
    fields = found.model_fields_set
    return found.action != "voicemail" and fields <= _NO_MESSAGES


def _unique(errors: list[FieldError]) -> list[FieldError]:
    """Return one error a place, the first."""
    return list({error.pointer: error for error in reversed(errors)}.values())[::-1]


def _missing(value: Any) -> Iterator[FieldError]:
    """Yield what a rule needs because of another part of it, whatever else is wrong with it."""
    if not isinstance(value, dict):
        return
    if value.get("action") == "forward" and value.get("to", []) == []:
        yield FieldError("/to", FieldCode.MISSING)
    voicemail = value.get("voicemail", {})
    if not isinstance(voicemail, dict) or voicemail.get("emails", []) != []:
        return
    callers = _object(value, "callers")
    takes_messages = (
        value.get("action") == "voicemail"
        or any(
            "voicemail" in (_object(value, name).get("action"), _object(value, name).get("then")) for name in _FALLBACKS
        )
        or _object(_object(value, "schedule"), "closed").get("action") == "voicemail"
        or callers.get("anonymous") == "voicemail"
        or (callers.get("blocked") == "voicemail" and bool(callers.get("block")))
        or voicemail.get("missed_call_mail") is True
    )
    if takes_messages:
        yield FieldError("/voicemail/emails", FieldCode.MISSING)


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def rule_of(found: ForwardingIn) -> Rule:
    """Return the rule that was read."""
    return Rule(
        _TYPES[Action(found.action)],
        _target(found.to),
        tuple(cast("list[EmailAddress]", found.voicemail.emails)),
        0,
        timedelta(seconds=found.ring_timeout_s),
        _fallbacks(found),
        found.voicemail.missed_call_mail,
        None if found.schedule is None else _schedule(found.schedule),
        _callers(found.callers),
    )


def _target(to: Any) -> E164 | None:
    """Return the number of a list that was read: validation has made numbers of its texts."""
    return to[0] if to else None


def _fallbacks(found: ForwardingIn) -> Fallbacks:
    parts = [_fallback(each) for each in (found.on_no_answer, found.on_busy, found.on_unreachable)]
    return NO_FALLBACKS if all(each is RELEASE for each in parts) else Fallbacks(*parts)


def _fallback(found: FallbackIn) -> Fallback:
    if found.action == "release":
        return RELEASE
    return Fallback(Otherwise(found.action), _target(found.to), Otherwise(found.then))


def _callers(found: CallersIn) -> Callers:
    callers = Callers(Anonymous(found.anonymous), tuple(found.block), tuple(found.allow), Blocked(found.blocked))
    return EVERYONE if callers == EVERYONE else callers


def _schedule(found: ScheduleIn) -> Schedule:
    return Schedule(
        found.time_zone,
        tuple(Period(tuple(map(Day, each.days)), *_hours(each)) for each in found.open),
        found.holidays,
        exceptions=tuple(
            ExceptionalPeriod(*each.days, tuple(Hours(*_hours(hours)) for hours in each.open))
            for each in found.exceptions
        ),
        closed=_closed(found.closed),
    )


def _hours(found: HoursIn | PeriodIn) -> tuple[int, int]:
    return cast("int", found.start), cast("int", found.end)


def _closed(found: ClosedIn) -> Closed:
    return Closed(ClosedAction(found.action), _target(found.to))


@dataclass(frozen=True, slots=True)
class Expected:
    """Lets a change pass at one revision of the rule only."""

    revision: int

    def __call__(self, record: NumberRecord) -> None:
        if record.rule.revision != self.revision:
            raise Problem(ProblemCode.PRECONDITION_FAILED, headers={"ETag": tag_of(record)})


def tag_of(record: NumberRecord) -> str:
    """Return the tag that a change of a rule is compared by: its revision, whatever its sentence says by now."""
    return f'"{record.rule.revision}"'


def whole_change(number: E164, value: Any) -> RuleChange:
    """Return the change of a number's rule to the one that a request has as JSON.

    Raises:
        Problem: fields of it are wrong; it names them all.
    """
    found = read_rule(value)
    rule = rule_of(found)
    check = anything if found.revision is None else Expected(found.revision)
    return RuleChange(number, lambda _: rule, check, holidays_in(value))


def holidays_in(value: Any) -> str | None:
    """Return the code of holidays that the JSON of a rule or a patch has; None for none, and a malformed one."""
    code = _object(_object({"rule": value}, "rule"), "schedule").get("holidays")
    return code if isinstance(code, str) and is_holiday_code(code) else None


def patch_change(number: E164, value: Any) -> RuleChange:
    """Return the change of a number's rule that a merge patch makes; what it comes to is judged with the present rule.

    Raises:
        Problem: it is not an object, or names what no rule has; all that is wrong with the patch alone is named.
    """
    if not isinstance(value, dict) or any(_unknown(value, ForwardingIn, "")):
        raise invalid(*patch_faults(value))
    patch = dict(value)
    sent = {name: patch.pop(name, None) for name in _READ_ONLY}

    def make(before: Rule) -> Rule:
        base = rule_json(before)
        del base["revision"]
        merged = merged_patch(base, patch)
        _drop_unused(merged, patch)
        return rule_of(read_rule(merged | sent))

    revision = sent["revision"]
    is_revision = isinstance(revision, int) and not isinstance(revision, bool)
    return RuleChange(number, make, Expected(revision) if is_revision else anything, holidays_in(patch))


def merged_patch(target: Any, patch: Any) -> Any:
    """Return what a JSON merge patch makes of `target` (RFC 7396 §2)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merged_patch(merged.get(name), value)
    return merged


def _drop_unused(merged: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """Take off the numbers of parts whose action the patch changes to one that has none, without a word of them."""
    for part, changed in [
        *((merged.get(name), patch.get(name)) for name in _FALLBACKS),
        (_object(merged, "schedule").get("closed"), _object(patch, "schedule").get("closed")),
    ]:
        if isinstance(part, dict) and isinstance(changed, dict) and part.get("action") != "forward":
            for name in ("to", "then"):
                if name not in changed:
                    part.pop(name, None)


def _unknown(value: Mapping[str, Any], model: type[BaseModel], pointer: str) -> Iterator[FieldError]:
    """Yield the names of a patch that no rule has: one with null, which the result would not show, among them."""
    known = _parts(model)
    for name, inner in value.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in known:
            yield FieldError(place, FieldCode.UNKNOWN_FIELD)
        elif isinstance(inner, dict) and (part := known[name]) is not None:
            yield from _unknown(inner, part, place)


@cache
def _parts(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Return the names of a model's fields, each with the model of its value where that is an object."""
    return {field.alias or name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for each in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None
