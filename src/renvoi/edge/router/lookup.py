"""Reading a number's rule at each call, straight from the store: there is no cache to go stale (`docs/calls.md §1`).

Here is what all stores have in common, and the look-up in SQLite; `postgres_lookup` reads from PostgreSQL.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import Fallback, NumberRecord, Otherwise, Rule, RuleType

SELECT = (
    "SELECT account_id, label, active, forwarding_enabled, rule_type, target, email, ring_timeout_s, revision,"
    " updated_at_ms, no_answer, busy, fallback_email FROM numbers WHERE number = "
)
"""All that a call needs of a number; the number's digits go behind it, as the driver writes a parameter."""


class LookupFailed(Exception):
    """The store could not be read; the text says why, and holds no password."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a number: its record, None when it is not one of ours.

    `last_known` says that the store was away, and that this was read before.
    """

    record: NumberRecord | None
    last_known: bool = False


class Lookup(Protocol):
    """What the router needs of a store."""

    def find(self, number: E164) -> Reading:
        """Read the number's record.

        Raises:
            LookupFailed: the store could not be read.
        """

    def check(self) -> None:
        """Read something, so that the first call finds everything open.

        Raises:
            LookupFailed: the store could not be read.
        """


def record_of(number: E164, row: Sequence[Any]) -> NumberRecord:
    """Make a number's record of what `SELECT` found.

    Raises:
        TypeError: it is not such a row.
        ValueError: it does not hold a rule.
    """
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


def row_of(record: NumberRecord) -> list[Any]:
    """Return the row that `record_of` makes this record of."""
    rule = record.rule
    fallback = rule.fallback
    return [
        *(record.account_id, record.label, record.active, record.forwarding_enabled),
        *(int(rule.type), rule.target and rule.target.digits, rule.email and rule.email.value),
        *(int(rule.ring_timeout.total_seconds()), rule.revision, record.updated_at_ms),
        *(fallback.no_answer.value, fallback.busy.value, fallback.email and fallback.email.value),
    ]


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
        self._connection.close()
