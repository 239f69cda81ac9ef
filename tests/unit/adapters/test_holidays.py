"""Public holidays by the package: which codes it knows, and for how long."""

from datetime import date

import pytest

from renvoi.adapters.holidays import PackagedHolidays
from renvoi.application.ports.holidays import HolidaysUnknown
from renvoi.domain.rules.schedule import MAX_HOLIDAYS

FIRST, LAST = date(2026, 11, 28), date(2028, 1, 2)


def days(code: str, first: date = FIRST, last: date = LAST) -> list[str]:
    return [day.isoformat() for day in PackagedHolidays().between(code, first, last).dates]


def test_the_holidays_of_a_country_are_in_order_and_within_the_days_that_were_asked_for() -> None:
    assert days("FR") == [
        *("2026-12-25", "2027-01-01", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17"),
        *("2027-07-14", "2027-08-15", "2027-11-01", "2027-11-11", "2027-12-25", "2028-01-01"),
    ]
    assert PackagedHolidays().between("FR", FIRST, LAST).until == LAST
    assert days("FR", date(2026, 12, 25), date(2026, 12, 25)) == ["2026-12-25"]
    assert days("FR", date(2026, 12, 26), date(2026, 12, 31)) == []


def test_a_subdivision_has_its_own() -> None:
    assert sorted(set(days("FR-57")) - set(days("FR"))) == ["2026-12-26", "2027-03-26", "2027-12-26"]


def test_a_country_whose_calendar_ends_says_so() -> None:
    """Sri Lanka publishes its calendar by the year."""
    known = PackagedHolidays().between("LK", date(2026, 1, 1), date(2027, 3, 1))
    assert known.until < date(2027, 3, 1)
    assert known.dates
    assert known.dates[-1] <= known.until


@pytest.mark.parametrize(
    ("code", "says"),
    [
        *(
            (code, "write the ISO 3166 code")
            for code in ("", "fr", "FRA", "XX", "France", "UK", "FR-", "FR-fr", "FR 57")
        ),
        *(
            (code, "write the ISO 3166 code")
            for code in ("FR-57\n", "FR-57-1", "ＦＲ", "FR-Zone A", "\0", "\ud800", "F" * 99)
        ),
        ("FR-99", "allowed are 57, 6AE"),
        ("LK-1", "LK has none"),
    ],
)
def test_codes_that_are_not_known(code: str, says: str) -> None:
    with pytest.raises(HolidaysUnknown, match=says) as raised:
        PackagedHolidays().between(code, FIRST, LAST)
    assert len(str(raised.value)) < 300


def test_no_country_has_more_holidays_than_a_schedule_holds() -> None:
    import holidays  # noqa: PLC0415 - what is allowed is read from the package itself

    counts = {code: len(days(code)) for code in holidays.list_supported_countries(include_aliases=False)}
    assert 0 < max(counts.values()) < MAX_HOLIDAYS / 2
