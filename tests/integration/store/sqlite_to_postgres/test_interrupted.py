"""A move goes on wherever it died, and harms nobody (docs/operating/nodes.md)."""

import sqlite3
import time
from contextlib import closing
from typing import Any

import psycopg
import pytest

from renvoi.adapters.sql import move_state
from renvoi.adapters.sql.move_state import MoveState
from renvoi.adapters.sql.schema_setup import prepare_database
from renvoi.adapters.sql.sqlite import connect
from renvoi.adapters.sql.sqlite_to_postgres import copy
from renvoi.adapters.sql.sqlite_to_postgres import move as moving
from renvoi.adapters.sql.sqlite_to_postgres.move import Route, move_back
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from tests.integration.store.sqlite_to_postgres.conftest import (
    NOW_MS,
    ROWS,
    Died,
    add_account,
    assert_moved,
    move,
    with_store,
)
from tests.support.postgres import PostgresServer


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
                move_state.put(connection, MoveState("moved", "shown"))
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


def test_two_moves_at_once(route: Route) -> None:
    refused: list[str] = []

    def begin_another(text: str) -> None:
        if text == "copying calls":
            with pytest.raises(OperatorError) as error:
                move(route)
            refused.append(str(error.value))

    assert_moved(route, move(route, begin_another))
    assert refused == [f"another `renvoi migrate` works on {route.path}"]


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
