"""Connections to PostgreSQL: a pool that recovers by itself, and sessions that run one transaction."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Timer
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import Dialect

from renvoi.adapters.sql.compiled_statements import Connection, Cursor, Statements
from renvoi.adapters.sql.postgres_faults import reason
from renvoi.application.ports.errors import StoreUnavailable

CONNECT_TIMEOUT_S = 2
"""The least that libpq knows; with several hosts in the URL it is for each."""
WAIT_TIMEOUT_S = 3.0
"""How long work waits for a connection before the store counts as away."""
RECONNECT_TIMEOUT_S = 0.5
"""How long a failed connection is tried again in the background; after that the next piece of work tries."""
STATEMENT_TIMEOUT_S = 4.0
"""How long one statement may take before its connection is shut down: TCP does not notice a server that hangs."""
LOCK_TIMEOUT_MS = 3000
"""How long a change waits for others that hold what it needs."""
WATCH_PERIOD_S = 1.0
_LIFE = (
    "concat_ws(' ', left(pg_walfile_name(pg_current_wal_lsn()), 8), extract(epoch FROM pg_postmaster_start_time()),"
    " extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()))"
)
"""Changes when a standby is promoted, and when a server starts again or recovers from a crash: numbers of transactions
whose end did not reach the disk are then assigned again."""

# A server that is gone is noticed by TCP itself, wherever the URL does not say otherwise.
_DEFAULTS: dict[str, str | int] = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 6000,
    "application_name": "renvoi",
    "client_encoding": "utf8",
}


def connection_info(url: str) -> str:
    """Return what libpq connects by: `url`, with our limits where it has none.

    Raises:
        StoreUnavailable: it cannot be understood.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # What libpq says repeats the URL, and that may hold a password.
        raise StoreUnavailable(
            "RENVOI_DATABASE_URL cannot be understood: give postgresql://user:password@host:port/database, "
            "with special characters of the password percent-encoded"
        ) from error
    if "," in str(given.get("host", "")):
        # Of several hosts the one that takes changes is meant.
        given.setdefault("target_session_attrs", "read-write")
    return make_conninfo("", **(_DEFAULTS | given))


def is_pooled(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a pooler stands in between (PgBouncer in transaction mode), so that no session is our own."""
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return bool(row[0] != connection.info.backend_pid)


def shut_down(connection: psycopg.Connection[Any]) -> None:
    """End a connection from another thread: the statement that waits fails."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=socket.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def limited(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Shut the connection down when what is done with it takes longer than a statement may.

    It costs a thread, so it is for what is done rarely; `PgPool.watched` does so for sessions.

    Raises:
        psycopg.OperationalError: so it was.
    """
    is_late = False

    def give_up() -> None:
        nonlocal is_late
        is_late = True
        shut_down(connection)

    timer = Timer(STATEMENT_TIMEOUT_S, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except psycopg.OperationalError as error:
        if is_late:
            raise psycopg.OperationalError(f"no answer within {STATEMENT_TIMEOUT_S:g} s") from error
        raise
    finally:
        timer.cancel()


class _PooledConnection(psycopg.Connection[Any]):
    """A connection that knows its server's life, which it does not outlive; None behind a pooler, where it may."""

    life: str | None = None


class _Driver:
    """A connection as `connection.Driver`, which tells how long its statement has been running."""

    def __init__(self, connection: _PooledConnection) -> None:
        self.raw = connection
        self.since: float | None = None
        self._begin = ""
        """What begins the transaction, until the first statement takes it along."""

    def begin(self, sql: str) -> None:
        """Run this with the first statement, in one way to the server and back."""
        self._begin = sql

    def rollback(self) -> None:
        """End the transaction, if it has begun."""
        if self._begin:
            self._begin = ""
        else:
            self.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Any = None, /) -> Cursor:
        return self._execute(sql, parameters, None)

    def execute_planned(self, sql: str, parameters: Any = None, /) -> Cursor:
        """Run a statement by a plan of its own."""
        return self._execute(sql, parameters, False)

    def _execute(self, sql: str, parameters: Any, prepare: bool | None) -> Cursor:
        self.since = time.monotonic()
        begin, self._begin = self._begin, ""
        try:
            if not begin:
                return self.raw.execute(sql, parameters, prepare=prepare)
            with self.raw.pipeline():
                self.raw.execute(begin)
                return self.raw.execute(sql, parameters, prepare=prepare)
        finally:
            self.since = None

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        # No limit here: what adds many numbers at once may take long.
        cursor = self.raw.cursor()
        cursor.executemany(sql, parameters)
        return cursor


