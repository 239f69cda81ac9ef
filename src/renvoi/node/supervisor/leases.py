"""Which trunks this node registers: of several nodes one does, as calls would come to all of them else."""

import time
from collections.abc import Iterable

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer

VALID_MS = 60_000
"""For how long a node that says nothing more keeps what it registers."""
RENEW_S = 15.0
"""How often it says that it is there, and looks whether another one is not."""


class Lease:
    """Leases of one node's trunks. Those that it holds stay its own while the store is away: nobody can take them."""

    def __init__(self, owner: str, clock: Clock, *, shared: bool) -> None:
        """Make it take leases for `owner`, where the store is shared by nodes; else all are its own."""
        self._owner = owner
        self._clock = clock
        self.is_shared = shared
        self._held: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._due = 0.0
        self.store: Store | None = None

    @property
    def was_asked(self) -> bool:
        return bool(self._asked) or not self.is_shared

    def has(self, trunk: str) -> bool:
        """Tell whether this node registers a trunk."""
        return trunk in self._held or not self.is_shared

    async def renew(self, trunks: Iterable[str]) -> None:
        """Renew the leases of these trunks when it is time, and take those that are free."""
        wanted = frozenset(trunks)
        if not self.is_shared or self.store is None or (wanted == self._asked and time.monotonic() < self._due):
            return
        now_ms = self._clock.now_ms()
        try:
            held = await self.store.write(
                lambda writer: frozenset(
                    name
                    for name in sorted(wanted)
                    if writer.take_lease(_name(name), self._owner, now_ms, now_ms + VALID_MS)
                )
            )
        except StoreUnavailable:
            return
        for name in held ^ self._held & wanted:
            structlog.get_logger("node").info(
                "this node registers a trunk" if name in held else "another node registers a trunk", trunk=name
            )
        self._held, self._asked, self._due = held, wanted, time.monotonic() + RENEW_S

    async def release(self) -> None:
        """Let other nodes take them at once."""
        held, self._held = self._held, frozenset()
        if held and self.store is not None:

            def work(writer: Writer) -> None:
                for name in held:
                    writer.release_lease(_name(name), self._owner)

            await self.store.write(work)


def _name(trunk: str) -> str:
    return f"registration/{trunk}"
