"""The store on PostgreSQL: any number of nodes share it.

Work runs in threads, on connections of a pool. Reads that arrive while others run gather and share the next snapshot;
changes that arrive while others are being committed share the next commit (`batch.py`) as far as they can.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import psycopg
import structlog
from sqlalchemy import text

from renvoi.adapters.sql import batch
from renvoi.adapters.sql.announcements import CHANNEL, Topic
from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.migrate import is_outdated
from renvoi.adapters.sql.postgres_faults import CONFLICTS, Lost, OutcomeUnknown, duplicate, fault, is_content, reason
from renvoi.adapters.sql.postgres_pool import PgPool, PooledSession
from renvoi.adapters.sql.schema import HEAD
from renvoi.adapters.sql.schema_setup import prepare_database
from renvoi.adapters.sql.staging import analyze_numbers
from renvoi.adapters.sql.transaction import SqlReader, SqlWriter
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import ChangeWriter, Committed, Reader, Writer
from renvoi.domain.numbers.number import E164

T = TypeVar("T")
Work = Callable[[Any], Any]
Result = Any
"""What a piece of work returned, or the exception that it raised."""
RunGroup = Callable[[Sequence[Work]], list[Result]]

MAX_BATCH = 256
"""Pieces of work that share one transaction at the most: bounds how long the first of them waits."""
MAX_PENDING = 10_000
"""Pieces of work that wait at the most; beyond it the store is unavailable rather than slow."""
ATTEMPTS, TRY_FOR_S = 8, 5.0
"""How often, and how long, a change is tried that others get in the way of."""
LOSSES = 2
"""How often work is run again because its connection broke: an idle one that had died meanwhile, and one that died as
it was made. A server that is away gives no connection, so this does not wait for it."""
CLOSE_GRACE_S = 3.0
"""How long what has begun may take to end when the store is closed; after that a server that hangs is left alone."""
RESOLVE_FOR_S = 5.0
"""How long the fate of a commit is asked for whose answer was lost with its connection."""
RESOLVE_PAUSE_S = 0.1

_READ_ONLY = text("SELECT current_setting('default_transaction_read_only')::bool, pg_is_in_recovery()")
_NOTIFY = text("SELECT pg_notify(:channel, '')")

log = structlog.get_logger("store")


async def open_postgres(
    url: str,
    *,
    on_commit: Committed | None = None,
    connections: int = 4,
    patience_s: float = 0,
    migrates: bool = True,
    node: str = "",
) -> "PostgresStore":
    """Open the store at `url`; see `sql.open_store`.

    Raises:
        StoreMismatch: it is not a store of renvoi, one of a newer renvoi, or on a server that cannot serve.
        StoreUnavailable: it cannot be reached.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            found = await asyncio.to_thread(prepare_database, url, migrates=migrates)
            if is_outdated(found):
                log.warning(
                    "the schema was brought up to date; the copy of the database as it was is yours to make",
                    schema_before=found,
                    schema=HEAD,
                )
            return PostgresStore(PgPool(url, connections), connections, on_commit, node)
        except StoreUnavailable:
            if loop.time() >= deadline:
                raise
            await asyncio.sleep(RESOLVE_PAUSE_S)


