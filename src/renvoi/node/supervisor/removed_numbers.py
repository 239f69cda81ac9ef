"""Tells the node's edge what was removed: it must not decide by what it read before, once the store is away."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.access.limits import account_name, number_name
from renvoi.removed_file import moved_name
from renvoi.wakeups import to_next

PERIOD_S = 2.0
MOST = 10_000
"""Removals that the edge is sent, the latest."""
MARGIN_MS = 30_000
"""Later than its time a removal may have been seen by edges: its transaction took a while, and clocks differ."""

log = structlog.get_logger("node")


class RemovedNumbers:
    """What `tell` gives the edge, by name; of the last `window_s` seconds, as nothing older counts there anyway."""

    def __init__(
        self,
        clock: Clock,
        window_s: float,
        tell: Callable[[Mapping[str, int]], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._window_ms = int(window_s * 1000) + MARGIN_MS
        self._tell = tell
        self._monotonic = monotonic
        self._known: dict[int, tuple[str, int]] | None = None
        """Names and times by the ids of removals; None before the first look."""

    async def look(self, store: Store) -> None:
        """Tell the edge what is new.

        Raises:
            StoreUnavailable: the store cannot be asked.
            OSError: the edge cannot be told.
        """
        since_ms = self._clock.now_ms() - self._window_ms
        found = await store.read(lambda reader: reader.removals_since(since_ms, MOST))
        known = self._known or {}
        now_known = {each.id: known.get(each.id) or (_name(each), self._learned(each)) for each in found}
        if now_known == self._known:
            return
        await asyncio.to_thread(self._tell, _latest(list(now_known.values())))
        self._known = now_known

    def _learned(self, removal: Removal) -> int:
        now_ms = int(self._monotonic() * 1000)
        if self._known is not None:
            return now_ms
        # It was there before this node: what edges have read since is not touched by it.
        return min(now_ms, now_ms - (self._clock.now_ms() - removal.at_ms) + MARGIN_MS)

    async def keep(self, store: Store) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look(store)
            except StoreUnavailable as error:
                log.debug("what was taken away is not known now", error=str(error))
            except OSError as error:
                log.warning("the edge cannot be told what was removed", error=str(error))
            await asyncio.sleep(to_next(PERIOD_S))


def _name(removal: Removal) -> str:
    if removal.number is None:
        return account_name(removal.account_id)
    return moved_name(removal.number) if removal.kind is RemovalKind.MOVE else number_name(removal.number)


def _latest(named: Sequence[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, at_ms in named:
        found[name] = max(at_ms, found.get(name, at_ms))
    return found
