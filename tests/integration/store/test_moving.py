"""A store moves from SQLite to PostgreSQL as it is, whatever comes in between (docs/operating.md)."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
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
from renvoi.adapters.sql.sqlite_to_postgres import move as moving
from renvoi.adapters.sql.sqlite_to_postgres import state as movemark
from renvoi.adapters.sql.sqlite_to_postgres.move import MovedTable, Route, move_back, move_store, remove_moved
from renvoi.adapters.sql.sqlite_to_postgres.state import MoveState
from renvoi.adapters.sql.sqlite_to_postgres.verify import fingerprint
from renvoi.application.errors import OperatorError
from renvoi.application.messages import delete_message
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.shared_keys import keep_keys
from renvoi.application.staging import settle
from renvoi.domain.access.shared_key import KeyRing
from renvoi.domain.numbers.number import E164
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.postgres import ROLE, PostgresServer, shared_cluster
from tests.support.stores import new_database, opened, seed

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
    if column.nullable and n % 3 == 0:
        return None
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
    assert all(table.same for table in tables)
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


def test_everything_is_there_afterwards(route: Route) -> None:
    assert_moved(route, move(route))


def test_a_moved_store_is_read_and_not_written(route: Route) -> None:
    move(route)

    async def scenario(store: Store) -> None:
        assert len(await store.read(lambda reader: reader.accounts())) == ROWS
        with pytest.raises(StoreUnavailable, match="was moved to shown"):
            await add_account(store)

    with_store(f"sqlite:///{route.path}", scenario)
    assert move(route) == []


def test_a_message_whose_deletion_is_refused_keeps_its_recording(route: Route) -> None:
    move(route)
    with closing(connect(route.path)) as store:
        name = store.execute("SELECT max(id) FROM messages").fetchone()[0]
        # A row of the program, where others hold anything.
        store.execute("UPDATE mails SET state = 'sent', recipient = 'a@example.com'")
        store.execute("UPDATE messages SET number = 33199001234")
    assert route.audio(name).exists()

    async def scenario(store: Store) -> None:
        with pytest.raises(StoreUnavailable):
            await delete_message(store, name, lambda name: route.audio(name).unlink())

    with_store(f"sqlite:///{route.path}", scenario)
    assert route.audio(name).exists()


@pytest.mark.parametrize("state", ["staging", "committed", "abandoned"])
def test_a_store_is_not_moved_while_an_import_is_under_way(route: Route, state: str) -> None:
    with closing(connect(route.path)) as source:
        account_id = source.execute("SELECT id FROM accounts").fetchone()[0]
        source.execute("INSERT INTO imports VALUES (7, ?, ?, 1, 1)", (account_id, state))
        source.execute("INSERT INTO import_rows VALUES (33199001299, 7, 1, '', 1)")
    with pytest.raises(OperatorError, match=r"an import of numbers is under way: .* `renvoi number list`"):
        move(route)
    # Nothing is marked: the store is completed, as the text says, and moves.
    with_store(f"sqlite:///{route.path}", lambda store: settle(store, StoppedClock()))
    assert all(table.same for table in move(route))
    there = with_store(route.url, lambda store: store.read(methodcaller("number", E164("+33199001299"))))
    assert (there is not None) == (state == "committed")


def test_a_store_in_use_takes_no_changes_from_the_mark_on(route: Route) -> None:
    """A process that has had the store open all the time refuses; nothing that it stored before is left behind."""

    async def scenario(store: Store) -> None:
        await store.write(methodcaller("add_account", "before", "en", "FR", 1))
        tables = await asyncio.to_thread(move, route)
        assert {table.name: table.target.rows for table in tables}["accounts"] == ROWS + 1
        answers = await asyncio.gather(*(add_account(store) for _ in range(10)), return_exceptions=True)
        assert all(isinstance(answer, StoreUnavailable) for answer in answers)
        move_back(route.path, force=True)
        await add_account(store)

    with_store(f"sqlite:///{route.path}", scenario)


def test_a_move_goes_on_wherever_it_died(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies after each of its steps in turn, many of them in the middle of a table; the last run ends right."""
    monkeypatch.setattr(copy, "BATCH_ROWS", 25)
    monkeypatch.setattr(copy, "BATCH_FILES", 25)
    steps = 0
    real = copy.put_rows

    def die_at_each_batch(*arguments: Any) -> None:
        nonlocal steps
        steps += 1
        real(*arguments)
        raise Died

    monkeypatch.setattr(copy, "put_rows", die_at_each_batch)
    for _ in range(200):
        try:
            tables = move(route)
        except Died:
            with pytest.raises(StoreMismatch, match="not whole"):
                prepare_database(route.url)
        else:
            break
    assert steps == 2 * (len(copy.TABLES) + 1)
    assert_moved(route, tables)


