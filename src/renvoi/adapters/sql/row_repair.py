"""Values in rows that are not what their columns are for: written by hand, or by a file that was damaged.

SQLite keeps whatever is put into a column, and either store a time that no calendar has. Whoever reads such a row takes
something else for the value, which lets nobody do more than before, so that it hides no other rows and keeps nothing
from working; a change of the row puts a sound value there.
"""

import logging
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil, floor
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, Text

from renvoi.adapters.sql.compiled_statements import Row
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.moment import is_moment
from renvoi.domain.numbers.number import E164, NOBODYS_DIGITS, is_digits_of_number

UNREADABLE = "\ufffd"
"""In place of a text that is none: it names nothing, and permits nothing."""
_DIGITS = re.compile(r"[1-9][0-9]{4,14}")
_TIMES = ("at_ms", "until_ms", "since_ms")
_NUMBERS = ("number", "target")
"""Columns of phone numbers, if they are integers."""

NOBODYS_ACCOUNT = -1
"""In place of the account of a row, where that cannot be read: 0 would be the node and its operators."""
_ACCOUNTS = ("account_id", "to_account_id", "acting_for")

LAST = (1 << 63) - 1
"""The place of what is behind all numbers."""

_log = logging.getLogger("renvoi.store")


class RowRepair:
    """Repairs rows of `columns`, the first of which names what a row is of; `instead` are values for damaged ones.

    With `any_time` a time is sound that no calendar has. Without one of `instead` NULL stands in for a value where the
    column may have that, else what is empty, 0, `UNREADABLE`, or nobody's.
    """

    def __init__(self, columns: Sequence[Column[Any]], *, any_time: bool = False, **instead: object) -> None:
        self._names = [column.name for column in columns]
        self._table = columns[0].table.name
        self._fits = [_check(column, any_time=any_time) for column in columns]
        self._instead = [instead[c.name] if c.name in instead else _empty(c) for c in columns]

    def __call__(self, row: Row) -> Row:
        """Return the row, or another one where it has to be repaired; what it has behind the columns stays."""
        # Each request reads its key and account so.
        for fits, value in zip(self._fits, row, strict=False):
            if not fits(value):
                return self._repaired(row)
        return row

    def _repaired(self, row: Row) -> Row:
        repaired = list(row)
        for place, fits in enumerate(self._fits):
            if not fits(row[place]):
                repaired[place] = self._instead[place]
                where = f"{self._names[place]} of {self._table} {str(row[0])[:40]!r}"
                _log.warning("%s is damaged (%.40r) and counts as %r", where, row[place], repaired[place])
        return tuple(repaired)


def is_number(value: object) -> bool:
    """Tell whether a count or a sum of counts is one: PostgreSQL has sums as `Decimal`."""
    return isinstance(value, int | float | Decimal)


def place_value(value: object, *, upwards: bool = False) -> int:
    """Return where a value of an integer column is in a list, whatever SQLite keeps there; what follows comes next.

    Texts and bytes are behind all numbers, so they come first where a list is not `upwards`.
    """
    if isinstance(value, float):
        return ceil(value) if upwards else floor(value)
    return value if isinstance(value, int) else LAST


def readable_numbers(text: str) -> tuple[Sequence[E164], bool]:
    """Return the numbers of a column with digits, a space between two; and whether it has nothing else."""
    words = text.split()
    found = [E164(f"+{digits}") for digits in words if _DIGITS.fullmatch(digits)]
    return found, len(found) == len(words)


def stored_address(text: str) -> EmailAddress:
    """Return an address as it lies in a column; what is none is shown as such, and nobody can write to it."""
    try:
        return EmailAddress.stored(text)
    except EmailInvalid:
        return EmailAddress(UNREADABLE)


def _check(column: Column[Any], *, any_time: bool) -> Callable[[object], bool]:
    kind = bytes if isinstance(column.type, LargeBinary) else str if isinstance(column.type, Text) else int
    allowed = (kind, type(None)) if column.nullable else (kind,)
    if column.name.endswith(_TIMES) and not any_time:
        return lambda value: is_moment(value) or (value is None and column.nullable is True)
    if _is_number(column):
        return lambda value: is_digits_of_number(value) or (value is None and column.nullable is True)
    if column.name in _ACCOUNTS:
        return lambda value: (isinstance(value, int) and value >= 0) or (value is None and column.nullable is True)
    return lambda value: isinstance(value, allowed)


def _is_number(column: Column[Any]) -> bool:
    return column.name in _NUMBERS and isinstance(column.type, BigInteger)


def _empty(column: Column[Any]) -> object:
    if column.nullable:
        return None
    if _is_number(column):
        return NOBODYS_DIGITS
    if column.name in _ACCOUNTS:
        return NOBODYS_ACCOUNT
    return b"" if isinstance(column.type, LargeBinary) else UNREADABLE if isinstance(column.type, Text) else 0