class PooledSession:
    """One transaction on a connection of the pool."""

    def __init__(self, driver: _Driver, statements: Statements) -> None:
        self._driver = driver
        self.connection = Connection(driver, statements)
        self.transaction = ""
        """The transaction's number and the server's life, by which its fate can be asked for."""

    def begin(self, mode: str) -> None:
        self._driver.begin(f"BEGIN {mode}")

    def begin_change(self, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> None:
        """Begin a transaction that writes, and read its number.

        Not `READ WRITE`: who sets `default_transaction_read_only`, as platforms do on a full disk, means it.
        """
        raw = self._driver.raw
        cursor = raw.cursor()
        self._driver.since = time.monotonic()
        try:
            cursor.execute(
                f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {lock_timeout_ms:d};"
                f" SELECT pg_current_xact_id()::text, {_LIFE if raw.life is None else 'NULL'}"
            )
        finally:
            self._driver.since = None
        cursor.nextset()
        cursor.nextset()
        row = cursor.fetchone()
        assert row is not None
        self.transaction = f"{row[0]} {raw.life or row[1]}"

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def rollback(self) -> None:
        self._driver.rollback()

    @property
    def is_alive(self) -> bool:
        return not self._driver.raw.closed


class PgPool:
    """A pool of connections to the server at `url`, made as they are needed."""

    def __init__(self, url: str, connections: int) -> None:
        self.dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there
        self._failure: str | None = None
        self._conninfo = connection_info(url)
        self._pool: ConnectionPool[_PooledConnection] = ConnectionPool(
            self._conninfo,
            connection_class=_noting(self._note),
            kwargs={"autocommit": True},
            configure=_configure,
            min_size=1,
            max_size=connections,
            timeout=WAIT_TIMEOUT_S,
            reconnect_timeout=RECONNECT_TIMEOUT_S,
            name="renvoi",
            open=True,
        )
        self._busy: set[_Driver] = set()
        self._groups = 0
        """How many pieces of work are in threads, by `watched`."""
        self._looking: asyncio.TimerHandle | None = None

    @contextmanager
    def session(self, statements: Statements) -> Iterator[PooledSession]:
        """Lend a connection, which is thrown away if it breaks, and with it those that may have broken as well.

        Raises:
            StoreUnavailable: there is none in time.
        """
        try:
            connection = self._pool.getconn()
        except (PoolTimeout, PoolClosed) as error:
            why = self._failure or reason(error)
            raise StoreUnavailable(f"PostgreSQL does not answer: {why}") from error
        driver = _Driver(connection)
        self._busy.add(driver)
        try:
            yield PooledSession(driver, statements)
        except psycopg.OperationalError:
            if connection.broken or connection.closed:
                self._pool.drain()
            raise
        except psycopg.errors.ReadOnlySqlTransaction:
            # Demoted: of several hosts in the URL new connections find the one that takes changes.
            self._pool.drain()
            raise
        finally:
            if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                # What was raised tells more than the failure of this; either way the pool gets the connection back.
                with suppress(psycopg.Error):
                    driver.execute("ROLLBACK")
            self._busy.discard(driver)
            self._pool.putconn(connection)

    def status_of(self, transaction: str) -> str | None:
        """Return `committed`, `aborted` or `in progress`, once that holds for all standbys that commits wait for.

        `ambiguous` when the server has begun a new life since, and may have given the number to another transaction.
        None when the server knows nothing of it. Asks on a connection of its own, as all others may be broken.

        Raises:
            psycopg.Error: it cannot be asked, or does not answer in time, as when the standbys are away.
        """
        number, _, life = transaction.partition(" ")
        made = psycopg.connect(self._conninfo, autocommit=True, prepare_threshold=None)
        with closing(made) as connection, limited(connection):
            # It must write something: a commit that has nothing to write waits for no standby.
            connection.execute("BEGIN READ WRITE; SELECT pg_logical_emit_message(true, 'renvoi', '')")
            try:
                row = connection.execute(f"SELECT pg_xact_status(%s::text::xid8), {_LIFE}", (number,)).fetchone()
            except psycopg.errors.InvalidParameterValue:
                # A number that is still to come: what had it in an earlier life has left no trace.
                return "aborted"
            # This commit waits behind the other one's: what was said is then true on the standbys too.
            connection.execute("COMMIT")
        if row is None or row[0] is None:
            return None
        return "ambiguous" if row[0] != "aborted" and row[1] != life else str(row[0])

    @contextmanager
    def watched(self) -> Iterator[None]:
        """End connections whose statement does not come back, as long as what uses them runs in a thread.

        For the event loop, which this does not wake up when all is done in time.
        """
        self._groups += 1
        if self._looking is None:
            self._look_later()
        try:
            yield
        finally:
            self._groups -= 1
            if not self._groups and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(WATCH_PERIOD_S, self._look)

    def _look(self) -> None:
        self._look_later()
        now = time.monotonic()
        for driver in tuple(self._busy):
            since = driver.since
            if since is not None and now - since > STATEMENT_TIMEOUT_S:
                shut_down(driver.raw)

    def abort(self) -> None:
        """Have all work end that waits for the server or for a connection, now and from now on."""
        self._pool.close(timeout=0)
        for driver in tuple(self._busy):
            shut_down(driver.raw)

    def close(self) -> None:
        self._pool.close()

    def _note(self, error: Exception | None) -> None:
        self._failure = None if error is None else reason(error)


def _noting(note: Callable[[Exception | None], None]) -> type[_PooledConnection]:
    """Return a kind of connection that notes why it does not come about; the pool keeps that to its log."""

    class Connection(_PooledConnection):
        @classmethod
        def connect(cls, conninfo: str = "", **options: Any) -> Self:
            try:
                made = super().connect(conninfo, **options)
            except psycopg.Error as error:
                note(error)
                raise
            note(None)
            return made

    return Connection


def _configure(connection: _PooledConnection) -> None:
    # The pool has three threads for this: as many servers that hang here, and it would make no connection any more.
    with limited(connection):
        if is_pooled(connection):
            connection.prepare_threshold = None
            return
        row = connection.execute(f"SELECT {_LIFE}").fetchone()
        assert row is not None
        connection.life = row[0]
