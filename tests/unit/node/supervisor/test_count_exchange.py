"""What nodes tell each other of calls that count for limits: two of them on one store, and time that passes by hand."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.limits import NodeCounts
from renvoi.node.supervisor import count_exchange as module
from renvoi.node.supervisor.count_exchange import AWAY_S, BEAT_S, DEAD_S, FORGET_S, CountExchange
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore


class Edge:
    """An edge whose counts are set by hand."""

    counts_directory = Path("/nowhere")

    def __init__(self, **own: int) -> None:
        self.own: Mapping[str, int] = own
        self.others: Mapping[str, int] | None = None

    def own_counts(self) -> Mapping[str, int]:
        return self.own

    def take_other_counts(self, counts: Mapping[str, int]) -> None:
        self.others = dict(counts)


class Time:
    """Time that passes by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    passing = Time()
    monkeypatch.setattr(module, "time", passing)
    return passing


def exchanges(*edges: Edge) -> list[CountExchange]:
    clock = FixedClock()
    return [CountExchange(edge, f"node{index}", clock) for index, edge in enumerate(edges)]


async def turn(store: MemoryStore, *nodes: CountExchange) -> None:
    """Let each node tell what it counts, and then hear."""
    for _ in range(2):
        for node in nodes:
            await node._exchange(store)


@pytest.mark.usefixtures("time")
def test_each_node_knows_what_the_others_count() -> None:
    async def scenario() -> None:
        store, a, b, c = MemoryStore(), Edge(a1=2, n33=1), Edge(a1=3), Edge()
        nodes = exchanges(a, b, c)
        await turn(store, *nodes)
        assert (a.others, b.others, c.others) == ({"a1": 3}, {"a1": 2, "n33": 1}, {"a1": 5, "n33": 1})
        a.own, b.own = {"a1": 1}, {}
        await turn(store, *nodes)
        assert (a.others, b.others, c.others) == ({}, {"a1": 1}, {"a1": 1})
        await nodes[0].leave(store)
        await turn(store, *nodes[1:])
        assert c.others == {}

    asyncio.run(scenario())


def test_a_node_that_died_counts_no_more_and_is_forgotten(time: Time) -> None:
    async def scenario() -> None:
        store, a, b = MemoryStore(), Edge(a1=2), Edge(a1=1)
        dead, alive = exchanges(a, b)
        await turn(store, dead, alive)
        for _ in range(3):
            time.now += BEAT_S
            await turn(store, dead, alive)
        assert b.others == {"a1": 2}, "it says nothing new, but that it is there"
        time.now += DEAD_S - 1
        await alive._exchange(store)
        assert b.others == {"a1": 2}
        time.now += 1
        await alive._exchange(store)
        assert b.others == {}
        await dead._exchange(store)
        await alive._exchange(store)
        assert b.others == {"a1": 2}, "it was only slow"
        time.now += FORGET_S + 1
        await alive._exchange(store)
        assert set(await store.read(lambda reader: reader.node_counts())) == {"node1"}

    asyncio.run(scenario())


def test_a_store_that_is_away_leaves_each_node_its_own_count(time: Time) -> None:
    async def scenario() -> None:
        store, a, b = MemoryStore(), Edge(a1=2), Edge(a1=1)
        nodes = exchanges(a, b)
        await turn(store, *nodes)
        store.fail_with = StoreUnavailable("away")
        time.now += AWAY_S
        await turn(store, *nodes)
        assert a.others == {"a1": 1}
        time.now += 1
        await turn(store, *nodes)
        assert (a.others, b.others) == ({}, {})
        store.fail_with = None
        time.now += 2 * DEAD_S
        await nodes[1]._exchange(store)
        assert b.others == {"a1": 2}, "nobody could be heard meanwhile"
        await turn(store, *nodes)
        assert (a.others, b.others) == ({"a1": 1}, {"a1": 2})

    asyncio.run(scenario())


@pytest.mark.usefixtures("time")
def test_counts_that_cannot_be_read_are_told_of_once_and_tried_again() -> None:
    async def scenario() -> None:
        store, a, b = MemoryStore(), Edge(a1=2), Edge(a1=1)
        nodes = exchanges(a, b)
        good, a.own_counts = a.own_counts, Failing()  # type: ignore[method-assign]
        with capture_logs() as logged:
            await turn(store, *nodes)
        assert [line["error"] for line in logged] == ["whatever it is"]
        assert (a.others, b.others) == (None, {})
        a.own_counts = good  # type: ignore[method-assign]
        await turn(store, *nodes)
        assert (a.others, b.others) == ({"a1": 1}, {"a1": 2})

    asyncio.run(scenario())


class Failing:
    """Counts that cannot be read."""

    def __call__(self) -> Mapping[str, int]:
        raise ValueError("whatever it is")


@pytest.mark.usefixtures("time")
def test_a_clock_that_is_set_back_repeats_no_beat() -> None:
    async def scenario() -> None:
        store, a = MemoryStore(), Edge(a1=2)
        (node,) = exchanges(a)
        beats = []
        for own in ({"a1": 1}, {"a1": 2}):
            a.own = own
            await node._exchange(store)
            found = await store.read(lambda reader: reader.node_counts())
            beats.append(found["node0"].beat)
            assert found == {"node0": NodeCounts(beats[-1], own)}
        assert len(set(beats)) == 2, "the clock stands still"

    asyncio.run(scenario())
