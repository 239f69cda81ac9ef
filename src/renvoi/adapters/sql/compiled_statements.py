"""Statements are built by SQLAlchemy Core, compiled once per database, and run by the driver.

SQLAlchemy's own execution costs more than SQLite's (`docs/performance.md`); the schema keeps to integers, texts and
bytes, so the driver's rows need no conversion.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql import column_limits
from renvoi.application.ports.errors import Conflict

Row = tuple[Any, ...]


class Cursor(Protocol):
    """What is used of a PEP 249 cursor."""

    @property
    def rowcount(self) -> int:
        """Rows that the statement changed."""

    def fetchone(self) -> Any:
        """Return the next row or None."""

    def fetchall(self) -> list[Any]:
        """Return all rows."""


class Driver(Protocol):
    """What is used of a driver's connection (sqlite3 and psycopg both have it)."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Run one statement for each set of parameters."""


class Statements:
    """Compiles each statement once for one dialect: its SQL, the values that SQLAlchemy put in itself, and limits."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[CompilerElement, tuple[str, dict[str, object], column_limits.Limits]] = {}

    def bind(self, statement: CompilerElement, parameters: dict[str, object]) -> tuple[str, dict[str, object]]:
        """Return the SQL of `statement`, and its parameters by name.

        Raises:
            StoreRefused: a parameter is nothing that the store can hold.
        """
        text, own, limits = self._compiled.get(statement) or self._compile(statement)
        column_limits.check(limits, parameters)
        return text, own | parameters if own else parameters

    def bind_many(
        self, statement: CompilerElement, rows: Iterable[Mapping[str, object]]
    ) -> tuple[str, Iterator[Mapping[str, object]]]:
        """Return the SQL of `statement`, and its parameters for each row, which are checked as they are taken."""
        text, _, limits = self._compiled.get(statement) or self._compile(statement)

        def checked() -> Iterator[Mapping[str, object]]:
            for row in rows:
                column_limits.check(limits, row)
                yield row

        return text, checked()

    def compile_named(self) -> None:
        """Compile the statements that modules of this package name, for processes that are forked from this one."""
        package = __name__.rpartition(".")[0]
        for name, module in list(sys.modules.items()):
            if name.startswith(package):
                for value in list(vars(module).values()):
                    if isinstance(value, Executable) and isinstance(value, CompilerElement):
                        self._compile(value)

    def _compile(self, statement: CompilerElement) -> tuple[str, dict[str, object], column_limits.Limits]:
        compiled = statement.compile(dialect=self._dialect)
        own = {name: value for name, value in (compiled.params or {}).items() if value is not None}
        limits = column_limits.limits_of(compiled) if isinstance(compiled, SQLCompiler) else {}
        made = self._compiled[statement] = (str(compiled), own, limits)
        return made


class Connection:
    """Runs statements on one connection of a driver."""

    def __init__(self, driver: Driver, statements: Statements) -> None:
        self._driver = driver
        self._statements = statements
        # Only PostgreSQL plans a statement once for all values, when it has come a few times.
        self._execute_planned: Callable[[str, Any], Cursor] = getattr(driver, "execute_planned", driver.execute)

    def one(self, statement: CompilerElement, /, **parameters: object) -> Row | None:
        row: Row | None = self._driver.execute(*self._statements.bind(statement, parameters)).fetchone()
        return row

    def all(self, statement: CompilerElement, /, **parameters: object) -> list[Row]:
        return self._driver.execute(*self._statements.bind(statement, parameters)).fetchall()

    def all_planned(self, statement: CompilerElement, /, **parameters: object) -> list[Row]:
        """Return all rows, by a plan for these values: where the right index depends on them, as for rare kinds.

        Planning costs some tenths of a millisecond; what many requests do takes the plan that is kept.
        """
        return self._execute_planned(*self._statements.bind(statement, parameters)).fetchall()

    def run(self, statement: CompilerElement, /, **parameters: object) -> int:
        """Run a statement; return how many rows it changed."""
        return self._driver.execute(*self._statements.bind(statement, parameters)).rowcount

    def run_many(self, statement: CompilerElement, rows: Iterable[Mapping[str, object]], /) -> int:
        """Run a statement for each row of parameters; return how many rows it changed in all."""
        return self._driver.executemany(*self._statements.bind_many(statement, rows)).rowcount


@contextmanager
def unique(what: str, duplicate: Callable[[Exception], str | None]) -> Iterator[None]:
    """Add rows inside; `duplicate` recognises the driver's unique-constraint violation (`SqlWriter`).

    Raises:
        Conflict: `what` exists already.
    """
    try:
        yield
    except Exception as error:
        if duplicate(error) is None:
            raise
        raise Conflict(f"{what} exists already") from error
