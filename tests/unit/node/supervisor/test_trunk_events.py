"""Trunks that go down and come back are told once each, also when the store was away."""

import asyncio
import json
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.events.event import NODE
from renvoi.edge.kamailio.trunk_state import DestinationState, State
from renvoi.node.supervisor.trunk_events import TrunkEvents
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore


class Edge:
    """What the edge says of its trunks."""

    def __init__(self) -> None:
        self.found: list[DestinationState] = []

    async def states(self) -> list[DestinationState]:
        """Return it."""
        return self.found

    def put(self, *states: tuple[str, State]) -> None:
        """Say so from now on."""
        self.found = [DestinationState(trunk, f"sip:192.0.2.{n}", state) for n, (trunk, state) in enumerate(states)]


def test_each_change_is_told_once(tmp_path: Path) -> None:
    async def main() -> None:
        edge, store = Edge(), MemoryStore()
        events = TrunkEvents(edge.states, tmp_path, FixedClock())

        async def told() -> list[tuple[str, str]]:
            await events.look(store)
            found = await store.read(methodcaller("events", NODE, 0, 100))
            return [(each.type, json.loads(each.data)["trunk"]) for each in found]

        edge.put(("a", "up"), ("a", "down"), ("b", "up"))
        assert await told() == []
        edge.put(("a", "down"), ("a", "down"), ("b", "retry"))
        down = [("trunk.down", "a")]
        assert await told() == down
        assert await told() == down
        edge.put(("a", "up"), ("a", "down"), ("b", "up"))
        store.fail_with = StoreUnavailable("away")
        with pytest.raises(StoreUnavailable):
            await events.look(store)
        store.fail_with = None
        assert await told() == [*down, ("trunk.up", "a")]
        # One that was removed, and one that is new and down.
        edge.put(("c", "down"))
        assert await told() == [*down, ("trunk.up", "a"), ("trunk.down", "c")]

    asyncio.run(main())
