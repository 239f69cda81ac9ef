"""Times in milliseconds since 1970-01-01 UTC, as they come from files and other processes, and time zones."""

from datetime import UTC, datetime
from functools import cache

import phonenumbers

MAX_AT_MS = 253_402_214_400_000
"""9999-12-31T00:00:00Z: everything before it is a date in every time zone, for Python (`datetime.MAXYEAR`) and in
ISO 8601, whose years have four digits."""
_UTC = "UTC"


def is_moment(at_ms: object) -> bool:
    """Tell whether a value is a time that can be shown.

    1970 counts: a machine without a battery begins there, and its calls are calls.
    """
    return isinstance(at_ms, int) and not isinstance(at_ms, bool) and 0 <= at_ms < MAX_AT_MS


def shown_moment(at_ms: int) -> datetime | None:
    """Return a stored time in UTC; None for one that no calendar here has, which an earlier version may have stored."""
    return datetime.fromtimestamp(at_ms / 1000, UTC) if is_moment(at_ms) else None


def timestamp_text(at_ms: int) -> str:
    """Return a time as RFC 3339 has it, `2026-01-31T12:00:00.000Z`; the nearest date for what is none."""
    at_ms = min(max(at_ms, 0), MAX_AT_MS - 1)
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment_text(at_ms: int | None) -> str | None:
    """Return a stored time as `timestamp_text` does; None for none, and for what is not a date."""
    return timestamp_text(at_ms) if is_moment(at_ms) and at_ms is not None else None


@cache
def zone_of(region: str) -> str:
    """Return the IANA time zone of `region` (ISO 3166 alpha-2); of several, that of its example phone number."""
    # Loaded late: the table is large, and only the part that writes mails needs it.
    from phonenumbers import timezone  # noqa: PLC0415

    example = phonenumbers.example_number(region)
    zones = timezone.time_zones_for_number(example) if example is not None else ()
    return zones[0] if zones and zones[0] != timezone.UNKNOWN_TIMEZONE else _UTC
