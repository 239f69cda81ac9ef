"""What is known of public holidays."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class HolidaysUnknown(ValueError):
    """Nothing is known of holidays under that code; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class KnownHolidays:
    """Holidays in ascending order, and the last day for which they are known."""

    dates: tuple[date, ...]
    until: date


class Holidays(Protocol):
    """Holidays by ISO 3166 code, `FR`, or `FR-57` with a subdivision. It may take a tenth of a second."""

    def between(self, code: str, first: date, last: date) -> KnownHolidays:
        """Return the holidays from `first` to `last`, or to the last day for which any are known, if that is before it.

        Raises:
            HolidaysUnknown: the code is none of those that are known.
        """


class NoHolidays:
    """Knows of no holidays anywhere: what is there where nobody gave a calendar."""

    def between(self, code: str, first: date, last: date) -> KnownHolidays:
        """Raise `HolidaysUnknown`: every code is unknown."""
        raise HolidaysUnknown(f"no calendar is at hand, so none has holidays of {code}, from {first} to {last}")
