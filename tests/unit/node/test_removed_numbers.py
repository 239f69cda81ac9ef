"""The edge is told what was taken away, with times of a clock that it shares."""

import asyncio
from collections.abc import Mapping

from renvoi.application.accounts import find_account
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.removals import close_account, move_number, remove_number, settle_removals
from renvoi.domain.numbers.number import E164
from renvoi.node.supervisor.removed_numbers import MARGIN_MS, RemovedNumbers
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import MovedClock
from tests.support.stores import A, B, C, seed


def test_each_removal_is_told_once_as_of_when_it_was_seen() -> None:
    async def scenario() -> None:
        store, clock, told, now = MemoryStore(), MovedClock(), list[Mapping[str, int]](), 500.0
        account_id = await seed(store)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await store.write(lambda writer: writer.add_number(account_id, NumberRow(C), 1))
        await remove_number(store, clock, A)
        clock.move(minutes=5)
        keeper = RemovedNumbers(clock, 900, told.append, lambda: now)
        await keeper.look(store)
        assert told == [{f"n{A.digits}": 500_000 - 300_000 + MARGIN_MS}]
        await keeper.look(store)
        assert len(told) == 1
        now = 600.0
        await move_number(store, clock, B, "other")
        await close_account(store, clock, "demo")
        await settle_removals(store, clock, lambda _: None)
        await keeper.look(store)
        assert told[1] == {**told[0], f"m{B.digits}": 600_000, f"a{account_id}": 600_000}
        # What is older than anything that the edge knows is told no more.
        clock.move(minutes=12)
        await keeper.look(store)
        assert set(told[2]) == {f"m{B.digits}", f"a{account_id}"}
        assert await store.read(lambda reader: find_account(reader, "other")) is not None
        assert await store.read(lambda reader: reader.number(E164(A.value))) is None

    asyncio.run(scenario())
