"""What can go wrong: one class for each kind, all of them `RenvoiError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec


class RenvoiError(Exception):
    """Anything that this client raises."""


class ConnectionFailed(RenvoiError):
    """No answer came, because the server was not reached or the connection broke.

    Whether a change was made is not known. Each write carries an `Idempotency-Key`, so the retries behind this error
    made it at most once.
    """


class TimedOut(ConnectionFailed):
    """No whole answer came in time."""


class InvalidAnswer(RenvoiError):
    """What came is not what the API answers: another server, or a proxy in between, or cut short."""


class WebhookInvalid(RenvoiError):
    """A request is not a webhook that renvoi signed with this secret, or it is too old."""


@dataclass(frozen=True)
class FieldError:
    """One wrong field of a request; `pointer` is its place as RFC 6901 has it, such as `/schedule/open/0/from`."""

    pointer: str
    code: str
    detail: str


class StatusError(RenvoiError):
    """The API refused: `code` is a stable word, `detail` says what to do, `request_id` finds it in the server's log.

    `errors` names all wrong fields. `retry_after_s` is how long to wait, where the server said so.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], request_id: str, retry_after_s: float | None) -> None:
        self.status = status
        self.code = _text(problem, "code")
        self.title = _text(problem, "title")
        self.detail = _text(problem, "detail")
        self.v1_code = problem["v1_code"] if isinstance(problem.get("v1_code"), int) else None
        self.errors = _field_errors(problem.get("errors"))
        self.request_id = request_id or _text(problem, "request_id")
        self.retry_after_s = retry_after_s
        what = ": ".join(part for part in (self.title, self.detail) if part) or "no reason given"
        fields = "".join(f"; {each.pointer}: {each.detail}" for each in self.errors[:5])
        super().__init__(f"{status} {self.code or 'error'}: {what}{fields} (request {self.request_id or 'unknown'})")


class Malformed(StatusError):
    """400: the request could not be read."""


class KeyRefused(StatusError):
    """401: there is no API key, or it is unknown, revoked or expired."""


class Forbidden(StatusError):
    """403: the key may not do this; `accepted_scopes` are those of which it lacks one."""

    accepted_scopes: tuple[str, ...] = ()


class NotFound(StatusError):
    """404: there is no such thing, or it is another account's."""


class Conflict(StatusError):
    """409: it does not go with how things are."""


class VersionChanged(StatusError):
    """412: somebody changed it meanwhile: read it again."""


class TooLarge(StatusError):
    """413: the body is too large."""


class UnsupportedType(StatusError):
    """415: the operation takes another content type."""


class Invalid(StatusError):
    """422: understood, but wrong; `errors` says where."""


class TooManyRequests(StatusError):
    """429: the key's rate is used up; `retry_after_s` says for how long."""


class ServerFailed(StatusError):
    """5xx: nothing was changed, or a fault of the server."""


_CLASSES: dict[int, type[StatusError]] = {
    400: Malformed,
    401: KeyRefused,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: VersionChanged,
    413: TooLarge,
    415: UnsupportedType,
    422: Invalid,
    429: TooManyRequests,
}
_MAX_SHOWN = 200


def error_of(
    status: int, headers: Mapping[str, str], content: bytes, retry_after_s: float | None
) -> StatusError | InvalidAnswer:
    """Return the error for an answer that is not a success."""
    problem: Any = None
    if "json" in headers.get("content-type", ""):
        try:
            problem = msgspec.json.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            problem = None
    if not isinstance(problem, dict):
        if 300 <= status < 400:
            return InvalidAnswer(f"the server answers {status}, a redirect, which is not followed: correct the URL")
        problem = {"title": content[:_MAX_SHOWN].decode("utf-8", "replace")}
    kind = _CLASSES.get(status, ServerFailed if status >= 500 else StatusError)
    error = kind(status, problem, headers.get("x-request-id", ""), retry_after_s)
    if isinstance(error, Forbidden):
        error.accepted_scopes = tuple(headers.get("x-accepted-scopes", "").replace(",", " ").split())
    return error


def _text(problem: Mapping[str, Any], name: str) -> str:
    value = problem.get(name)
    return value if isinstance(value, str) else ""


def _field_errors(found: Any) -> Sequence[FieldError]:
    if not isinstance(found, list):
        return ()
    return tuple(
        FieldError(_text(each, "pointer"), _text(each, "code"), _text(each, "detail"))
        for each in found
        if isinstance(each, dict)
    )
