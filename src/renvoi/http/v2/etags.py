"""Versions of single resources: `ETag`, `If-None-Match` and `If-Match` (RFC 9110 §8.8, §13.1)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import context_of

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LIST = re.compile(r'\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[ \t]*,[ \t]*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*")*')
_MAX_HEADER = 4000
_SHOWN_TAG = re.compile(r'\A"([0-9a-f]+)-[0-9a-f]{16}"\Z')


def etag_of(*parts: object) -> str:
    """Return the tag of a version that `parts` tell apart from all others of the same resource."""
    text = "\0".join(map(repr, parts))
    return f'"{hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:20]}"'


def shown_tag(version: str, content: bytes) -> str:
    """Return the `ETag` of what is shown of a version together with what changes by itself, as time goes on.

    A strong tag is of every byte (RFC 9110 §8.8.1), so that 304 hides nothing; `If-Match` compares the version alone.
    """
    return f'{version.removesuffix(chr(34))}-{hashlib.sha256(content).hexdigest()[:16]}"'


class IfMatch:
    """What a write's `If-Match` allows; without one, everything."""

    def __init__(self, tags: frozenset[str] | None) -> None:
        self._tags = tags

    @property
    def is_given(self) -> bool:
        """Tell whether there is a condition, where the present version costs much to find out."""
        return self._tags is not None

    def check(self, current: str) -> None:
        """Let the write pass if the resource is at a version that was named; call it in the write's transaction.

        It may be named by the tag of anything that was shown of it: see `shown_tag`.

        Raises:
            Problem: it is at another version.
        """
        # The strong comparison (RFC 9110 §8.8.3.2): a weak tag matches nothing.
        if self._tags is not None and "*" not in self._tags and current not in self._versions():
            raise Problem(ProblemCode.PRECONDITION_FAILED, headers={"ETag": current})

    def _versions(self) -> set[str]:
        return {_SHOWN_TAG.sub(r'"\1"', tag) for tag in self._tags or ()}


async def if_match(request: Request) -> IfMatch:
    """Read `If-Match`, as a dependency."""
    return IfMatch(_tags(context_of(request.scope).headers, b"if-match", "If-Match"))


Matching = Annotated[IfMatch, Depends(if_match)]
"""Of a handler's parameter that wants to know what the write's `If-Match` allows."""


def is_known(headers: Mapping[bytes, bytes], current: str) -> bool:
    """Tell whether a GET's `If-None-Match` names the version `current`, so that its content need not be sent.

    Raises:
        Problem: the header is malformed.
    """
    tags = _tags(headers, b"if-none-match", "If-None-Match")
    return tags is not None and ("*" in tags or current.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags})


def _tags(headers: Mapping[bytes, bytes], name: bytes, shown: str) -> frozenset[str] | None:
    given = headers.get(name)
    if given is None:
        return None
    text = given.decode("latin-1").strip()
    if len(text) > _MAX_HEADER or not _LIST.fullmatch(text):
        error = FieldError(f"{shown}:", FieldCode.BAD_FORMAT, {"expected": '"5f3a…"'})
        raise Problem(ProblemCode.HEADER_MALFORMED, errors=[error])
    return frozenset({"*"}) if text == "*" else frozenset(_TAG.findall(text))
