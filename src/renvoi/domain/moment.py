"""Times in milliseconds since 1970-01-01 UTC, as they come from files and other processes."""

from datetime import UTC, datetime

MAX_AT_MS = 253_402_214_400_000
"""9999-12-31T00:00:00Z: everything before it is a date in every time zone, for Python (`datetime.MAXYEAR`) and in
ISO 8601, whose years have four digits."""


def is_moment(at_ms: object) -> bool:
    """Tell whether a value is a time that can be shown.

    1970 counts: a machine without a battery begins there, and its calls are calls.
    """
    return isinstance(at_ms, int) and not isinstance(at_ms, bool) and 0 <= at_ms < MAX_AT_MS


def shown_moment(at_ms: int) -> datetime | None:
    """Return a stored time in UTC; None for one that no calendar here has, which an earlier version may have stored."""
    return datetime.fromtimestamp(at_ms / 1000, UTC) if is_moment(at_ms) else None
