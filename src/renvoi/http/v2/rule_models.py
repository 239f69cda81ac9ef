"""The rule of a number as `/v2` takes and shows it: the shapes of its JSON."""

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import AfterValidator, Field, SkipValidation, model_validator

from renvoi.application.rule_batches import MAX_CHANGES
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid
from renvoi.domain.rules.callers import MAX_PREFIXES, is_prefix
from renvoi.domain.rules.rule import DEFAULT_RING_TIMEOUT, MAX_EMAILS, MAX_RING_TIMEOUT, MIN_RING_TIMEOUT
from renvoi.domain.rules.schedule import (
    MAX_EXCEPTION_DAYS,
    MAX_EXCEPTION_HOURS,
    MAX_EXCEPTIONS,
    MAX_PERIODS,
    MINUTES,
    is_holiday_code,
    minutes_of,
    zone_named,
)
from renvoi.http.v2.models import RequestModel

T = TypeVar("T")

_E164 = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Action = Literal["off", "forward", "voicemail"]
FallbackAction = Literal["release", "voicemail", "forward"]
Then = Literal["release", "voicemail"]
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def strict_number(text: str) -> E164:
    """Read a number that is in E.164 with its plus sign, and nothing else.

    Raises:
        FieldFault: it is not, or no such number exists.
    """
    if _E164.fullmatch(text):
        try:
            number = E164.parse(text, NO_REGION)
        except NumberInvalid:
            number = None
        if number is not None and number.value == text:
            return number
    raise FieldFault(FieldCode.NUMBER_INVALID)


