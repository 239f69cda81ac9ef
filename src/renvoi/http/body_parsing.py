"""Request bodies: decompressed, decoded, and read into the fields of a request (`docs/api.md §1`)."""

import asyncio
import codecs
import zlib
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, FormParser, parse_options_header
from starlette.types import Receive

from renvoi.domain.outcome import Outcome
from renvoi.http.deps import Limits
from renvoi.http.responses import ClientGone, RequestRefused

Fields = Mapping[str, object]

MAX_FIELDS = 1000
MAX_MEMBERS = 100
"""Compressed parts of one body: each copies what is left of it."""
_JSON = b"application/json"
_FORM = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks; one that is there says more than a content type, and is not part of the text."""
_CHARSETS = frozenset(
    {"utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "cp1251", "cp1252"}
    | {"iso8859-1", *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16))}
)
"""Those that are plain encodings of text, by Python's names (https://docs.python.org/3/library/codecs.html)."""


class BodyUnreadable(Exception):
    """The body is not what it says or shows that it is; the text says where, and never what stood there."""


def decompress(body: bytes, encoding: bytes, limit: int) -> bytes:
    """Return a body without its `Content-Encoding`, of at most `limit` bytes.

    Raises:
        RequestRefused: it is larger, or of another encoding than gzip and deflate.
        BodyUnreadable: it is damaged.
    """
    name = encoding.strip().lower()
    if name in (b"", b"identity"):
        return body
    if name in (b"gzip", b"x-gzip"):
        return _inflate(body, 16 + zlib.MAX_WBITS, limit, members=True)
    if name == b"deflate":
        # RFC 9110 §8.4.1.2 means zlib's format; some clients leave its two bytes of header away.
        bare = len(body) < 2 or body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31 != 0
        return _inflate(body, -zlib.MAX_WBITS if bare else zlib.MAX_WBITS, limit)
    raise RequestRefused(Outcome.CONTENT_TYPE_UNKNOWN)


def _inflate(body: bytes, window: int, limit: int, *, members: bool = False) -> bytes:
    """Return what `body` grows to; with `members` it may be one compressed part behind another (RFC 1952 §2.2)."""
    found = b""
    for _ in range(MAX_MEMBERS if members else 1):
        inflater = zlib.decompressobj(window)
        try:
            # At least 1: a limit of 0 would be none.
            found += inflater.decompress(body, limit + 1 - len(found))
        except zlib.error as error:
            raise BodyUnreadable("the compressed body is damaged") from error
        if len(found) > limit:
            raise RequestRefused(Outcome.BODY_TOO_LARGE)
        if not inflater.eof:
            break
        body = inflater.unused_data
        if not body:
            return found
    raise BodyUnreadable("the compressed body does not end where its data does")


def read_fields(content_type: bytes, body: bytes) -> Fields:
    """Read a body: whatever its type says, one that begins with `{` is a JSON object; else a form, or nothing.

    Raises:
        RequestRefused: it is of another content type.
        BodyUnreadable: it cannot be read as an object.
    """
    kind, parameters = parse_options_header(content_type.decode("latin-1"))
    named = _charset(parameters.get(b"charset"))
    mark, marked = next(((mark, name) for mark, name in _MARKS if body.startswith(mark)), (b"", None))
    charset = marked or named or "utf-8"
    content = body.removeprefix(mark)
    try:
        if _begins_object(content, charset):
            return _read_json(content, charset)
        if kind == _MULTIPART:
            return _read_multipart(content, parameters.get(b"boundary"), charset)
        if kind == _FORM or (not kind and (not content or b"=" in content)):
            text = content.decode(charset)
            return dict(
                parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MAX_FIELDS)
            )
    except (ValueError, RecursionError, FormParserError, msgspec.DecodeError) as error:
        raise BodyUnreadable("the body cannot be read") from error
    if not kind or kind == _JSON or kind.endswith(b"+json"):
        raise BodyUnreadable("the body is neither a JSON object nor a form")
    raise RequestRefused(Outcome.CONTENT_TYPE_UNKNOWN)


def _charset(named: bytes | None) -> str | None:
    if not named:
        return None
    try:
        name = codecs.lookup(named.decode("ascii").strip()).name
    except (LookupError, ValueError) as error:
        raise RequestRefused(Outcome.CONTENT_TYPE_UNKNOWN) from error
    if name not in _CHARSETS:
        raise RequestRefused(Outcome.CONTENT_TYPE_UNKNOWN)
    return name


def _begins_object(content: bytes, charset: str) -> bool:
    if charset.startswith("utf-16"):
        return content.decode(charset, "replace").lstrip().startswith("{")
    return content.lstrip().startswith(b"{")


def _read_json(content: bytes, charset: str) -> Fields:
    if charset != "utf-8":
        content = content.decode(charset).lstrip("\ufeff").encode()
    found = msgspec.json.decode(content)
    assert isinstance(found, dict)
    return found


def _read_multipart(body: bytes, boundary: bytes | None, charset: str) -> Fields:
    fields: dict[str, object] = {}
    ended = False

    def on_field(field: Field) -> None:
        name = field.field_name or b""
        fields[name.decode(charset)] = (field.value or b"").decode(charset)
        if len(fields) > MAX_FIELDS:
            raise ValueError("too many fields")

    def on_end() -> None:
        nonlocal ended
        ended = True

    # A file is not a field, so nothing handles files.
    parser = FormParser("multipart/form-data", on_field, None, on_end, boundary=boundary)
    parser.write(body)
    parser.finalize()
    if not ended:
        raise ValueError("the last boundary is missing")
    return fields


__all__ = ["Fields", "is_text", "read_body", "read_body_fields", "read_query", "text_of"]

_MAX_INTEGER = 10**64
_NOT_A_TEXT = "not a text: "
"""Starts the text of a value that is not one; it makes it invalid as a number, an address, a type or a key alike."""


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
    body = await read_body(headers, receive, limits)
    try:
        content = decompress(body, headers.get(b"content-encoding", b""), limits.body_bytes)
        return read_fields(headers.get(b"content-type", b""), content)
    except BodyUnreadable as error:
        raise _invalid(str(error)) from error


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limits: Limits) -> bytes:
    """Read the bytes of a body, as they were sent.

    Raises:
        RequestRefused: it is too large, or does not come in time.
        ClientGone: the client hung up before its end.
    """
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
