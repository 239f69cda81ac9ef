"""Whether and when a request is sent again: no I/O, no clock and no dice of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 8.0
"""The pause before the first retry and the longest one, each doubled from the one before and varied by half."""
MAX_RETRY_AFTER_S = 60.0
"""A server that wants more is not waited for: the error says how long it wants."""
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_UNDER_WAY = "request_in_progress"


def should_retry(status: int, code: str) -> bool:
    """Tell whether an answer may be another one next time."""
    return status in _RETRIED or (status == 409 and code == _UNDER_WAY)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of `Retry-After` (RFC 9110 §10.2.3), a number or a date; None without one that is readable."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    if not value:
        return None
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - now).total_seconds())


def pause_s(attempt: int, wanted_s: float | None, dice: float) -> float | None:
    """Return how long to wait before retry number `attempt`, from 0; None: not worth waiting.

    `wanted_s` is what the server asked for; `dice` is between 0 and 1.
    """
    if wanted_s is not None:
        return wanted_s if wanted_s <= MAX_RETRY_AFTER_S else None
    longest = min(MAX_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt, 10))
    return longest * (0.5 + dice / 2)
