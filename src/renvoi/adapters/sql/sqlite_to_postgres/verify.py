"""What a table holds, in a few bytes: by it two stores are compared, whatever databases they are on."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Boolean, LargeBinary, Table

from renvoi.adapters.sql.compiled_statements import Row


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The number of rows, and the SHA-256 of all of them in the order of their keys."""

    rows: int
    checksum: str


def fingerprint(rows: Iterable[Row]) -> Fingerprint:
    """Return the fingerprint of canonical rows in the order of their keys."""
    digest, count, encode = hashlib.sha256(), 0, msgspec.msgpack.encode
    for row in rows:
        # Each encoding tells its own length, so no two lists of rows have the same one.
        digest.update(encode(row))
        count += 1
    return Fingerprint(count, digest.hexdigest())


class Canonical:
    """Brings a table's rows to one form: SQLite has integers for truth values, and drivers have types of their own."""

    def __init__(self, table: Table) -> None:
        self._truths = [index for index, column in enumerate(table.c) if isinstance(column.type, Boolean)]
        self._bytes = [index for index, column in enumerate(table.c) if isinstance(column.type, LargeBinary)]

    def __call__(self, row: Row) -> Row:
        """Return the row with the values that both databases mean."""
        if not self._truths and not self._bytes:
            return row
        values = list(row)
        for index in self._truths:
            values[index] = None if values[index] is None else bool(values[index])
        for index in self._bytes:
            values[index] = None if values[index] is None else bytes(values[index])
        return tuple(values)
