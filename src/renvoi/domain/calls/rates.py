"""What forwarded calls cost: prices a minute by the beginning of the target's number. All money is decimal."""

import re
from dataclasses import dataclass
from decimal import Decimal

from renvoi.domain.access.limits import MICROS

MAX_PREFIX = 15
"""Digits of a prefix: as many as a number has (ITU-T E.164 §6.1)."""
MAX_PRICE = 1000
"""The highest price of a minute, in its currency."""
_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?", re.ASCII)


class RateInvalid(ValueError):
    """A value of a rate is not allowed; the text says which one, and what is. `texts` has it in both languages."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.texts = {"en": english, "fr": french}


@dataclass(frozen=True, slots=True)
class Rate:
    """What a minute to numbers costs that begin with `prefix`: `price` is in millionths of `currency` (ISO 4217)."""

    prefix: str
    price: int
    currency: str

    @classmethod
    def read(cls, prefix: str, price: str, currency: str) -> "Rate":
        """Read a rate as people write it.

        Raises:
            RateInvalid: a value is not allowed.
        """
        found = _PREFIX.fullmatch(prefix)
        if found is None:
            raise RateInvalid(
                f"{prefix[:40]!r} is not a prefix: give 1 to {MAX_PREFIX} digits, country code first",
                f"{prefix[:40]!r} n’est pas un préfixe : donnez 1 à {MAX_PREFIX} chiffres, indicatif du pays en tête",
            )
        if not _CURRENCY.fullmatch(currency):
            raise RateInvalid(
                f"{currency[:40]!r} is not a currency: give the three letters of ISO 4217, such as EUR",
                f"{currency[:40]!r} n’est pas une monnaie : donnez les trois lettres de l’ISO 4217, par exemple EUR",
            )
        micros = read_amount(price)
        if micros > MAX_PRICE * MICROS:
            raise RateInvalid(
                f"{price} is too much for a minute: give at most {MAX_PRICE}",
                f"{price} est trop pour une minute : donnez {MAX_PRICE} au plus",
            )
        return cls(found[1], micros, currency)


def read_amount(text: str) -> int:
    """Return an amount of money in millionths.

    Raises:
        RateInvalid: it is none, or finer than that.
    """
    if not _AMOUNT.fullmatch(text):
        raise RateInvalid(
            f"{text[:40]!r} is not an amount: give digits, and up to six more behind a point, such as 0.0125",
            f"{text[:40]!r} n’est pas un montant : donnez des chiffres, et six de plus au plus après un point, "
            "par exemple 0.0125",
        )
    return int(Decimal(text) * MICROS)


def amount_text(micros: int) -> str:
    """Return an amount as people write it, such as 0.0125."""
    return f"{(Decimal(micros) / MICROS).normalize():f}"


def prefixes_of(digits: str) -> tuple[str, ...]:
    """Return all prefixes of a number, the longest first: that of the first one with a rate counts."""
    return tuple(digits[:length] for length in range(min(len(digits), MAX_PREFIX), 0, -1))
