"""Two stores on one PostgreSQL whose connections are cut at random, and whose server dies: every answer is true."""

import asyncio
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql.postgres_faults import OutcomeUnknown
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome as Code
from tests.chaos.changing import Changers, Mix, Told, kind_of
from tests.chaos.checker import judge
from tests.chaos.database import trouble
from tests.chaos.ending import read_final
from tests.chaos.history import Change, History, Outcome
from tests.support.postgres import PostgresCluster
from tests.support.stores import opened

LOG = logging.getLogger(__name__)
SECONDS = float(os.environ.get("RENVOI_TEST_STORE_S", "12"))
LEAST, PATIENCE_S = 60, 60.0
"""How many changes are to be made, and how much longer that may take."""
CLIENTS = 24
NUMBERS = [f"+3319900{n:04}" for n in range(6)]
ALREADY = (Code.ALREADY_FORWARDING, Code.ALREADY_DISABLED)


class Direct:
    """A way to change rules without a node around the store."""

    def __init__(self, node: str, store: Store, account_id: int) -> None:
        self.node = node
        self._store = store
        self._principal = Principal(account_id, "FR", None, node)

    async def change(self, number: str, target: str, key: str | None) -> Told:
        request = RuleRequest(number, str(kind_of(target)), target)
        try:
            answer = await set_rule(self._store, SystemClock(), self._principal, request, key)
        except OutcomeUnknown:
            return Told(Outcome.UNKNOWN)
        except StoreUnavailable as error:
            return Told(Outcome.REFUSED, note=str(error))
        if answer.outcome.success:
            return Told(Outcome.DONE, answer.revision)
        return Told(Outcome.ALREADY if answer.outcome in ALREADY else Outcome.STRANGE, note=answer.outcome.name)


def seed(writer: Writer) -> int:
    account = writer.add_account("acme", "en", "FR", 1)
    for number in NUMBERS:
        writer.add_number(account.id, NumberRow(E164(number)), 1)
    return account.id


async def disturb(cluster: PostgresCluster, dice: random.Random, history: History) -> int:
    """Cut connections, and now and then restart the server, until enough was changed; return how often."""
    count, began = 0, time.monotonic()
    while (passed_s := time.monotonic() - began) < SECONDS or len(done(history)) < LEAST:
        assert passed_s < SECONDS + PATIENCE_S, f"only {len(done(history))} changes were made"
        await asyncio.sleep(dice.uniform(0.05, 0.5))
        await asyncio.to_thread(trouble, cluster, dice)
        count += 1
    return count


def done(history: History) -> list[Change]:
    return [change for change in history.changes if change.outcome is Outcome.DONE]


@asynccontextmanager
async def two_stores(cluster: PostgresCluster) -> AsyncIterator[list[Store]]:
    url = cluster.url(cluster.create_database())
    async with opened(url, 8) as first, opened(url, 8) as second:
        yield [first, second]


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    """Run a server of its own, as it is restarted."""
    with PostgresCluster() as own:
        yield own


async def run(cluster: PostgresCluster, seed_number: int) -> None:
    dice, history, stop = random.Random(seed_number), History(), asyncio.Event()
    async with two_stores(cluster) as stores:
        account_id = await stores[0].write(seed)
        ways = [Direct(name, store, account_id) for name, store in zip("ab", stores, strict=True)]
        changers = Changers(history, ways, NUMBERS, (), dice, Mix(pause_s=0.005))
        changing = asyncio.create_task(changers.run(stop, CLIENTS))
        count = await disturb(cluster, dice, history)
        stop.set()
        await changing
        verdict = judge(history, await read_final(stores[0], NUMBERS))
    outcomes = {outcome: sum(change.outcome is outcome for change in history.changes) for outcome in Outcome}
    LOG.warning("%d faults, changes: %s", count, outcomes)
    if verdict.violations:
        pytest.fail("\n".join(map(str, verdict.violations[:10])), pytrace=False)


def test_every_answer_is_true_whatever_becomes_of_the_connections(
    cluster: PostgresCluster, caplog: pytest.LogCaptureFixture
) -> None:
    # Of connections that are cut there is nothing to say.
    caplog.set_level(logging.CRITICAL, logger="psycopg.pool")
    seed_number = int(os.environ.get("RENVOI_TEST_SEED", random.randrange(10**6)))
    LOG.warning("RENVOI_TEST_SEED=%d", seed_number)
    asyncio.run(run(cluster, seed_number))
