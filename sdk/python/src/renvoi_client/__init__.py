"""Client of renvoi: `Client` and `AsyncClient`, their errors, and `verify_webhook`."""

from renvoi_client._async.client import AsyncClient
from renvoi_client._callforward import CallForward
from renvoi_client._events import LiveEvent
from renvoi_client._sync.client import Client
from renvoi_client.errors import (
    Conflict,
    ConnectionFailed,
    FieldError,
    Forbidden,
    Invalid,
    InvalidAnswer,
    KeyRefused,
    Malformed,
    NotFound,
    RenvoiError,
    ServerFailed,
    StatusError,
    TimedOut,
    TooLarge,
    TooManyRequests,
    UnsupportedType,
    VersionChanged,
    WebhookInvalid,
)
from renvoi_client.webhooks import WebhookEvent, verify_webhook

__version__ = "0.1.0"
__all__ = [
    "AsyncClient",
    "CallForward",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "FieldError",
    "Forbidden",
    "Invalid",
    "InvalidAnswer",
    "KeyRefused",
    "LiveEvent",
    "Malformed",
    "NotFound",
    "RenvoiError",
    "ServerFailed",
    "StatusError",
    "TimedOut",
    "TooLarge",
    "TooManyRequests",
    "UnsupportedType",
    "VersionChanged",
    "WebhookEvent",
    "WebhookInvalid",
    "verify_webhook",
]
