"""Reading a number's rule at each call, straight from the store: there is no cache to go stale (`docs/calls.md §1`)."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.number import E164
from renvoi.domain.rule import Fallback, NumberRecord, Otherwise, Rule, RuleType

_SELECT = (
    "SELECT account_id, label, active, forwarding_enabled, rule_type, target, email, ring_timeout_s, revision,"
    " updated_at_ms, no_answer, busy, fallback_email FROM numbers WHERE number = ?"
)
_BUSY_TIMEOUT_S = 0.2
"""Readers of a WAL wait only while it is being recovered; a call must not wait long even then."""

_MMAP_BYTES = 16 * 1024**3


class LookupFailed(Exception):
    """The store could not be read."""


class Lookup(Protocol):
    """What the router needs of a store."""

    def find(self, number: E164) -> NumberRecord | None:
        """Return the number's record, None when it is not one of ours.

        Raises:
            LookupFailed: the store could not be read.
        """


class SqliteLookup:
    """Look-ups in the SQLite store, which this never writes. One object for each process, made after the fork."""

    def __init__(self, path: Path) -> None:
        """Open the store and read from it once, so that every file it consists of is open.

        Raises:
            LookupFailed: it cannot be opened or read.
        """
        try:
            self._connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_BUSY_TIMEOUT_S,
            )
            # Shared with the kernel's page cache: no process keeps a copy of its own of a large store.
            self._connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
            self._connection.execute(_SELECT, (0,)).fetchone()
        except sqlite3.Error as error:
            raise LookupFailed(f"{path} cannot be read: {error}") from error

    def find(self, number: E164) -> NumberRecord | None:
        """Return the number's record; see `Lookup.find`."""
        try:
            row = self._connection.execute(_SELECT, (number.digits,)).fetchone()
            return None if row is None else _record(number, row)
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise LookupFailed(f"the rule of {number} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the store."""
        self._connection.close()


def _record(number: E164, row: tuple[Any, ...]) -> NumberRecord:
    account_id, label, active, enabled, rule_type, target, email, ring_timeout_s, revision, updated_at_ms = row[:10]
    no_answer, busy, fallback_email = row[10:]
    rule = Rule(
        RuleType(rule_type),
        target=None if target is None else E164.from_digits(target),
        email=_address(email),
        revision=revision,
        ring_timeout=timedelta(seconds=ring_timeout_s),
        fallback=Fallback(Otherwise(no_answer), Otherwise(busy), _address(fallback_email)),
    )
    return NumberRecord(number, account_id, rule, bool(active), bool(enabled), label, updated_at_ms)


def _address(text: str | None) -> EmailAddress | None:
    return None if text is None else EmailAddress(text)
