"""A database that takes no changes, or not these: read-only, demoted, without rights; nothing raw leaves the port.

What is wrong is `StoreUnavailable`, so that the API answers 104 and everything else waits; and it works again after.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from psycopg import sql

from renvoi.adapters.sql.postgres import PostgresStore
from renvoi.adapters.sql.postgres_pool import PgPool
from renvoi.adapters.sql.sqlite import SqliteStore, open_sqlite
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.numbers.number import E164
from tests.support.postgres import ROLE, PostgresCluster
from tests.support.replication import Standby, url_of_both
from tests.support.stores import A, new_database, opened, seed

BACK_S = 10.0
"""How long a store may take to work again."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Return a server for the tests of this module, each of which leaves it as it was."""
    with PostgresCluster(durable=False) as made:
        yield made


def change(writer: Writer) -> None:
    """Make a change as the API does."""
    assert writer.number_for_change(A) is not None
    writer.set_label(A, "changed")


async def several(work: Callable[[Callable[[Writer], None]], Awaitable[object]]) -> list[object]:
    """Make changes alone and together; return what came of each."""
    alone = await asyncio.gather(work(change), return_exceptions=True)
    together = await asyncio.gather(*(work(change) for _ in range(5)), return_exceptions=True)
    return [*alone, *together]


async def until_it_works(store: Store) -> None:
    """Change something until that works."""
    async with asyncio.timeout(BACK_S):
        while True:
            with suppress(StoreUnavailable):
                await store.write(change)
                return
            await asyncio.sleep(0)


def unavailable(results: list[object]) -> bool:
    """Tell whether all were refused as they should be."""
    return [type(result) for result in results] == [StoreUnavailable] * len(results)


@pytest.mark.parametrize(
    ("trouble", "remedy"),
    [
        ("ALTER ROLE {role} SET default_transaction_read_only = on", "ALTER ROLE {role} RESET ALL"),
        (
            "REVOKE UPDATE ON ALL TABLES IN SCHEMA public FROM {role}",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        ),
        ("ALTER TABLE numbers RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO numbers"),
    ],
    ids=["read-only", "without rights", "a table that is gone"],
)
def test_a_server_that_takes_no_changes(cluster: PostgresCluster, trouble: str, remedy: str) -> None:
    async def main() -> None:
        async with new_database(cluster) as name, opened(cluster.url(name)) as store:
            await seed(store)

            def admin(statement: str) -> None:
                with cluster.admin(name) as connection:
                    words = sql.SQL(statement).format(role=sql.Identifier(ROLE))
                    connection.execute(words)
                cluster.terminate_backends()

            # A table is its owner's: only another role can be without rights.
            with cluster.admin(name) as connection:
                connection.execute("ALTER TABLE numbers OWNER TO postgres; GRANT ALL ON numbers TO renvoi")
            admin(trouble)
            try:
                results = await several(store.write)
                assert unavailable(results), results
                said = await store.read(lambda reader: reader.why_read_only())
                assert (said is not None) == ("read_only" in trouble)
                assert await store.read(lambda reader: len(reader.accounts())) == 1
            finally:
                admin(remedy)
            await until_it_works(store)
            record = await store.read(lambda reader: reader.number(A))
            assert record is not None
            assert record.label == "changed"
            assert await store.read(lambda reader: reader.why_read_only()) is None
            with cluster.admin(name) as connection:
                connection.execute("ALTER TABLE numbers OWNER TO renvoi")

    asyncio.run(main())


def test_one_readers_error_fails_nobody_else(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_database(cluster) as name, opened(cluster.url(name), 2) as store:
            await seed(store)
            with cluster.admin(name) as connection:
                connection.execute("ALTER TABLE audit OWNER TO postgres; REVOKE ALL ON audit FROM renvoi")

            def history(reader: Reader) -> object:
                return reader.history(A)

            def accounts(reader: Reader) -> object:
                return len(reader.accounts())

            works = [history if n % 7 == 3 else accounts for n in range(40)]
            results = await asyncio.gather(*map(store.read, works), return_exceptions=True)
            for work, result in zip(works, results, strict=True):
                assert result == 1 if work is accounts else isinstance(result, StoreUnavailable), result
            with cluster.admin(name) as connection:
                connection.execute("ALTER TABLE audit OWNER TO renvoi")

    asyncio.run(main())


def test_a_demoted_server_is_left_for_the_one_that_takes_changes() -> None:
    """The store is connected to a server that goes on as a standby, behind an address that stays: nothing breaks."""

    async def main() -> None:
        with PostgresCluster(durable=False) as primary, Standby(primary) as standby:
            name = primary.create_database()
            async with opened(primary.url(name)) as store:
                await seed(store)
            primary.configure(synchronous_standby_names="")
            # A standby as the only server: what was a primary once, seen by who has not noticed.
            async with opened_as_it_is(standby.url(name)) as demoted:
                results = await several(demoted.write)
                assert unavailable(results), results
                # A standby may be behind, and a read is at least as new as what was answered before.
                with pytest.raises(StoreUnavailable):
                    await demoted.read(lambda reader: reader.accounts())
                standby.promote()
                await until_it_works(demoted)
            async with opened(url_of_both(primary, standby, name)) as both:
                await both.write(change)

    asyncio.run(main())


@asynccontextmanager
async def opened_as_it_is(url: str) -> AsyncIterator[Store]:
    """Open a store on a server that lets nobody prepare it."""
    store = PostgresStore(PgPool(url, 4), 4)
    try:
        yield store
    finally:
        await store.close()


def with_sqlite(path: Path, scenario: Callable[[SqliteStore], Awaitable[None]]) -> None:
    """Run a scenario on a store with the usual content."""

    async def main() -> None:
        store = await open_sqlite(path)
        try:
            await seed(store)
            await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


def test_a_file_that_takes_no_changes(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        store._writing.execute("PRAGMA query_only = ON")
        results = await several(store.write)
        assert unavailable(results), results
        store._writing.execute("PRAGMA query_only = OFF")
        await until_it_works(store)

    with_sqlite(tmp_path / "renvoi.db", scenario)


def test_a_table_that_is_gone_is_no_error_of_the_driver(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        other = sqlite3.connect(tmp_path / "renvoi.db", isolation_level=None)
        other.execute("ALTER TABLE audit RENAME TO elsewhere")
        results = await asyncio.gather(
            store.read(lambda reader: reader.history(A)),
            store.read(lambda reader: reader.number(A)),
            return_exceptions=True,
        )
        assert isinstance(results[0], StoreUnavailable)
        assert results[1] is not None
        assert not isinstance(results[1], BaseException)
        other.close()

    with_sqlite(tmp_path / "renvoi.db", scenario)


def test_a_file_that_is_damaged_while_it_is_open(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore) -> None:
        rows = (NumberRow(E164(f"+3319901{n:04}"), "label" * 20) for n in range(2000))
        await store.write(lambda writer: writer.add_numbers(1, rows, 1))
        store._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = (tmp_path / "renvoi.db").stat().st_size
        with (tmp_path / "renvoi.db").open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(1) * (size - 4096))
        with pytest.raises(StoreUnavailable):
            await store.read(lambda reader: reader.numbers(limit=5000))
        results = await several(store.write)
        assert unavailable(results), results

    with_sqlite(tmp_path / "renvoi.db", scenario)
