"""Moves a store from SQLite to PostgreSQL, while its node goes on taking calls (`docs/operating/nodes.md`).

The instants that matter, in this order, each on disk before the next: the target says that it is not whole; the source
takes no changes any more; all is copied and compared; the source says that it was moved; the target is whole. Whatever
instant the move is interrupted at, the same call goes on from there, and never do both stores take changes.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from renvoi.adapters.sql import move_state
from renvoi.adapters.sql.move_state import MOVED, MOVED_FROM, MOVING, MOVING_FROM, Fingerprint, MoveState
from renvoi.adapters.sql.postgres_faults import reason
from renvoi.adapters.sql.postgres_pool import connection_info
from renvoi.adapters.sql.schema_setup import prepare_database
from renvoi.adapters.sql.sqlite import connect, require_file
from renvoi.adapters.sql.sqlite_to_postgres import copy as copying
from renvoi.adapters.sql.sqlite_to_postgres.copy import AudioCopy, TableCopy, Target
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Clock

LOCK_NAME = "migrate.lock"
MAILS_TIMEOUT_S = 10.0
"""How long mails that are just being sent may take to end, so that their outcome is copied too."""
_LEASES = """
SELECT (SELECT count(*) FROM mails WHERE state = 'pending' AND leased_until_ms > :now_ms)
    + (SELECT count(*) FROM further_mails WHERE state = 'pending' AND leased_until_ms > :now_ms)
    + (SELECT count(*) FROM missed_call_mails WHERE state = 'pending' AND leased_until_ms > :now_ms)
