"""A PostgreSQL database is made fit for renvoi: looked at, checked, and its schema made or migrated."""

from dataclasses import dataclass

import psycopg
import sqlalchemy

from renvoi.adapters.sql import migrate, move_state
from renvoi.adapters.sql.postgres_faults import reason
from renvoi.adapters.sql.postgres_pool import connection_info, is_pooled, limited
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable

LEAST_VERSION = 14
LOCK_TIMEOUT_S = 10
"""How long a migration waits for transactions that use what it alters; meanwhile others wait behind it."""
_MIGRATION_LOCK = int.from_bytes(b"renvoi", "big")


def schema_of_database(url: str) -> str | None:
    """Return the revision of the schema of the database at `url`, which stays as it is. See `sql.schema_of`."""
    try:
        with psycopg.connect(connection_info(url), autocommit=True, prepare_threshold=None) as raw, limited(raw):
            _check_server(raw)
            with _engine(raw).connect() as connection:
                return migrate.current_revision(connection)
    except psycopg.Error as error:
        raise StoreUnavailable(f"the database cannot be used: {reason(error)}") from error
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreUnavailable(f"the schema cannot be read: {reason(error.orig or error)}") from error


def prepare_database(url: str, *, to_be_filled: bool = False, migrates: bool = True) -> str | None:
    """Check the database at `url`, and bring its schema up to date; of several processes one does that.

    Without `migrates` a schema that is not up to date is refused.

    Returns the revision that was found. A database that a store is just being moved to is refused, but to the move
    itself, which has it `to_be_filled`.

    Raises:
        StoreMismatch: it cannot serve as it is; the text says why.
        StoreUnavailable: it cannot be reached.
    """
    try:
        with psycopg.connect(connection_info(url), autocommit=True, prepare_threshold=None) as raw:
            with limited(raw):
                _check_server(raw)
                is_current = _is_current(raw)
            found = HEAD if is_current else _migrate(raw) if migrates else _required(raw)
            with limited(raw):
                _check_documents(raw)
                if not to_be_filled:
                    _check_whole(raw)
            if migrates and not to_be_filled:
                _settle_events(raw)
            return found
    except psycopg.Error as error:
        raise StoreUnavailable(f"the database cannot be used: {reason(error)}") from error
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreUnavailable(f"the schema cannot be made: {reason(error.orig or error)}") from error


def _check_server(raw: psycopg.Connection) -> None:
    if raw.info.server_version < LEAST_VERSION * 10_000:
        version = raw.info.parameter_status("server_version")
        raise StoreMismatch(f"the server is PostgreSQL {version}: renvoi needs {LEAST_VERSION} or newer")
    row = raw.execute("SELECT current_setting('synchronous_commit'), current_database()").fetchone()
    assert row is not None
    if row[0] == "off":
        raise StoreMismatch(
            "synchronous_commit is off, so changes that were answered could be lost: "
            f"ALTER DATABASE {row[1]} SET synchronous_commit = on"
        )


def _check_whole(raw: psycopg.Connection) -> None:
    if raw.execute("SELECT 1 FROM store_info WHERE key = %s", (move_state.MOVING_FROM,)).fetchone():
        raise StoreMismatch(
            "the database is being filled from a store on SQLite and is not whole: "
            "run that `renvoi migrate --to` to its end"
        )


def _check_documents(raw: psycopg.Connection) -> None:
    row = raw.execute(migrate.NEWEST_DOCUMENTS).fetchone()
    assert row is not None
    migrate.check_documents(*row)


def _settle_events(raw: psycopg.Connection) -> None:
    """Have the events of a database that was restored at another server come before all that are added there.

    They have numbers of transactions of the server that they were added at. Most often nothing is to be done.
    """
    row = raw.execute(
        "SELECT tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM events ORDER BY position DESC LIMIT 1"
    ).fetchone()
    if row is None or not row[0]:
        return
    with raw.transaction():
        for statement in (
            "UPDATE events SET tx = 0",
            "UPDATE numbers SET event_tx = 0 WHERE event_tx > 0",
            "UPDATE event_seqs SET tx = 0",
            "UPDATE webhooks SET cursor_tx = 0",
        ):
            raw.execute(statement)


def _is_current(raw: psycopg.Connection) -> bool:
    try:
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return False
    return row is not None and row[0] == HEAD


def _engine(raw: psycopg.Connection) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: raw, poolclass=sqlalchemy.StaticPool)


def _required(raw: psycopg.Connection) -> str:
    with limited(raw), _engine(raw).connect() as connection:
        return migrate.require(connection)


def _migrate(raw: psycopg.Connection) -> str | None:
    raw.autocommit = False
    with _engine(raw).connect() as connection:
        connection.execute(sqlalchemy.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'"))
        # Who comes second finds it done.
        connection.execute(sqlalchemy.text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        found = migrate.upgrade(connection)
        connection.commit()
    return found


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """A server as one of its roles sees it.

    `standbys` is `synchronous_standby_names`, the servers that a commit waits for; `pooled` whether a pooler in
    transaction mode stands in between; `reads_numbers` whether the role may look up numbers, as the edge does;
    `writes` whether it may change any table there.
    """

    version: str
    synchronous_commit: str
    standbys: str
    pooled: bool
    reads_numbers: bool
    writes: bool


def diagnose(url: str) -> Diagnostics:
    """Ask the server at `url`.

    Raises:
        StoreUnavailable: it cannot be reached.
    """
    try:
        with psycopg.connect(connection_info(url), autocommit=True, prepare_threshold=None) as raw, limited(raw):
            row = raw.execute(
                "SELECT current_setting('server_version'), current_setting('synchronous_commit'),"
                " current_setting('synchronous_standby_names'),"
                " coalesce(has_table_privilege(to_regclass('numbers'), 'SELECT'), false)"
                # An older schema has none; the migration lets those read it who may look up numbers.
                " AND coalesce((SELECT bool_and(has_column_privilege(attrelid, attnum, 'SELECT')) FROM pg_attribute"
                " WHERE attrelid = to_regclass('accounts') AND attname IN"
                " ('id', 'region', 'policy_version', 'policy', 'closed_at_ms')"
                " AND to_regclass('policy_changes') IS NOT NULL), true)"
                " AND coalesce(has_table_privilege(to_regclass('usage'), 'SELECT'), true),"
                " coalesce((SELECT bool_or(has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) FROM pg_class"
                " WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace), false)"
            ).fetchone()
            assert row is not None
            version, synchronous_commit, standbys, reads, writes = row
            return Diagnostics(
                str(version), str(synchronous_commit), str(standbys), is_pooled(raw), bool(reads), bool(writes)
            )
    except psycopg.Error as error:
        raise StoreUnavailable(f"the database cannot be used: {reason(error)}") from error
