"""The time zone of an account that names none."""

from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import timezone

from renvoi.domain.moment import zone_of


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
