"""`POST /v1/vn/callforward`, which hosts other than renvoi speak too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from renvoi_client._request import Spec
from renvoi_client.errors import InvalidAnswer


class CallForward(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /v1/vn/callforward` answers, whether it did what was asked or not."""

    success: bool
    code: int
    message: str
    revision: int | None = None
    request_id: str = ""


class _Answer(msgspec.Struct):
    success: bool
    code: int
    message: str = ""


def spec_of_callforward(api_key: str, number: str, kind: int, param: str) -> Spec[Any]:
    """Return the request; its key stands in the body, as that API has it."""
    body = {"apiKey": api_key, "number": number, "type": kind, "param": param}
    return Spec("POST", "/v1/vn/callforward", dict, body=body, refusals_are_answers=True)


def read_callforward(status: int, headers: Mapping[str, str], content: bytes) -> CallForward:
    """Return the answer.

    Raises:
        InvalidAnswer: it is not one of this API.
    """
    try:
        answer = msgspec.json.decode(content, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidAnswer(f"POST /v1/vn/callforward: the answer ({status}) is not the API's: {error}") from error
    revision = headers.get("x-rule-revision", "")
    return CallForward(
        success=answer.success,
        code=answer.code,
        message=answer.message,
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 20 else None,
        request_id=headers.get("x-request-id", ""),
    )
