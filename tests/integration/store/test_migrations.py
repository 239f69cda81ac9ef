"""A store of an older version keeps what it holds, and one that cannot be used is left alone (docs/architecture.md)."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config

from renvoi.adapters.sql import schema_setup
from renvoi.adapters.sql.migrate import MIGRATIONS
from renvoi.adapters.sql.schema import HEAD, metadata
from renvoi.application.ports.accounts import DEFAULT_RETENTION_DAYS, Account
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Otherwise, Rule, RuleType
from tests.support.postgres import shared_cluster
from tests.support.rules import fallbacks
from tests.support.stores import opened
from tests.support.waiting import wait_for

NUMBER, TARGET = E164("+33199001234"), E164("+33644630000")
OWNER = EmailAddress("a@example.com")

ROWS_OF_0001 = (
    "INSERT INTO accounts (id, name, locale, region, created_at_ms) VALUES (1, 'acme', 'fr', 'FR', 5)",
    "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target, ring_timeout_s,"
    " revision, updated_at_ms, created_at_ms)"
    " VALUES (33199001234, 1, 'desk', true, true, 1, 33644630000, 60, 4, 9, 6)",
    "INSERT INTO calls (call_id, from_tag, cseq, caller, called, decision, setup_at_ms, diversions)"
    " VALUES ('c', 't', 1, '+331', '+332', 'forward', 7, '')",
)
ROWS_OF_0002 = (
    *ROWS_OF_0001,
    "UPDATE accounts SET time_zone = 'Europe/Paris', retention_days = 7",
    "UPDATE numbers SET no_answer = 'voicemail', busy = 'release', fallback_email = 'a@example.com'",
    "UPDATE calls SET missed = true",
    "INSERT INTO messages (id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms, cut_off)"
    " VALUES ('m', 33199001234, 1, 4, '+331', 'c', 8, 4200, false)",
    "INSERT INTO mails (message_id, recipient, queued_at_ms, due_at_ms, state, attempts, note)"
    " VALUES ('m', 'a@example.com', 8, 10, 'pending', 1, 'try later')",
    "INSERT INTO greetings (number, version, spoken) VALUES (33199001234, 3, true)",
)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Return the URL of an empty database on PostgreSQL."""
    yield from empty_database()


def empty_database() -> Iterator[str]:
    """Lend an empty database on PostgreSQL."""
    cluster = shared_cluster()
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@contextmanager
def connected(url: str) -> Iterator[sqlalchemy.Connection]:
    """Connect for one transaction."""
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def old_store(url: str, revision: str, *rows: str) -> None:
    """Make a store as the version with that schema did, with `rows` put in by SQL."""
    with connected(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, revision)
        for row in rows:
            connection.execute(sqlalchemy.text(row))


def open_and_close(url: str) -> None:
    """Open a store, which migrates it, and close it."""

    async def main() -> None:
        async with opened(url):
            pass

    asyncio.run(main())


def read_all(url: str) -> tuple[object, ...]:
    """Open a store, and return what the rows above became: accounts, number, whether missed, messages, greeting."""

    def look(reader: Reader) -> tuple[object, ...]:
        (call,) = reader.calls()
        assert (call.key.call_id, call.last_known) == ("c", False)
        return list(reader.accounts()), reader.number(NUMBER), call.missed, reader.messages(), reader.greeting(NUMBER)

    async def main() -> tuple[object, ...]:
        async with opened(url) as store:
            return await store.read(look)

    return asyncio.run(main())


ACCOUNT = Account(1, "acme", "fr", "FR", 5, None, DEFAULT_RETENTION_DAYS)
RECORD = NumberRecord(NUMBER, 1, Rule(RuleType.FORWARD, TARGET, revision=4), label="desk", updated_at_ms=9)


def test_what_0001_held_is_there_after_the_upgrade(url: str) -> None:
    old_store(url, "0001", *ROWS_OF_0001)
    assert read_all(url) == ([ACCOUNT], RECORD, None, [], None)


def test_a_migration_that_fails_leaves_the_store_as_it_was(url: str) -> None:
    old_store(url, "0003", *ROWS_OF_0002, "CREATE TABLE import_rows (x INTEGER)")
    before = shape(url)
    with pytest.raises(StoreUnavailable, match="import_rows"):
        open_and_close(url)
    assert shape(url) == before
    with connected(url) as connection:
        connection.exec_driver_sql("DROP TABLE import_rows")
    open_and_close(url)
    assert shape(url)["alembic_version"] == [HEAD]


