"""What only the store on SQLite does: files, migrations, group commits, other processes."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import methodcaller
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from renvoi.adapters.sql import sqlite as adapter
from renvoi.adapters.sql.migrate import MIGRATIONS
from renvoi.adapters.sql.schema import HEAD, metadata
from renvoi.adapters.sql.sqlite import MAX_GATHERING, SqliteStore, open_sqlite
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import TO_VOICEMAIL, Fallbacks, Rule
from renvoi.edge.router.lookup import LookupFailed, SqliteLookup

A, B = E164("+33199001234"), E164("+33261910123")


def with_store(
    path: Path, scenario: Callable[[SqliteStore], Awaitable[None]], commits: list[int] | None = None
) -> None:
    async def main() -> None:
        store = await open_sqlite(
            path, on_commit=None if commits is None else lambda changes, _: commits.append(changes)
        )
        try:
            await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


async def nothing(_: SqliteStore) -> None:
    """Open and close."""


# What such an index is made of is compared on PostgreSQL (test_migrations.py).
@pytest.mark.filterwarnings("ignore:.*expression-based index .?ix_(numbers_label|accounts_name_key)")
def test_the_migrations_make_exactly_the_schema(tmp_path: Path) -> None:
    with_store(tmp_path / "renvoi.db", nothing)
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/renvoi.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_row_is_the_same_however_little_of_it_was_written(tmp_path: Path) -> None:
    """Whoever changes a rule may name the one before, so that only what differs is written; programs read all of it."""
    mail, other = EmailAddress("owner@example.com"), EmailAddress("office@example.com")
    first, second = Rule.forward(E164("+33644630000")), Rule.forward(E164("+33644630001"))
    messages = replace(second, fallbacks=Fallbacks(busy=TO_VOICEMAIL), emails=(mail,))
    steps = (
        *(first, second, messages, replace(messages, target=first.target), replace(messages, emails=(other,))),
        *(second, Rule.voicemail(mail), replace(Rule.voicemail(mail), target=first.target), first),
        *(replace(second, ring_timeout=timedelta(seconds=20)), replace(first, missed_call_mail=True, emails=(mail,))),
        *(replace(second, missed_call_mail=True, emails=(mail,)), second, Rule(), first),
    )
    path = tmp_path / "renvoi.db"

    async def scenario(store: SqliteStore) -> None:
        account = await store.write(lambda writer: writer.add_account("acme", "en", "FR", 1))
        await store.write(lambda writer: writer.add_numbers(account.id, [NumberRow(A), NumberRow(B)], 1))
        before = Rule()
        for revision, step in enumerate(steps, 1):
            after = replace(step, revision=revision)

            def put(writer: Writer, number: E164, known: Rule | None, after: Rule = after) -> None:
                told = Event(EventType.FORWARDING_CHANGED, account.id, number, {}, 5)
                writer.put_rule(number, after, 5 + after.revision, told, known)

            await store.write(partial(put, number=A, known=before))
            await store.write(partial(put, number=B, known=None))
            with closing(sqlite3.connect(path)) as raw:
                own, twin = raw.execute("SELECT * FROM numbers ORDER BY number").fetchall()
            assert own[1:] == twin[1:], (before, after)
            before = after

    with_store(path, scenario)


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_number_is_the_address_of_its_row(tmp_path: Path) -> None:
    """The plan of the edge's look-up is one descent of the table itself, with no index beside it."""
    with_store(tmp_path / "renvoi.db", nothing)
    connection = sqlite3.connect(tmp_path / "renvoi.db")
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM numbers WHERE number = 1").fetchall()
    connection.close()
    assert "INTEGER PRIMARY KEY" in plan[0][3]


