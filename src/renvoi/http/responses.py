"""What the API answers: the envelope, in JSON or XML, the HTTP status of each outcome, the language, and refusals."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import msgspec
from starlette.types import Receive, Scope, Send

from renvoi.domain.outcome import LANGUAGES, Outcome
from renvoi.http.deps import ErrorStatus

_MAX_HEADER = 1000
"""Characters of `Accept-Language` that are read; browsers send less than 100."""
REFUSAL_KEY = "renvoi.refusal"
"""In the scope of a request that the server cannot read: the outcome, in place of an answer or of the body's end."""


class RequestRefused(Exception):
    """The request ends with this outcome.

    `retry_after_s` says when another try makes sense; `reason` is for the log, and holds nothing of the request.
    """

    def __init__(
        self, outcome: Outcome, *, retry_after_s: int | None = None, close: bool = False, reason: str = ""
    ) -> None:
        super().__init__(outcome.label)
        self.outcome = outcome
        self.retry_after_s = retry_after_s
        self.close = close
        self.reason = reason


class ClientGone(Exception):
    """The client hung up before its request was complete; nobody is left to answer."""


def language_named(text: str) -> str | None:
    """Return the language that a `lang` field names (`fr`, also `fr-CA`), None when we do not have it."""
    primary = text.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else None


def negotiate(accept_language: str, default: str) -> str:
    """Return the language that an `Accept-Language` header prefers (RFC 9110 §12.5.4), `default` when none of ours.

    The higher weight wins, of two equal ones the first. `*` stands for what is not named, and `q=0` excludes.
    """
    weights: dict[str, float] = {}
    for element in accept_language[:_MAX_HEADER].split(","):
        text, _, parameters = element.partition(";")
        name = language_named(text) or text.strip()
        if name in LANGUAGES or name == "*":
            weights[name] = max(weights.get(name, 0.0), _weight(parameters))
    if "*" in weights:
        for name in (default, *LANGUAGES):
            weights.setdefault(name, weights["*"])
        del weights["*"]
    best = max(weights, key=lambda name: weights[name], default=default)
    return best if weights.get(best, 0.0) > 0 else default


_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
"""RFC 9110 §12.4.2."""


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0


_STATUS = {
    Outcome.NAME_REQUIRED: 400,
    Outcome.NUMBER_REQUIRED: 400,
    Outcome.TYPE_REQUIRED: 400,
    Outcome.TYPE_INVALID: 400,
    Outcome.PARAM_REQUIRED: 400,
    Outcome.EMAIL_INVALID: 400,
    Outcome.TARGET_INVALID: 400,
    Outcome.KEY_REQUIRED: 401,
    Outcome.KEY_INCORRECT: 401,
    Outcome.NUMBER_UNKNOWN: 404,
    Outcome.FORWARDING_NOT_ENABLED: 403,
    Outcome.NUMBER_DEACTIVATED: 403,
    Outcome.ALREADY_FORWARDING: 409,
    Outcome.ALREADY_VOICEMAIL: 409,
    Outcome.ALREADY_DISABLED: 409,
    Outcome.BODY_INVALID: 400,
    Outcome.BODY_TOO_LARGE: 413,
    Outcome.CONTENT_TYPE_UNKNOWN: 415,
    Outcome.HEAD_TOO_LARGE: 431,
    Outcome.TRANSFER_CODING_UNKNOWN: 501,
    Outcome.LOOP: 409,
    Outcome.DESTINATION_REFUSED: 403,
    Outcome.TOO_MANY_REQUESTS: 429,
    Outcome.UNAVAILABLE: 503,
    Outcome.METHOD_NOT_ALLOWED: 405,
    Outcome.IDEMPOTENCY_CONFLICT: 409,
    Outcome.NOT_FOUND: 404,
    Outcome.INTERNAL_ERROR: 500,
}
_NOT_ANSWERED = frozenset({Outcome.NOT_FOUND, Outcome.INTERNAL_ERROR})
"""No answers of the API, so they keep their status whatever `error_status` says."""


def http_status(outcome: Outcome, error_status: ErrorStatus) -> int:
    """Return the HTTP status of an answer; with `ok` it is 200 for every answer of the API."""
    if outcome.success or (error_status == "ok" and outcome not in _NOT_ANSWERED):
        return 200
    return _STATUS[outcome]


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
