"""What damage makes of one value in the store, and how it is undone; for every column, as the schema has them."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Column, LargeBinary, Table, Text
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.types import BigInteger, Boolean, Integer, SmallInteger

from renvoi.adapters.sql.schema import metadata
from tests.support.postgres import PostgresServer

_quoted = SQLiteDialect().identifier_preparer.quote
_RANGES: Sequence[tuple[type[Any], int]] = ((SmallInteger, 1 << 15), (BigInteger, 1 << 63), (Integer, 1 << 31))
_DEEP = "[" * 2000


EVERY = os.environ.get("RENVOI_TEST_EVERY_DAMAGE") == "yes"
"""Whether each way of damage meets each column and each question, which takes many minutes (docs/testing.md)."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is written into a column of a row, in the words of SQL; `is_typed`: PostgreSQL takes it too."""

    column: Column[Any]
    value: str
    is_typed: bool

    def __str__(self) -> str:
        return f"{self.column.table.name}.{self.column.name} = {self.value[:60]}"


def damages_of(table: Table, *, typed: bool = False) -> Iterator[Damage]:
    """Yield what each column of a table is given: what its type takes and no reader expects; unless `typed`, more."""
    for column in table.c:
        yield from (Damage(column, value, is_typed=True) for value in _typed(column))
        if not typed:
            yield from (Damage(column, value, is_typed=False) for value in _untyped(column))


def _typed(column: Column[Any]) -> Iterator[str]:
    if column.nullable:
        yield "NULL"
    if isinstance(column.type, LargeBinary):
        yield from ("''", "'damaged'")
    elif isinstance(column.type, Text):
        # A word of a newer version, controls, and a document of another kind.
        yield from ("''", "'of a newer version'", "'a\x01\n\x7f\u2028b'", "'{\"a\": [7]}'")
        # One that is too deep; no key is so long.
        if not column.primary_key:
            yield f"'{_DEEP}'"
    elif not isinstance(column.type, Boolean):
        most = next(most for kind, most in _RANGES if isinstance(column.type, kind))
        yield from map(str, (0, -1, most - 1))


def _untyped(column: Column[Any]) -> Iterator[str]:
    """Yield what only SQLite keeps in a column of that type."""
    if isinstance(column.type, Text):
        yield from ("CAST(x'ff' AS TEXT)", "x'ff'")
    else:
        yield from ("'many'", "-7.5") if not isinstance(column.type, LargeBinary) else ("7", "CAST(x'ff' AS TEXT)")


def some_of(damages: Sequence[Damage]) -> Iterator[Damage]:
    """Yield two of the damages of each column, which ones goes round from column to column; all with `EVERY`."""
    by_column: dict[str, list[Damage]] = {}
    for each in damages:
        by_column.setdefault(each.column.name, []).append(each)
    for place, found in enumerate(by_column.values()):
        yield from found if EVERY else {found[place % len(found)], found[(place + len(found) // 2) % len(found)]}


class Damager(Protocol):
    """Damages rows of one store."""

    def damaged(self, each: Damage, place: int) -> AbstractContextManager[bool]:
        """Have a row be damaged inside: that in `place` of the order of the primary key. False: the store refuses."""

    def undone(self) -> AbstractContextManager[None]:
        """Have all that is written inside be undone."""


class SqliteDamager:
    """Damages a file that a store has open; what it was, it is afterwards, whatever was written to it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(path)) as connection:
            connection.backup(self._whole)

    @contextmanager
    def damaged(self, each: Damage, place: int) -> Iterator[bool]:
        """See `Damager`."""
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            try:
                assert connection.execute(_words(each, place)).rowcount == 1, f"{each}: there is no such row"
                connection.commit()
            except sqlite3.IntegrityError:
                connection.rollback()
                yield False
                return
            try:
                yield True
            finally:
                self._whole.backup(connection)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """See `Damager`."""
        yield
        with closing(sqlite3.connect(self._path)) as connection:
            self._whole.backup(connection)


class PostgresDamager:
    """Damages a database that is nobody else's, by a superuser: constraints that would refuse damage are gone then.

    What it was, it is afterwards, whatever was written to it meanwhile.
    """

    def __init__(self, server: PostgresServer, name: str) -> None:
        self._connection = server.admin(name)
        checks = self._connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace"
        ).fetchall()
        drops = [f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(check)}" for table, check in checks]
        tables = [_quoted(table.name) for table in metadata.sorted_tables]
        copies = [f"CREATE TABLE whole.{table} AS TABLE public.{table}" for table in tables]
        self._run("; ".join([*drops, "CREATE SCHEMA whole", *copies]))
        self._undo = "; ".join(
            f"DELETE FROM {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE whole.{table}" for table in tables
        )

    def _run(self, words: str) -> int:
        return self._connection.execute(words.encode()).rowcount

    @contextmanager
    def damaged(self, each: Damage, place: int) -> Iterator[bool]:
        """See `Damager`."""
        try:
            changed = self._run(_words(each, place))
        except psycopg.Error:
            yield False
            return
        assert changed == 1, f"{each}: there is no such row"
        try:
            yield True
        finally:
            self._run(self._undo)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """See `Damager`."""
        yield
        self._run(self._undo)

    def close(self) -> None:
        """End its connection."""
        self._connection.close()


def _row(each: Damage, place: int) -> str:
    table = each.column.table
    key = ", ".join(_quoted(column.name) for column in table.primary_key)
    return f"FROM {_quoted(table.name)} ORDER BY {key} LIMIT 1 OFFSET {place}"


def _words(each: Damage, place: int) -> str:
    table = each.column.table
    key = ", ".join(_quoted(column.name) for column in table.primary_key)
    row = f"SELECT {key} {_row(each, place)}"
    return f"UPDATE {_quoted(table.name)} SET {_quoted(each.column.name)} = {each.value} WHERE ({key}) = ({row})"
