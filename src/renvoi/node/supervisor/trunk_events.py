"""Tells when a trunk takes no calls any more, and when it takes some again, as this node's edge finds it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog

from renvoi.application.events import emit
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.events.event import NODE, Event, EventType
from renvoi.edge.kamailio.rpc import EdgeSilent
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.node.control.control import node_name
from renvoi.wakeups import to_next

PERIOD_S = 5.0

log = structlog.get_logger("node")


class TrunkEvents:
    """Compares what `states` returns, look by look, on the node with this data directory."""

    def __init__(
        self, states: Callable[[], Awaitable[Sequence[DestinationState]]], data_dir: Path, clock: Clock
    ) -> None:
        self._states = states
        self._node = node_name(data_dir)
        self._clock = clock
        self._told: dict[str, bool] = {}
        """Whether each trunk takes calls, as it was recorded last; one that is new does until it is known not to."""

    async def keep(self, store: Store) -> None:
        """Record what changes, until cancelled. While the store is away what has changed is recorded later."""
        while True:
            try:
                await self.look(store)
            except (EdgeSilent, StoreUnavailable) as error:
                log.debug("the state of trunks cannot be recorded now", error=str(error))
            await asyncio.sleep(to_next(PERIOD_S))

    async def look(self, store: Store) -> None:
        """Tell what has changed since the last look.

        Raises:
            EdgeSilent: it cannot be asked.
            StoreUnavailable: nothing is recorded; the next look does it.
        """
        now = takes_calls(await self._states())
        changed = {name: up for name, up in now.items() if self._told.get(name, True) != up}
        if changed:
            await store.write(partial(self._tell, changed, self._clock.now_ms()))
        # A trunk without addresses, such as one that was removed, is nothing to tell of.
        self._told = now

    def _tell(self, changed: Mapping[str, bool], now_ms: int, writer: Writer) -> None:
        for name, up in sorted(changed.items()):
            kind = EventType.TRUNK_UP if up else EventType.TRUNK_DOWN
            emit(writer, Event(kind, NODE, None, {"trunk": name, "node": self._node}, now_ms))


def takes_calls(states: Sequence[DestinationState]) -> dict[str, bool]:
    """Return of each trunk whether one of its addresses takes calls."""
    found: dict[str, bool] = {}
    for state in states:
        found[state.trunk] = found.get(state.trunk, False) or state.up
    return found
