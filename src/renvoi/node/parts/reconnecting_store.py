"""A store elsewhere, watched: it is opened when it is there, missed once, and never waited for long."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from renvoi.adapters.sql import FEW, open_store
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.unit_of_work import Committed, Reader, Store, Writer
from renvoi.configuration.settings import Settings
from renvoi.node.control import control
from renvoi.wakeups import to_next

T = TypeVar("T")

LOOK_PERIOD_S = 1.0
"""How often the store is asked whether it is there, while there is work for it."""
IDLE_LOOK_PERIOD_S = 5.0
"""The same while there is none."""
LOOK_AWAY_PERIOD_S = 0.25
"""The same while it is away."""
LOOK_TIMEOUT_S = 3.5
"""How long it may take to answer that; a little more than a connection is waited for, to learn what is wrong."""
PATIENCE_S = 5.0
"""How long work may wait for the store."""
FIRST_LOOK_S = 10.0
"""How long a start waits for the store before it goes on without."""

log = structlog.get_logger("store")


async def open_reconnecting(
    settings: Settings,
    *,
    on_commit: Committed | None = None,
    connections: int = FEW,
    needed_within_s: float | None = None,
) -> Store:
    """Open the store of a part; one on PostgreSQL that is away is opened when it is back, and watched from then on.

    With `needed_within_s` it must be there within so many seconds.

    Raises:
        StoreMismatch: it is not one that this program can use.
        StoreUnavailable: it is away, and is a file or was needed.
    """
    if settings.database_path is not None:
        # Waiting does not repair a file, and there is no connection that could fail.
        return await open_store(settings.database, on_commit=on_commit)
    node = control.node_name(settings.data_dir)
    store = ReconnectingStore(
        lambda: open_store(settings.database, on_commit=on_commit, connections=connections, node=node)
    )
    try:
        await store.start(needed_within_s)
    except BaseException:
        await store.close()
        raise
    return store


class ReconnectingStore:
    """A store on a server, see `application.ports.Store`; `open_real` opens it. Belongs to one event loop.

    While it is away everything is refused at once, with the reason; that it went and came back is logged once.
    """

    def __init__(self, open_real: Callable[[], Awaitable[Store]]) -> None:
        self._open_real = open_real
        self._real: Store | None = None
        self._trouble: str | None = "the store is not open yet"
        self._away_since: float | None = None
        self._looked = asyncio.Event()
        self._used = asyncio.Event()
        self._there = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._mismatch: StoreMismatch | None = None
        self._proved = False
        """Whether the latest work since the last look was done: then it is there, and need not be asked."""

    @property
    def keeps_audio(self) -> bool:
        """See `Store.keeps_audio`: what other nodes can reach, as they share the server."""
        return True

    async def start(self, needed_within_s: float | None = None) -> None:
        """Open the store, or go on without if it is away and not needed within so many seconds.

        Raises:
            StoreMismatch: it is not one that this program can use.
            StoreUnavailable: it was needed, and did not come.
        """
        self._watching = asyncio.create_task(self._watch())
        awaited = self._looked if needed_within_s is None else self._there
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOOK_S if needed_within_s is None else needed_within_s):
                await awaited.wait()
        if self._mismatch is not None:
            raise self._mismatch
        if needed_within_s is not None and self._trouble is not None:
            raise StoreUnavailable(self._trouble)

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on a consistent view that is at least as new as this call."""
        real = self._there_or_refused()
        try:
            async with asyncio.timeout(PATIENCE_S):
                result = await real.read(work)
        except TimeoutError as error:
            raise StoreUnavailable(_silent(PATIENCE_S)) from error
        self._proved = True
        return result

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; return when that is committed.

        What has not begun in time never will; of what has, the store itself tells the outcome.
        """
        real = self._there_or_refused()
        attempt = _Attempt(work)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit:

                def late() -> None:
                    if attempt.give_up():
                        limit.reschedule(loop.time())

                timer = loop.call_later(PATIENCE_S, late)
                try:
                    result = await real.write(attempt)
                finally:
                    timer.cancel()
        except TimeoutError as error:
            raise StoreUnavailable(_silent(PATIENCE_S)) from error
        self._proved = True
        return result

    async def close(self) -> None:
        """Watch no more, and close the store."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._real is not None:
            await self._real.close()

    def _there_or_refused(self) -> Store:
        if self._trouble is not None or self._real is None:
            raise StoreUnavailable(self._trouble or "the store is not open yet")
        self._used.set()
        self._proved = False
        return self._real

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except StoreMismatch as error:
                self._note_mismatch(error)
            except StoreUnavailable as error:
                self._note_away(str(error))
            except Exception as error:  # a watch that ended would leave it away for ever
                log.exception("the store cannot be watched")
                self._note_away(repr(error))
            else:
                self._note_there()
            self._looked.set()
            await self._pause()

    async def _pause(self) -> None:
        if self._trouble is not None:
            await asyncio.sleep(LOOK_AWAY_PERIOD_S)
            return
        self._used.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(to_next(IDLE_LOOK_PERIOD_S)):
                await self._used.wait()
        # Periodic work begins at the same moment as this wait ends, and tells meanwhile what a look would.
        await asyncio.sleep(to_next(LOOK_PERIOD_S))

    async def _look(self) -> None:
        if self._real is None:
            # Not cut short: it ends by itself, and would leave a thread behind.
            self._real = await self._open_real()
        proved, self._proved = self._proved, False
        if proved and self._trouble is None:
            return
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await self._real.read(lambda reader: reader.key(""))
        except TimeoutError as error:
            raise StoreUnavailable(_silent(LOOK_TIMEOUT_S)) from error

    def _note_mismatch(self, error: StoreMismatch) -> None:
        self._mismatch = error
        if self._looked.is_set():
            self._note_away(str(error))
        else:
            # Who starts tells it.
            self._trouble = str(error)
            self._there.set()

    def _note_away(self, reason: str) -> None:
        self._trouble = reason
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.error("the store is away", reason=reason)

    def _note_there(self) -> None:
        self._trouble, self._mismatch = None, None
        self._there.set()
        if self._away_since is not None:
            log.info("the store is back", after_s=round(time.monotonic() - self._away_since, 1))
            self._away_since = None


class _Attempt(Generic[T]):
    """A change that may be given up as long as it has not begun."""

    def __init__(self, work: Callable[[Writer], T]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._begun = self._late = False

    def __call__(self, writer: Writer) -> T:
        # The store may run it in a thread, and again after what others did has undone it.
        with self._lock:
            if self._late:
                raise StoreUnavailable(_silent(PATIENCE_S))
            self._begun = True
        return self._work(writer)

    def give_up(self) -> bool:
        """Let it not begin any more; tell whether it never did."""
        with self._lock:
            self._late = True
            return not self._begun


def _silent(seconds: float) -> str:
    return f"PostgreSQL does not answer within {seconds:g} s"
