"""Texts on SQLite that are not UTF-8, which only damage brings: they are shown, and stop no work on other rows.

What decides about calls, a rule, a policy or a trunk, is refused by itself instead.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row, Statements
from renvoi.adapters.sql.transaction import SqlReader, SqlWriter
from renvoi.application.ports.errors import UnreadablePolicy
from renvoi.application.ports.trunks import Trunks
from renvoi.documents.number_row import RowDamaged
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule, Unreadable

T = TypeVar("T")

_log = logging.getLogger("renvoi.store")
_DAMAGED_TEXT = partial(str, encoding="utf-8", errors="replace")


class TolerantReading(Connection):
    """Reads texts that are not UTF-8 too, which only damage brings about, with U+FFFD for what cannot be read.

    So one damaged row neither hides all others in a list nor keeps what works on them, such as a job in the background,
    from its work; a change of the row writes what was read.
    """

    def __init__(self, driver: sqlite3.Connection, statements: Statements) -> None:
        super().__init__(driver, statements)
        self._texts = driver

    def one(self, statement: CompilerElement, /, **parameters: object) -> Row | None:
        return self._read(partial(super().one, statement, **parameters))

    def all(self, statement: CompilerElement, /, **parameters: object) -> list[Row]:
        return self._read(partial(super().all, statement, **parameters))

    def all_planned(self, statement: CompilerElement, /, **parameters: object) -> list[Row]:
        return self._read(partial(super().all_planned, statement, **parameters))

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except sqlite3.OperationalError as error:
            if not _is_of_driver(error):
                raise
            _log.warning("a text of a row is damaged and counts with U+FFFD in it: %.200s", error)
        self._texts.text_factory = _DAMAGED_TEXT
        try:
            return read()
        finally:
            self._texts.text_factory = str


class SqliteWriter(SqlWriter):
    """A `Writer` that knows a row of such texts for what it is: others are changed all the same."""

    def __init__(
        self,
        driver: sqlite3.Connection,
        statements: Statements,
        duplicate: Callable[[Exception], str | None],
        announce: Callable[[Topic], None],
    ) -> None:
        super().__init__(TolerantReading(driver, statements), duplicate, announce)
        self._tolerant = SqlReader(TolerantReading(driver, statements))
        self._strict = SqlWriter(Connection(driver, statements), duplicate, announce)

    def number(self, number: E164) -> NumberRecord | None:
        return self._judged(number, self._strict.number)

    def number_for_change(self, number: E164) -> NumberRecord | None:
        return self._judged(number, self._strict.number_for_change)

    def number_to_remove(self, number: E164) -> NumberRecord | None:
        return self._tolerant.listed_number(number)

    def policy(self, account_id: int) -> AccountPolicy:
        return _judged_policy(account_id, self._strict.policy)

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return _judged_policy(account_id, self._strict.policy_for_change)

    def trunks(self) -> Trunks:
        try:
            return self._strict.trunks()
        except sqlite3.OperationalError as error:
            if not _is_of_driver(error):
                raise
            # This raises what names the trunk, unless the text is one that may be anything.
            self._tolerant.trunks()
            raise

    def _judged(self, number: E164, find: Callable[[E164], NumberRecord | None]) -> NumberRecord | None:
        try:
            return find(number)
        except sqlite3.OperationalError as error:
            found = self._tolerant.listed_number(number) if _is_of_driver(error) else None
            if found is None:
                raise
            record = replace(found, rule=Rule(revision=found.rule.revision), unreadable=Unreadable.DAMAGED)
            raise RowDamaged(f"the row of {number} holds a text that is not UTF-8: {error}", record) from error


def _judged_policy(account_id: int, find: Callable[[int], AccountPolicy]) -> AccountPolicy:
    try:
        return find(account_id)
    except sqlite3.OperationalError as error:
        if not _is_of_driver(error):
            raise
        row = UnreadablePolicy(account_id, Unreadable.DAMAGED)
        raise RowDamaged(f"the policy of account {account_id} is a text that is not UTF-8: {error}", row=row) from error


def _is_of_driver(error: sqlite3.OperationalError) -> bool:
    """Tell whether the driver says so itself, of a text that is not UTF-8; SQLite's own faults have a code."""
    return not hasattr(error, "sqlite_errorcode")
