"""The rule of a number as `/v2` shows it: the shapes of its JSON, which `rule_json` makes."""

from typing import Literal

from pydantic import Field

from renvoi.domain.rules.rule_warnings import WarningCode
from renvoi.http.v2.models import AnswerModel, Number, Timestamp
from renvoi.http.v2.rule_models import Action, DayName, FallbackAction, Then


class FallbackOut(AnswerModel):
    """How a call goes on that its target does not take."""

    action: FallbackAction
    to: list[Number] = Field(default=[], description="Left out unless the action is forward.")
    then: Then = Field(default="release", description="Left out when it is release.")


class VoicemailOut(AnswerModel):
    """Where messages go."""

    emails: list[str]
    missed_call_mail: bool


class HoursOut(AnswerModel):
    """Open hours of a day."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")


class PeriodOut(HoursOut):
    """Open hours of days of the week."""

    days: list[DayName]


class ExceptionOut(AnswerModel):
    """Days that have hours of their own."""

    first: str = Field(alias="from", json_schema_extra={"format": "date"})
    last: str = Field(alias="to", json_schema_extra={"format": "date"})
    open: list[HoursOut]


class ClosedOut(AnswerModel):
    """What a call meets outside the hours."""

    action: Action
    to: list[Number] = Field(default=[], description="Left out unless the action is forward.")


class ScheduleOut(AnswerModel):
    """When the number is open."""

    time_zone: str
    open: list[PeriodOut]
    holidays: str | None
    exceptions: list[ExceptionOut]
    closed: ClosedOut


class CallersOut(AnswerModel):
    """Who may call."""

    anonymous: Literal["accept", "reject", "voicemail"]
    block: list[str]
    allow: list[str]
    blocked: Literal["reject", "voicemail"] = Field(default="reject", description="Left out when it is reject.")


class RuleOut(AnswerModel):
    """A rule."""

    action: Action
    to: list[Number]
    ring_timeout_s: int
    on_no_answer: FallbackOut
    on_busy: FallbackOut
    on_unreachable: FallbackOut
    voicemail: VoicemailOut
    schedule: ScheduleOut | None
    callers: CallersOut
    revision: int = Field(description="Grows by one with each change.")


class WarningOut(AnswerModel):
    """Something about a rule that is allowed, and hardly wanted."""

    code: str = Field(json_schema_extra={"enum": [code.word for code in WarningCode]})
    pointer: str
    detail: str


class ForwardingOut(RuleOut):
    """The rule of a number now."""

    updated_at: Timestamp | None = Field(description="When it was changed; null: never.")
    summary: str = Field(description="What a call meets now, in a sentence, in the language that was asked for.")
    warnings: list[WarningOut] = Field(default=[], description="In a dry run only.")
