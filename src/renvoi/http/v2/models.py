"""What the models of all resources share: strict requests, and answers with times and ids as `/v2` writes them."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from renvoi.application.numbers import MAX_LABEL_LENGTH
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.moment import timestamp_text
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid, is_region
from renvoi.domain.text import strip_invisible

M = TypeVar("M", bound=BaseModel)


class RequestModel(BaseModel):
    """A body of a request. Unknown fields are errors, and no value is made another one's type.

    Use `Literal` for words: pydantic takes no text for an `Enum` when it is strict. Which fields were sent tells
    `model_fields_set`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


class AnswerModel(BaseModel):
    """A body of an answer."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


def _cut(value: Any) -> Any:
    return strip_invisible(value) if isinstance(value, str) else value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise FieldFault(FieldCode.NOT_PRINTABLE)
    return value


def _region(value: str) -> str:
    if not is_region(value):
        raise FieldFault(FieldCode.REGION_UNKNOWN)
    return value


def _international(text: str) -> str:
    try:
        return E164.parse(text, NO_REGION).value
    except NumberInvalid as error:
        raise FieldFault(FieldCode.NUMBER_INVALID) from error


Cut = BeforeValidator(_cut)
"""Of a text that people write: what nobody sees at its two ends is cut off, as `/v1` does."""
Label = Annotated[str, Cut, Field(max_length=MAX_LABEL_LENGTH), AfterValidator(_printable)]
"""A short name in a request, for people's eyes."""
Region = Annotated[str, AfterValidator(_region)]
"""A country in a request, as ISO 3166-1 names it."""
InternationalNumber = Annotated[str, AfterValidator(_international)]
"""A phone number in a request, written in any way that needs no region; its value is in E.164 with the plus sign."""
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-28T13:08:28.914Z"])]
"""RFC 3339 in UTC with milliseconds; `timestamp` makes it."""
Number = Annotated[str, Field(pattern=r"^\+-?[0-9]{1,19}$", examples=["+33199001234"])]
"""A phone number in an answer, E.164 with its plus sign; +0 for one that cannot be read, as its row is damaged."""


def timestamp(ms: int) -> str:
    """Return a time (ms since 1970-01-01 UTC) as `2026-01-31T12:00:00.000Z`."""
    return timestamp_text(ms)


def timestamp_or_none(ms: int | None) -> str | None:
    return None if ms is None else timestamp_text(ms)


def answer(model: BaseModel, status: int = 200, etag: str | None = None, **headers: str) -> Response:
    """Return the answer that shows `model`, for handlers that return a response (`IdempotentWrite.run`).

    Names of `headers` have underscores for hyphens.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if etag is not None:
        named["ETag"] = etag
    return Response(model.model_dump_json(), status, named, media_type="application/json")


def no_content() -> Response:
    """Return the answer to what leaves nothing to show."""
    return Response(None, 204)


def given(model: BaseModel, *names: str) -> dict[str, Any]:
    """Return the fields that were sent, of those with these names, or of all."""
    sent = model.model_fields_set
    return {name: getattr(model, name) for name in (names or type(model).model_fields) if name in sent}