@pytest.mark.parametrize("step", ["clear", "is_empty", "settle"])
def test_a_move_goes_on_wherever_it_died_beside_copying(
    route: Route, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_: object) -> None:
        raise Died

    if step == "clear":
        monkeypatch.setattr(copy, "is_empty", lambda _: False)
        with pytest.raises(OperatorError, match="holds another store"):
            move(route)
        monkeypatch.undo()
    monkeypatch.setattr(copy, step, die)
    if step != "clear":
        with pytest.raises(Died):
            move(route)
    monkeypatch.undo()
    assert_moved(route, move(route))


def test_a_move_goes_on_that_died_between_its_two_last_commits(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source says that it was moved, the target still that it is not whole: nobody can change either of them."""
    real = moving._transaction
    begun = 0

    def counted(connection: sqlite3.Connection) -> Any:
        nonlocal begun
        begun += 1
        if begun == 3:
            with real(connection):
                movemark.put(connection, MoveState("moved", "shown"))
            raise Died
        return real(connection)

    monkeypatch.setattr(moving, "_transaction", counted)
    with pytest.raises(Died):
        move(route)
    monkeypatch.undo()
    for url, error in ((route.url, StoreMismatch), (f"sqlite:///{route.path}", StoreUnavailable)):
        with pytest.raises(error):
            with_store(url, add_account)
    assert_moved(route, move(route))


def test_a_difference_is_told_and_nothing_is_moved(route: Route) -> None:
    """What somebody changes in the target is seen; the next run copies everything again."""

    def tamper(text: str) -> None:
        if text == "comparing accounts":
            with psycopg.connect(route.url) as other:
                other.execute("UPDATE numbers SET revision = revision + 1 WHERE number % 2 = 0")
                other.execute("DELETE FROM calls WHERE id IN (SELECT max(id) FROM calls)")

    tables = move(route, tamper)
    assert {table.name for table in tables if not table.same} == {"numbers", "calls"}
    with pytest.raises(StoreMismatch):
        with_store(route.url, add_account)
    told: list[str] = []
    tables = move(route, told.append)
    assert "what an earlier run copied differs: copying everything again" in told
    assert_moved(route, tables)


def test_rows_in_the_way_of_those_that_come_are_no_obstacle(route: Route) -> None:
    """The first batch that is copied by the second run breaks a rule of the table."""

    def stop(text: str) -> None:
        if text == "copying accounts":
            raise Died

    with pytest.raises(Died):
        move(route, stop)
    with closing(connect(route.path)) as source:
        name = source.execute("SELECT max(name) FROM accounts").fetchone()[0]
    with psycopg.connect(route.url) as other:
        values = "(id, name, locale, region, created_at_ms) VALUES (1, %s, 'en', 'FR', 1)"
        other.execute(f"INSERT INTO accounts {values}", (name,))
    assert_moved(route, move(route))


def test_a_program_that_writes_all_the_same_is_noticed(route: Route) -> None:
    """A node of an older version does not know the mark."""

    def write(text: str) -> None:
        if text == "comparing messages":
            with closing(sqlite3.connect(route.path, isolation_level=None)) as older:
                older.execute("UPDATE accounts SET region = 'BE'")

    with pytest.raises(OperatorError, match="older renvoi"):
        move(route, write)
    assert_moved(route, move(route))


def test_going_back_and_on_again(route: Route) -> None:
    """A move that is given up leaves the store as it was; what changes then is copied with the next one."""

    def stop(text: str) -> None:
        if text == "comparing accounts":
            raise Died

    with pytest.raises(Died):
        move(route, stop)
    with pytest.raises(OperatorError, match="being moved to shown"):
        move(Route(route.path, route.url, "elsewhere", route.audio))
    assert move_back(route.path, force=False) == MoveState("moving", "shown")
    assert move_back(route.path, force=False) is None
    with closing(connect(route.path)) as store:
        store.execute("UPDATE numbers SET revision = revision + 1")
        store.execute("DELETE FROM spool_files WHERE rowid % 2")
        store.execute("INSERT INTO spool_files SELECT file || 'x', 1 FROM spool_files")
    assert_moved(route, move(route))


def test_going_back_from_a_finished_move_takes_force(route: Route) -> None:
    move(route)
    with pytest.raises(OperatorError, match="--force"):
        move_back(route.path, force=False)
    assert move_back(route.path, force=True) == MoveState("moved", "shown")
    with_store(f"sqlite:///{route.path}", add_account)
    with pytest.raises(OperatorError, match="an earlier copy"):
        move(route)
    with_store(f"sqlite:///{route.path}", lambda store: store.write(lambda writer: writer.count("still")))


def test_a_database_with_something_in_it_is_refused(route: Route) -> None:
    async def demo(store: Store) -> None:
        await seed(store)

    with_store(route.url, demo)
    with pytest.raises(OperatorError, match="holds another store"):
        move(route)
    with_store(f"sqlite:///{route.path}", add_account)
    assert with_store(route.url, add_account).id == 2


def test_a_database_that_a_node_was_only_started_on_is_empty(route: Route) -> None:
    """Keys that nodes share are made at a start. Those of the store that is moved go along, so its calls go on."""

    async def begin(store: Store) -> None:
        await keep_keys(store, StoppedClock(), os.urandom, 1000, pytest.fail)

    with_store(route.url, begin)
    assert_moved(route, move(route))


def test_calls_go_on_with_the_keys_that_a_store_had(tmp_path: Path, server: PostgresServer, database: str) -> None:
    async def keys(store: Store) -> KeyRing:
        return await keep_keys(store, StoppedClock(), os.urandom, 1000, pytest.fail)

    path = tmp_path / "renvoi.db"
    before = with_store(f"sqlite:///{path}", keys)
    tables = move(Route(path, server.url(database), "shown", lambda name: tmp_path / name))
    assert all(table.same for table in tables)
    assert with_store(server.url(database), keys) == before


def test_a_database_that_another_store_is_moving_to_is_refused(route: Route, tmp_path: Path) -> None:
    def stop(_: str) -> None:
        raise Died

    with pytest.raises(Died):
        move(route, stop)
    (tmp_path / "other").mkdir()
    prepare_file(tmp_path / "other/renvoi.db")
    with pytest.raises(OperatorError, match="holds another store"):
        move(Route(tmp_path / "other/renvoi.db", route.url, "shown", route.audio))


def test_two_moves_at_once(route: Route) -> None:
    refused: list[str] = []

    def begin_another(text: str) -> None:
        if text == "copying calls":
            with pytest.raises(OperatorError) as error:
                move(route)
            refused.append(str(error.value))

    assert_moved(route, move(route, begin_another))
    assert refused == [f"another `renvoi migrate` works on {route.path}"]


def test_a_value_that_postgresql_does_not_know_is_told(route: Route) -> None:
    with closing(connect(route.path)) as store:
        store.execute("UPDATE calls SET caller = char(43, 0) WHERE id % 2")
    with pytest.raises(OperatorError, match=r"a row of calls.*NUL.*--back"):
        move(route)
    move_back(route.path, force=False)
    with closing(connect(route.path)) as store:
        store.execute("UPDATE calls SET caller = '' WHERE id % 2")
    assert_moved(route, move(route))


def test_a_server_that_goes_away_leaves_the_move_to_be_continued(route: Route, server: PostgresServer) -> None:
    def cut(text: str) -> None:
        if text == "copying mails":
            server.terminate_backends()

    with pytest.raises(OperatorError, match="the same command goes on"):
        move(route, cut)
    assert_moved(route, move(route))


def test_a_server_that_is_not_there_changes_nothing(route: Route) -> None:
    with pytest.raises(StoreUnavailable):
        move(Route(route.path, "postgresql://u:p@127.0.0.1:1/x", "shown", route.audio))
    with_store(f"sqlite:///{route.path}", add_account)


def test_mails_on_their_way_are_awaited(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MAILS_PAUSE_S", 0.01)
    lease = "UPDATE mails SET state = 'pending', leased_until_ms = ? WHERE message_id IN (SELECT min(id) FROM messages)"
    with closing(connect(route.path)) as store:
        store.execute(lease, (NOW_MS + 1,))
    waited: list[float] = []

    def end_it(seconds: float) -> None:
        waited.append(seconds)
        with closing(connect(route.path)) as store:
            store.execute("UPDATE mails SET state = 'sent', leased_until_ms = NULL")

    monkeypatch.setattr(time, "sleep", end_it)
    assert_moved(route, move(route))
    assert waited == [0.01]


def test_mails_that_take_too_long_are_told(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MAILS_TIMEOUT_S", 0)
    with closing(connect(route.path)) as store:
        store.execute("UPDATE mails SET state = 'pending', leased_until_ms = ?", (NOW_MS + 1,))
    told: list[str] = []
    move(route, told.append)
    assert told[0] == f"{ROWS} mails that are just being sent may be sent again"


def test_recordings_that_go_while_they_are_copied(route: Route) -> None:
    def delete(text: str) -> None:
        if text == "copying message_audio":
            next(iter(sorted(route.path.parent.glob("messages/*")))).unlink()

    def delete_late(text: str) -> None:
        if text == "comparing accounts":
            next(iter(sorted(route.path.parent.glob("messages/*")))).unlink()

    assert not all(table.same for table in move(route, delete_late))
    tables = move(route, delete)
    assert all(table.same for table in tables)
    assert {table.name: table.target.rows for table in tables}["message_audio"] == ROWS - 3


def test_removing_what_was_moved(route: Route) -> None:
    with pytest.raises(OperatorError, match="was not moved"):
        remove_moved(route.path, route.audio)
    move(route)
    (route.path.parent / "messages" / "of-a-call-just-now.wav").touch()
    assert remove_moved(route.path, route.audio) == ROWS - 1
    assert [path.name for path in route.path.parent.glob("messages/*")] == ["of-a-call-just-now.wav"]
    assert [path.name for path in route.path.parent.glob("renvoi.db*")] == []


def test_to_a_database_that_orders_texts_by_a_language(
    route: Route, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key that a copy goes on behind is the greatest one for SQLite, which orders by bytes."""
    name = "by_language"
    words = "LOCALE_PROVIDER icu ICU_LOCALE 'fr' LOCALE 'C.UTF-8' TEMPLATE template0"
    with server.admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE} {words}".encode())
    there = replace(route, url=server.url(name))

    def stop(text: str) -> None:
        if text == "comparing accounts":
            raise Died

    try:
        with pytest.raises(Died):
            move(there, stop)
        told: list[str] = []
        monkeypatch.setattr(copy, "put_rows", lambda *_: told.append("copied a row again"))
        assert_moved(there, move(there, told.append))
        assert not [text for text in told if "again" in text or "anew" in text]
    finally:
        server.drop_database(name)


