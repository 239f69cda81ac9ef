"""Proves that a request is a webhook of renvoi, as Standard Webhooks 1.0 signs them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from renvoi_client.errors import WebhookInvalid

TOLERANCE_S = 300.0
"""How far the time in a webhook may be from ours, either way."""
_PREFIX = "whsec_"
_VERSION = "v1"


class WebhookEvent(msgspec.Struct, frozen=True):
    """What a webhook says: `type` such as `call.missed`, when it happened, and its data, with `seq` for its order."""

    type: str
    timestamp: datetime
    data: dict[str, Any]


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance_s: float = TOLERANCE_S,
    now: float | None = None,
) -> WebhookEvent:
    """Return the event of a request, after its signature and its time were checked.

    `body` are the bytes as they came, `headers` the request's, in any case; `secret` is the endpoint's (`whsec_…`).
    `now` is the time in seconds since 1970-01-01 UTC, the machine's by default.

    Raises:
        WebhookInvalid: it is not signed with this secret, too old, or not a webhook at all; answer 400 then.
    """
    content = body.encode() if isinstance(body, str) else bytes(body)
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, sent, signatures = (given[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise WebhookInvalid(f"the header {error} is missing") from None
    _check_time(sent, time.time() if now is None else now, tolerance_s)
    expected = hmac.digest(_key(secret), f"{message_id}.{sent}.".encode() + content, hashlib.sha256)
    if not any(_is(expected, each) for each in signatures.split(" ")):
        raise WebhookInvalid("no signature is right: is this the endpoint's secret, and the body as it came?")
    try:
        return msgspec.json.decode(content, type=WebhookEvent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookInvalid(f"the body is not an event: {error}") from error


def _check_time(sent: str, now: float, tolerance_s: float) -> None:
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 15):
        raise WebhookInvalid("webhook-timestamp is not a time")
    if abs(now - int(sent)) > tolerance_s:
        raise WebhookInvalid(
            f"it was sent {now - int(sent):.0f} s ago: compare the clocks, or it was sent again by others"
        )


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise WebhookInvalid(f"the secret is not one of renvoi's, which begin with {_PREFIX}") from error


def _is(expected: bytes, signature: str) -> bool:
    version, _, value = signature.partition(",")
    try:
        return version == _VERSION and hmac.compare_digest(expected, base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False
