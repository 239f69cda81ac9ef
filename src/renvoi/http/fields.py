"""Reads the fields of a request from its query string or body (`docs/api.md §1`, "Request")."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
import structlog
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, FormParser, parse_options_header
from starlette.types import Receive

from renvoi.domain.codes import Outcome
from renvoi.http.refusal import ClientGone, RequestRefused
from renvoi.http.wiring import Limits

Fields = Mapping[str, object]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MAX_FIELDS = 1000
_MAX_INTEGER = 10**64
_NOT_A_TEXT = "not a text: "
"""Starts the text of a value that is none; it makes it invalid as a number, an address, a type or a key alike."""

_log = structlog.stdlib.get_logger("renvoi.http")


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
                query_string.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS
            )
        )
    except ValueError as error:
        raise _invalid("the query string has too many fields") from error


async def read_body_fields(headers: Mapping[bytes, bytes], receive: Receive, limits: Limits) -> Fields:
    """Read a body: a JSON object, a form or a multipart form.

    Raises:
        RequestRefused: it is too large, of another content type, or cannot be read as an object.
        ClientGone: the client hung up before its end.
    """
    content_type, parameters = parse_options_header(headers.get(b"content-type", b"").decode("latin-1"))
    # A charset other than UTF-8 makes it another content type: reading it as UTF-8 would be a guess.
    known_charset = parameters.get(b"charset", b"utf-8").lower() in (b"utf-8", b"utf8")
    is_json = content_type in (b"", b"application/json") and known_charset
    if not is_json and content_type not in (b"application/x-www-form-urlencoded", b"multipart/form-data"):
        raise RequestRefused(Outcome.CONTENT_TYPE_UNKNOWN)
    body = await _read_body(headers, receive, limits)
    try:
        if is_json:
            return _read_json(body)
        if content_type == b"multipart/form-data":
            return _read_multipart(body, parameters.get(b"boundary"))
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS))
    except (ValueError, RecursionError, FormParserError) as error:
        # The parsers' errors say where it went wrong, and never what stood there: it may have been a key.
        raise _invalid("the body cannot be read") from error


async def _read_body(headers: Mapping[bytes, bytes], receive: Receive, limits: Limits) -> bytes:
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > limits.body_bytes:
        raise RequestRefused(Outcome.BODY_TOO_LARGE)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limits.body_bytes:
            raise RequestRefused(Outcome.BODY_TOO_LARGE)
        return body
    chunks = bytearray()
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            while True:
                if message["type"] == "http.disconnect":
                    raise ClientGone
                chunks += message.get("body", b"")
                if len(chunks) > limits.body_bytes:
                    raise RequestRefused(Outcome.BODY_TOO_LARGE)
                if not message.get("more_body", False):
                    return bytes(chunks)
                message = await receive()
    except TimeoutError as error:
        raise _invalid("the body did not come in time", close=True) from error


def _read_json(body: bytes) -> Fields:
    found = msgspec.json.decode(body.removeprefix(_BYTE_ORDER_MARK))
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - it is the client's text that is wrong, not a type of ours
    return found


def _read_multipart(body: bytes, boundary: bytes | None) -> Fields:
    fields: dict[str, object] = {}
    ended = False

    def on_field(field: Field) -> None:
        name = field.field_name or b""
        fields[name.decode()] = (field.value or b"").decode()

    def on_end() -> None:
        nonlocal ended
        ended = True

    # A file is no field, so nobody listens for files.
    parser = FormParser("multipart/form-data", on_field, None, on_end, boundary=boundary)
    parser.write(body)
    parser.finalize()
    if not ended:
        raise ValueError("the last boundary is missing")
    return fields


def _invalid(reason: str, *, close: bool = False) -> RequestRefused:
    _log.info("request cannot be read", reason=reason)
    return RequestRefused(Outcome.BODY_INVALID, close=close)
