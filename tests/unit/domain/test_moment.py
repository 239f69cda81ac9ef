"""Times as they are written, and the time zone of an account that names none."""

from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import timezone

from renvoi.domain.moment import MAX_AT_MS, moment_text, timestamp_text, zone_of


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("FR", "Europe/Paris"),
        ("BE", "Europe/Brussels"),
        ("GB", "Europe/London"),
        ("DE", "Europe/Berlin"),
        ("RE", "Indian/Reunion"),
        ("XX", "UTC"),
    ],
)
def test_a_region_has_its_zone(region: str, zone: str) -> None:
    assert zone_of(region) == zone


def test_a_region_of_no_known_zone_has_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "time_zones_for_number", lambda _: (timezone.UNKNOWN_TIMEZONE,))
    assert zone_of.__wrapped__("FR") == "UTC"


def test_every_region_has_a_zone_that_exists() -> None:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        assert ZoneInfo(zone_of(region)).key


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_769_860_800_007, "2026-01-31T12:00:00.007Z"),
        (MAX_AT_MS - 1, "9999-12-30T23:59:59.999Z"),
    ],
)
def test_a_time_is_written_as_rfc_3339_has_it(at_ms: int, text: str) -> None:
    assert (timestamp_text(at_ms), moment_text(at_ms)) == (text, text)


@pytest.mark.parametrize(
    ("at_ms", "nearest"), [(-1, 0), (-(2**63), 0), (MAX_AT_MS, MAX_AT_MS - 1), (2**63, MAX_AT_MS - 1)]
)
def test_what_is_no_date_is_the_nearest_one_or_none(at_ms: int, nearest: int) -> None:
    """Only damage brings such a time; Python has no date for the outermost of them."""
    assert (timestamp_text(at_ms), moment_text(at_ms)) == (timestamp_text(nearest), None)
    assert moment_text(None) is None
