"""A store moves from SQLite to PostgreSQL as it is, whatever comes in between (docs/operating/nodes.md)."""

import asyncio
import os
from contextlib import closing
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import psycopg
import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql.move_state import fingerprint
from renvoi.adapters.sql.sqlite import connect, prepare_file
from renvoi.adapters.sql.sqlite_to_postgres import copy
from renvoi.adapters.sql.sqlite_to_postgres.move import Route, move_back, remove_moved
from renvoi.application.errors import OperatorError
from renvoi.application.messages import delete_message
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.shared_keys import keep_keys
from renvoi.application.staging import settle
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import KeyRing
from tests.integration.store.sqlite_to_postgres.conftest import (
    ROWS,
    Died,
    StoppedClock,
    add_account,
    assert_moved,
    move,
    with_store,
)
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.postgres import ROLE, PostgresServer
from tests.support.stores import new_database, opened, seed


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
        for table in ("mails", "further_mails"):
            store.execute(f"UPDATE {table} SET state = 'sent', recipient = 'a@example.com'")
        store.execute("UPDATE messages SET number = 33199001234")
    assert route.audio(name).exists()

    async def scenario(store: Store) -> None:
        with pytest.raises(StoreUnavailable):
            await delete_message(store, SystemClock(), name, lambda name: route.audio(name).unlink())

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


def test_a_value_that_postgresql_does_not_know_is_told(route: Route) -> None:
    with closing(connect(route.path)) as store:
        store.execute("UPDATE calls SET caller = char(43, 0) WHERE id % 2")
    with pytest.raises(OperatorError, match=r"a row of calls.*NUL.*--back"):
        move(route)
    move_back(route.path, force=False)
    with closing(connect(route.path)) as store:
        store.execute("UPDATE calls SET caller = '' WHERE id % 2")
    assert_moved(route, move(route))


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
        assert not [text for text in told if "again" in text]
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


def test_a_store_is_not_moved_while_something_is_being_removed(route: Route) -> None:
    with closing(connect(route.path)) as source:
        source.execute("UPDATE removals SET ended_at_ms = NULL WHERE id = (SELECT min(id) FROM removals)")
    with pytest.raises(OperatorError, match="a number or an account is being removed: let that end"):
        move(route)
