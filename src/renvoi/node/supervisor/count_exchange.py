"""Nodes tell each other through the store what calls use up of limits there (docs/operating/limits.md#limits)."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.limits import NodeCounts
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.inotify import InotifyUnavailable, InotifyWatch
from renvoi.wakeups import to_next

PERIOD_S = 1.0
"""How often is looked where changes are not announced, and while the store is away."""
IDLE_PERIOD_S = 5.0
"""How often is looked else."""
LEAST_PAUSE_S = 0.5
"""Between two looks, however much changes."""
BEAT_S = 5.0
"""How often a node says that it still counts what it said."""
DEAD_S = 20.0
"""A node that has not said so for this long has died, and its calls count no more."""
FORGET_S = 3600.0
"""After this a dead node is forgotten."""
AWAY_S = 10.0
"""How long what others count counts here while the store is away."""

log = structlog.get_logger("node")


class CountingEdge(Protocol):
    """What this needs of the edge."""

    @property
    def counts_directory(self) -> Path:
        """Where something changes when the edge counts."""

    def own_counts(self) -> Mapping[str, int]:
        """Return what it counts."""

    def take_other_counts(self, counts: Mapping[str, int]) -> None:
        """Have it add what others count."""


class Hearing(Protocol):
    """Whether announcements are heard (`adapters.sql.announcements.Listener`)."""

    @property
    def hears(self) -> bool:
        """Whether they are now."""


class CountExchange:
    """The part of one node: what its edge counts goes to the store, what others count to its edge."""

    def __init__(self, edge: CountingEdge, node: str, clock: Clock) -> None:
        self._edge = edge
        self._node = node
        self._clock = clock
        self._woken = asyncio.Event()
        self._told: Mapping[str, int] = {}
        self._beat = 0
        self._beat_at_s = 0.0
        self._heard: dict[str, tuple[int, float]] = {}
        """The beat of each other node, and when it was heard first."""
        self._read_at_s = time.monotonic()
        self._written: Mapping[str, int] | None = None
        self._complained = ""

    async def keep(self, store: Store, url: str) -> None:
        """Exchange for ever by `store`, which is at `url`."""
        # Loaded while the API loads the same in its own process.
        from renvoi.adapters.sql.announcements import listener_of, listening  # noqa: PLC0415

        listener = listener_of(url, "counts")
        with listening(listener, self._woken.set):
            try:
                with closing(InotifyWatch(self._edge.counts_directory)) as watch:
                    await self._keep(store, listener, watch)
            except InotifyUnavailable:
                await self._keep(store, listener, None)

    async def _keep(self, store: Store, listener: Hearing, watch: InotifyWatch | None) -> None:
        while True:
            self._woken.clear()
            is_watched = watch is not None and watch.arm()
            is_there = await self._exchange(store)
            await asyncio.sleep(LEAST_PAUSE_S)
            rests = listener.hears and is_watched and is_there
            rest_s = to_next(IDLE_PERIOD_S) if rests else PERIOD_S - LEAST_PAUSE_S
            if watch is not None and is_watched:
                await watch.wait(self._woken, rest_s)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), rest_s)

    async def _exchange(self, store: Store) -> bool:
        """Tell and hear once; return whether the store was there."""
        try:
            await self._tell(store)
            await self._hear(store)
        except StoreUnavailable:
            # Nobody is heard now; who has died meanwhile is known some time after the store is back.
            self._heard.clear()
            if time.monotonic() - self._read_at_s > AWAY_S:
                await self._hand_on({})
            return False
        except Exception as error:  # noqa: BLE001 - the disk may be full, a file damaged; the next look comes soon
            if str(error) != self._complained:
                self._complained = str(error)
                log.warning("what calls use up is not exchanged with other nodes", error=str(error))
        return True

    async def _tell(self, store: Store) -> None:
        counts = await asyncio.to_thread(self._edge.own_counts)
        due = bool(counts) and time.monotonic() - self._beat_at_s >= BEAT_S
        if counts == self._told and not due:
            return
        # A clock that was set back must not repeat what was said.
        beat = max(self._clock.now_ms(), self._beat + 1)
        if counts:
            await store.write(lambda writer: writer.put_node_counts(self._node, NodeCounts(beat, counts)))
        else:
            await store.write(lambda writer: writer.remove_node_counts(self._node))
        self._told, self._beat, self._beat_at_s = counts, beat, time.monotonic()

    async def _hear(self, store: Store) -> None:
        found = await store.read(lambda reader: reader.node_counts())
        now_s = self._read_at_s = time.monotonic()
        sums: Counter[str] = Counter()
        heard: dict[str, tuple[int, float]] = {}
        for node, said in found.items():
            if node == self._node:
                continue
            before = self._heard.get(node)
            heard[node] = before if before is not None and before[0] == said.beat else (said.beat, now_s)
            silent_s = now_s - heard[node][1]
            if silent_s < DEAD_S:
                sums.update(said.counts)
            elif silent_s > FORGET_S:
                await self._forget(store, node, said.beat)
        self._heard = heard
        await self._hand_on(sums)

    async def _forget(self, store: Store, node: str, beat: int) -> None:
        await store.write(lambda writer: writer.remove_node_counts(node, beat))

    async def _hand_on(self, sums: Mapping[str, int]) -> None:
        if sums != self._written:
            await asyncio.to_thread(self._edge.take_other_counts, sums)
            self._written = dict(sums)

    async def leave(self, store: Store | None) -> None:
        """Tell others that nothing is counted here any more."""
        if self._told and store is not None:
            await store.write(lambda writer: writer.remove_node_counts(self._node))
