"""Reads the fields of a request from its query string and body (`docs/api.md §1`, "Request")."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive

from renvoi.domain.codes import Outcome
from renvoi.http.bodies import MAX_FIELDS, BodyUnreadable, Fields, decompress, read_fields
from renvoi.http.refusal import ClientGone, RequestRefused
from renvoi.http.wiring import Limits

__all__ = ["Fields", "is_text", "read_body_fields", "read_query", "text_of"]

_MAX_INTEGER = 10**64
_NOT_A_TEXT = "not a text: "
"""Starts the text of a value that is none; it makes it invalid as a number, an address, a type or a key alike."""


def text_of(value: object) -> str:
    """Return a field as text: empty when missing, an integer like its decimal string, anything else invalid."""
    if value is None:
        return ""
    if is_text(value):
        return str(value)
    # The value stays in the text, so that two requests that differ in it have different hashes (Idempotency-Key).
    return _NOT_A_TEXT + msgspec.json.encode(value).decode()


def is_text(value: object) -> bool:
    """Tell whether a field is a text, or an integer, which counts as its decimal string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < _MAX_INTEGER
    return isinstance(value, str)


def read_query(query_string: bytes) -> Mapping[str, str]:
    """Read a query string; the last of two equal names counts.

    Raises:
        RequestRefused: it has too many fields.
    """
    if not query_string:
        return {}
    try:
        return dict(
            parse_qsl(
                query_string.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS
            )
        )
    except ValueError as error:
        raise _invalid("the query string has too many fields") from error


async def read_body_fields(headers: Mapping[bytes, bytes], receive: Receive, limits: Limits) -> Fields:
    """Read a body: a JSON object, a form or a multipart form; without a body there are no fields.

    Raises:
        RequestRefused: it is too large, of another content type, or cannot be read as an object.
        ClientGone: the client hung up before its end.
    """
    body = await _read_body(headers, receive, limits)
    try:
        content = decompress(body, headers.get(b"content-encoding", b""), limits.body_bytes)
        return read_fields(headers.get(b"content-type", b""), content)
    except BodyUnreadable as error:
        raise _invalid(str(error)) from error


async def _read_body(headers: Mapping[bytes, bytes], receive: Receive, limits: Limits) -> bytes:
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > limits.body_bytes:
        raise RequestRefused(Outcome.BODY_TOO_LARGE)
    chunks = bytearray()
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                chunks += message.get("body", b"")
                if len(chunks) > limits.body_bytes:
                    raise RequestRefused(Outcome.BODY_TOO_LARGE)
                if not message.get("more_body", False):
                    return bytes(chunks)
    except TimeoutError as error:
        raise _invalid("the body did not come in time", close=True) from error


def _invalid(reason: str, *, close: bool = False) -> RequestRefused:
    return RequestRefused(Outcome.BODY_INVALID, close=close, reason=reason)
