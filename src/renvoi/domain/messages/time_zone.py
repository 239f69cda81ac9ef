"""Time zones: which one people of a region mean when they say nothing."""

from functools import cache

import phonenumbers

UTC = "UTC"


@cache
def zone_of(region: str) -> str:
    """Return the IANA time zone of `region` (ISO 3166 alpha-2); of several, that of its example phone number."""
    # Loaded late: the table is large, and only the part that writes mails needs it.
    from phonenumbers import timezone  # noqa: PLC0415

    example = phonenumbers.example_number(region)
    zones = timezone.time_zones_for_number(example) if example is not None else ()
    return zones[0] if zones and zones[0] != timezone.UNKNOWN_TIMEZONE else UTC