class PostgresStore:
    """See `application.ports.Store`. Belongs to the event loop that it was opened in."""

    def __init__(self, pool: PgPool, connections: int, on_commit: Committed | None = None, node: str = "") -> None:
        self._pool = pool
        self._node = node
        self._on_commit = on_commit
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="renvoi-postgres")
        self._statements = Statements(pool.dialect)
        run = self._in_thread
        self._reads = _Lanes(partial(run, self._read), connections // 2, MAX_BATCH)
        self._batches = _Lanes(partial(run, self._together), 1, MAX_BATCH)
        self._alone = _Lanes(partial(run, self._by_itself), connections // 2, 1)
        self._closed = False

    @property
    def keeps_audio(self) -> bool:
        """See `Store.keeps_audio`: any node may have to send a message."""
        return True

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on a consistent view that is at least as new as this call."""
        result: T = await self._reads.run(work)
        return result

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; return when that is committed."""
        # One change by itself is fastest; those that come meanwhile gather.
        result = batch.ALONE
        if not (self._batches.idle and self._alone.idle):
            result = await self._batches.run(work)
        if result is batch.ALONE:
            result = await self._alone.run(work)
        made: T = result
        return made

    async def close(self) -> None:
        """End what has begun, then close all connections."""
        if self._closed:
            return
        self._closed = True
        ending = asyncio.create_task(self._end())
        _, late = await asyncio.wait([ending], timeout=CLOSE_GRACE_S)
        if late:
            self._pool.abort()
        await ending
        await asyncio.to_thread(self._pool.close)
        self._threads.shutdown()

    async def _end(self) -> None:
        await self._reads.close()
        await self._batches.close()
        await self._alone.close()

    async def _in_thread(self, run_group: RunGroup, works: Sequence[Work]) -> list[Result]:
        with self._pool.watched():
            return await asyncio.get_running_loop().run_in_executor(self._threads, run_group, works)

    # What the threads do

    def _read(self, works: Sequence[Work], losses: int = LOSSES) -> list[Result]:
        try:
            return self._read_once(works)
        except Lost:
            if not losses:
                raise
            return self._read(works, losses - 1)
        except psycopg.Error as error:
            if len(works) == 1:
                return [fault(error)]
            # It ended the view that all of them shared, and belongs to one.
            return [result for work in works for result in self._read([work])]

    def _read_once(self, works: Sequence[Work]) -> list[Result]:
        try:
            with self._pool.session(self._statements) as session:
                session.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY")
                reader = _PgReader(session.connection)
                results = [_outcome(work, reader) for work in works]
                session.rollback()
                return results
        except psycopg.OperationalError as error:
            if is_content(error):
                raise
            raise Lost(reason(error)) from error

    def _together(self, works: Sequence[Work]) -> list[Result]:
        """Run what can be in one transaction; `ALONE` is the result of the rest."""
        try:
            with self._pool.session(self._statements) as session:
                session.begin_change(lock_timeout_ms=batch.LOCK_TIMEOUT_MS)
                try:
                    results, rules = batch.run(session.connection, works)
                except psycopg.OperationalError:
                    raise
                except (psycopg.Error, StoreRefused):
                    # A conflict, or a fault of one of them.
                    session.rollback()
                    return [batch.ALONE] * len(works)
                changed = batch.changes(results)
                if changed:
                    self._commit(session, changed, rules)
                else:
                    session.rollback()
                return results
        except psycopg.Error:
            # Each is committed alone, and reports its own failure.
            return [batch.ALONE] * len(works)
        except StoreUnavailable as error:
            return [error] * len(works)

    def _by_itself(self, works: Sequence[Work]) -> list[Result]:
        return [self._retried(work) for work in works]

    def _retried(self, work: Work) -> Result:
        losses = 0
        until = time.monotonic() + TRY_FOR_S
        for _ in range(ATTEMPTS):
            try:
                return self._once(work)
            except CONFLICTS as error:
                last: Exception = error
            except Lost as error:
                last = error
                losses += 1
                if losses > LOSSES:
                    break
            except StoreUnavailable as error:
                return error
            except psycopg.Error as error:
                return fault(error)
            if time.monotonic() > until:
                break
        return fault(last)

    def _once(self, work: Work) -> Result:
        try:
            with self._pool.session(self._statements) as session:
                session.begin_change()
                try:
                    announce = partial(_notify, session)
                    writer = _PgWriter(session.connection, duplicate, announce, analyze_numbers, self._node)
                    result = work(writer)
                except psycopg.Error:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the caller of write()
                    session.rollback()
                    return error
                self._commit(session, 1, writer.rules_put)
                return result
        except CONFLICTS:
            raise
        except psycopg.OperationalError as error:
            if is_content(error):
                raise
            raise Lost(reason(error)) from error

    def _commit(self, session: PooledSession, changes: int, rules: int) -> None:
        """Commit; after a lost answer find out what it would have been.

        Raises:
            StoreUnavailable: nothing was changed.
            OutcomeUnknown: the store does not tell.
        """
        try:
            session.commit()
        except psycopg.OperationalError as error:
            if session.is_alive:
                raise
            if not self._was_committed(session.transaction, reason(error)):
                raise StoreUnavailable(f"the change could not be stored: {reason(error)}") from error
        if self._on_commit is not None:
            self._on_commit(changes, rules)

    def _was_committed(self, transaction: str, why: str) -> bool:
        until = time.monotonic() + RESOLVE_FOR_S
        while time.monotonic() < until:
            try:
                status = self._pool.status_of(transaction)
            except psycopg.Error:
                # Away, or demoted meanwhile: it cannot tell, which says nothing of the change.
                status = None
            if status in ("committed", "aborted"):
                log.warning("the answer to a commit was lost", status=status, transaction=transaction, error=why)
                return status == "committed"
            if status == "ambiguous":
                break
            # In a thread of the store's own; a server that is away sends no word when it is back.
            time.sleep(RESOLVE_PAUSE_S)
        log.error("the outcome of a change is unknown", transaction=transaction, error=why)
        raise OutcomeUnknown(f"the outcome of the change is unknown: {why}")


class _Lanes:
    """Runs work in groups of up to `most`, up to `lanes` at once; what arrives meanwhile makes the next groups."""

    def __init__(self, run_group: Callable[[Sequence[Work]], Awaitable[list[Result]]], lanes: int, most: int) -> None:
        self._run_group = run_group
        self._lanes = lanes
        self._most = most
        self._pending: deque[tuple[Work, asyncio.Future[Any]]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def idle(self) -> bool:
        return not self._running

    async def run(self, work: Work) -> Any:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if len(self._pending) >= MAX_PENDING:
            raise StoreUnavailable("too much is waiting for the store")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending.append((work, future))
        if len(self._running) < self._lanes:
            task = asyncio.create_task(self._run_pending())
            self._running.add(task)
        return await future

    async def close(self) -> None:
        self._closed = True
        while self._running:
            await asyncio.wait(self._running)

    async def _run_pending(self) -> None:
        try:
            while self._pending:
                group = [self._pending.popleft() for _ in range(min(len(self._pending), self._most))]
                group = [entry for entry in group if not entry[1].cancelled()]
                await self._run_one_group([work for work, _ in group], [future for _, future in group])
        finally:
            # Now, not by a callback of the task: who was just answered may come with more work before that is run.
            self._running -= {asyncio.current_task()}

    async def _run_one_group(self, works: Sequence[Work], futures: Sequence["asyncio.Future[Any]"]) -> None:
        try:
            results = await self._run_group(works)
        except (Lost, StoreUnavailable) as error:
            results = [StoreUnavailable(str(error))] * len(works)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait, not to this loop
            results = [error] * len(works)
        for future, result in zip(futures, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


class _PgWriter(SqlWriter):
    """Makes many changes of rules with a few statements, as each costs a way to the server and back."""

    def change_rules(self, numbers: Collection[E164], work: Callable[[ChangeWriter], T]) -> T:
        result, rules = batch.together(self._connection, numbers, work, self)
        self.rules_put += rules
        return result


class _PgReader(SqlReader):
    """Knows what the server says of itself; its own transaction is read-only, which says nothing."""

    def why_read_only(self) -> str | None:
        row = self._connection.one(_READ_ONLY)
        assert row is not None
        if row[1]:
            return "the server is a standby: give the primary in RENVOI_DATABASE_URL, or promote it"
        return "default_transaction_read_only is on at the server" if row[0] else None


def _outcome(work: Work, reader: SqlReader) -> Result:
    """Run `work`; an exception of its own is its result, a fault of the database ends the group."""
    try:
        return work(reader)
    except psycopg.Error:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the caller of read()
        return error


def _notify(session: PooledSession, topic: Topic) -> None:
    """Announce a change, to be heard when its transaction is committed."""
    session.connection.one(_NOTIFY, channel=f"{CHANNEL}{topic}")
