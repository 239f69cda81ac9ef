"""Public holidays, by the package `holidays`. The edge's workers never load it: rules hold the dates that they need."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from renvoi.application.ports.holidays import HolidaysUnknown, KnownHolidays

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?", re.ASCII)
_SHOWN = 30
"""Characters of a wrong code that are shown."""


class PackagedHolidays:
    """See `application.ports.holidays.Holidays`."""

    def between(self, code: str, first: date, last: date) -> KnownHolidays:
        country, subdivision = _parts(code)
        return _between(country, subdivision, first, last)


def _parts(code: str) -> tuple[str, str | None]:
    """Return the country and the subdivision of a code that is known.

    Raises:
        HolidaysUnknown: it is not known.
    """
    found = _CODE.fullmatch(code)
    country, subdivision = found.groups() if found else (None, None)
    if country is None or country not in _supported():
        raise HolidaysUnknown(
            f"no holidays are known under {code[:_SHOWN]!r}: write the ISO 3166 code of a country, such as FR, "
            "or of one of its subdivisions, such as FR-57"
        )
    if subdivision is not None and subdivision not in _supported()[country]:
        allowed = sorted(each for each in _supported()[country] if _CODE.fullmatch(f"{country}-{each}"))
        some = f"allowed are {', '.join(allowed)}" if allowed else f"{country} has none, write {country} alone"
        raise HolidaysUnknown(f"no holidays are known of a subdivision {code[:_SHOWN]!r}: {some}")
    return country, subdivision


@cache
def _supported() -> Mapping[str, frozenset[str]]:
    """Return the countries of which holidays are known, and their subdivisions."""
    # Loaded late, here and below: whoever has no rule with holidays does without it.
    import holidays  # noqa: PLC0415

    return {name: frozenset(each) for name, each in holidays.list_supported_countries(include_aliases=False).items()}


def _between(country: str, subdivision: str | None, first: date, last: date) -> KnownHolidays:
    import holidays  # noqa: PLC0415 - see above

    found = holidays.country_holidays(country, subdiv=subdivision, years=range(first.year, last.year + 1))
    until = min(last, date(found.end_year, 12, 31))
    return KnownHolidays(tuple(sorted(day for day in found if first <= day <= until)), until)