def _email(text: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except EmailInvalid as error:
        raise FieldFault(FieldCode.EMAIL_INVALID) from error


def _zone(text: str) -> str:
    try:
        zone_named(text)
    except ValueError as error:
        raise FieldFault(FieldCode.TIME_ZONE_UNKNOWN) from error
    return text


def _minutes(text: str) -> int:
    try:
        return minutes_of(text)
    except ValueError as error:
        raise FieldFault(FieldCode.BAD_FORMAT, expected="09:00, 00:00 … 24:00") from error


def _start(text: str) -> int:
    minutes = _minutes(text)
    if minutes >= MINUTES:
        raise FieldFault(FieldCode.BAD_FORMAT, expected="09:00, 00:00 … 23:59")
    return minutes


def _day(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise FieldFault(FieldCode.BAD_FORMAT, expected="2026-12-24")


def _holidays(text: str) -> str:
    if not is_holiday_code(text):
        raise FieldFault(FieldCode.BAD_FORMAT, expected="FR, FR-57")
    return text


def _prefix(text: str) -> str:
    if not is_prefix(text):
        raise FieldFault(FieldCode.BAD_FORMAT, expected="+33162*, +33162000000")
    return text


def _unlike(values: list[T]) -> list[T]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise FieldFault(FieldCode.REPEATED, at=f"/{place}")
    return values


_CLOCK: Any = {"pattern": "^([0-1][0-9]|2[0-4]):[0-5][0-9]$"}

NumberIn = Annotated[str, AfterValidator(strict_number), Field(json_schema_extra={"pattern": r"^\+[1-9][0-9]{4,14}$"})]
Target = Annotated[list[NumberIn], Field(max_length=1, description="The number to forward to, in E.164 with +.")]
Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]
From = Annotated[str, AfterValidator(_start), Field(alias="from", json_schema_extra=_CLOCK)]
To = Annotated[str, AfterValidator(_minutes), Field(alias="to", json_schema_extra=_CLOCK)]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
Prefixes = Annotated[
    list[Annotated[str, AfterValidator(_prefix), Field(json_schema_extra={"pattern": r"^\+[1-9][0-9]{0,14}\*?$"})]],
    Field(max_length=MAX_PREFIXES),
]


class FallbackIn(RequestModel):
    """How a call goes on that its target does not take."""

    action: FallbackAction
    to: Target = Field(default=[])
    then: Then = Field(default="release", description="If that number does not take it either.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.action == "forward":
            if not self.to:
                raise FieldFault(FieldCode.MISSING, at="/to")
        elif self.to or self.then != "release":
            raise FieldFault(FieldCode.NOT_USED, at="/to" if self.to else "/then", action="forward")
        return self


class VoicemailIn(RequestModel):
    """Where messages go, and whether missed calls are told there too."""

    emails: Annotated[list[Email], AfterValidator(_unlike), Field(max_length=MAX_EMAILS)] = Field(default=[])
    missed_call_mail: bool = False


class PeriodIn(RequestModel):
    """Open hours of days of the week, on the wall clock of the schedule's zone; they may pass midnight."""

    days: Annotated[list[DayName], AfterValidator(_unlike), Field(min_length=1, max_length=7)]
    start: From
    end: To


class HoursIn(RequestModel):
    """Open hours of an exceptional day."""

    start: From
    end: To


class ExceptionIn(RequestModel):
    """Days that have hours of their own; none: closed."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    open: list[HoursIn] = Field(default=[], max_length=MAX_EXCEPTION_HOURS)

    @model_validator(mode="after")
    def _has_days(self) -> Self:
        first, last = self.days
        if not 0 <= (last - first).days < MAX_EXCEPTION_DAYS:
            raise FieldFault(FieldCode.ENDS_BEFORE_BEGIN, at="/to", most=MAX_EXCEPTION_DAYS)
        return self

    @property
    def days(self) -> tuple[date, date]:
        return cast("date", self.first), cast("date", self.last)


class ClosedIn(RequestModel):
    """What a call meets outside the hours."""

    action: Action
    to: Target = Field(default=[])

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.action == "forward") != bool(self.to):
            code = FieldCode.NOT_USED if self.to else FieldCode.MISSING
            raise FieldFault(code, at="/to", action="forward")
        return self


class ScheduleIn(RequestModel):
    """When the number is open, in wall-clock time of its zone."""

    time_zone: Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Paris"])]
    open: list[PeriodIn] = Field(default=[], max_length=MAX_PERIODS)
    holidays: Annotated[str, AfterValidator(_holidays)] | None = Field(
        default=None, description="ISO 3166, with a subdivision where wanted (`FR-57`): closed on these holidays."
    )
    exceptions: list[ExceptionIn] = Field(default=[], max_length=MAX_EXCEPTIONS)
    closed: ClosedIn = ClosedIn(action="off")

    @model_validator(mode="after")
    def _do_not_overlap(self) -> Self:
        ordered = sorted(enumerate(self.exceptions), key=lambda each: each[1].days)
        for (_, before), (place, after) in pairwise(ordered):
            if after.days[0] <= before.days[1]:
                raise FieldFault(FieldCode.OVERLAPS, at=f"/exceptions/{place}")
        return self


class CallersIn(RequestModel):
    """Who may call: numbers, or beginnings of numbers with a `*`; `allow` makes exceptions of `block`."""

    anonymous: Literal["accept", "reject", "voicemail"] = "accept"
    block: Prefixes = Field(default=[])
    allow: Prefixes = Field(default=[])
    blocked: Literal["reject", "voicemail"] = "reject"


# A default that is a model is copied deeply for each request; nobody changes these.
_RELEASE = FallbackIn(action="release")
_NO_VOICEMAIL = VoicemailIn()
_EVERYONE = CallersIn()


class ForwardingIn(RequestModel):
    """A whole rule; what is left out has its default.

    `revision`, `updated_at` and `summary` are taken so that what was read can be sent back: another revision than the
    present one is 412, and the other two have no effect.
    """

    action: Action = Field(description="What calls meet while the number is open.")
    to: Target = Field(default=[])
    ring_timeout_s: int = Field(
        default=int(DEFAULT_RING_TIMEOUT.total_seconds()),
        ge=int(MIN_RING_TIMEOUT.total_seconds()),
        le=int(MAX_RING_TIMEOUT.total_seconds()),
    )
    on_no_answer: FallbackIn = Field(default_factory=lambda: _RELEASE)
    on_busy: FallbackIn = Field(default_factory=lambda: _RELEASE)
    on_unreachable: FallbackIn = Field(
        default_factory=lambda: _RELEASE,
        description="No trunk could deliver the call, or one answered that the target is not there.",
    )
    voicemail: VoicemailIn = Field(default_factory=lambda: _NO_VOICEMAIL)
    schedule: ScheduleIn | None = Field(default=None, description="Without one the number is always open.")
    callers: CallersIn = Field(default_factory=lambda: _EVERYONE)
    revision: int | None = Field(default=None, ge=0, description="The present one, or the change is refused: 412.")
    updated_at: str | None = Field(default=None, max_length=40)
    summary: str | None = Field(default=None, max_length=2000)


class FallbackPatch(RequestModel):
    """What is to change of a fallback."""

    action: FallbackAction | None = None
    to: Target | None = None
    then: Then | None = None


class VoicemailPatch(RequestModel):
    """What is to change of where messages go."""

    emails: Annotated[list[Email], Field(max_length=MAX_EMAILS)] | None = None
    missed_call_mail: bool | None = None


class ClosedPatch(RequestModel):
    """What is to change of what a call meets outside the hours."""

    action: Action | None = None
    to: Target | None = None


class SchedulePatch(RequestModel):
    """What is to change of the hours."""

    time_zone: str | None = None
    open: Annotated[list[PeriodIn], Field(max_length=MAX_PERIODS)] | None = None
    holidays: str | None = None
    exceptions: Annotated[list[ExceptionIn], Field(max_length=MAX_EXCEPTIONS)] | None = None
    closed: ClosedPatch | None = None


class CallersPatch(RequestModel):
    """What is to change of who may call."""

    anonymous: Literal["accept", "reject", "voicemail"] | None = None
    block: Prefixes | None = None
    allow: Prefixes | None = None
    blocked: Literal["reject", "voicemail"] | None = None


class ForwardingPatch(RequestModel):
    """A merge patch of a rule: null takes a part out, so that it has its default."""

    action: Action | None = None
    to: Target | None = None
    ring_timeout_s: int | None = Field(
        default=None, ge=int(MIN_RING_TIMEOUT.total_seconds()), le=int(MAX_RING_TIMEOUT.total_seconds())
    )
    on_no_answer: FallbackPatch | None = None
    on_busy: FallbackPatch | None = None
    on_unreachable: FallbackPatch | None = None
    voicemail: VoicemailPatch | None = None
    schedule: SchedulePatch | None = None
    callers: CallersPatch | None = None
    revision: int | None = Field(default=None, ge=0, description="The present one, or the change is refused: 412.")
    updated_at: str | None = Field(default=None, max_length=40)
    summary: str | None = Field(default=None, max_length=2000)


class BatchChangeIn(RequestModel):
    """The change of one number's rule: a whole one, or a merge patch of the present one."""

    number: NumberIn
    forwarding: SkipValidation[ForwardingIn] | None = None
    patch: SkipValidation[ForwardingPatch] | None = None


class BatchIn(RequestModel):
    """Changes of rules, each of another number."""

    atomic: bool = Field(default=True, description="All or none; false: each for itself.")
    changes: list[SkipValidation[BatchChangeIn]] = Field(min_length=1, max_length=MAX_CHANGES)
