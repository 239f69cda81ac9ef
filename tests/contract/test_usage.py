"""What calls have used up: what every adapter of the `Store` port does with it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

from renvoi.application.ports.limits import NodeCounts
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.retention import USAGE_DAYS, Retention, remove_old
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.calls.rates import Rate
from renvoi.domain.calls.usage import Usage, day_of
from renvoi.domain.numbers.number import E164
from tests.contract.test_retention import NOW, clock
from tests.support.stores import Scenario

TODAY = day_of(NOW)


def test_usage_adds_up_by_name_and_day(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        day = Usage(1000, 2, 3_000_000_000_000, 50_000)
        first = {("a1", 5): day, ("a1", 6): day, ("n331", 6): Usage(1)}
        await store.write(methodcaller("add_usages", first))
        await store.write(methodcaller("add_usages", {("a1", 6): Usage(-2000, -1, 0, -20_000), ("a2", 6): day}))
        found = await store.read(methodcaller("usages", ["a1", "n331", "a9"], 6))
        assert found == {("a1", 6): Usage(-1000, 1, 3_000_000_000_000, 30_000), ("n331", 6): Usage(1)}
        assert len(await store.read(methodcaller("usages", ["a1"], 5))) == 2
        many = [{(f"n{n}", 6): Usage(1) for n in order} for order in (range(20), reversed(range(20)))] * 4
        await asyncio.gather(*(store.write(methodcaller("add_usages", each)) for each in many))
        assert await store.read(methodcaller("usages", ["n3", "n19"], 6)) == {("n3", 6): Usage(8), ("n19", 6): Usage(8)}

    run(scenario)


def test_old_usage_goes(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        days = (TODAY - USAGE_DAYS - 1, TODAY - USAGE_DAYS, TODAY)
        await store.write(methodcaller("add_usages", {(name, day): Usage(1) for name in "ab" for day in days}))
        await remove_old(Retention(), store, clock(), asyncio.Event())
        found = await store.read(methodcaller("usages", ["a", "b"], 0))
        assert set(found) == {(name, day) for name in "ab" for day in days[1:]}
        assert await store.write(methodcaller("remove_old_usages", TODAY + 1, 3)) == 3

    run(scenario)


def test_a_notice_of_a_limit_is_the_first_of_its_day_and_claimed_once(run: Callable[[Scenario], None]) -> None:
    first = LimitNotice(1, 5, LimitKind.MINUTES, "n331", 100)
    other, late = replace(first, account_id=2, at_ms=90), replace(first, day=6, at_ms=300)

    async def scenario(store: Store) -> None:
        for each in (first, replace(first, kind=LimitKind.CALLS, name="a1", at_ms=50), other, late):
            await store.write(methodcaller("add_limit_notice", each))
        assert list(await store.read(methodcaller("due_limit_notices", 200, 9))) == [other, first]
        assert list(await store.read(methodcaller("due_limit_notices", 200, 1))) == [other]
        claims = [store.write(methodcaller("claim_limit_notice", first, 200, 400)) for _ in range(3)]
        assert sorted(await asyncio.gather(*claims)) == [False, False, True]
        assert list(await store.read(methodcaller("due_limit_notices", 399, 9))) == [other, late]
        assert not await store.write(methodcaller("claim_limit_notice", first, 399, 500))
        assert list(await store.read(methodcaller("due_limit_notices", 400, 9))) == [other, first, late]
        for each in (first, other):
            await store.write(methodcaller("end_limit_notice", each))
        await store.write(methodcaller("add_limit_notice", replace(first, at_ms=400)))
        assert list(await store.read(methodcaller("due_limit_notices", 10**12, 9))) == [late]
        await remove_old(Retention(), store, clock(), asyncio.Event())
        assert list(await store.read(methodcaller("due_limit_notices", 10**12, 9))) == []

    run(scenario)


def test_the_longest_prefix_of_the_rate_table_counts(run: Callable[[Scenario], None]) -> None:
    rates = [Rate("1", 0, "EUR"), Rate("33", 12_000, "EUR"), Rate("336", 50_000, "EUR"), Rate("33612345678", 7, "EUR")]

    async def scenario(store: Store) -> None:
        async def price(number: str) -> int | None:
            found = await store.read(methodcaller("rate", E164(number)))
            return found.price if found is not None else None

        assert await price("+33612345678") is None
        await store.write(methodcaller("put_rates", rates[::-1]))
        assert list(await store.read(methodcaller("rates"))) == rates
        assert [await price(n) for n in ("+33612345678", "+33612345679", "+33140000001", "+12025550123")] == [
            *(7, 50_000, 12_000, 0)
        ]
        assert await price("+447400123456") is None
        many = [Rate(str(prefix), prefix, "USD") for prefix in range(1000, 4000)]
        await store.write(methodcaller("put_rates", many))
        assert len(await store.read(methodcaller("rates"))) == 3000
        assert await price("+33612345678") == 3361

    run(scenario)


def test_what_nodes_count_is_what_they_said_last(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        first, second = NodeCounts(1, {"a1": 2, "n33/28000000": 4}), NodeCounts(9, {})
        for node, counts in (("a", NodeCounts(0, {"a2": 1})), ("b", second), ("a", first)):
            await store.write(methodcaller("put_node_counts", node, counts))
        assert await store.read(methodcaller("node_counts")) == {"a": first, "b": second}
        await store.write(methodcaller("remove_node_counts", "b", 8))
        await store.write(methodcaller("remove_node_counts", "c"))
        assert set(await store.read(methodcaller("node_counts"))) == {"a", "b"}
        await store.write(methodcaller("remove_node_counts", "b", 9))
        await store.write(methodcaller("remove_node_counts", "a"))
        assert await store.read(methodcaller("node_counts")) == {}

    run(scenario)
