"""Leases of what one node at a time does, in every adapter of the `Store` port."""

import asyncio
from collections.abc import Callable
from operator import methodcaller

from renvoi.application.ports.unit_of_work import Store
from tests.support.stores import Scenario


def test_one_node_at_a_time_has_a_lease(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        async def take(owner: str, now_ms: int, until_ms: int, name: str = "x") -> bool:
            return await store.write(methodcaller("take_lease", name, owner, now_ms, until_ms))

        assert sorted(await asyncio.gather(*(take(f"node{n}", 0, 100) for n in range(6)))) == [False] * 5 + [True]
        (owner,) = [f"node{n}" for n in range(6) if await take(f"node{n}", 99, 200)]
        assert not await take("other", 199, 900)
        assert await take("other", 0, 1, name="y")
        await store.write(methodcaller("release_lease", "x", "other"))
        assert not await take("other", 199, 900)
        assert await take("other", 200, 2**62)
        assert not await take(owner, 900, 2**62)
        await store.write(methodcaller("release_lease", "x", "other"))
        assert await take(owner, 900, 1000)

    run(scenario)