def test_an_old_store_that_is_opened_by_several_at_once_is_migrated_by_one(url: str) -> None:
    old_store(url, "0001", *ROWS_OF_0001)
    with ThreadPoolExecutor(4) as threads:
        for opening in [threads.submit(open_and_close, url) for _ in range(4)]:
            opening.result()
    assert read_all(url) == ([ACCOUNT], RECORD, None, [], None)


def shape(url: str) -> dict[str, list[str]]:
    """Return the names of all columns by table, and the revision."""
    with connected(url) as connection:
        found = sqlalchemy.inspect(connection)
        columns = {table: [column["name"] for column in found.get_columns(table)] for table in found.get_table_names()}
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    return columns | {"alembic_version": [str(revision)]}


def test_what_0002_held_is_there_after_the_upgrade(url: str) -> None:
    old_store(url, "0002", *ROWS_OF_0002)
    account = replace(ACCOUNT, time_zone="Europe/Paris", retention_days=7)
    rule = replace(RECORD.rule, emails=(OWNER,), fallbacks=fallbacks(Otherwise.VOICEMAIL))
    message = Message("m", NUMBER, 1, 4, "+331", "c", 8, 4200)
    stored = StoredMessage(message, Mail("m", OWNER, 8, 10, attempts=1, note="try later"))
    greeting = Greeting(NUMBER, 3, None, spoken=True)
    assert read_all(url) == ([account], replace(RECORD, rule=rule), True, [stored], greeting)


def test_a_waiting_mail_of_0002_is_due_and_can_be_leased(url: str) -> None:
    old_store(url, "0002", *ROWS_OF_0002)

    async def main() -> None:
        async with opened(url) as store:
            due = await store.read(lambda reader: reader.due_mails(10, 9))
            assert [mail.message_id for mail in due] == ["m"]
            assert set(await store.write(lambda writer: writer.lease_mails(["m"], "node", 10, 20))) == {"m"}

    asyncio.run(main())


def test_the_program_of_0002_can_still_write_what_it_knows_of(url: str) -> None:
    """Nodes are upgraded one by one: what was there stays, and what is new may be left out."""
    open_and_close(url)
    with connected(url) as connection:
        for row in ROWS_OF_0002:
            connection.execute(sqlalchemy.text(row))
    read_all(url)


def test_migrations_and_schema_make_the_same_of_postgresql(postgres_url: str) -> None:
    def described(connection: sqlalchemy.Connection) -> list[tuple[object, ...]]:
        # Columns in any order: a migration can only append them.
        catalogue = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
            "SELECT tablename, indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass",
        )
        return sorted(tuple(row) for query in catalogue for row in connection.execute(sqlalchemy.text(query)))

    open_and_close(postgres_url)
    with connected(postgres_url) as connection:
        by_migrations = described(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert described(connection) == by_migrations


def test_processes_that_open_a_new_store_at_once_migrate_it_once(postgres_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from renvoi.adapters.sql import open_store\n"
        "async def main():\n"
        "    await (await open_store(sys.argv[1])).close()\n"
        "asyncio.run(main())"
    )
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with psycopg.connect(postgres_url, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (schema_setup._MIGRATION_LOCK,))
        started = [subprocess.Popen([sys.executable, "-c", program, postgres_url]) for _ in range(2)]
        try:
            wait_for(lambda: shared_cluster().query(waiting) == [(2,)], "both at the door", 30)
            holder.execute("SELECT pg_advisory_unlock_all()")
            assert [process.wait(30) for process in started] == [0, 0]
        finally:
            for process in started:
                process.kill()
                process.wait()
    with connected(postgres_url) as connection:
        assert connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).all() == [(HEAD,)]


def newer_store(url: str, compatible_from: str) -> None:
    """Make a store as a later version would, which says what the oldest program is that may use it."""
    open_and_close(url)
    with connected(url) as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
        change = "UPDATE store_info SET value = :oldest WHERE key = 'compatible_from'"
        assert connection.execute(sqlalchemy.text(change), {"oldest": compatible_from}).rowcount == 1


def test_a_store_that_is_too_new_is_refused(url: str) -> None:
    newer_store(url, "9998")
    with pytest.raises(StoreMismatch, match="schema 9999"):
        open_and_close(url)


def test_a_newer_store_that_admits_this_program_is_used_as_it_is(url: str) -> None:
    newer_store(url, HEAD)
    open_and_close(url)
    with connected(url) as connection:
        assert connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).all() == [("9999",)]


def test_tables_of_another_program_are_left_alone(url: str) -> None:
    with connected(url) as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE wp_posts (id INTEGER)"))
    with pytest.raises(StoreMismatch, match="another program"):
        open_and_close(url)
    with connected(url) as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == ["wp_posts"]
