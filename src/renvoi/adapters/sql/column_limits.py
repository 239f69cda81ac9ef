"""What the columns can hold, the same for every database, checked before a driver sees it.

PostgreSQL takes no NUL in a text and keeps to the width of its integers, SQLite does neither; each driver refuses other
things, in errors of its own, some of which end the transaction that others share. So this is the one place that says
no, by `StoreRefused`, which ends nothing but the work that it belongs to.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Integer, SmallInteger, Table, Text
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import ARRAY, TypeEngine

from renvoi.adapters.sql.schema import metadata
from renvoi.application.ports.errors import StoreRefused

MAX_KEY_BYTES = 1000
"""Longest text of a column that is part of a key, UTF-8: PostgreSQL's indexes take rows of 2,704 bytes."""
_NOT_COLUMNS = frozenset({"limit", "offset"})
"""Parameters that are 64 bits wide whatever SQLAlchemy takes them for."""


def _key_columns() -> frozenset[str]:
    keys = {c.name for table in metadata.tables.values() for c in table.primary_key if isinstance(c.type, Text)}
    for table in metadata.tables.values():
        for each in (*table.indexes, *table.constraints):
            columns = getattr(each, "columns", ())
            if not getattr(each, "elements", None):
                keys |= {c.name for c in columns if isinstance(c.type, Text)}
    return frozenset(keys)


_KEYS = _key_columns()

_FITS_ALL = 1 << 15
"""The first integer that some column cannot hold."""

Limits = Mapping[str, int]
"""By parameter the first integer that is too large for it."""


def limits_of(compiled: SQLCompiler) -> Limits:
    return {name: _limit(name, bound.type) for name, bound in compiled.binds.items()}


def _limit(name: str, kind: TypeEngine[Any]) -> int:
    if isinstance(kind, ARRAY):
        kind = kind.item_type
    if isinstance(kind, SmallInteger):
        return _FITS_ALL
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger) and name not in _NOT_COLUMNS:
        return 1 << 31
    return 1 << 63


def check(limits: Limits, values: Mapping[str, object]) -> None:
    """Check that the columns can hold these values, by name.

    Raises:
        StoreRefused: one of them cannot be held.
    """
    # Each parameter of each statement passes here, so what fits everywhere is let through before any call.
    for name, value in values.items():
        kind = type(value)
        if kind is str:
            # Its type was just looked at, by the cheapest way.
            if len(value) > MAX_KEY_BYTES or "\0" in value or not value.isascii():  # type: ignore[arg-type, operator, attr-defined]
                _check_text(name, value)  # type: ignore[arg-type]
        elif kind is int:
            if not -_FITS_ALL <= value < _FITS_ALL:  # type: ignore[operator]  # as above
                limit = limits.get(name, 1 << 63)
                if not -limit <= value < limit:  # type: ignore[operator]  # as above
                    raise StoreRefused(f"{name} is {_shown(value)}, out of the range of its column")
        elif kind is list:
            for each in value:  # type: ignore[attr-defined]  # as above
                check(limits, {name: each})


def check_row(table: Table, values: Mapping[str, object]) -> None:
    """Check that `table` can hold a row of these values, for stores that have no statements.

    Raises:
        StoreRefused: one of them cannot be held.
    """
    check({column.name: _limit("", column.type) for column in table.c}, values)


def is_key(text: str) -> bool:
    """Tell whether a column that is part of a key can hold a text; by another one, as damaged rows name, nothing is."""
    try:
        _check_text(next(iter(_KEYS)), text)
    except StoreRefused:
        return False
    return True


def _check_text(name: str, text: str) -> None:
    if "\0" in text:
        raise StoreRefused(f"{name} holds a NUL, which no text in the store can")
    size = len(text)
    if not text.isascii():
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise StoreRefused(f"{name} holds half of a surrogate pair, which is not a character") from error
    if size > MAX_KEY_BYTES and name.removeprefix("key_") in _KEYS:
        raise StoreRefused(f"{name} has {size} bytes, and a key has at most {MAX_KEY_BYTES}")


def _shown(value: object) -> str:
    # Thousands of digits take long to print.
    return str(value) if isinstance(value, int) and value.bit_length() < 100 else "a huge number"
