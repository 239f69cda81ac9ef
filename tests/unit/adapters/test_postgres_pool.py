"""What a transaction that reads costs: each way to the server and back is a wake-up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.postgres_pool import PooledSession, _Driver


class Raw:
    """A connection of psycopg's that notes what it is to run, and what of that goes together."""

    def __init__(self) -> None:
        self.ways: list[list[str]] = []
        self._together = False

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        self.ways.append([])
        self._together = True
        yield
        self._together = False

    def execute(self, sql: str, _parameters: Any = None, **_: Any) -> Any:
        if not self._together:
            self.ways.append([])
        self.ways[-1].append(sql)
        return self

    def fetchone(self) -> None:
        """Fetch nothing."""


@pytest.fixture
def raw() -> Raw:
    return Raw()


@pytest.fixture
def session(raw: Raw) -> PooledSession:
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there
    driver: Any = raw
    return PooledSession(_Driver(driver), Statements(dialect))


def test_the_first_statement_takes_the_beginning_along(session: PooledSession, raw: Raw) -> None:
    session.begin("READ ONLY")
    session.connection.one(text("SELECT 1"))
    session.connection.one(text("SELECT 2"))
    session.rollback()
    assert raw.ways == [["BEGIN READ ONLY", "SELECT 1"], ["SELECT 2"], ["ROLLBACK"]]


def test_what_reads_nothing_asks_nothing(session: PooledSession, raw: Raw) -> None:
    session.begin("READ ONLY")
    session.rollback()
    assert raw.ways == []
