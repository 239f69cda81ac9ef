"""What is noted in memory as it happens, and written to the store together once in a while.

Uses of keys cost a request an entry of a dictionary. Several nodes write times of the same key: the latest one stands.
Changes of rules are counted by the hour. To raise a row of the store with each would make all changes of a node wait
for that row.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from operator import methodcaller
from threading import Lock
from typing import Protocol

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.calls.usage import CHANGED, HOUR_MS
from renvoi.wakeups import wait_or_stop

PERIOD = timedelta(minutes=1)
"""How often it is written: so old is what is shown of it, at most."""

log = structlog.get_logger(__name__)


class WriteBehind(Protocol):
    """What is not in the store yet."""

    async def write(self, store: Store) -> None:
        """Write what was noted; what the store does not take stays for the next time.

        Raises:
            StoreUnavailable: some is not written.
        """


async def keep_writing(
    noted: Sequence[WriteBehind], store: Store, stop: asyncio.Event, period: timedelta = PERIOD
) -> None:
    """Write once in each `period` until `stop` is set, and once more then."""
    while True:
        await wait_or_stop(stop, period.total_seconds())
        for each in noted:
            try:
                await each.write(store)
            except StoreUnavailable as error:
                log.warning(
                    "what was counted in memory cannot be written now", what=type(each).__name__, error=str(error)
                )
        if stop.is_set():
            return


class ChangeCounts:
    """The changes that are not counted in the store yet. A process that is killed loses those of its last minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._noted: Counter[tuple[int, str]] = Counter()

    def note(self, rules: int) -> None:
        """Note how many rules a commit wrote; from any thread, as the stores commit in theirs."""
        if rules:
            with self._lock:
                self._noted[self._clock.now_ms() // HOUR_MS, CHANGED] += rules

    async def write(self, store: Store) -> None:
        """Write what was noted; what the store does not take stays for the next time.

        Raises:
            StoreUnavailable: it is not written.
        """
        with self._lock:
            left, self._noted = self._noted, Counter()
        if not left:
            return
        try:
            await store.write(methodcaller("count_hours", left))
        except BaseException:
            with self._lock:
                self._noted += left
            raise


AT_ONCE = 500
"""Keys whose times are written in one transaction."""


class KeyUses:
    """The uses that are not in the store yet. Its size is bounded by the number of good keys: others are never noted.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._noted: dict[str, int] = {}

    def note(self, key_id: str, at_ms: int) -> None:
        """Note that a key was used at `at_ms` (since 1970-01-01 UTC)."""
        self._noted[key_id] = at_ms

    async def write(self, store: Store) -> None:
        """Write what was noted; what the store does not take stays for the next time.

        Raises:
            StoreUnavailable: some are not written.
        """
        left, self._noted = list(self._noted.items()), {}
        try:
            while left:
                await store.write(methodcaller("note_key_uses", dict(left[:AT_ONCE])))
                del left[:AT_ONCE]
        finally:
            self._noted = dict(left) | self._noted
