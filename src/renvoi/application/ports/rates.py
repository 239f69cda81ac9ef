"""What calls cost, by the rate table."""

from collections.abc import Sequence
from typing import Protocol

from renvoi.domain.calls.rates import Rate
from renvoi.domain.numbers.number import E164


class RateReader(Protocol):
    """What can be read of the rate table."""

    def rates(self) -> Sequence[Rate]:
        """Return all rates by prefix."""

    def rate(self, target: E164) -> Rate | None:
        """Return the rate of calls to `target`: that of the longest prefix; None without one."""


class RateWriter(Protocol):
    """Changes the rate table."""

    def put_rates(self, rates: Sequence[Rate]) -> None:
        """Have these rates in place of those before."""
