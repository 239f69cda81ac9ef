"""Keys as `/v2` takes and shows them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, Field, field_validator

from renvoi.application.keys import KEEP, LONGEST_KEEP, KeyView, NewSecret
from renvoi.application.ports.keys import KeyChange, KeyState
from renvoi.domain.access.api_key import MAX_NUMBERS, KeyRecord
from renvoi.domain.access.rights import (
    EVERYTHING,
    OPERATOR,
    OPERATOR_SCOPES,
    SCOPES,
    ScopeUnknown,
    read_scopes,
    written_scopes,
)
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.ids import IdKind, parsed, written, written_actor
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.v2.etags import etag_of
from renvoi.http.v2.filters import moment, moment_ms
from renvoi.http.v2.models import (
    AnswerModel,
    InternationalNumber,
    Label,
    Number,
    RequestModel,
    Timestamp,
    timestamp,
    timestamp_or_none,
)

_MAX_TIME = 40
_ALL_SCOPES = (EVERYTHING, *OPERATOR_SCOPES)
_SCOPE_TEXT = f"`{EVERYTHING}`: all of them, those of later versions too."
KeyPath = Annotated[str, Path(description="The key's id.", examples=["key_0a0a0a0a0a0a"])]


def _is_scope(text: str) -> str:
    if text not in _ALL_SCOPES:
        raise FieldFault(FieldCode.NOT_ALLOWED, allowed=", ".join(_ALL_SCOPES))
    return text


Scope = Annotated[str, AfterValidator(_is_scope), Field(json_schema_extra={"enum": list(_ALL_SCOPES)})]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=len(OPERATOR_SCOPES) + 1, description=_SCOPE_TEXT)]
Numbers = Annotated[
    list[InternationalNumber] | None,
    Field(
        min_length=1,
        max_length=MAX_NUMBERS,
        description="The numbers that it is limited to: any other one does not exist for it. null: none in particular.",
        examples=[["+33199001234"]],
    ),
]
Expiry = Annotated[
    str | None, Field(max_length=_MAX_TIME, description="From when on it is refused (RFC 3339). null: it does not end.")
]


class _Limits(RequestModel):
    """What creating and changing a key share: how their fields are checked."""

    @field_validator("expires_at", check_fields=False)
    @classmethod
    def _is_moment(cls, value: str | None) -> str | None:
        return None if value is None else moment(value)


class KeyRequest(_Limits):
    """A key to be made."""

    label: Label = Field(default="", examples=["website"])
    scopes: Scopes
    numbers: Numbers = None
    expires_at: Expiry = None
    operator: bool = Field(default=False, description="A key of an operator, which belongs to no account.")


class KeyPatch(_Limits):
    """What is to change of a key; what is left out stays as it is."""

    label: Label = Field(default="", examples=["website"])
    scopes: Scopes = Field(default=[EVERYTHING])
    numbers: Numbers = None
    expires_at: Expiry = None


class KeyRotation(RequestModel):
    """How a secret is to be replaced."""

    keep_s: int = Field(
        default=int(KEEP.total_seconds()),
        ge=0,
        le=int(LONGEST_KEEP.total_seconds()),
        description="Seconds for which the previous secret stays valid; 0: it ends at once.",
    )


class KeyLimits(AnswerModel):
    """What a key is limited to."""

    label: str
    scopes: list[str] = Field(description=_SCOPE_TEXT)
    numbers: list[Number] | None = Field(description="null: it is limited to none in particular.")
    expires_at: Timestamp | None = Field(description="null: it does not end.")
    revoked_at: Timestamp | None
    revision: int = Field(description="Grows by one with each change.")


class KeyOut(KeyLimits):
    """A key, without its secret."""

    id: str = Field(pattern=r"^key_", examples=["key_0a0a0a0a0a0a"])
    account: str | None = Field(pattern=r"^acc_", description="null: it is an operator's key.")
    created_at: Timestamp
    made_by: str | None = Field(description="The key or person that made it; null: the command line.")
    last_used_at: Timestamp | None = Field(
        description="null: never. It may be a minute or two behind, and is not part of the ETag."
    )
    previous_secret_until: Timestamp | None = Field(
        description="Until when the secret before the last rotation is good; null: there is none."
    )


class NewKey(KeyOut):
    """A key with its secret."""

    secret: str = Field(description="What `Authorization: Bearer` takes: it is shown this once.")


class KeyChangeOut(AnswerModel):
    """A change of a key."""

    at: Timestamp
    by: str | None = Field(description="The key that made the change; null: the command line.")
    address: str = Field(description="Where the request came from.")
    rotated: bool = Field(description="Whether it got another secret.")
    before: KeyLimits | None = Field(description="null: it was made.")
    after: KeyLimits


def key_id_of(text: str) -> str:
    """Read the id in a path.

    Raises:
        Problem: it is none of a key.
    """
    key_id = parsed(IdKind.KEY, text)
    if key_id is None:
        raise Problem(ProblemCode.KEY_UNKNOWN)
    return key_id


def key_tag(record: KeyRecord) -> str:
    return etag_of(record.id, record.revision, record.revoked_at_ms)


def _shown(view: KeyView) -> dict[str, Any]:
    record = view.record
    numbers = None if record.numbers is None else sorted(number.value for number in record.numbers)
    return {
        "label": record.label,
        "scopes": list(written_scopes(record.scopes)),
        "numbers": numbers,
        "expires_at": timestamp_or_none(record.expires_at_ms),
        "revoked_at": timestamp_or_none(record.revoked_at_ms),
        "revision": record.revision,
        "id": written(IdKind.KEY, record.id),
        "account": None if record.is_operator else written(IdKind.ACCOUNT, record.account_id),
        "created_at": timestamp(record.created_at_ms),
        "made_by": written_actor(record.made_by),
        "last_used_at": timestamp_or_none(view.last_used_at_ms),
        "previous_secret_until": timestamp_or_none(record.previous_until_ms),
    }


def key_out(view: KeyView) -> KeyOut:
    return KeyOut(**_shown(view))


def new_key_out(made: NewSecret) -> NewKey:
    return NewKey(**_shown(made.view), secret=made.key.reveal())


def _limits(state: KeyState) -> KeyLimits:
    return KeyLimits(
        label=state.label,
        scopes=list(written_scopes(state.scopes)),
        numbers=None if state.numbers is None else list(state.numbers),
        expires_at=timestamp_or_none(state.expires_at_ms),
        revoked_at=timestamp_or_none(state.revoked_at_ms),
        revision=state.revision,
    )


def change_out(change: KeyChange) -> KeyChangeOut:
    return KeyChangeOut(
        at=timestamp(change.at_ms),
        by=written_actor(change.key_id),
        address=change.source,
        rotated=change.after.rotated,
        before=None if change.before is None else _limits(change.before),
        after=_limits(change.after),
    )


def read_wish(sent: Mapping[str, Any], *, is_operator: bool) -> dict[str, Any]:
    """Return the fields of a `KeyWish` that were sent, each of which is good by itself.

    Raises:
        Problem: a scope is none for such a key.
    """
    found: dict[str, Any] = {}
    if "label" in sent:
        found["label"] = sent["label"]
    if "scopes" in sent:
        found["scopes"] = _scopes(sent["scopes"], is_operator=is_operator)
    if "numbers" in sent:
        found["numbers"] = None if sent["numbers"] is None else frozenset(map(E164, sent["numbers"]))
    if "expires_at" in sent:
        found["expires_at_ms"] = None if sent["expires_at"] is None else moment_ms(sent["expires_at"])
    return found


def _scopes(texts: Sequence[str], *, is_operator: bool) -> tuple[str, ...]:
    try:
        return read_scopes(texts, is_operator=is_operator)
    except ScopeUnknown as error:
        place = texts.index(OPERATOR)
        allowed = ", ".join((EVERYTHING, *SCOPES))
        raise invalid(FieldError(f"/scopes/{place}", FieldCode.NOT_ALLOWED, {"allowed": allowed})) from error
