"""What the operator allows an account, apart from what its customers set themselves."""

from dataclasses import dataclass

from renvoi.domain.access.limits import NO_LIMITS, AccountLimits
from renvoi.domain.numbers.countries_used import NONE_USED, CountriesUsed, foreign_country_of
from renvoi.domain.numbers.destination_policy import DEFAULT, DestinationPolicy, Refused, refusal
from renvoi.domain.numbers.number import E164


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """The policy of an account; as made, it is that of an account for which nobody has set anything.

    Each part is a value of its own, which knows its bounds and its defaults.
    """

    destinations: DestinationPolicy = DEFAULT
    limits: AccountLimits = NO_LIMITS
    used: CountriesUsed = NONE_USED


NO_POLICY = AccountPolicy()


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