def test_the_database_is_durable_and_not_for_everybody(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        assert store._writing.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._writing.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._reading.execute("PRAGMA query_only").fetchone() == (1,)

    with_store(tmp_path / "renvoi.db", scenario)
    assert (tmp_path / "renvoi.db").stat().st_mode & 0o007 == 0


def test_changes_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    commits: list[int] = []

    async def scenario(store: SqliteStore) -> None:
        account = await store.write(lambda writer: writer.add_account("x", "en", "FR", 1))
        rows = [NumberRow(E164(f"+3319900{n:04}")) for n in range(50)]
        await asyncio.gather(*(store.write(methodcaller("add_number", account.id, row, 1)) for row in rows))

    with_store(tmp_path / "renvoi.db", scenario, commits)
    assert sum(commits) == 51
    assert len(commits) <= 4


def test_changes_that_each_round_brings_share_a_commit_and_do_not_put_it_off_for_ever(tmp_path: Path) -> None:
    commits: list[int] = []

    async def scenario(store: SqliteStore) -> None:
        async def change_each_round(name: str, rounds: int) -> None:
            writes = []
            for number in range(rounds):
                work = methodcaller("add_account", f"{name}{number}", "en", "FR", 1)
                writes.append(asyncio.create_task(store.write(work)))
                await asyncio.sleep(0)
            await asyncio.gather(*writes)

        await change_each_round("few", MAX_GATHERING // 2)
        assert commits == [MAX_GATHERING // 2]
        await change_each_round("many", 4 * MAX_GATHERING)
        assert MAX_GATHERING <= commits[1] <= MAX_GATHERING + 1

    with_store(tmp_path / "renvoi.db", scenario, commits)
    assert sum(commits) == 4.5 * MAX_GATHERING


def test_a_read_does_not_wait_for_a_commit(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        await store.write(lambda writer: writer.add_account("x", "en", "FR", 1))
        other = sqlite3.connect(tmp_path / "renvoi.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.write(lambda writer: writer.add_account("y", "en", "FR", 1)))
        accounts = await store.read(lambda reader: reader.accounts())
        assert [account.name for account in accounts] == ["x"]
        assert not writing.done()
        other.execute("ROLLBACK")
        other.close()
        await writing

    with_store(tmp_path / "renvoi.db", scenario)


def test_a_lock_that_stays_makes_the_store_unavailable_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "LOCK_TIMEOUT_S", 0.05)

    async def scenario(store: SqliteStore) -> None:
        other = sqlite3.connect(tmp_path / "renvoi.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await store.write(lambda writer: writer.add_account("x", "en", "FR", 1))
        other.execute("ROLLBACK")
        other.close()
        assert await store.read(lambda reader: reader.accounts()) == []
        await store.write(lambda writer: writer.add_account("x", "en", "FR", 1))

    with_store(tmp_path / "renvoi.db", scenario)


def test_a_full_disk_makes_the_store_unavailable_until_there_is_room(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        account = await store.write(lambda writer: writer.add_account("x", "en", "FR", 1))
        pages = store._writing.execute("PRAGMA page_count").fetchone()[0]
        store._writing.execute(f"PRAGMA max_page_count = {pages}")
        rows = [NumberRow(E164(f"+3319900{n:04}"), "a label that takes some room " * 9) for n in range(500)]
        with pytest.raises(StoreUnavailable, match="full"):
            await store.write(lambda writer: writer.add_numbers(account.id, iter(rows), 1))
        assert await store.read(lambda reader: reader.numbers()) == []
        store._writing.execute("PRAGMA max_page_count = 1000000")
        assert await store.write(lambda writer: writer.add_numbers(account.id, iter(rows), 1)) == 500

    with_store(tmp_path / "renvoi.db", scenario)


def test_too_many_waiting_changes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MAX_PENDING", 3)

    async def scenario(store: SqliteStore) -> None:
        results = await asyncio.gather(
            *(store.write(methodcaller("add_account", f"x{n}", "en", "FR", 1)) for n in range(5)),
            return_exceptions=True,
        )
        assert [isinstance(result, StoreUnavailable) for result in results] == [False, False, False, True, True]

    with_store(tmp_path / "renvoi.db", scenario)


def test_a_change_whose_client_has_gone_is_not_made(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        first = asyncio.create_task(store.write(lambda w: w.add_account("first", "en", "FR", 1)))
        gone = asyncio.create_task(store.write(lambda w: w.add_account("gone", "en", "FR", 1)))
        await asyncio.sleep(0)
        gone.cancel()
        await first
        assert [account.name for account in await store.read(lambda reader: reader.accounts())] == ["first"]

    with_store(tmp_path / "renvoi.db", scenario)


def test_a_store_of_this_schema_is_opened_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of a node would have in memory what SQLAlchemy needs to look at tables."""
    path = tmp_path / "renvoi.db"
    assert adapter.prepare_file(path) is None

    def engine(_raw: sqlite3.Connection) -> sqlalchemy.Engine:
        raise AssertionError("an engine was made")

    monkeypatch.setattr(adapter, "_engine", engine)
    assert adapter.prepare_file(path) == HEAD
    assert adapter.schema_of_file(path) == HEAD
    with_store(path, nothing)


def open_files(directory: Path) -> list[Path]:
    """Return which files of a directory this process has open."""
    targets = []
    for fd in Path("/proc/self/fd").iterdir():
        # The one that lists them is gone by now.
        with suppress(FileNotFoundError):
            targets.append(fd.readlink())
    return [path for path in targets if path.is_relative_to(directory)]


@pytest.mark.parametrize("opening", [adapter.connect, adapter.prepare_file, SqliteStore, SqliteLookup])
def test_what_cannot_be_opened_is_closed_again(tmp_path: Path, opening: Callable[[Path], object]) -> None:
    path = tmp_path / "renvoi.db"
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 40)
    # The error is kept, and with it what the frames hold that it came through.
    with pytest.raises((sqlite3.DatabaseError, StoreMismatch, LookupFailed)) as kept:
        opening(path)
    assert kept.traceback
    assert open_files(tmp_path) == []


def test_a_store_of_which_half_cannot_be_opened_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "renvoi.db"
    with_store(path, nothing)
    real, wanted = adapter.connect, iter((True, False))

    def connect(where: Path) -> sqlite3.Connection:
        return real(where if next(wanted) else where / "missing")

    monkeypatch.setattr(adapter, "connect", connect)
    with pytest.raises(sqlite3.OperationalError) as kept:
        SqliteStore(path)
    assert kept.traceback
    assert open_files(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is not a database, and long enough to be looked at" * 40, "not a database of renvoi"),
        (b"\x00" * 4096, "not a database"),
    ],
)
def test_a_foreign_file_is_left_alone(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "renvoi.db"
    path.write_bytes(content)
    with pytest.raises(StoreMismatch, match=message):
        with_store(path, nothing)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE wp_posts (id INTEGER)", "another program"),
        ("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')", "schema 9999"),
    ],
)
def test_a_schema_that_is_not_ours_is_refused_with_the_way_out(tmp_path: Path, sql: str, message: str) -> None:
    connection = sqlite3.connect(tmp_path / "renvoi.db")
    connection.executescript(sql)
    connection.close()
    with pytest.raises(StoreMismatch, match=message):
        with_store(tmp_path / "renvoi.db", nothing)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file"):
        with_store(tmp_path / "missing" / "renvoi.db", nothing)
