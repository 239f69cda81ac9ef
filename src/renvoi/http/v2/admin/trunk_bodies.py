"""What `/v2/admin/trunks` takes and answers; the options of trunks themselves are in `trunk_models.py`."""

from typing import Any, Literal

from pydantic import Field, field_validator

from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.trunks.faults import TrunkInvalid, check_trunk_name
from renvoi.http.v2.admin.trunk_models import (
    InboundIn,
    InboundOut,
    OutboundIn,
    OutboundOut,
    Preset,
)
from renvoi.http.v2.models import AnswerModel, Region, RequestModel


class TrunkOut(AnswerModel):
    """A trunk: who it is known by when it calls us, and how calls to it look. Passwords and keys are not shown."""

    name: str
    region: str | None = Field(description="Of national numbers; null: the trunk cannot be read.")
    inbound: InboundOut | None
    outbound: OutboundOut | None
    state: str | None = Field(description="What this node says of the outbound side: `up`, `down`…; null: not known.")
    text: str | None = Field(description="The same in words, with each address; or what to do where it cannot be read.")
    unreadable: Literal["newer", "damaged"] | None = Field(
        description="Why the trunk cannot be read; null: it can. Until then nodes keep the trunks that they have, and "
        "no other can be added or changed. `newer`: a newer renvoi wrote it, which has to be installed here. "
        "`damaged`: remove it and add it again, or restore a backup."
    )


class TrunksOut(AnswerModel):
    """All trunks, by name."""

    data: list[TrunkOut]
    next_cursor: None


class TrunkSides(RequestModel):
    """What a new trunk and a changed one have in common."""

    region: Region = Field(default="FR", description="Of national numbers.", examples=["FR"])
    preset: Preset | None = Field(
        default=None, description="Options that a carrier wants; those that are given themselves come before."
    )
    inbound: InboundIn | None = None
    outbound: OutboundIn | None = None


class NewTrunk(TrunkSides):
    """A trunk that is to be added, with one side or both."""

    name: str = Field(max_length=32, examples=["carrier"])

    @field_validator("name")
    @classmethod
    def _is_name(cls, value: str) -> str:
        try:
            check_trunk_name(value)
        except TrunkInvalid as error:
            raise FieldFault(FieldCode.REFUSED, why=error.texts) from error
        return value

    @field_validator("outbound", mode="before")
    @classmethod
    def _has_address(cls, value: object) -> object:
        """Have an address that is missing told with all else that is wrong."""
        return {"uri": "", **value} if isinstance(value, dict) else value


class TrunkPatch(TrunkSides):
    """What is to change of a trunk; what is left out stays, and a side that it does not have is added."""


class PresetOut(AnswerModel):
    """Options that a carrier wants."""

    name: str
    options: dict[str, Any]
    source: str
    as_of: str
    proven: bool
    besides: str


class PresetsOut(AnswerModel):
    """All presets."""

    data: list[PresetOut]
    next_cursor: None


class FindingOut(AnswerModel):
    """One thing that was tried."""

    name: str
    ok: bool
    needed: bool
    text: str
    advice: str


class TestOut(AnswerModel):
    """What came of a test."""

    ok: bool
    text: str
    took_ms: float | None
    findings: list[FindingOut]
