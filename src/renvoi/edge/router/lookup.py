"""Reading a number's rule at each call, straight from the store: there is no cache to go stale (`docs/calls.md §1`).

Here is what all stores have in common, and the look-up in SQLite; `postgres_lookup` reads from PostgreSQL.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from renvoi.application.ports.errors import NotUnderstood
from renvoi.documents import policy_document
from renvoi.documents.number_row import COLUMNS, number_record
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord

OF_ACCOUNT = ("region", *policy_document.COLUMNS, "closed_at_ms")
"""The columns of `accounts` that a call needs."""
_WANTED = ", ".join((*(f"numbers.{name}" for name in COLUMNS), *(f"accounts.{name}" for name in OF_ACCOUNT)))
_FROM = "numbers LEFT JOIN accounts ON accounts.id = numbers.account_id"
SELECT = f"SELECT {_WANTED} FROM {_FROM} WHERE numbers.number = "  # noqa: S608 - names of our own columns
"""All that a call needs of a number and its account; the number's digits go behind it, as a driver writes a parameter.

An account that is missing makes no number unknown; one that is closed does."""
OF_USAGE = ("name", "day", "ms", "running", "spend", "price")
"""The columns of `usage`."""
SELECT_USAGE = f"SELECT {', '.join(OF_USAGE)} FROM usage WHERE "  # noqa: S608 - names of our own columns
NOBODY = Owner("")
"""The owner of a number that is not ours, or whose account is missing: of no country, so nothing is a destination."""


class LookupFailed(Exception):
    """The store could not be read; the text says why, and holds no password."""


class RuleNotUnderstood(LookupFailed):
    """The store was read, and what it has is damaged or a newer program's: what was known before does not count."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a number: its record, None when it is not one of ours, and the account that it belongs to.

    `last_known` says that the store was away, and that this was read before.
    """

    record: NumberRecord | None
    last_known: bool = False
    owner: Owner = NOBODY


class Lookup(Protocol):
    """What the router needs of a store."""

    def find(self, number: E164) -> Reading:
        """Read the number's record.

        Raises:
            LookupFailed: the store could not be read.
        """

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Read what was used up under these names on that day and after; see `UsageReader.usages`.

        Raises:
            LookupFailed: the store could not be read.
        """

    def check(self) -> None:
        """Read something, so that the first call finds everything open.

        Raises:
            LookupFailed: the store could not be read.
        """


class ProcessLookup:
    """The look-up of each process, see `Lookup`: one object, made before the fork, which each opens its own with."""

    def __init__(self, open_own: Callable[[], Lookup]) -> None:
        """Take note of how it is opened; nothing is yet."""
        self._open_own = open_own
        self._own: Lookup | None = None

    def open(self) -> None:
        """Open that of this process.

        Raises:
            LookupFailed: there is nothing to open.
        """
        self._own = self._open_own()

    def find(self, number: E164) -> Reading:
        """Read the number's record; see `Lookup.find`."""
        return self._opened().find(number)

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Read what was used up; see `Lookup.usages`."""
        return self._opened().usages(names, since_day)

    def check(self) -> None:
        """Read something; see `Lookup.check`."""
        self._opened().check()

    def _opened(self) -> Lookup:
        if self._own is None:
            raise LookupFailed("this process has no store")
        return self._own


def reading_of(number: E164, row: Sequence[Any] | None) -> Reading:
    """Return what a row that `SELECT` found says of a number; None for no row.

    Raises:
        RuleNotUnderstood: a newer program wrote it, or it is damaged.
    """
    if row is None:
        return Reading(None)
    region, version, document, closed_at_ms = row[len(COLUMNS) :]
    if closed_at_ms is not None:
        # Its numbers go in small steps; for calls they are gone at once, whether they can be read or not.
        return Reading(None)
    try:
        record = number_record(number, row)
        policy = policy_document.policy_of(record.account_id, version, document)
    except NotUnderstood as error:
        raise RuleNotUnderstood(str(error)) from error
    return Reading(record, owner=NOBODY if region is None else Owner(region, policy))


def usages_of(rows: Iterable[Sequence[Any]]) -> Usages:
    """Return what rows that `SELECT_USAGE` found say."""
    return {(name, day): Usage(*sums) for name, day, *sums in rows}


_BY_NUMBER = SELECT + "?"
_BUSY_TIMEOUT_S = 0.2
"""Readers of a WAL wait only while it is being recovered; a call must not wait long even then."""

_MMAP_BYTES = 16 * 1024**3


def _any_text(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


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
            row = self._row(number.digits)
        except sqlite3.Error as error:
            raise LookupFailed(f"the rule of {number} cannot be read: {error}") from error
        return reading_of(number, row)

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Read what was used up; see `Lookup.usages`."""
        wanted = f"name IN ({', '.join('?' * len(names))}) AND day >= ?"
        try:
            return usages_of(self._connection.execute(SELECT_USAGE + wanted, (*names, since_day)))
        except sqlite3.Error as error:
            raise LookupFailed(f"what calls have used up cannot be read: {error}") from error

    def _row(self, digits: int) -> Any:
        try:
            return self._connection.execute(_BY_NUMBER, (digits,)).fetchone()
        except sqlite3.OperationalError as error:
            if hasattr(error, "sqlite_errorcode"):
                raise
        # Not SQLite but the driver refused it: some text is not UTF-8, and what needs that one is refused further on.
        self._connection.text_factory = _any_text
        try:
            return self._connection.execute(_BY_NUMBER, (digits,)).fetchone()
        finally:
            self._connection.text_factory = str

    def check(self) -> None:
        """Read something; see `Lookup.check`."""
        try:
            self._connection.execute(_BY_NUMBER, (0,)).fetchone()
        except sqlite3.Error as error:
            raise LookupFailed(f"{self._path} cannot be read: {error}") from error

    def close(self) -> None:
        self._connection.close()
