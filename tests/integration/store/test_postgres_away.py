"""PostgreSQL that is away, hangs, or cuts connections: nothing is said to be stored that is not, nor the reverse."""

import asyncio
import time
import traceback
from collections.abc import Awaitable
from contextlib import nullcontext
from functools import partial
from urllib.parse import quote

import psycopg
import pytest

from renvoi.adapters.sql import open_store, postgres, postgres_pool
from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.postgres_faults import OutcomeUnknown
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from tests.support.pgbouncer import PgBouncer
from tests.support.ports import free_port
from tests.support.postgres import PASSWORD, ROLE, PostgresCluster
from tests.support.stores import BACK_S, account_names, add_account, new_database, new_store, opened, until_stored
from tests.support.waiting import wait_for

# One server for all of them, and only one of them at a time.

AWAY_S = 12.0
"""How long the store may take to say that the server is away: a connection is tried, and then another one.

No promise of ours: it took 6.2 s through PgBouncer beside three busy loops."""
CLOSED_S = 4.0
"""How long a store may take to close beyond its grace; that of one statement is 4 s, and there are many."""


async def seconds(work: Awaitable[object]) -> float:
    """Return how long it takes until the store is found to be unavailable."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await work
    return time.monotonic() - began


def refused(url: str) -> str:
    """Return what is said, and to a log at the most, when the store at `url` cannot be opened."""
    with pytest.raises(StoreUnavailable) as caught:
        asyncio.run(open_store(url))
    whole = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in whole
    assert quote(PASSWORD, safe="") not in whole
    return str(caught.value)


def test_a_server_that_is_away_is_named_and_the_password_is_not(cluster: PostgresCluster) -> None:
    port = free_port()
    said = refused(cluster.url().replace(str(cluster.port), str(port)))
    assert "127.0.0.1" in said
    assert str(port) in said
    assert "Connection refused" in said


def test_what_the_server_refuses_is_said_without_the_password(cluster: PostgresCluster) -> None:
    assert 'database "missing" does not exist' in refused(cluster.url("missing"))
    assert f'authentication failed for user "{ROLE}x"' in refused(cluster.url(user=f"{ROLE}x"))


def test_a_url_that_cannot_be_understood_is_not_repeated() -> None:
    said = refused(f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1/database")
    assert "percent-encoded" in said


def test_opening_waits_for_a_server_that_starts(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_database(cluster) as name:
            cluster.stop()
            opening = asyncio.create_task(open_store(cluster.url(name), patience_s=30))
            await asyncio.to_thread(cluster.start)
            store = await opening
            await store.write(add_account("stored"))
            await store.close()

    asyncio.run(main())


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pgbouncer"])
def test_a_server_that_dies_is_noticed_soon_and_so_is_its_return(cluster: PostgresCluster, pooled: bool) -> None:
    async def main(pooler: PgBouncer | None) -> None:
        async with new_database(cluster) as name, opened((pooler or cluster).url(name)) as store:
            await store.write(add_account("before"))
            cluster.kill()
            took = await asyncio.gather(seconds(store.write(add_account("meanwhile"))), seconds(account_names(store)))
            assert max(took) < AWAY_S
            await asyncio.to_thread(cluster.start)
            assert await until_stored(store, "after") < BACK_S
            assert await account_names(store) == {"before", "after"}

    with PgBouncer(cluster) if pooled else nullcontext() as pooler:
        asyncio.run(main(pooler))


def test_a_server_that_hangs_is_given_up(cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_pool, "STATEMENT_TIMEOUT_S", 0.5)

    async def main() -> None:
        async with new_store(cluster) as store:
            await store.write(add_account("before"))
            cluster.freeze()
            try:
                waiting = (
                    seconds(store.write(add_account("meanwhile"))),
                    seconds(store.read(lambda reader: reader.accounts())),
                )
                assert max(await asyncio.gather(*waiting)) < AWAY_S
            finally:
                cluster.thaw()
            assert await until_stored(store, "after") < BACK_S
            assert await account_names(store) == {"before", "after"}

    asyncio.run(main())


def test_what_waited_for_a_connection_is_watched_too(cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins long after it was asked for: whoever looks for statements that hang has looked before."""
    monkeypatch.setattr(postgres_pool, "STATEMENT_TIMEOUT_S", 0.5)
    monkeypatch.setattr(postgres_pool, "WATCH_PERIOD_S", 0.0)

    async def main() -> None:
        async with new_database(cluster) as name:
            pool = postgres_pool.PgPool(cluster.url(name), 1)
            raw = pool._pool
            waits = lambda: raw.get_stats().get("requests_waiting")  # noqa: E731

            def ask() -> None:
                with pytest.raises(psycopg.OperationalError), pool.session(Statements(pool.dialect)) as session:
                    session.begin_change()

            async def ask_watched() -> None:
                with pool.watched():
                    await asyncio.to_thread(ask)

            try:
                held = await asyncio.to_thread(raw.getconn)
                asking = asyncio.create_task(ask_watched())
                await asyncio.to_thread(wait_for, waits, "that it waits for the connection")
                cluster.freeze()
                raw.putconn(held)
                await asyncio.wait_for(asking, AWAY_S)
            finally:
                cluster.thaw()
                pool.close()

    asyncio.run(main())


