"""What stores say of a move from SQLite to PostgreSQL, in their table `store_info`, and how two of them are compared.

The store that is left says where it goes, which every process that writes to it respects; the one that is being filled
says that it is not whole yet, and is opened by nobody until it is.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Boolean, LargeBinary, Table

from renvoi.adapters.sql.compiled_statements import Row

MOVING, MOVED = "moving", "moved"
MOVING_FROM, MOVED_FROM = "moving_from", "moved_from"
"""Keys of the store on PostgreSQL: the identity of the store that it is being filled from, or was."""
_STATE, _IDENTITY = "move", "store_id"
_GET = "SELECT value FROM store_info WHERE key = ?"
_PUT = "INSERT INTO store_info (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


@dataclass(frozen=True, slots=True)
class MoveState:
    """A store is `moving` or `moved` to `target`, a URL without its password."""

    state: str
    target: str

    def __str__(self) -> str:
        """Return why the store takes no changes, and what to do."""
        if self.state == MOVING:
            return f"this store is being moved to {self.target}: `renvoi migrate --back` gives that up"
        return f"this store was moved to {self.target}: set RENVOI_DATABASE_URL to that, and start the node again"


def read(connection: sqlite3.Connection) -> MoveState | None:
    """Return the mark of a store on SQLite; None as long as nobody moves it."""
    row: Row | None = connection.execute(_GET, (_STATE,)).fetchone()
    return MoveState(*row[0].split(" ", 1)) if row is not None else None


def put(connection: sqlite3.Connection, mark: MoveState) -> None:
    """Mark a store on SQLite: with the end of this transaction no process takes changes any more."""
    connection.execute(_PUT, (_STATE, f"{mark.state} {mark.target}"))


def remove(connection: sqlite3.Connection) -> None:
    """Have a store on SQLite take changes again."""
    connection.execute("DELETE FROM store_info WHERE key = ?", (_STATE,))


def identity(connection: sqlite3.Connection) -> str:
    """Return the identity of a store on SQLite, by which a store on PostgreSQL knows it; made when it has none."""
    connection.execute("INSERT OR IGNORE INTO store_info VALUES (?, ?)", (_IDENTITY, secrets.token_hex(16)))
    return str(connection.execute(_GET, (_IDENTITY,)).fetchone()[0])


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
