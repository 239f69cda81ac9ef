"""What an endpoint gets of an event, by Standard Webhooks 1.0: the body, the same at each attempt, and its signature.

Signatures are HMAC-SHA256 over id, time and body, with secrets that begin with `whsec_`.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence

from renvoi.domain.events.event import StoredEvent
from renvoi.domain.moment import timestamp_text


def data_of(event: StoredEvent) -> str:
    """Return the JSON object `data` of an event: whose it is, its `seq`, then what was stored."""
    number = "null" if event.number is None else f'"{event.number}"'
    account = f'"acc_{event.account_id}"' if event.account_id else "null"
    head = f'{{"account":{account},"number":{number},"seq":{event.seq}'
    rest = event.data.strip()[1:-1].strip()
    return f"{head},{rest}}}" if rest else f"{head}}}"


def body_of(event: StoredEvent) -> bytes:
    """Return the body, less than `event.MAX_BODY_BYTES`."""
    kind = event.type if event.type.replace(".", "").replace("_", "").isalnum() else json.dumps(event.type)[1:-1]
    return f'{{"type":"{kind}","timestamp":"{timestamp_text(event.at_ms)}","data":{data_of(event)}}}'.encode()


WHSEC = "whsec_"
SECRET_BYTES = 32
_LEAST_BYTES, _MOST_BYTES = 24, 64


def secret_text(secret: bytes) -> str:
    """Return a secret as its owner gets it."""
    return WHSEC + base64.b64encode(secret).decode()


def secret_bytes(text: str) -> bytes:
    """Return the bytes of a secret.

    Raises:
        ValueError: it is not `whsec_` and the base64 of 24 to 64 bytes.
    """
    try:
        secret = base64.b64decode(text.removeprefix(WHSEC), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(WHSEC) or not _LEAST_BYTES <= len(secret) <= _MOST_BYTES:
        # Without what it is: it may be a secret all the same.
        raise ValueError(f"a secret is {WHSEC} and the base64 of {_LEAST_BYTES} to {_MOST_BYTES} bytes")
    return secret


def sign(secrets: Sequence[bytes], event_id: str, timestamp_s: int, body: bytes) -> str:
    """Return `webhook-signature`: one signature by each secret."""
    signed = f"{event_id}.{timestamp_s}.".encode() + body
    return " ".join("v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
