"""One request and what its answer becomes: shared by the sync and the async client, without I/O."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from renvoi_client._retry import retry_after_s, should_retry
from renvoi_client.errors import InvalidAnswer, RenvoiError, StatusError, error_of
from renvoi_client.models import Versioned

T = TypeVar("T")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Of an answer that is read as a whole; what is larger is streamed."""


@dataclass(frozen=True)
class Spec(Generic[T]):
    """A request: `answers` is the type of its answer's JSON, None for none. `headers` come on top of the client's.

    `refusals_are_answers`: a 4xx that another try would not change is for the caller to read. `timeout_s`, where it is
    given, takes the place of the client's. `takes_account`: it is for the client's account, where that has one; the
    other operations name in path or body what they act on.
    """

    method: str
    path: str
    answers: type[T] | None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    refusals_are_answers: bool = False
    timeout_s: float | None = None
    takes_account: bool = True

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.method} {self.path}"

    def url(self, base: str) -> str:
        return base + self.path

    def parameters(self) -> dict[str, str | list[str]]:
        """Return the query without what was not given; a list is given once for each of its items."""
        return {name: _parameter(value) for name, value in self.query.items() if value is not None}

    def all_headers(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of this request; a write has the same `Idempotency-Key` in all attempts."""
        headers = {**own, **self.headers}
        if self.method in WRITES:
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if self.body is not None:
            headers.setdefault("Content-Type", "application/json")
        headers.setdefault("Accept", "application/json")
        return headers

    def payload(self) -> bytes | None:
        return self.content if self.body is None else msgspec.json.encode(self.body)

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> T:
        """Return the answer of a success, with its version where it has one.

        Raises:
            InvalidAnswer: it is not what the API answers.
        """
        if self.answers is None:
            return None  # type: ignore[return-value]  # T is None then
        try:
            answer = msgspec.json.decode(content, type=self.answers)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            request_id = headers.get("x-request-id", "unknown")
            raise InvalidAnswer(
                f"{self.name}: the answer ({status}) is not the API's: {error} (request {request_id})"
            ) from error
        if isinstance(answer, Versioned):
            return msgspec.structs.replace(answer, etag=headers.get("etag", ""))
        return answer


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were given."""
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def sent(headers: Mapping[str, str | None]) -> dict[str, str]:
    """Return the headers that have a value."""
    return {name: value for name, value in headers.items() if value is not None}


def part(value: object) -> str:
    """Return a value as a part of a path."""
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} names nothing: give a number or an id")
    return quote(text, safe="+")


def settings(url: str | None, api_key: str | None) -> tuple[str, str]:
    """Return the server's URL and the key, from the environment where they are not given.

    Raises:
        RenvoiError: one of them is given nowhere, or cannot be one.
    """
    base = url or os.environ.get("RENVOI_URL", "")
    key = api_key or os.environ.get("RENVOI_API_KEY", "")
    if not base.startswith(("http://", "https://")):
        raise RenvoiError("give the server's url, such as https://renvoi.example.com, or set RENVOI_URL")
    if not key:
        raise RenvoiError("give an api_key, or set RENVOI_API_KEY")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise RenvoiError("the API key has characters that no key has: copy it again")
    return base.rstrip("/"), key


def failure(status: int, headers: Mapping[str, str], content: bytes) -> tuple[RenvoiError, bool, float | None]:
    """Return the error of an answer that is not a success, whether another try may help, and after how long."""
    wanted_s = retry_after_s(headers, datetime.now(timezone.utc))
    error = error_of(status, headers, content, wanted_s)
    code = error.code if isinstance(error, StatusError) else ""
    return error, should_retry(status, code), wanted_s


def _parameter(value: Any) -> str | list[str]:
    return _written(value) if isinstance(value, str) or not isinstance(value, Iterable) else [*map(_written, value)]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs a zone: give datetime(..., tzinfo=timezone.utc), say")
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
