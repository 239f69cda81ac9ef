"""Leases: of several nodes one tries an item, and another one only if that has died (`docs/calls.md §4`)."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Protocol

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer

LEASE = timedelta(seconds=60)
"""How long an item belongs to a node that does not renew its lease: what the death of one delays its items by."""


class LeaseTable(Protocol):
    """Where the store keeps the leases of items."""

    def lease(
        self, writer: Writer, item_ids: Collection[str], owner: str, now_ms: int, until_ms: int
    ) -> Collection[str]:
        """Keep items for `owner` until then; return those that nobody else has, or is just taking."""

    def release(self, writer: Writer, owner: str) -> None:
        """End all leases of `owner`."""


class Leases:
    """The items that `owner`, one node of those on a store, keeps for itself while it tries them.

    A lease is renewed when a third of its `length` has passed, and given up when only a third is left. A renewal may
    take a sixth, so two nodes never both have one as long as their clocks differ by less than a tenth of it. How old a
    lease is, is measured by a clock that nobody sets.
    """

    def __init__(self, store: Store, table: LeaseTable, clock: Clock, owner: str, length: timedelta = LEASE) -> None:
        self.owner = owner
        self.period_s = length.total_seconds() / 30
        """How often to call `renew`, which renews what has come to its turn."""
        self._patience_s = length.total_seconds() / 6
        self._length_ms = int(length.total_seconds() * 1000)
        self._store = store
        self._table = table
        self._clock = clock
        self._given_up_at_ms: dict[str, int] = {}

    async def release(self) -> None:
        """End all that this owner has, an earlier process of it included, so that its items need not wait.

        Raises:
            StoreUnavailable: the leases are as they were.
        """
        await self._store.write(lambda writer: self._table.release(writer, self.owner))

    async def take(self, item_ids: Collection[str]) -> Collection[str]:
        """Lease items; return those that we have now.

        Raises:
            StoreUnavailable: we have none of them.
        """
        begun_at_ms = self._clock.monotonic_ms()
        taken = await self._lease(item_ids)
        self._note(taken, begun_at_ms)
        # A store that took its time to answer may have used up what it gave.
        return [item_id for item_id in taken if self._is_ours(item_id)]

    def drop(self, item_id: str) -> None:
        """Take note that an item is done with, whatever the store says of its lease."""
        self._given_up_at_ms.pop(item_id, None)

    async def renew(self, item_ids: Collection[str]) -> Collection[str]:
        """Renew leases that we took, as it is time to; return those that have, or may have, gone to another node."""
        begun_at_ms = self._clock.monotonic_ms()
        old = [name for name in item_ids if begun_at_ms >= self._given_up_at_ms[name] - self._length_ms // 3]
        if not old:
            return ()
        try:
            async with asyncio.timeout(self._patience_s):
                kept = await self._lease(old)
        except (StoreUnavailable, TimeoutError):
            return [item_id for item_id in old if not self._is_ours(item_id)]
        self._note(kept, begun_at_ms)
        return set(old).difference(kept)

    async def _lease(self, item_ids: Collection[str]) -> Collection[str]:
        now_ms = self._clock.now_ms()
        until_ms = now_ms + self._length_ms
        return await self._store.write(lambda writer: self._table.lease(writer, item_ids, self.owner, now_ms, until_ms))

    def _note(self, item_ids: Collection[str], begun_at_ms: int) -> None:
        for item_id in item_ids:
            self._given_up_at_ms[item_id] = begun_at_ms + self._length_ms * 2 // 3

    def _is_ours(self, item_id: str) -> bool:
        return self._clock.monotonic_ms() < self._given_up_at_ms.get(item_id, 0)
