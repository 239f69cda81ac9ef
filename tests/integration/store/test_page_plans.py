"""Pages of calls and messages are read by the index that finds them, whatever else looks cheap to a database."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Select

from bench.reading import BEGIN_MS, CALLER, FIRST, fill
from renvoi.adapters.sql import open_store, pages
from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.message_statements import unheard_messages
from renvoi.adapters.sql.pages import CALLS, MESSAGES, Listed
from renvoi.adapters.sql.sqlite_to_postgres.copy import _POSTGRESQL, _SQLITE
from renvoi.application.ports.unit_of_work import Writer
from tests.support.postgres import shared_cluster
from tests.support.stores import new_database

ROWS = 10_000
QUIET = 2
COUNTED: dict[str, object] = {"account_id": 2, "limit": 100}
"""The account with a hundred rows; to PostgreSQL all the others look as if they could be its as well."""
VALUES: dict[str, object] = {
    "account_id": QUIET,
    "number": FIRST + 3,
    "caller": CALLER,
    "status": 488,
    "after_ms": BEGIN_MS + ROWS * 1000,
    "limit": 51,
    "looked_at": 64,
}
PLANS = {
    "calls of an account": (CALLS, {"account_id"}, "ix_calls_account_id"),
    "calls of an account, behind a place": (CALLS, {"account_id", "after"}, "ix_calls_account_id"),
    "calls of a caller": (CALLS, {"account_id", "caller", "after"}, "ix_calls_caller"),
    "calls of a number": (CALLS, {"account_id", "number", "after"}, "ix_calls_number"),
    "calls with a status": (CALLS, {"account_id", "status", "after"}, "ix_calls_account_id"),
    "messages of an account": (MESSAGES, {"account_id", "after"}, "ix_messages_account_id"),
    "messages of a caller": (MESSAGES, {"account_id", "caller", "after"}, "ix_messages_caller"),
    "messages not heard": (MESSAGES, {"account_id", "heard_false", "after"}, "ix_messages_unheard"),
    "messages of a number": (MESSAGES, {"account_id", "number", "after"}, "ix_messages_number"),
}


def two_accounts(writer: Writer) -> None:
    for name in ("bench", "quiet"):
        writer.add_account(name, "en", "FR", 1)


async def fill_store(url: str) -> None:
    store = await open_store(url)
    await store.write(two_accounts)
    await store.close()
    await asyncio.to_thread(fill, url, ROWS, ROWS)


def values_of(listed: Listed, statement: Select[Any]) -> dict[str, object]:
    """Return the values of a statement's parameters."""
    after: object = 1 << 40 if listed is CALLS else "~"
    names = statement.compile().params
    return {name: value for name, value in (VALUES | {"after_id": after}).items() if name in names}


def test_sqlite(tmp_path: Path) -> None:
    asyncio.run(fill_store(f"sqlite:///{tmp_path}/renvoi.db"))
    compiled = Statements(_SQLITE)
    with closing(sqlite3.connect(tmp_path / "renvoi.db")) as connection:
        for name, (listed, filters, index) in PLANS.items():
            statement = pages._page(listed, frozenset(filters))
            words, values = compiled.bind(statement, values_of(listed, statement))
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {words}", values)]
            assert any(f"SEARCH {listed.table.name} USING INDEX {index} (" in step for step in plan), (name, plan)
        words, values = compiled.bind(unheard_messages, dict(COUNTED))
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {words}", values)]
        assert any("SEARCH messages USING INDEX ix_messages_unheard (" in step for step in plan), plan


def test_postgresql() -> None:
    async def main() -> None:
        cluster = shared_cluster()
        async with new_database(cluster) as database:
            url = cluster.url(database)
            await fill_store(url)
            compiled = Statements(_POSTGRESQL)
            with psycopg.connect(url) as connection:
                for mode in ("force_custom_plan", "force_generic_plan"):
                    connection.execute(f"SET plan_cache_mode = {mode}".encode())
                    for name, (listed, filters, index) in PLANS.items():
                        statement = pages._page(listed, frozenset(filters))
                        words, values = compiled.bind(statement, values_of(listed, statement))
                        rows = connection.execute(f"EXPLAIN {words}".encode(), values).fetchall()
                        plan = [row[0] for row in rows]
                        assert any(f"using {index} on" in step for step in plan), (name, mode, plan)
                    words, values = compiled.bind(unheard_messages, dict(COUNTED))
                    plan = [row[0] for row in connection.execute(f"EXPLAIN {words}".encode(), values)]
                    assert any("ix_messages_" in step for step in plan), (mode, plan)

    asyncio.run(main())


@pytest.mark.parametrize(("listed", "filters", "index"), PLANS.values(), ids=PLANS)
def test_each_filter_of_an_index_is_one_of_the_list(listed: Listed, filters: set[str], index: str) -> None:
    names = frozenset(filters)
    assert listed.by_index(names) <= names <= set(listed.filters)
    columns = {str(each.name): [column.name for column in each.columns] for each in listed.table.indexes}
    wanted = [name for name in sorted(listed.by_index(names)) if name in listed.table.c]
    assert columns[index][: len(wanted)] == wanted
