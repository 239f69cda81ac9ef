"""Commits on PostgreSQL whose answer was lost: the store asks whether they were made."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

import psycopg
import pytest

from renvoi.adapters.sql import postgres, postgres_pool, statements
from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.postgres_faults import OutcomeUnknown
from tests.support.postgres import PostgresCluster
from tests.support.stores import BACK_S, account_names, add_account, new_database, new_store, opened, until_stored
from tests.support.waiting import wait_for

# One server for all of them, and only one of them at a time.

AWAY_S = 8.0
"""How long the store may take to say that the server is away: a connection is tried, and then another one."""
NO_STANDBY = "nobody"
"""A standby that never comes: each commit is made, and its answer waits."""


@contextmanager
def without_standby(cluster: PostgresCluster) -> Iterator[None]:
    """Have each commit wait for a standby that never comes; the server may be killed meanwhile."""
    cluster.configure(synchronous_standby_names=NO_STANDBY)
    # The process of the server that has commits wait learns of it later than this call returns.
    wait_for(partial(does_a_commit_wait, cluster), "that commits wait")
    try:
        yield
    finally:
        # Before the next test: it would wait for ever to make a database.
        if cluster.process is None:
            cluster.start()
        cluster.configure(synchronous_standby_names="")


def does_a_commit_wait(cluster: PostgresCluster) -> bool:
    """Make a commit, and tell whether it waits for a standby; nothing is left of it."""
    with closing(cluster.admin()) as connection:
        backend = connection.info.backend_pid

        def state() -> str | None:
            if (backend,) in waiting_for_standby(cluster):
                return "waits"
            connection.pgconn.consume_input()
            return None if connection.pgconn.is_busy() else "is made"

        connection.pgconn.send_query(b"SELECT pg_logical_emit_message(true, 'renvoi', '')")
        waits = bool(wait_for(state, "the end of a commit") == "waits")
        if waits:
            cluster.query("SELECT pg_terminate_backend(%s, 10000)", backend)
    return waits


def waiting_for_standby(cluster: PostgresCluster) -> list[tuple[int]]:
    """Return the backends whose commit is made, and whose answer waits for a standby."""
    return cluster.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")


def test_a_commit_whose_answer_was_lost_counts_as_what_it_is(cluster: PostgresCluster) -> None:
    async def main() -> None:
        async with new_store(cluster) as store:
            with without_standby(cluster):
                change = asyncio.create_task(store.write(add_account("kept")))
                ((first,),) = await asyncio.to_thread(wait_for, partial(waiting_for_standby, cluster), "the commit")
                cluster.query("SELECT pg_terminate_backend(%s)", first)
                others = lambda: [pid for (pid,) in waiting_for_standby(cluster) if pid != first]  # noqa: E731
                await asyncio.to_thread(wait_for, others, "the question about its outcome")
                assert not change.done()
            await change
            assert await account_names(store) == {"kept"}

    asyncio.run(main())


def test_a_commit_whose_fate_nobody_tells_is_said_to_be_unknown(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RESOLVE_FOR_S", 0.5)

    async def main() -> None:
        async with new_store(cluster) as store:
            with without_standby(cluster):
                change = asyncio.create_task(store.write(add_account("who knows")))
                await asyncio.to_thread(wait_for, partial(waiting_for_standby, cluster), "the commit")
                cluster.kill()
                with pytest.raises(OutcomeUnknown, match="is unknown"):
                    await change
            assert await until_stored(store, "after") < BACK_S
            assert await account_names(store) == {"who knows", "after"}

    asyncio.run(main())


def test_a_commit_whose_fate_takes_too_long_to_learn_is_said_to_be_unknown(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server knows, but its answer waits for a standby as well."""
    monkeypatch.setattr(postgres, "RESOLVE_FOR_S", 0.5)

    async def main() -> None:
        async with new_store(cluster) as store:
            # Not before: on a busy machine it may take that long to open a store.
            monkeypatch.setattr(postgres_pool, "STATEMENT_TIMEOUT_S", 1.0)
            with without_standby(cluster), pytest.raises(OutcomeUnknown, match="is unknown"):
                await asyncio.wait_for(store.write(add_account("who knows")), AWAY_S)
            # Others see it when its own backend has waited for the standby.
            async with asyncio.timeout(BACK_S):
                while await account_names(store) != {"who knows"}:
                    pass

    asyncio.run(main())


def test_a_store_can_be_closed_while_it_asks_for_the_fate_of_a_commit(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CLOSE_GRACE_S", 0.1)
    monkeypatch.setattr(postgres, "RESOLVE_FOR_S", 2.0)

    async def main() -> None:
        async with new_store(cluster) as store:
            with without_standby(cluster):
                change = asyncio.create_task(store.write(add_account("who knows")))
                await asyncio.to_thread(wait_for, partial(waiting_for_standby, cluster), "the commit")
                cluster.kill()
                await store.close()
                with pytest.raises(OutcomeUnknown):
                    await change

    asyncio.run(main())


def test_a_number_of_a_transaction_means_nothing_after_a_crash(cluster: PostgresCluster) -> None:
    """The server recovers by itself and stays the same process, but may give the numbers of lost transactions again."""

    async def main() -> None:
        async with new_database(cluster) as name, opened(cluster.url(name)):
            pool = postgres_pool.PgPool(cluster.url(name), 2)
            try:
                with pool.session(Statements(pool.dialect)) as session:
                    session.begin_change()
                    session.connection.run(statements.raise_counter, name="x", value=1)
                    session.commit()
                    committed = session.transaction
                assert pool.status_of(committed) == "committed"
                with cluster.admin() as connection:
                    os.kill(connection.info.backend_pid, signal.SIGKILL)
                assert wait_for(lambda: _told(pool, committed), "the recovery") == "ambiguous"
            finally:
                pool.close()

    asyncio.run(main())


def _told(pool: postgres_pool.PgPool, transaction: str) -> str | None:
    with suppress(psycopg.OperationalError):
        return pool.status_of(transaction)
    return None
