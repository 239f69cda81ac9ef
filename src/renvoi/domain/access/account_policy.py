"""What the operator allows an account, apart from what its customers set, and which countries it calls.

What is new to an account may have to wait (cooling-off): since when it has forwarded calls to each country is kept.
"""

from dataclasses import dataclass

from renvoi.domain.access.limits import NO_LIMITS, AccountLimits
from renvoi.domain.numbers.destination_policy import DEFAULT, DestinationPolicy, Refused, refusal
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


def foreign_country_of(target: E164, region: str) -> str | None:
    """Return the country that calls to a number go to; None for `region`, and where no numbering plan has it.

    What belongs to several, such as toll-free numbers of +1, is not a foreign number in any of them.
    """
    found = number_plan(target).region
    if found is None or found == region:
        return None
    return None if region in regions_with_code_of(found) and is_number_of(target, region) else found


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """The policy of an account; as made, it is that of an account for which nobody has set anything.

    Each part is a value of its own, which knows its bounds and its defaults.
    """

    destinations: DestinationPolicy = DEFAULT
    limits: AccountLimits = NO_LIMITS
    used: CountriesUsed = NONE_USED


NO_POLICY = AccountPolicy()
NOTHING_ALLOWED = AccountPolicy(destinations=DestinationPolicy(countries=frozenset()))
"""Stands for a policy that cannot be read: nothing is forwarded by it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The account that a number belongs to, as far as its calls depend on it: where it is at home, and its policy."""

    region: str
    policy: AccountPolicy = NO_POLICY

    def refusal(self, target: E164) -> Refused | None:
        """Return why calls must not be forwarded to `target`; None where they may."""
        return refusal(target, self.policy.destinations, self.region)

    def new_country(self, target: E164) -> str | None:
        """Return the country of a target that no rule of the account has named before; None for all others."""
        country = foreign_country_of(target, self.region)
        return country if country is not None and self.policy.used.since(country) is None else None