"""
MAILS_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table as it is on both sides."""

    name: str
    source: Fingerprint
    target: Fingerprint

    @property
    def same(self) -> bool:
        """Whether both have the same rows."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Route:
    """From the file `path` to the database at `url`, which may be told as `shown`; `audio` finds recordings."""

    path: Path
    url: str
    shown: str
    audio: Callable[[str], Path]


def move_store(route: Route, clock: Clock, tell: Callable[[str], None]) -> list[MovedTable]:
    """Move a store, or go on with that; return how the tables compare, none when all had been done before.

    If a table differs, nothing is moved, and the source still takes no changes. `tell` is told what is going on.

    Raises:
        OperatorError: it cannot be done; the text says why, and what to do.
        StoreMismatch, StoreUnavailable: one of the stores cannot be used; nothing was changed.
    """
    require_file(route.path)
    prepare_database(route.url, to_be_filled=True)
    with _alone(route.path), closing(connect(route.path)) as source:
        try:
            with psycopg.connect(connection_info(route.url), prepare_threshold=None) as target:
                return _Move(route, clock, tell, source, target).run()
        except psycopg.Error as error:
            raise OperatorError(_interrupted(reason(error))) from error
        except (sqlite3.Error, OSError) as error:
            raise OperatorError(_interrupted(str(error))) from error


def move_back(path: Path, *, force: bool) -> MoveState | None:
    """Have a store that is being moved take changes again; return its mark, None when there was none.

    A store that was moved to its end needs `force`: what has changed on PostgreSQL since is not in it.

    Raises:
        OperatorError: it was moved, and `force` is missing.
        StoreMismatch, StoreUnavailable: the store cannot be used.
    """
    require_file(path)
    with _alone(path), closing(connect(path)) as source, _transaction(source):
        mark = move_state.read(source)
        if mark is not None and mark.state == MOVED and not force:
            raise OperatorError(
                f"the store was moved to {mark.target}: what has changed there since is not in {path}; "
                "give --force to go back all the same"
            )
        move_state.remove(source)
        return mark


def remove_moved(path: Path, audio: Callable[[str], Path]) -> int:
    """Remove a store that was moved, and the recordings of its messages; return how many those were.

    Raises:
        OperatorError: it was not moved to its end, or the disk failed.
        StoreMismatch, StoreUnavailable: the store cannot be used.
    """
    require_file(path)
    removed = 0
    with _alone(path), closing(connect(path)) as source:
        mark = move_state.read(source)
        if mark is None or mark.state != MOVED:
            raise OperatorError(f"{path} was not moved to PostgreSQL, so it stays")
        try:
            for (message_id,) in source.execute("SELECT id FROM messages"):
                if audio(message_id).exists():
                    audio(message_id).unlink()
                    removed += 1
            for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                each.unlink(missing_ok=True)
        except OSError as error:
            raise OperatorError(
                f"{error.filename} cannot be removed: {error.strerror}; give the command again"
            ) from error
    return removed


class _Move:
    def __init__(
        self, route: Route, clock: Clock, tell: Callable[[str], None], source: sqlite3.Connection, target: Target
    ) -> None:
        self._route = route
        self._clock = clock
        self._tell = tell
        self._source = source
        self._target = target
        self._copies: list[TableCopy | AudioCopy] = [TableCopy(source, target, table) for table in copying.TABLES]
        self._copies.append(AudioCopy(source, target, route.audio))

    def run(self) -> list[MovedTable]:
        with _transaction(self._source):
            identity, mark = move_state.identity(self._source), move_state.read(self._source)
        if mark is not None and mark.target != self._route.shown:
            raise OperatorError(f"{mark}; it can go on from there, or go back, but not elsewhere")
        moved = mark is not None and mark.state == MOVED
        if not self._claim(identity, moved=moved):
            return []
        if mark is None:
            self._close_source()
        version = self._version()
        tables = self._fill(resumed=mark is not None)
        if self._version() != version:
            raise OperatorError(
                f"something wrote to {self._route.path} meanwhile, such as a node of an older renvoi: "
                "stop it, and give the same command again"
            )
        if all(table.same for table in tables):
            self._finish(identity)
        return tables

    def _claim(self, identity: str, *, moved: bool) -> bool:
        """Have the target say that it is not whole; False when all of this store is there."""
        self._target.execute("LOCK TABLE store_info IN EXCLUSIVE MODE")
        keys = (MOVING_FROM, MOVED_FROM)
        found = self._target.execute("SELECT key, value FROM store_info WHERE key = ANY(%s)", (list(keys),)).fetchall()
        if (MOVING_FROM, identity) in found:
            self._target.commit()
            return True
        if moved and (MOVED_FROM, identity) in found:
            self._target.commit()
            return False
        if found or moved or not copying.is_empty(self._target):
            raise OperatorError(
                f"{self._route.shown} holds another store, or an earlier copy: give a database of its own that is empty"
            )
        self._target.execute("INSERT INTO store_info (key, value) VALUES (%s, %s)", (MOVING_FROM, identity))
        self._target.commit()
        return True

    def _close_source(self) -> None:
        """Have the source take no changes any more, at an instant at which no mail is being sent, if there is one."""
        # There may be rows of a move that was given up, or of a node that was started there to try it.
        copying.clear(self._target)
        deadline = time.monotonic() + MAILS_TIMEOUT_S
        while True:
            with _transaction(self._source):
                if self._source.execute("SELECT EXISTS (SELECT 1 FROM imports)").fetchone()[0]:
                    raise OperatorError(
                        "an import of numbers is under way: let it end; after one that was killed give "
                        "`renvoi number list`, which completes or removes it, and then the same command again"
                    )
                if self._source.execute("SELECT EXISTS (SELECT 1 FROM removals WHERE ended_at_ms IS NULL)").fetchone()[
                    0
                ]:
                    raise OperatorError(
                        "a number or an account is being removed: let that end, which a node that serves sees to, "
                        "and then give the same command again"
                    )
                leased = self._source.execute(_LEASES, {"now_ms": self._clock.now_ms()}).fetchone()[0]
                if not leased or time.monotonic() > deadline:
                    move_state.put(self._source, MoveState(MOVING, self._route.shown))
                    break
            # Other processes end their leases, and tell nobody.
            time.sleep(MAILS_PAUSE_S)
        if leased:
            self._tell(f"{leased} mails that are just being sent may be sent again")
        self._tell(f"{self._route.path} takes no changes from now on")

    def _version(self) -> int:
        """Return a number that changes when another connection has written to the source."""
        return int(self._source.execute("PRAGMA data_version").fetchone()[0])

    def _fill(self, *, resumed: bool) -> list[MovedTable]:
        try:
            tables = self._copy_all()
        except psycopg.IntegrityError:
            if not resumed:
                raise
            self._target.rollback()
            tables = []
        if resumed and not (tables and all(table.same for table in tables)):
            self._tell("what an earlier run copied differs: copying everything again")
            copying.clear(self._target)
            tables = self._copy_all()
        return tables

    def _copy_all(self) -> list[MovedTable]:
        for copy in self._copies:
            self._tell(f"copying {copy.name}")
            try:
                copy.copy()
            except psycopg.DataError as error:
                raise OperatorError(
                    f"PostgreSQL does not take a row of {copy.name}: {reason(error)}; `renvoi migrate --back` goes back"
                ) from error
        tables = []
        for copy in self._copies:
            self._tell(f"comparing {copy.name}")
            tables.append(MovedTable(copy.name, copy.at_source(), copy.at_target()))
        return tables

    def _finish(self, identity: str) -> None:
        copying.settle(self._target)
        with _transaction(self._source):
            move_state.put(self._source, MoveState(MOVED, self._route.shown))
        self._target.execute("DELETE FROM store_info WHERE key = %s", (MOVING_FROM,))
        self._target.execute("INSERT INTO store_info (key, value) VALUES (%s, %s)", (MOVED_FROM, identity))
        self._target.commit()


def _interrupted(why: str) -> str:
    return f"the move has stopped: {why}; the same command goes on with it, `renvoi migrate --back` gives it up"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the store's directory for one move at a time."""
    try:
        handle = os.open(path.parent / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OperatorError(f"{path.parent} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OperatorError(f"another `renvoi migrate` works on {path}") from error
    finally:
        os.close(handle)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
