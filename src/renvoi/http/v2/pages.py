"""Lists by cursor: a page begins behind the last element of the one before, so its cost is the same anywhere."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.text import is_storable

T = TypeVar("T")
E = TypeVar("E")

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
_MAX_CURSOR = 1000
_MAX_PARTS = 10

CursorParts = tuple[str | int | bool | None, ...]


class Page(BaseModel, Generic[T]):
    """A page of a list. It may hold less than `limit` elements although more follow: `next_cursor` alone tells."""

    data: list[T]
    next_cursor: str | None


class Paging:
    """Which page is wanted."""

    def __init__(self, request: Request, limit: int, cursor: str | None, parts: CursorParts) -> None:
        self._request = request
        self._cursor = cursor
        self.limit = limit
        self._parts = parts

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """Return what the cursor says, a value of each of `kinds`; None for the first page.

        Raises:
            Problem: the cursor is not one of this list.
        """
        return self.after_one_of(kinds)

    def after_one_of(self, *forms: tuple[type, ...]) -> tuple[Any, ...] | None:
        """Return what the cursor says, which has one of `forms`: a type for each value. None for the first page.

        Raises:
            Problem: the cursor is not one of this list.
        """
        if self._cursor is None:
            return None
        # A bool is an int to isinstance, and not here.
        if tuple(type(part) for part in self._parts) not in forms:
            raise Problem(ProblemCode.CURSOR_INVALID)
        return self._parts

    def next_url(self, cursor: str) -> str:
        """Return where the next page is, relative to this server."""
        query = [(name, value) for name, value in self._request.query_params.multi_items() if name != "cursor"]
        return f"{self._request.scope['path']}?{urlencode([*query, ('cursor', cursor)])}"


async def paging(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many elements a page may hold.")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(max_length=_MAX_CURSOR, description="`next_cursor` of the page before; without it the first page."),
    ] = None,
) -> Paging:
    """Read `limit` and `cursor`, as a dependency."""
    return Paging(request, limit, cursor, decode_cursor(cursor) if cursor is not None else ())


Paged = Annotated[Paging, Depends(paging)]
"""Of the parameter of a handler that answers with a page."""


def page(
    wanted: Paging,
    response: Response,
    found: Sequence[E],
    shown: Callable[[E], T],
    cursor_of: Callable[[E], CursorParts],
) -> Page[T]:
    """Return a page of what was found, for which one more than `wanted.limit` was asked for, with its `Link`."""
    kept = found[: wanted.limit]
    after = cursor_of(kept[-1]) if len(found) > len(kept) else None
    return page_until(wanted, response, [shown(each) for each in kept], after)


def page_until(wanted: Paging, response: Response, shown: Sequence[T], after: CursorParts | None) -> Page[T]:
    """Return a page whose next one begins behind `after`; None: it is the last one."""
    cursor = None if after is None else encode_cursor(after)
    if cursor is not None:
        response.headers["Link"] = f'<{wanted.next_url(cursor)}>; rel="next"'
    return Page[Any](data=list(shown), next_cursor=cursor)


def encode_cursor(parts: CursorParts) -> str:
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> CursorParts:
    """Return what a cursor says.

    Raises:
        Problem: it is none.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error) as error:
        raise Problem(ProblemCode.CURSOR_INVALID) from error
    if not isinstance(parts, list) or len(parts) > _MAX_PARTS or not all(map(_is_part, parts)):
        raise Problem(ProblemCode.CURSOR_INVALID)
    return tuple(parts)


def _is_part(value: object) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    return value is None or (isinstance(value, int) and abs(value) < 1 << 63)
