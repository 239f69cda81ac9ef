"""The outbox at work: each item is tried until its destination has taken or refused it.

Every node has one for each channel that it serves; each item is tried by one node at a time, by its lease.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

import structlog

from renvoi.application.outbox.channel import (
    Affected,
    Channel,
    Fate,
    ItemT,
    PermanentFailure,
    Result,
    Retry,
    Success,
    TemporaryFailure,
)
from renvoi.application.outbox.leases import LEASE, Leases
from renvoi.application.outbox.pauses import ClockWatch, Pause
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.text import counted
from renvoi.wakeups import to_next

POLL_S = 0.2
"""Pause after a look that found nothing due."""
IDLE_PERIOD_S = 5.0
"""The same while changes are announced and nothing is under way, in case that an announcement was missed."""
MAX_AT_ONCE = 32
MAX_AT_ONCE_FOR_A_DESTINATION = 8
"""Items being tried at once, in all and for one destination, which besides has half of the places that are free at the
most (`_share`). So slow ones hold up no other: four of them leave 7 places, eight 1."""
LOOK_AHEAD = 250
"""Due items looked at; where there are more, the next look leaves out the destinations that are full by then."""
STORE_PAUSE_S = 1.0
"""Pause before an item's outcome is written again to a store that did not take it. When the store is back, twice as
long passes before new items are begun, so that each node has first noted the outcome of those that it has tried."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """How an outbox works; `owner` names this node among those on the store, the same after each restart.

    `jitter` returns numbers from 0 to 1. `progress` is called before each look for items, also while the store is away;
    `alarm` with what keeps all items back, and with "" when one has passed; `store_alarm` with what waits for the
    store and why, and with "" when nothing does. `is_told` says whether `Outbox.look` is called when there is something
    new.
    """

    owner: str
    jitter: Callable[[], float]
    lease: timedelta = LEASE
    progress: Callable[[], None] = lambda: None
    alarm: Callable[[str], None] = lambda _reason: None
    store_alarm: Callable[[str], None] = lambda _reason: None
    is_told: Callable[[], bool] = lambda: False


class Outbox(Generic[ItemT, Success]):
    """Delivers what is due of a channel. One object for each store, channel and owner."""

    def __init__(self, store: Store, channel: Channel[ItemT, Success], clock: Clock, config: OutboxConfig) -> None:
        self._store = store
        self._channel = channel
        self._noun = channel.noun
        self._clock = clock
        self._config = config
        self._leases = Leases(store, channel, clock, config.owner, config.lease)
        self._has_begun = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._trying: dict[str, ItemT] = {}
        """Those whose outcome is still open."""
        self._renewing = asyncio.Lock()
        self._destinations: Counter[str] = Counter()
        self._pause = Pause(clock, config.jitter)
        self._clock_watch = ClockWatch(clock)
        self._changed = asyncio.Event()
        self._store_is_away = False
        self._due = 0
        """Items that were due when the store was asked last."""
        self._insisting: dict[str, str] = {}
        """Items that were tried, of which the store does not take what came of it, and why."""
        self._store_is_back_at_ms = 0

    def look(self) -> None:
        """Look for items now, as there may be a new one."""
        self._changed.set()

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Deliver until `stop` is set; what is on its way then gets `grace_s` seconds. A store that is away is awaited.

        Raises:
            RuntimeError: leases are not renewed any more; the process must end, since others will take its items.
        """
        stopping = asyncio.create_task(stop.wait())
        renewing = asyncio.create_task(self._keep_renewing())
        try:
            while not stop.is_set():
                self._config.progress()
                await self._step()
                changed = asyncio.create_task(self._changed.wait())
                waited_for = (stopping, changed, renewing)
                await asyncio.wait(waited_for, timeout=self._period_s(), return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                self._changed.clear()
                if renewing.done():
                    # Without it two nodes would deliver the same items: better none, until this process starts again.
                    raise RuntimeError("leases are not renewed any more") from renewing.exception()
        finally:
            stopping.cancel()
            # Items whose leases nobody renews are not waited for.
            await self._end(0 if renewing.done() else grace_s)
            renewing.cancel()
            await asyncio.wait([renewing])

    def _period_s(self) -> float:
        busy = bool(self._tasks or self._pause.failures or self._store_is_away or not self._has_begun)
        return POLL_S if busy or not self._config.is_told() else to_next(IDLE_PERIOD_S)

    async def _step(self) -> None:
        if self._clock_watch.look():
            log.warning(f"the clock was set; {self._noun}s that seem too old are still tried")
        try:
            if not await self._start_due():
                return
        except StoreUnavailable as error:
            if not self._store_is_away:
                log.warning(f"{self._noun}s wait for the store", error=str(error))
            self._store_is_away = True
            self._store_is_back_at_ms = self._clock.monotonic_ms() + int(2 * STORE_PAUSE_S * 1000)
            self._show_waiting(str(error))
        else:
            self._store_is_away = False
            self._show_waiting("")

    def _show_waiting(self, reason: str) -> None:
        """Show what waits for the store; `reason` is why it refused the items that are due, "" if it did not."""
        reason = reason or next(iter(self._insisting.values()), "")
        count = len(self._insisting) + (self._due if self._store_is_away else 0)
        waits = counted(count, f"{self._noun} waits", f"{self._noun}s wait") if count else f"all {self._noun}s wait"
        self._config.store_alarm(f"{waits} for the store: {reason}" if reason else "")

    async def _end(self, grace_s: float) -> None:
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if not late:
            return
        try:
            await self._leases.release()
        except StoreUnavailable as error:
            log.warning(f"{self._noun}s that were being sent wait for the end of their lease", error=str(error))

    async def _start_due(self) -> bool:
        """Begin items that are due; tell whether the store was asked for all that takes."""
        if not self._has_begun:
            await self._leases.release()
            self._has_begun = True
        now_ms = self._clock.now_ms()
        # After a pause one item goes ahead and tells whether the server is back.
        room = (1 if self._pause.failures else MAX_AT_ONCE) - len(self._tasks)
        if self._pause.left_ms or room <= 0:
            return False
        # What ends meanwhile gives its destination no second turn before the others had theirs.
        destinations = Counter(self._destinations)
        while room > 0 and not self._pause.left_ms:
            full = [name for name, count in destinations.most_common() if count >= _share(destinations)]
            due = await self._store.read(partial(self._channel.due, now_ms=now_ms, limit=LOOK_AHEAD, full=full))
            self._due = len(due)
            if self._clock.monotonic_ms() < self._store_is_back_at_ms:
                return False
            chosen = self._choose(due, room, destinations)
            if not chosen:
                break
            taken = await self._leases.take([item.id for item in chosen])
            for item in chosen:
                if item.id in taken:
                    self._start(item)
            room -= len(chosen)
            if len(due) < LOOK_AHEAD:
                break
        return True

    def _choose(self, due: Sequence[ItemT], room: int, destinations: Counter[str]) -> list[ItemT]:
        chosen: list[ItemT] = []
        for item in due:
            if len(chosen) == room:
                break
            # One of ours whose lease went to nobody, though we could not renew it, is due as well.
            if item.id in self._tasks or destinations[item.destination] >= _share(destinations):
                continue
            destinations[item.destination] += 1
            chosen.append(item)
        return chosen

    def _start(self, item: ItemT) -> None:
        self._destinations[item.destination] += 1
        self._trying[item.id] = item
        self._tasks[item.id] = task = asyncio.create_task(self._attempt(item))
        task.add_done_callback(lambda task: self._done(item, task))

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._leases.period_s)
            await self._renew()

    async def _renew(self) -> None:
        """Renew the leases of what is being tried. What is another node's now is left to that."""
        async with self._renewing:
            lost = await self._leases.renew(list(self._trying)) if self._trying else ()
        for item in [self._trying[item_id] for item_id in lost if item_id in self._trying]:
            log.warning(
                f"a {self._noun} is left to other nodes, as its lease could not be renewed",
                **self._channel.labels(item),
            )
            self._tasks[item.id].cancel()

    def _done(self, item: ItemT, task: asyncio.Task[None]) -> None:
        del self._tasks[item.id]
        self._trying.pop(item.id, None)
        self._insisting.pop(item.id, None)
        self._leases.drop(item.id)
        self._destinations -= Counter([item.destination])  # which forgets those that have none
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row is as it was, so the item is due again when its lease has ended; the pause is for
            # a fault that hits all of them.
            log.error(f"a {self._noun} could not be handled", **self._channel.labels(item), error=repr(error))
            self._pause.begin()

    async def _attempt(self, item: ItemT) -> None:
        result = await self._deliver(item)
        self._trying.pop(item.id, None)
        async with self._renewing:
            pass  # a renewal that is on its way must not come after what is written now, and lease the item again
        if result is None:
            await self._insist(item, lambda writer: self._give_back(writer, item))
            return
        if isinstance(result, TemporaryFailure) and result.affected is not Affected.ITEM:
            self._config.alarm(f"{self._noun}s wait: {result.reason}")
            self._pause.begin()
        else:
            self._config.alarm("")
            self._pause.reset()
        now_ms = self._clock.now_ms()
        outcome = self._outcome(item, result, now_ms)
        after = self._channel.after(item, outcome, now_ms)
        try:
            fate = await self._insist(item, lambda writer: self._keep(writer, after, result))
        except StoreRefused:
            log.exception(f"the store refused the outcome of a {self._noun}", **self._channel.labels(item))
            after = self._channel.without_note(after)
            fate = await self._insist(item, lambda writer: self._keep(writer, after, result))
        if isinstance(outcome, Retry):
            # The next look may be later than that.
            asyncio.get_running_loop().call_later((outcome.due_at_ms - now_ms) / 1000, self.look)
        await self._channel.done(after, result, fate)

    async def _deliver(self, item: ItemT) -> Result[Success] | None:
        """Try an item; None when it was not tried: it has changed since it was looked at, or the store left."""
        try:
            return await self._channel.deliver(item)
        except StoreUnavailable as error:
            log.warning(f"a {self._noun} waits for the store", **self._channel.labels(item), error=str(error))
            return None
        except Exception as error:
            # It is tried again, later and later: an item that we stumble over must not hold up the others.
            log.exception(f"a {self._noun} could not be handled", **self._channel.labels(item))
            return TemporaryFailure(f"a fault of renvoi, see its log: {error!r}", Affected.ITEM)

    def _outcome(self, item: ItemT, result: Result[Success], now_ms: int) -> Success | PermanentFailure | Retry:
        if not isinstance(result, TemporaryFailure):
            return result
        give_up_after = self._channel.give_up_after
        was_set = self._clock_watch.was_set_within(_ms(give_up_after))
        if now_ms - item.queued_at_ms >= _ms(give_up_after) and not was_set:
            return PermanentFailure(f"given up after {give_up_after.days * 24} h: {result.reason}")
        if result.affected is not Affected.ITEM:
            return Retry(result.reason, now_ms + self._pause.left_ms)
        pause_ms = int(_ms(self._channel.pause_after(item.attempts + 1)) * (0.5 + self._config.jitter()))
        return Retry(result.reason, now_ms + pause_ms)

    async def _insist(self, item: ItemT, work: Callable[[Writer], T]) -> T:
        """Have the store do `work`, however long that takes.

        Giving up would have an item that was delivered be delivered again and again, for as long as the disk is full.
        """
        warned = False
        while True:
            try:
                return await self._store.write(work)
            except StoreUnavailable as error:
                if not warned:
                    log.warning(
                        f"the outcome of a {self._noun} waits for the store",
                        **self._channel.labels(item),
                        error=str(error),
                    )
                warned = True
                self._insisting[item.id] = str(error)
            await asyncio.sleep(STORE_PAUSE_S)

    def _keep(self, writer: Writer, after: ItemT, result: Result[Success]) -> Fate:
        """Store the outcome of an attempt, if the item is still ours."""
        kept = self._channel.put(writer, after, self._config.owner)
        stored = None if kept else self._channel.find(writer, after.id)
        if stored is not None and stored == after:
            return Fate.WRITTEN  # by the time before, whose answer was lost
        self._channel.count(writer, after, result, written=kept)
        if kept:
            return Fate.WRITTEN
        return Fate.DELETED if stored is None else Fate.TAKEN

    def _give_back(self, writer: Writer, item: ItemT) -> None:
        """End the lease of an item, and leave all else as it is."""
        stored = self._channel.find(writer, item.id)
        if stored is not None:
            self._channel.put(writer, stored, self._config.owner)


def _share(trying: Counter[str]) -> int:
    """Return how many items of one destination may be tried at once, while so many are of each.

    It is what switches do whose ports share one buffer (Choudhury and Hahne, "Dynamic queue length thresholds", 1998).
    """
    return max(1, min(MAX_AT_ONCE_FOR_A_DESTINATION, (MAX_AT_ONCE - trying.total()) // 2))


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
