"""The store on SQLite: one file, write-ahead log, every acknowledged change synced to disk.

Writes are grouped: the changes that arrive while one commit waits for the disk share the next one, with those that the
event loop brings at once. Each runs in a savepoint of its own on the event loop's thread, which is cheaper than handing
statements to a thread; only taking the write lock and the commit, which wait, are given to one.
"""

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from renvoi.adapters.sql import migrate, move_state
from renvoi.adapters.sql.announcements import Topic, touch
from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.schema import HEAD
from renvoi.adapters.sql.sqlite_texts import SqliteWriter, TolerantReading
from renvoi.adapters.sql.transaction import SqlReader
from renvoi.application.ports.errors import StoreMismatch, StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Committed, LongWork, Reader, Writer

T = TypeVar("T")

MAX_BATCH = 256
"""Changes that share one commit at the most: bounds how long the first of them waits."""
MAX_GATHERING = 16
"""Rounds of the event loop, each with more changes, that a commit waits for at the most."""
MAX_PENDING = 10_000
"""Changes waiting for a commit at the most; beyond it the store is unavailable rather than slow."""
LOCK_TIMEOUT_S = 5.0
"""How long a commit waits for another process to end its own."""
_WAIT_FOR_NOBODY = "PRAGMA busy_timeout = 0"
"""What the connection that writes is set to but for the thread, as the event loop must not wait."""

STATEMENTS = Statements(SQLiteDialect_pysqlite(paramstyle="named"))


class _MovedAway(Exception):
    """The store is being moved, or was, and takes no changes."""


async def open_sqlite(path: Path, *, on_commit: Committed | None = None, migrates: bool = True) -> "SqliteStore":
    """Open the database at `path`; see `sql.open_store`.

    Raises:
        StoreMismatch: the file is not a database of renvoi, or of a newer one.
        StoreUnavailable: the file cannot be opened or written.
    """
    with _faults_of(path):
        if migrates:
            prepare_file(path)
        else:
            require_file(path)
        return SqliteStore(path, on_commit)


def require_file(path: Path) -> None:
    """Check that this program can work on the database at `path` as it is.

    Raises:
        StoreMismatch: its schema is older, or of a program that this one does not know; the text says what to do.
        StoreUnavailable: it cannot be opened.
    """
    with _faults_of(path), _reading(path) as connection:
        migrate.require(connection)
        migrate.check_documents(*connection.exec_driver_sql(migrate.NEWEST_DOCUMENTS).one())


def schema_of_file(path: Path) -> str | None:
    """Return the revision of the schema of the database at `path`, which stays as it is. See `sql.schema_of`."""
    with _faults_of(path):
        with closing(_connect_to_read(path)) as raw:
            if _is_current(raw):
                return HEAD
        with _reading(path) as connection:
            return migrate.current_revision(connection)


@contextmanager
def _reading(path: Path) -> Iterator[sqlalchemy.Connection]:
    with closing(_connect_to_read(path)) as raw, _engine(raw).connect() as connection:
        yield connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    raw = connect(path)
    with ExitStack() as undo:
        undo.callback(raw.close)
        raw.execute("PRAGMA query_only = ON")
        raw.execute("PRAGMA schema_version")  # reads the file, and so says whether it is a database
        undo.pop_all()
    return raw


def prepare_file(path: Path) -> str | None:
    """Make or migrate the database at `path`; return the revision that was found. See `open_sqlite`."""
    with _faults_of(path):
        _create(path)
        return _migrate(path)


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"cannot open {path}: {error}") from error
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreUnavailable(f"the schema of {path} cannot be made: {error.orig}") from error
    except sqlite3.DatabaseError as error:
        raise StoreMismatch(
            f"{path} is not a database of renvoi ({error}): move it away or give another data directory"
        ) from error
    except OSError as error:
        raise StoreUnavailable(f"cannot open {path}: {error.strerror}") from error


def _create(path: Path) -> None:
    # SQLite gives the -wal and -shm files the mode of the database.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o640))


def connect(path: Path) -> sqlite3.Connection:
    """Connect to the database at `path`; a commit returns when it is on disk."""
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    with ExitStack() as undo:
        undo.callback(connection.close)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA mmap_size = 1073741824")
        undo.pop_all()
    return connection


def _engine(raw: sqlite3.Connection) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine("sqlite://", creator=lambda: raw, poolclass=sqlalchemy.StaticPool)


def _migrate(path: Path) -> str | None:
    raw = connect(path)
    try:
        raw.execute("PRAGMA journal_mode = WAL")
        if _is_current(raw):
            migrate.check_documents(*raw.execute(migrate.NEWEST_DOCUMENTS).fetchone())
            return HEAD
        with _engine(raw).connect() as connection:
            # With isolation_level None the driver leaves transactions to us: the write lock is taken before the look
            # at the schema, so two processes never migrate at once. Not before `connect`, which ends with a rollback.
            raw.execute("BEGIN IMMEDIATE")
            found = migrate.upgrade(connection)
            connection.commit()
        migrate.check_documents(*raw.execute(migrate.NEWEST_DOCUMENTS).fetchone())
        return found
    finally:
        raw.close()


