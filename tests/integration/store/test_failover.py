"""The primary dies and its standby takes over: no acknowledged change is missing, and the stores find the way."""

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from renvoi.adapters.sql.postgres_faults import OutcomeUnknown
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store, Writer
from tests.support.postgres import PostgresCluster
from tests.support.replication import Standby, url_of_both
from tests.support.stores import opened
from tests.support.waiting import wait_for

BACK_S = 5.0
"""How long after the promotion the stores may take to work again."""
WRITERS = 4


@pytest.fixture
def primary() -> Iterator[PostgresCluster]:
    """Return a primary whose commits wait until the standby shows them, as is advised (docs/operating/nodes.md)."""
    with PostgresCluster(durable=False, settings={"synchronous_commit": "remote_apply"}) as cluster:
        yield cluster


@pytest.fixture
def standby(primary: PostgresCluster) -> Iterator[Standby]:
    """Return its standby."""
    with Standby(primary) as server:
        yield server


def add(name: str) -> Callable[[Writer], object]:
    """Return the work of adding an account."""
    return lambda writer: writer.add_account(name, "en", "FR", 1)


async def accounts(store: Store) -> set[str]:
    """Return the names of all accounts."""
    return {account.name for account in await store.read(lambda reader: reader.accounts())}


class Client:
    """Writes one account after the other to a store, and keeps what came of each."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self.stored: dict[str, float] = {}
        """When each was acknowledged, by time.monotonic()."""
        self.failed: dict[str, StoreUnavailable] = {}
        self.stop = False

    async def work(self) -> None:
        """Write until told to stop."""
        while not self.stop:
            name = f"{self._name}-{len(self.stored) + len(self.failed)}"
            try:
                await self._store.write(add(name))
                self.stored[name] = time.monotonic()
            except StoreUnavailable as error:
                self.failed[name] = error

    def has_stored(self, count: int, since: float = 0.0) -> bool:
        """Tell whether that many were acknowledged since then."""
        return sum(at > since for at in self.stored.values()) >= count


def test_after_a_fail_over_no_acknowledged_change_is_missing(primary: PostgresCluster, standby: Standby) -> None:
    async def main() -> None:
        url = url_of_both(primary, standby, primary.create_database())
        async with opened(url) as one, opened(url) as other:
            clients = [Client(store, f"{node}-{n}") for node, store in enumerate((one, other)) for n in range(WRITERS)]
            writing = asyncio.gather(*(client.work() for client in clients))
            try:
                promoted_at = await asyncio.to_thread(fail_over, clients)
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

    def fail_over(clients: list[Client]) -> float:
        wait_for(lambda: all(client.has_stored(20) for client in clients), "load", 30)
        primary.kill()
        standby.promote()
        promoted_at = time.monotonic()
        wait_for(lambda: all(client.has_stored(5, promoted_at) for client in clients), "recovery", 30)
        return promoted_at

    asyncio.run(main())


def test_a_commit_that_the_new_primary_never_saw_is_not_acknowledged(
    primary: PostgresCluster, standby: Standby
) -> None:
    """The new primary counts its transactions on from the last that it saw, so it soon has one of the same number."""

    async def main() -> None:
        url = url_of_both(primary, standby, primary.create_database())
        async with opened(url) as store:
            await store.write(add("before"))
            standby.stop()
            change = asyncio.create_task(store.write(add("lost")))
            waiting = partial(primary.query, "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            await asyncio.to_thread(wait_for, waiting, "the commit")
            primary.kill()
            await asyncio.to_thread(standby.start)
            await asyncio.to_thread(standby.promote)
            with pytest.raises(StoreUnavailable):
                await change
            assert await accounts(store) == {"before"}

    asyncio.run(main())
