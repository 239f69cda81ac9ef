"""The leader dies under load, and Patroni promotes the standby: no change that was acknowledged is missing."""

import asyncio
import os
import time

import pytest

from renvoi.adapters.sql.postgres_faults import OutcomeUnknown
from tests.integration.store.test_failover import BACK_S, Client, accounts
from tests.patroni.cluster import PAGE, TAKE_OVER_S, PatroniCluster
from tests.support.guide import run_blocks
from tests.support.stores import opened
from tests.support.waiting import wait_for

WRITERS = 4

pytestmark = pytest.mark.skipif("RENVOI_TEST_PATRONI" not in os.environ, reason="./test --patroni runs this")


def test_nothing_acknowledged_is_missing_when_the_leader_dies() -> None:
    with PatroniCluster() as cluster:
        for block in run_blocks(PAGE, "The database"):
            cluster.paste(block)
        asyncio.run(under_load(cluster))
        # What died comes back as the standby of the other, by itself.
        cluster.start("db1")
        wait_for(
            lambda: cluster.role("db1") == "sync_standby", lambda: f"its return: {cluster.log('db1')}", TAKE_OVER_S
        )


async def under_load(cluster: PatroniCluster) -> None:
    """Write from two nodes while the leader dies, and compare what each was told with what is there."""
    async with opened(cluster.url()) as one, opened(cluster.url()) as other:
        clients = [Client(store, f"{node}-{n}") for node, store in enumerate((one, other)) for n in range(WRITERS)]
        writing = asyncio.gather(*(client.work() for client in clients))
        try:
            promoted_at = await asyncio.to_thread(take_over, cluster, clients)
        finally:
            for client in clients:
                client.stop = True
        await writing
        for client in clients:
            assert min(at for at in client.stored.values() if at > promoted_at) - promoted_at < BACK_S
        present = await accounts(one)
        assert await accounts(other) == present
        assert {name for client in clients for name in client.stored} <= present
        failed = [item for client in clients for item in client.failed.items()]
        assert not {name for name, error in failed if not isinstance(error, OutcomeUnknown)} & present


def take_over(cluster: PatroniCluster, clients: list[Client]) -> float:
    wait_for(lambda: all(client.has_stored(20) for client in clients), "load", 30)
    # What was acknowledged from now on, and is nowhere else, would be lost for certain.
    cluster.hold_back("db1")
    wait_for(lambda: cluster.waiting_commits("db1"), "commits that wait for the standby")
    cluster.kill("db1")
    wait_for(lambda: cluster.role("db2") == "leader", lambda: f"the take-over: {cluster.log('db2')}", TAKE_OVER_S)
    promoted_at = time.monotonic()
    wait_for(lambda: all(client.has_stored(5, promoted_at) for client in clients), "recovery", 30)
    return promoted_at
