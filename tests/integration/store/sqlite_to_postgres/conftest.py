"""A store with rows of all kinds, and an empty database that it moves to."""

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from operator import methodcaller
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy

from renvoi.adapters.sql import schema
from renvoi.adapters.sql.schema_setup import prepare_database
from renvoi.adapters.sql.sqlite import connect, prepare_file
from renvoi.adapters.sql.sqlite_to_postgres import copy
from renvoi.adapters.sql.sqlite_to_postgres.move import MovedTable, Route, move_store
from renvoi.application.ports.unit_of_work import Store
from tests.support.postgres import PostgresServer, shared_cluster
from tests.support.stores import opened

ROWS = 40
TEXTS = ("", "é", "Z", "a", "zß", "\t\\N\\.\n", "🎵", "ﬁ", "a b", "A")
"""Ordered otherwise by languages than by their bytes, or special to COPY."""
NOW_MS = 1_000_000


class StoppedClock:
    """Tells one time."""

    def monotonic_ms(self) -> int:
        return self.now_ms()

    def now_ms(self) -> int:
        """Return `NOW_MS`."""
        return NOW_MS


class Died(BaseException):
    """Stands for SIGKILL: no handler takes it."""


@pytest.fixture(scope="session")
def server() -> PostgresServer:
    return shared_cluster()


@pytest.fixture(scope="session")
def empty(server: PostgresServer) -> str:
    """Return the name of a database that has the schema, and nothing else, to be copied."""
    name = server.create_database()
    prepare_database(server.url(name))
    return name


@pytest.fixture
def database(server: PostgresServer, empty: str) -> Iterator[str]:
    """Return the name of an empty database."""
    name = server.create_database(empty)
    yield name
    server.drop_database(name)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a store with rows in every table, to be copied."""
    directory = tmp_path_factory.mktemp("full")
    prepare_file(directory / "renvoi.db")
    (directory / "messages").mkdir()
    with closing(connect(directory / "renvoi.db")) as connection:
        fill(connection)
        for (name,) in connection.execute("SELECT id FROM messages").fetchall()[1:]:
            (directory / "messages" / f"{name.encode().hex()}.wav").write_bytes(name.encode() * 1000)
    return directory


@pytest.fixture
def route(tmp_path: Path, full: Path, server: PostgresServer, database: str) -> Route:
    """Return the way of a full store to an empty database."""
    shutil.copytree(full, tmp_path, dirs_exist_ok=True)
    path, messages = tmp_path / "renvoi.db", tmp_path / "messages"
    return Route(path, server.url(database), "shown", lambda name: messages / f"{name.encode().hex()}.wav")


def fill(connection: sqlite3.Connection) -> None:
    """Put rows with all sorts of values into every table."""
    keys: dict[str, list[object]] = {}
    for table in copy.TABLES:
        rows = [{c.name: value_for(c, n, keys) for c in table.c} for n in range(1, ROWS + 1)]
        columns, places = ", ".join(f'"{name}"' for name in rows[0]), ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", rows)
        keys |= {f"{table.name}.{key.name}": [row[key.name] for row in rows] for key in table.primary_key}


def value_for(column: sqlalchemy.Column[Any], n: int, keys: dict[str, list[object]]) -> object:
    """Return the value of a column in row `n`."""
    for reference in column.foreign_keys:
        return keys[reference.target_fullname][n - 1]
    # A removal that is under way lets no store be moved.
    if column.nullable and n % 3 == 0 and column is not schema.removals.c.ended_at_ms:
        return None
    if column.name in ("tx", "event_tx"):
        # Transactions have no number on SQLite, and one of another server would be put back.
        return 0
    if column.name in ("routing_version", "policy_version", "options_version"):
        return 1
    if isinstance(column.type, sqlalchemy.Boolean):
        return n % 2
    if isinstance(column.type, sqlalchemy.LargeBinary):
        return hashlib.sha256(str(n).encode()).digest() * n
    if isinstance(column.type, sqlalchemy.Text):
        return f"{TEXTS[n % len(TEXTS)]}{n}"
    large = isinstance(column.type, sqlalchemy.BigInteger) and not column.name.startswith("lease")
    return 990_000_000_000 + n * 7 if large else n


def move(route: Route, tell: Callable[[str], None] = lambda _: None) -> list[MovedTable]:
    return move_store(route, StoppedClock(), tell)


def with_store(url: str, scenario: Callable[[Store], Any]) -> Any:
    async def main() -> Any:
        async with opened(url) as store:
            return await scenario(store)

    return asyncio.run(main())


def add_account(store: Store) -> Any:
    return store.write(methodcaller("add_account", "new", "en", "FR", 1))


def assert_moved(route: Route, tables: list[MovedTable]) -> None:
    """Check what the move says against what is there."""
    left = (schema.store_info, schema.imports, schema.import_rows)
    names = [table.name for table in schema.metadata.sorted_tables if table not in left]
    assert sorted(table.name for table in tables) == sorted(names)
    assert not [table.name for table in tables if not table.same]
    assert {table.source.rows for table in tables} == {ROWS, ROWS - 1}
    with psycopg.connect(route.url) as target, closing(connect(route.path)) as source:
        for table in copy.TABLES:
            columns = ", ".join(f'"{name}"' for name in table.c.keys())  # noqa: SIM118 - a collection of columns, by name
            query = f"SELECT {columns} FROM {table.name}"
            there = {tuple(row) for row in target.execute(query).fetchall()}
            assert there == set(source.execute(query)), table.name
        for name, audio in target.execute("SELECT message_id, audio FROM message_audio"):
            assert audio == route.audio(name).read_bytes() == name.encode() * 1000
    assert with_store(route.url, add_account).id == 990_000_000_000 + ROWS * 7 + 1
