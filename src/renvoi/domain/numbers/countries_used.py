"""Since when an account has forwarded calls to each country: what is new to it may have to wait (cooling-off)."""

from collections.abc import Iterable
from dataclasses import dataclass

from renvoi.domain.numbers.number import E164, is_number_of, number_plan, regions_with_code_of


@dataclass(frozen=True, slots=True)
class CountriesUsed:
    """Countries (regions of libphonenumber) other than the account's own that a rule of it has named, by their codes.

    Each has the time when that was first so (ms since 1970-01-01 UTC), 0 for before it was noted.
    """

    since_ms: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        countries = [country for country, _ in self.since_ms]
        if countries != sorted(set(countries)):
            raise ValueError("the countries that were used are not in order, or one comes twice")

    def since(self, country: str) -> int | None:
        """Return since when a country is used; None for one that never was, as far as is known."""
        return next((at_ms for name, at_ms in self.since_ms if name == country), None)

    def with_country(self, country: str, at_ms: int) -> "CountriesUsed":
        """Return these and one more; one that is there already stays as it is."""
        if self.since(country) is not None:
            return self
        return CountriesUsed(tuple(sorted((*self.since_ms, (country, at_ms)))))


NONE_USED = CountriesUsed()


def used_before(countries: Iterable[str]) -> CountriesUsed:
    """Return countries that were used before that was noted."""
    return CountriesUsed(tuple((country, 0) for country in sorted(set(countries))))


def foreign_country_of(target: E164, region: str) -> str | None:
    """Return the country that calls to a number go to; None for `region`, and where no numbering plan has it.

    What belongs to several, such as toll-free numbers of +1, is no foreign number in any of them.
    """
    found = number_plan(target).region
    if found is None or found == region:
        return None
    return None if region in regions_with_code_of(found) and is_number_of(target, region) else found
