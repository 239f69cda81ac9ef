"""Filters of lists, as their query strings have them."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.moment import is_moment
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import invalid

MAX_CALLER = 128
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_EXAMPLE = "2026-11-28T13:08:28.914Z"


def moment(text: str) -> str:
    """Check that a text is a time of RFC 3339.

    Raises:
        FieldFault: it is none.
    """
    moment_ms(text)
    return text


def moment_ms(text: str) -> int:
    """Return a time of RFC 3339 §5.6 in ms since 1970-01-01 UTC.

    Raises:
        FieldFault: it is none.
    """
    # A plus sign that nobody encoded is a space to a query string.
    head, space, zone = text.rpartition(" ")
    if space and re.fullmatch(r"[0-9]{2}:[0-9]{2}", zone, re.ASCII) and len(head) > len("2026-11-28"):
        text = f"{head}+{zone}"
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError(text)
        # Python 3.11 reads three or six digits of a second only.
        whole = re.sub(r"\.([0-9]+)", lambda found: f".{found[1][:6]:0<6}", text.upper())
        at_ms = round(datetime.fromisoformat(whole).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise FieldFault(FieldCode.BAD_FORMAT, expected=_EXAMPLE) from error
    if not is_moment(at_ms):
        raise FieldFault(FieldCode.BAD_FORMAT, expected=_EXAMPLE)
    return at_ms


def moment_or_none(text: str | None) -> int | None:
    return None if text is None else moment_ms(text)


_Moment = AfterValidator(lambda text: text if text is None else moment(text))
Since = Annotated[
    str | None,
    _Moment,
    Query(max_length=40, description="Only from this time on (RFC 3339).", examples=[_EXAMPLE]),
]
Until = Annotated[
    str | None, _Moment, Query(max_length=40, description="Only before this time (RFC 3339).", examples=[_EXAMPLE])
]
At = Annotated[
    str | None,
    _Moment,
    Query(max_length=40, description="At this time (RFC 3339); without it now.", examples=[_EXAMPLE]),
]
NumberFilter = Annotated[
    str | None, Query(max_length=64, description="Only of this number of the account.", examples=["+33199001234"])
]
CallerFilter = Annotated[
    str | None,
    Query(
        alias="from",
        min_length=1,
        max_length=MAX_CALLER,
        description="Only from this caller: a phone number, or the whole text that calls show. Callers who do not want "
        "to be known are not found.",
        examples=["+33140000001"],
    ),
]


def number_filter(text: str | None, who: Principal) -> E164 | None:
    """Read the filter `number`.

    Raises:
        Problem: it is not a phone number.
    """
    try:
        return None if text is None else E164.parse(text, who.region)
    except NumberInvalid as error:
        raise invalid(FieldError("?number", FieldCode.NUMBER_INVALID)) from error