def _is_current(raw: sqlite3.Connection) -> bool:
    """Tell whether there is nothing to migrate, without SQLAlchemy's engine, which each part would have in memory."""
    try:
        return raw.execute(migrate.REVISION).fetchall() == [(HEAD,)]
    except sqlite3.OperationalError:  # there is no such table, or more is wrong
        return False


class SqliteStore:
    """See `application.ports.Store`. Belongs to the event loop that it was opened in."""

    def __init__(self, path: Path, on_commit: Committed | None = None) -> None:
        self._path = path
        self._on_commit = on_commit
        self._announced: set[Topic] = set()
        """What was changed since the last commit that others wait for."""
        with ExitStack() as undo:
            self._reading = connect(path)
            undo.callback(self._reading.close)
            self._reading.execute("PRAGMA query_only = ON")
            self._writing = connect(path)
            undo.callback(self._writing.close)
            self._writing.execute(_WAIT_FOR_NOBODY)
            undo.pop_all()
        self._reader = SqlReader(TolerantReading(self._reading, STATEMENTS))
        self._writer = SqliteWriter(self._writing, STATEMENTS, _duplicate, self._announced.add)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="renvoi-commit")
        self._pending: deque[tuple[Callable[[Writer], Any], asyncio.Future[Any]]] = deque()
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def keeps_audio(self) -> bool:
        """See `Store.keeps_audio`: files beside the database serve, and are cheaper."""
        return False

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on a consistent view, at once: a look-up takes microseconds, less than any hand-over would."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            self._reading.execute("BEGIN")
            try:
                return work(self._reader)
            finally:
                self._reading.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StoreUnavailable(f"the store cannot be read: {error}") from error

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a savepoint of the next commit; return when that commit is on disk."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if len(self._pending) >= MAX_PENDING:
            raise StoreUnavailable("too many changes are waiting")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._pending.append((work, future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_pending())
        return await future

    async def close(self) -> None:
        """Commit what is waiting, then close both connections."""
        self._closed = True
        while self._committing is not None:
            await asyncio.wait([self._committing])
        self._thread.shutdown()
        self._reading.close()
        self._writing.close()

    async def _commit_pending(self) -> None:
        try:
            while self._pending:
                await self._gather()
                batch = [self._pending.popleft() for _ in range(min(len(self._pending), MAX_BATCH))]
                await self._commit([entry for entry in batch if not entry[1].cancelled()])
        finally:
            self._committing = None

    async def _gather(self) -> None:
        """Let more changes come while each round of the event loop brings some: a commit takes longer than a change."""
        before = 0
        for _ in range(MAX_GATHERING):
            if before == len(self._pending) or before >= MAX_BATCH:
                return
            before = len(self._pending)
            await asyncio.sleep(0)

    async def _commit(self, batch: list[tuple[Callable[[Writer], Any], asyncio.Future[Any]]]) -> None:
        results: list[Any] = []
        self._writer.rules_put = 0
        try:
            await self._begin()
            self._check_not_moved()
            for work, _ in batch:
                long = isinstance(work, LongWork)
                results.append(await self._run_in_thread(work) if long else self._run(work))
            await self._in_thread("COMMIT")
        except (sqlite3.Error, _MovedAway) as error:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            results = [StoreUnavailable(f"the change could not be stored: {error}")] * len(batch)
        else:
            while self._announced:
                touch(self._path, self._announced.pop())
            if self._on_commit is not None:
                self._on_commit(len(batch), self._writer.rules_put)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def _begin(self) -> None:
        """Take the write lock: at once when it is free, as it nearly always is, else in the thread, which can wait."""
        try:
            self._writing.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            await asyncio.get_running_loop().run_in_executor(self._thread, self._wait_and_begin)

    def _wait_and_begin(self) -> None:
        self._writing.execute(f"PRAGMA busy_timeout = {int(LOCK_TIMEOUT_S * 1000)}")
        try:
            self._writing.execute("BEGIN IMMEDIATE")
        finally:
            self._writing.execute(_WAIT_FOR_NOBODY)

    def _check_not_moved(self) -> None:
        """Look inside the transaction: once the mark is committed, no process commits anything after it."""
        mark = move_state.read(self._writing)
        if mark is not None:
            raise _MovedAway(str(mark))

    async def _in_thread(self, sql: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writing.execute, sql)

    async def _run_in_thread(self, work: Callable[[Writer], T]) -> T | Exception:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Writer], T]) -> T | Exception:
        """Run `work` in a savepoint; an exception of its own is its result, a fault of the database ends the batch."""
        self._writing.execute("SAVEPOINT change")
        rules_before = self._writer.rules_put
        try:
            result = work(self._writer)
        except (sqlite3.IntegrityError, sqlite3.DataError) as error:
            self._undo(rules_before)
            return StoreRefused(f"the store does not take this: {error}")
        except Exception as error:
            if hasattr(error, "sqlite_errorcode"):
                raise
            self._undo(rules_before)
            # The driver's own faults have no code: it cannot read a row, where text is not UTF-8.
            return StoreUnavailable(f"the store cannot be read: {error}") if isinstance(error, sqlite3.Error) else error
        self._writing.execute("RELEASE change")
        return result

    def _undo(self, rules_before: int) -> None:
        self._writing.execute("ROLLBACK TO change")
        self._writing.execute("RELEASE change")
        self._writer.rules_put = rules_before


def _duplicate(error: Exception) -> str | None:
    duplicate = isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    )
    return "" if duplicate else None
