"""What forms say, as the models of `/v2` read it: so that pages refuse what the API refuses, with the same texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from renvoi.domain.field_error import FieldError
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import invalid
from renvoi.http.dashboard.forms import Form
from renvoi.http.v2.etags import IfMatch
from renvoi.http.v2.problems import errors_of

M = TypeVar("M", bound=BaseModel)

VERSION = "version"
"""The hidden field by which a form says of which version it was made."""
_WHOLE = re.compile(r"-?[0-9]{1,4000}", re.ASCII)
"""Python reads no more than 4,300 digits; whether so large a number can be is for models to say."""
_REVISION = re.compile(r"[0-9]{1,18}", re.ASCII)
_SEPARATORS = re.compile(r"[\n,;]+")


def checked(model: type[M], values: Mapping[str, Any], wrong: Sequence[FieldError] = ()) -> M:
    """Return what a form says as a body of `/v2`; `wrong` is what is wrong already, which is said with all the rest.

    Raises:
        Problem: fields are wrong; their pointers are those of the body.
    """
    told = {each.pointer for each in wrong}
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        raise invalid(*wrong, *(each for each in errors_of(error) if each.pointer not in told)) from error
    if wrong:
        raise invalid(*wrong)
    return found


def whole(text: str) -> int | str:
    """Return the whole number that a field has; what is none stays a text, which the model refuses."""
    return int(text) if _WHOLE.fullmatch(text) else text


def lines(text: str) -> list[str]:
    """Return the elements of a field with several, by lines or commas.

    Separators alone are an element, which models refuse: an empty field may mean all there is, and this is not empty.
    """
    found = [each.strip() for each in _SEPARATORS.split(text) if each.strip()]
    return found or [each for each in [text.strip()] if each]


def number_lines(numbers: Iterable[E164]) -> str:
    """Return the text of a field with several numbers, as `lines` reads it."""
    return "\n".join(sorted(number.value for number in numbers))


def numbers(texts: Iterable[str], region: str) -> list[str]:
    """Return numbers, written as people of the region do, in E.164; what is none stays as it is, for the model."""
    return [_number(text, region) for text in texts]


def _number(text: str, region: str) -> str:
    try:
        return E164.parse(text, region).value
    except NumberInvalid:
        return text


def revision_in(text: str) -> int:
    """Return the revision of a rule that a form names; what is none is that of no rule, like an old form’s."""
    return int(text) if _REVISION.fullmatch(text) else (1 << 62) - 1


def matching(form: Form) -> IfMatch:
    """Return what lets a change through if nobody made another one since the form was shown."""
    version = form.text(VERSION)
    return IfMatch(frozenset({version}) if version else None)