def test_idle_connections_that_were_cut_are_not_noticed(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_store(cluster) as store:
            await asyncio.gather(*(store.write(add_account(f"before {n}")) for n in range(8)))
            assert cluster.terminate_backends() > 0
            await store.write(add_account("after"))
            cluster.terminate_backends()
            assert "after" in await account_names(store)

    asyncio.run(main())


def test_answers_are_true_while_connections_are_cut_at_random(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_database(cluster) as name, opened(cluster.url(name)) as one, opened(cluster.url(name)) as other:
            stored: set[str] = set()
            failed: dict[str, StoreUnavailable] = {}

            async def write(store: Store, prefix: str) -> None:
                for n in range(25):
                    try:
                        await store.write(add_account(f"{prefix}-{n}"))
                        stored.add(f"{prefix}-{n}")
                    except StoreUnavailable as error:
                        failed[f"{prefix}-{n}"] = error

            def is_further_than(answers: int) -> bool:
                return writing.done() or len(stored) + len(failed) > answers

            def cut() -> None:
                while not writing.done():
                    cluster.terminate_backends()
                    wait_for(partial(is_further_than, len(stored) + len(failed) + 15), "progress", 30)

            tasks = [(store, f"{node}-{task}") for node, store in enumerate((one, other)) for task in range(8)]
            writing = asyncio.gather(*(write(store, prefix) for store, prefix in tasks))
            await asyncio.gather(writing, asyncio.to_thread(cut))
            assert not any(isinstance(error, OutcomeUnknown) for error in failed.values())
            async with opened(cluster.url(name)) as third:
                assert await account_names(third) == stored
            assert len(stored) + len(failed) == 2 * 8 * 25

    asyncio.run(main())


def test_a_store_that_is_closed_while_the_server_hangs_ends_what_waits(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CLOSE_GRACE_S", 0.5)

    async def main() -> None:
        async with new_store(cluster) as store:
            await store.write(add_account("before"))
            cluster.freeze()
            try:
                waiting = asyncio.gather(
                    *(store.write(add_account(f"meanwhile {n}")) for n in range(20)), return_exceptions=True
                )
                await asyncio.sleep(0)
                began = time.monotonic()
                await store.close()
                assert time.monotonic() - began < CLOSED_S
                assert {type(each) for each in await waiting} == {StoreUnavailable}
            finally:
                cluster.thaw()

    asyncio.run(main())


def test_a_connection_that_breaks_while_work_fails_is_replaced(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_database(cluster) as name:
            pool = postgres_pool.PgPool(cluster.url(name), 1)
            known = Statements(pool.dialect)

            def fail() -> None:
                with pool.session(known) as session:
                    session.begin_change()
                    cluster.terminate_backends()
                    raise ZeroDivisionError  # the work's own fault

            try:
                with pytest.raises(ZeroDivisionError):
                    fail()
                with pool.session(known) as session:
                    session.begin_change()
            finally:
                pool.close()

    asyncio.run(main())
