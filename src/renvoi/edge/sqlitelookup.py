"""Look-ups in the SQLite store."""

import sqlite3
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from renvoi.domain.number import E164
from renvoi.edge.lookup import SELECT, LookupFailed, Reading, record_of

_BY_NUMBER = SELECT + "?"
_BUSY_TIMEOUT_S = 0.2
"""Readers of a WAL wait only while it is being recovered; a call must not wait long even then."""

_MMAP_BYTES = 16 * 1024**3


class SqliteLookup:
    """Look-ups in the SQLite store, which this never writes. One object for each process, made after the fork."""

    def __init__(self, path: Path) -> None:
        """Open the store and read from it once, so that every file it consists of is open.

        Raises:
            LookupFailed: it cannot be opened or read.
        """
        self._path = path
        try:
            with ExitStack() as undo:
                self._connection = sqlite3.connect(
                    f"file:{quote(str(path))}?mode=ro",
                    uri=True,
                    isolation_level=None,
                    check_same_thread=False,
                    timeout=_BUSY_TIMEOUT_S,
                )
                undo.callback(self.close)
                # Shared with the kernel's page cache: no process keeps a copy of its own of a large store.
                self._connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
                self.check()
                undo.pop_all()
        except sqlite3.Error as error:
            raise LookupFailed(f"{path} cannot be read: {error}") from error

    def find(self, number: E164) -> Reading:
        """Read the number's record; see `Lookup.find`."""
        try:
            row = self._connection.execute(_BY_NUMBER, (number.digits,)).fetchone()
            return Reading(None if row is None else record_of(number, row))
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise LookupFailed(f"the rule of {number} cannot be read: {error}") from error

    def check(self) -> None:
        """Read something; see `Lookup.check`."""
        try:
            self._connection.execute(_BY_NUMBER, (0,)).fetchone()
        except sqlite3.Error as error:
            raise LookupFailed(f"{self._path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
