"""Answers as bytes: the envelope of `docs/api.md §1` in JSON and XML, made once for each outcome and language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import msgspec
from starlette.types import Receive, Scope, Send

from renvoi.domain.codes import LANGUAGES, Outcome
from renvoi.http.status import http_status
from renvoi.http.wiring import ErrorStatus

Format = Literal["json", "xml"]
Header = tuple[bytes, bytes]
# A closed set on purpose: what an answer may hold is what both formats can write.
Value = str | int | bool | None | Sequence[Mapping[str, "Value"]]

FORMATS: tuple[Format, ...] = ("json", "xml")
_CONTENT_TYPES: Mapping[Format, bytes] = {"json": b"application/json", "xml": b"application/xml"}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response in full; an ASGI application of its own."""

    status: int
    headers: Sequence[Header]
    body: bytes

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})


class Replies:
    """Makes the API's answers. Those that hold nothing but an outcome are made once and reused."""

    def __init__(self, error_status: ErrorStatus) -> None:
        self._error_status = error_status
        self._plain = {
            (outcome, language, form): self._make(outcome, language, form, {})
            for outcome in Outcome
            for language in LANGUAGES
            for form in FORMATS
        }

    def of(
        self,
        outcome: Outcome,
        language: str,
        form: Format,
        *,
        fields: Mapping[str, Value] | None = None,
        headers: Sequence[Header] = (),
    ) -> Reply:
        """Return the answer for `outcome`: its three fields, then `fields`, with `headers` beside the usual ones."""
        plain = self._make(outcome, language, form, fields) if fields else self._plain[outcome, language, form]
        return Reply(plain.status, [*plain.headers, *headers], plain.body) if headers else plain

    def _make(self, outcome: Outcome, language: str, form: Format, fields: Mapping[str, Value]) -> Reply:
        envelope: dict[str, Value] = {
            "success": outcome.success,
            "code": outcome.code,
            "message": outcome.text(language),
            **fields,
        }
        body = msgspec.json.encode(envelope) if form == "json" else to_xml(envelope)
        status = http_status(outcome, self._error_status)
        headers = [
            (b"content-type", _CONTENT_TYPES[form]),
            (b"content-length", str(len(body)).encode()),
            # A rule that was read may have changed by the next request; a GET carries its key in the URL.
            (b"cache-control", b"no-store"),
        ]
        if status == 401:
            # RFC 9110 §15.5.2 wants a challenge; no browser knows this scheme, so none asks its user for a password.
            headers.append((b"www-authenticate", b'ApiKey realm="renvoi"'))
        return Reply(status, tuple(headers), body)


def to_xml(envelope: Mapping[str, Value]) -> bytes:
    """Write an envelope as `<response>` with one child for each field; a list's elements become `<item>`."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<response>{_children(envelope)}</response>'.encode()


def _children(fields: Mapping[str, Value]) -> str:
    return "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in fields.items())


def _xml(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return escape(str(value))
    return "".join(f"<item>{_children(element)}</item>" for element in value)
