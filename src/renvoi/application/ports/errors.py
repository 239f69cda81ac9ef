"""What a store may answer instead of a result."""

from collections.abc import Mapping
from dataclasses import dataclass

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Unreadable


class StoreUnavailable(Exception):
    """The store cannot do this now; nothing was changed. Trying again later may help."""


@dataclass(frozen=True, slots=True)
class UnreadablePolicy:
    """The policy of an account that cannot be read."""

    account_id: int
    why: Unreadable


@dataclass(frozen=True, slots=True)
class UnreadableTrunk:
    """A trunk whose row cannot be read."""

    name: str
    why: Unreadable


class NotUnderstood(StoreUnavailable):
    """The store was read, and what it has is damaged or a newer program's: that lasts.

    `record` is the number as lists have it where it is a number's rule that cannot be read, which concerns this number
    alone; `row` says which other row it is.
    """

    def __init__(
        self,
        text: str,
        record: NumberRecord | None = None,
        row: UnreadablePolicy | UnreadableTrunk | None = None,
    ) -> None:
        super().__init__(text)
        self.record = record
        self.row = row


class StoreRefused(Exception):
    """The store cannot hold what it was given; the text says why. Nothing was changed, and no later try will do."""


class StoreMismatch(Exception):
    """The store's schema is not one that this program can use; the text says what to do."""


class Conflict(Exception):
    """Something of that name exists already; the text names it. `texts` has it in both languages."""

    def __init__(self, english: str, french: str | None = None) -> None:
        super().__init__(english)
        self.texts: Mapping[str, str] = {"en": english, "fr": french or english}


def number_exists(number: E164 | str) -> Conflict:
    """Return the refusal of a number that there is already."""
    return Conflict(f"number {number} exists already", f"le numéro {number} existe déjà")


def number_removing(number: E164) -> Conflict:
    """Return the refusal of a number that is being removed."""
    return Conflict(
        f"number {number} is being removed: try again in some seconds",
        f"le numéro {number} est en cours de retrait : réessayez dans quelques secondes",
    )


def number_staged(number: E164) -> Conflict:
    """Return the refusal of a number that an import holds."""
    return Conflict(
        f"number {number} is part of an import that is under way", f"le numéro {number} est dans un import en cours"
    )