def test_through_pgbouncer(route: Route, database: str) -> None:
    pooled = Route(route.path, shared_pgbouncer().url(database), "shown", route.audio)
    tables = move(pooled)
    assert_moved(route, tables)


def test_what_a_store_does_next_is_as_before(tmp_path: Path, server: PostgresServer) -> None:
    """A store that the program made, and what the program makes of it on the other side."""
    number = E164("+33199001299")

    async def main() -> None:
        async with new_database(server) as name:
            async with opened(f"sqlite:///{tmp_path}/renvoi.db") as store:
                account = await seed(store)
                before = await store.read(lambda reader: (reader.accounts(), reader.numbers(), reader.counts()))
            route = Route(tmp_path / "renvoi.db", server.url(name), "shown", lambda name: tmp_path / name)
            tables = await asyncio.to_thread(move, route)
            assert all(table.same for table in tables)
            async with opened(route.url) as store:
                assert await store.read(lambda reader: (reader.accounts(), reader.numbers(), reader.counts())) == before

                def go_on(writer: Writer) -> int:
                    writer.add_number(account, NumberRow(number), 3)
                    return writer.add_account("second", "en", "FR", 3).id

                assert await store.write(go_on) == account + 1

    asyncio.run(main())


def test_a_fingerprint_tells_any_two_tables_apart() -> None:
    tables: list[list[tuple[object, ...]]] = [
        [],
        [(None,)],
        [("",)],
        [(b"",)],
        [(0,)],
        [(False,)],
        [("0",)],
        [("a",), ("b",)],
        [("b",), ("a",)],
        [("a", "b")],
        [("ab",)],
    ]
    assert len({fingerprint(rows) for rows in tables}) == len(tables)
