"""Bodies and query strings of `/v2`, read strictly: what one reader could take otherwise than another is refused."""

import asyncio
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import Receive, Scope

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.text import is_storable
from renvoi.http.body_parsing import BodyUnreadable, decompress, read_body
from renvoi.http.deps import Limits
from renvoi.http.request_context import context_of
from renvoi.http.responses import RequestRefused

JSON_TYPES: Final = ("application/json",)
MAX_DEPTH = 32
LARGE = 256 * 1024
"""Bytes beyond which it takes long to look at a body."""
LARGE_TIMEOUT_S = 60.0
"""How long a body may take to come that may be larger than usual."""
_MAX_QUERY_FIELDS = 100
MAX_TEXT_ERRORS = 20


class BodyRead(Request):
    """A request whose body has been read, and checked; FastAPI asks it for both."""

    def __init__(self, scope: Scope, receive: Receive, content: bytes, value: Any) -> None:
        super().__init__(scope, receive)
        self._content = content
        self._value = value

    async def body(self) -> bytes:
        return self._content

    async def json(self) -> Any:
        return self._value


async def read(request: Request, limits: Limits, types: Sequence[str], most: int | None) -> tuple[bytes, Any]:
    """Read the body: its bytes, and what they say where they are JSON.

    `types` are the content types that the operation takes, none for an operation without a body; `most` is how many
    bytes it may have, None for the limit of all requests.

    Raises:
        Problem: it is too large, of another type, or malformed.
        ClientGone: the client hung up before its end.
    """
    context = context_of(request.scope)
    # What may be large may take long.
    timeout_s = limits.body_timeout_s if most is None else max(limits.body_timeout_s, LARGE_TIMEOUT_S)
    most = most or limits.body_bytes
    bounds = replace(limits, body_bytes=most, body_timeout_s=timeout_s)
    try:
        content = await read_body(context.headers, request.receive, bounds)
        content = decompress(content, context.headers.get(b"content-encoding", b""), most)
    except RequestRefused as refused:
        raise _refused(refused, most) from refused
    except BodyUnreadable as error:
        raise _malformed(FieldCode.NOT_DECOMPRESSED) from error
    if not content:
        return content, None
    kind, _, parameters = context.headers.get(b"content-type", b"").decode("latin-1").lower().partition(";")
    kind = kind.strip()
    if not types:
        if content.strip() in (b"", b"{}"):
            return b"", None
        raise invalid(FieldError("", FieldCode.UNKNOWN_FIELD))
    if kind not in types or not _is_utf_8(parameters, types):
        raise Problem(ProblemCode.CONTENT_TYPE_UNKNOWN, allowed=", ".join(types))
    if "json" not in kind:
        return content, None
    # What is large is read beside the event loop, which others wait for.
    return content, parse_json(content) if len(content) <= LARGE else await asyncio.to_thread(parse_json, content)


def _refused(refused: RequestRefused, most: int) -> Problem:
    if refused.outcome is Outcome.BODY_TOO_LARGE:
        return Problem(ProblemCode.BODY_TOO_LARGE, most=most)
    if refused.outcome is Outcome.CONTENT_TYPE_UNKNOWN:
        return Problem(ProblemCode.CONTENT_TYPE_UNKNOWN, allowed="Content-Encoding: gzip, deflate, identity")
    return _malformed(FieldCode.NOT_COMPLETE, headers={"Connection": "close"})


def _is_utf_8(parameters: str, types: Sequence[str]) -> bool:
    if not any("json" in kind for kind in types):
        return True
    charset = [
        p.partition("=")[2].strip(' "') for p in parameters.split(";") if p.partition("=")[0].strip() == "charset"
    ]
    return all(each in ("utf-8", "utf8", "us-ascii") for each in charset)


def parse_json(content: bytes) -> Any:
    """Return what a JSON text says (RFC 8259).

    Raises:
        Problem: it is not JSON in UTF-8, has a name twice, is nested too deep, or holds what is not a character.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _malformed(FieldCode.NOT_TEXT) from error
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError as error:
        raise _malformed(FieldCode.TOO_DEEP, most=MAX_DEPTH) from error
    except json.JSONDecodeError as error:
        why = {
            "en": f"{error.msg}, line {error.lineno} column {error.colno}",
            "fr": f"voyez la ligne {error.lineno}, colonne {error.colno}",
        }
        raise _malformed(FieldCode.NOT_JSON, why=why) from error
    except ValueError as error:
        # A number of thousands of digits, or NaN.
        why = {"en": "a number cannot be read", "fr": "un nombre ne peut pas être lu"}
        raise _malformed(FieldCode.NOT_JSON, why=why) from error
    if "\\u" not in text and text.count("{") + text.count("[") <= MAX_DEPTH:
        # As it is UTF-8 and JSON, it has neither NUL nor surrogates but by this escape.
        return value
    wrong = list(_bad_texts(value))
    if wrong:
        raise invalid(*wrong)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(FieldCode.DUPLICATE_NAME, name=json.dumps(twice[:50]))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _bad_texts(value: Any) -> Iterator[FieldError]:
    """Yield the texts that hold what no text can hold, up to `MAX_TEXT_ERRORS` of them."""
    found = 0
    level = [("", value)]
    for _ in range(MAX_DEPTH + 1):
        following: list[tuple[str, Any]] = []
        for pointer, each in level:
            if isinstance(each, str):
                bad = not is_storable(each)
            elif isinstance(each, dict):
                bad = not all(map(is_storable, each))
                following += [(f"{pointer}/{_escaped(name)}", inner) for name, inner in each.items()]
            elif isinstance(each, list):
                bad = False
                following += [(f"{pointer}/{place}", inner) for place, inner in enumerate(each)]
            else:
                continue
            if bad and found < MAX_TEXT_ERRORS:
                found += 1
                yield FieldError(pointer, FieldCode.BAD_CHARACTER)
        if not following:
            return
        level = following
    raise _malformed(FieldCode.TOO_DEEP, most=MAX_DEPTH)


def _escaped(name: str) -> str:
    return name.encode(errors="replace").decode().replace("~", "~0").replace("/", "~1")


def check_query(request: Request, known: Collection[str], lists: Collection[str]) -> list[FieldError]:
    """Return what is wrong with the names in the query string: unknown ones, and those that are given twice.

    Raises:
        Problem: it cannot be read at all.
    """
    raw: bytes = request.scope["query_string"]
    if not raw:
        return []
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise Problem(ProblemCode.QUERY_MALFORMED) from error
    if "\0" in text or raw.count(b"&") >= _MAX_QUERY_FIELDS:
        raise Problem(ProblemCode.QUERY_MALFORMED)
    names = [name for name, _ in request.query_params.multi_items()]
    wrong = [FieldError(f"?{name[:50]}", FieldCode.UNKNOWN_FIELD) for name in dict.fromkeys(names) if name not in known]
    twice = [name for name in dict.fromkeys(names) if name in known and name not in lists and names.count(name) > 1]
    return wrong + [FieldError(f"?{name}", FieldCode.REPEATED) for name in twice]


def _malformed(code: FieldCode, headers: dict[str, str] | None = None, **args: object) -> Problem:
    return Problem(ProblemCode.BODY_MALFORMED, errors=[FieldError("", code, args)], headers=headers)
