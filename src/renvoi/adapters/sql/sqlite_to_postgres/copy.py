"""Copies the tables of a store on SQLite to one on PostgreSQL, in batches by primary key, and compares them.

Each batch is committed, and the next one begins behind the greatest key that is there: a copy that was interrupted at
any instant goes on where it stopped. Texts are ordered by their bytes on both sides, whatever the server's language.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import LargeBinary, Select, Table, Text, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.elements import ColumnElement

from renvoi.adapters.sql import schema
from renvoi.adapters.sql.compiled_statements import Connection, Row, Statements
from renvoi.adapters.sql.move_state import Canonical, Fingerprint, fingerprint

TABLES: Sequence[Table] = [
    table
    for table in schema.metadata.sorted_tables
    if table not in (schema.store_info, schema.message_audio, schema.imports, schema.import_rows)
]
"""What is copied from table to table, referenced ones first. A store's word of itself stays; audio comes from files.

No store is moved while an import is under way.
"""
BATCH_ROWS, BATCH_FILES = 5000, 16
"""Rows, or rows with audio in them, that are committed at once: bounds memory and what an interruption repeats."""

_SQLITE: Dialect = SQLiteDialect_pysqlite(paramstyle="named")
_POSTGRESQL: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there

Target = psycopg.Connection[Row]


class TableCopy:
    """One table on its way from `source` to `target`, whose transactions are ended here."""

    def __init__(self, source: sqlite3.Connection, target: Target, table: Table) -> None:
        self.name = table.name
        self._source = source
        self._target = target
        self._table = table
        self._keys = list(table.primary_key)
        self._canonical = Canonical(table)

    def copy(self) -> None:
        """Copy the rows behind those that are there.

        Raises:
            psycopg.Error: the target refuses some, or is away.
        """
        last = last_key(self._target, self._keys)
        first, following = self._page(), self._page_behind()
        size = BATCH_FILES if any(isinstance(column.type, LargeBinary) for column in self._table.c) else BATCH_ROWS
        reader = Connection(self._source, Statements(_SQLITE))
        places = [self._table.c.keys().index(key.name) for key in self._keys]
        while True:
            values = {f"key_{place}": value for place, value in enumerate(last or ())}
            rows = reader.all(first if last is None else following, size=size, **values)
            if not rows:
                return
            put_rows(self._target, self._table, map(self._canonical, rows))
            last = tuple(rows[-1][place] for place in places)

    def _page(self) -> "Select[Any]":
        return select(self._table).order_by(*self._keys).limit(bindparam("size"))

    def _page_behind(self) -> "Select[Any]":
        return self._page().where(
            tuple_(*self._keys) > tuple_(*(bindparam(f"key_{n}") for n in range(len(self._keys))))
        )

    def at_source(self) -> Fingerprint:
        """Return what the source has."""
        statement = select(self._table).order_by(*self._keys)
        return fingerprint(map(self._canonical, self._source.execute(str(statement.compile(dialect=_SQLITE)))))

    def at_target(self) -> Fingerprint:
        """Return what the target has."""
        statement = select(self._table).order_by(*map(_by_bytes, self._keys))
        return fingerprint(map(self._canonical, _stream(self._target, statement)))


class AudioCopy:
    """The audio of messages, on its way from files to the table that has it on PostgreSQL.

    `audio` tells where the recording of a message lies. One that has gone is left out: its message was being deleted.
    """

    name = schema.message_audio.name

    def __init__(self, source: sqlite3.Connection, target: Target, audio: Callable[[str], Path]) -> None:
        self._source = source
        self._target = target
        self._audio = audio

    def copy(self) -> None:
        """Copy the files that are not there, and remove those whose file has gone since.

        Raises:
            psycopg.Error: the target refuses some, or is away.
            OSError: a file cannot be read.
        """
        key = schema.message_audio.c.message_id
        last = last_key(self._target, [key])
        messages = self._messages(last[0] if last is not None else "")
        while batch := list(islice(messages, BATCH_FILES)):
            put_rows(self._target, schema.message_audio, self._files(batch))
        gone = [row[0] for row in _stream(self._target, select(key)) if not self._audio(row[0]).exists()]
        self._target.execute("DELETE FROM message_audio WHERE message_id = ANY(%s)", (gone,))
        self._target.commit()

    def _messages(self, after: str = "") -> Iterator[str]:
        for row in self._source.execute("SELECT id FROM messages WHERE id > ? ORDER BY id", (after,)):
            yield row[0]

    def _files(self, message_ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for message_id in message_ids:
            try:
                yield message_id, self._audio(message_id).read_bytes()
            except FileNotFoundError:
                continue

    def at_source(self) -> Fingerprint:
        """Return what the files hold."""
        return fingerprint(self._digests())

    def _digests(self) -> Iterator[Row]:
        for message_id in self._messages():
            try:
                with self._audio(message_id).open("rb") as file:
                    yield message_id, hashlib.file_digest(file, "sha256").digest()
            except FileNotFoundError:
                continue

    def at_target(self) -> Fingerprint:
        """Return what the target has; the server sums up each recording by itself."""
        table = schema.message_audio
        statement = select(table.c.message_id, func.sha256(table.c.audio)).order_by(_by_bytes(table.c.message_id))
        return fingerprint((row[0], bytes(row[1])) for row in _stream(self._target, statement))


def last_key(target: Target, keys: "Sequence[ColumnElement[Any]]") -> Row | None:
    """Return the greatest key that a table on PostgreSQL has; None when it is empty."""
    order = [key.desc() for key in map(_by_bytes, keys)]
    row = target.execute(_postgresql(select(*keys).order_by(*order).limit(1))).fetchone()
    target.commit()
    return row


def put_rows(target: Target, table: Table, rows: Iterator[Row]) -> None:
    """Add rows to a table on PostgreSQL, in a transaction of their own."""
    words = sql.SQL("COPY {} ({}) FROM STDIN")
    columns = sql.SQL(", ").join(map(sql.Identifier, table.c.keys()))
    with target.cursor() as cursor, cursor.copy(words.format(sql.Identifier(table.name), columns)) as copy:
        for row in rows:
            copy.write_row(row)
    target.commit()


def settle(target: Target) -> None:
    """Have the database give identities behind those that were copied, and know how many rows there are."""
    for table in TABLES:
        for column in table.primary_key:
            if column is table.autoincrement_column:
                words = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}")
                name = sql.Identifier(column.name)
                literals = sql.Literal(table.name), sql.Literal(column.name)
                target.execute(words.format(*literals, name, sql.Identifier(table.name)))

    target.execute(sql.SQL("ANALYZE {}").format(_names()))
    target.commit()


def clear(target: Target) -> None:
    """Remove all that was copied."""
    target.execute(sql.SQL("TRUNCATE {}").format(_names()))
    target.commit()


def _names() -> sql.Composed:
    # Those of imports are empty: a table that refers to others is truncated with them.
    tables = (*TABLES, schema.message_audio, schema.imports, schema.import_rows)
    return sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)


def is_empty(target: Target) -> bool:
    """Tell whether no table has rows but those that a node puts there when it starts."""
    begun = {schema.shared_keys.name: "false"}
    begun |= dict.fromkeys((schema.counters.name, schema.node_counters.name), "value <> 0")
    tables = (
        sql.SQL("EXISTS (SELECT FROM {} WHERE {})").format(
            sql.Identifier(table.name), sql.SQL(begun.get(table.name, "true"))
        )
        for table in TABLES
    )
    row = target.execute(sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(tables))).fetchone()
    return row is not None and not row[0]


def _by_bytes(key: "ColumnElement[Any]") -> "ColumnElement[Any]":
    return key.collate("C") if isinstance(key.type, Text) else key


def _postgresql(statement: "Select[Any]") -> sql.SQL:
    compiled = statement.compile(dialect=_POSTGRESQL, compile_kwargs={"literal_binds": True})
    return sql.SQL(str(compiled))


def _stream(target: Target, statement: "Select[Any]") -> Iterator[Row]:
    """Yield rows as the server reads them, in a transaction of its own."""
    with target.cursor(name="rows") as cursor:
        cursor.itersize = BATCH_ROWS if not _has_audio(statement) else BATCH_FILES
        cursor.execute(_postgresql(statement))
        yield from cursor
    target.commit()


def _has_audio(statement: "Select[Any]") -> bool:
    return any(isinstance(column.type, LargeBinary) for column in statement.selected_columns)
