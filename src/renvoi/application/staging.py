"""Rows of imports on their way into the store: staged in small transactions, so that others wait for none of them long.

Until an import is committed nobody sees its rows, but their numbers are reserved. Committed, by one short transaction,
all of them become numbers, a few thousand at a time. Whatever that is interrupted by, whoever comes next goes on with
it: the next command, or a node within `PERIOD_S`. So it is all or none, though not all at one instant.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import methodcaller
from typing import TypeVar

import structlog

from renvoi.application.errors import OperatorError
from renvoi.application.events import emit, numbers_imported
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.numbers import REMOVING, Import, ImportPage, ImportState, NumberRow
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.events.event import NODE
from renvoi.domain.numbers.number import E164
from renvoi.wakeups import to_next, wait_or_stop

BATCH_ROWS = 5000
"""Rows that one transaction stages, moves or looks at: tens of milliseconds."""
LEASE_MS = 20_000
"""After that an import that stages no more rows counts as dead."""
PERIOD_S = 5.0
"""How often a node looks for imports that were interrupted."""
_WAIT_S = 0.5
_MAX_PAUSE_S = 0.05
"""Longest pause between two transactions, else as long as the last one took: SQLite gives the lock to whoever asks, not
in turn. What is prepared meanwhile counts."""

T = TypeVar("T")

Row = tuple[int, NumberRow]
"""A row of a file, with its line."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """Numbers that were added, staged rows that were removed, and whether an import is still being staged."""

    added: int
    removed: int
    under_way: bool


class Errors:
    """What is wrong with rows: the first `shown` lines and reasons, and how many there are."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self.first: list[tuple[int, str]] = []
        self.count = 0

    @property
    def is_full(self) -> bool:
        """Whether what else is wrong is only counted."""
        return len(self.first) >= self._shown

    def add(self, errors: Sequence[tuple[int, str]], count: int | None = None) -> None:
        """Add errors, which are the first of `count`."""
        self.count += len(errors) if count is None else count
        self.first = sorted([*self.first, *errors])[: self._shown]


class Staging:
    """One import, from its first row to its last; `id` is its own."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pace = _Pace(store)
        self._id = secrets.randbits(62) + 1
        self._account_id = NODE
        self._staged = 0

    async def begin(self, account: Account) -> None:
        """Begin, when no other import is under way any more: one that was interrupted is completed or removed.

        Raises:
            StoreUnavailable: nothing was begun.
        """
        while True:
            settled = await settle(self._store, self._clock)
            if not settled.under_way:
                break
            await asyncio.sleep(_WAIT_S)
        now_ms = self._clock.now_ms()
        self._account_id = account.id
        await self._store.write(
            lambda writer: writer.begin_import(self._id, account.id, now_ms, self._clock.now_ms() + LEASE_MS)
        )

    async def stage(self, rows: Iterable[Row], errors: Errors) -> int:
        """Stage all rows; return how many. Those whose number exists, or stands twice in the file, are `errors`.

        Raises:
            OperatorError: another program took this import for dead.
            StoreUnavailable: only some are staged.
        """
        staged, each = 0, iter(rows)
        while some := list(islice(each, BATCH_ROWS)):
            count = await self._stage(some)
            staged += count
            self._staged = staged
            if count < len(some):
                reasons = [] if errors.is_full else await self._why_not(some)
                errors.add(reasons, len(some) - count)
        after: E164 | None = None
        while True:
            page = await self._store.read(partial(_page, self._id, after))
            errors.add([(line, f"{number} exists already") for line, number in page.existing])
            after = page.last
            if after is None:
                return staged

    async def _stage(self, rows: Sequence[Row]) -> int:
        count = await self._pace.write(
            lambda writer: writer.stage_numbers(self._id, rows, self._clock.now_ms() + LEASE_MS)
        )
        if count is None:
            raise OperatorError("the import was interrupted for too long, and is given up: import the file again")
        return count

    async def _why_not(self, rows: Sequence[Row]) -> list[tuple[int, str]]:
        found = await self._store.read(lambda reader: [reader.staged(row.number) for _, row in rows])
        reasons = []
        for (line, row), held in zip(rows, found, strict=True):
            if held is not None and held.import_id == REMOVING:
                reasons.append((line, f"{row.number} is being removed: try again in some seconds"))
            elif held is None or held.import_id != self._id:
                reasons.append((line, f"{row.number} is part of another import that is under way"))
            elif held.line != line:
                reasons.append((line, f"{row.number} is on line {held.line} already"))
        return reasons

    async def commit(self) -> None:
        """Have all rows become numbers, and tell so: whatever this dies of from here on, they all will be.

        Raises:
            OperatorError: another program took this import for dead; nothing is imported.
            StoreUnavailable: nothing is imported, or not all of it yet; the text says which.
        """

        def work(writer: Writer) -> bool:
            is_accepted = writer.commit_import(self._id)
            if is_accepted and self._staged:
                emit(writer, numbers_imported(self._account_id, self._staged, self._clock.now_ms()))
            return is_accepted

        if not await self._store.write(work):
            raise OperatorError("the import was interrupted for too long, and is given up: import the file again")
        try:
            await _advance(self._store, self._id)
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"the import is accepted, and not all of its numbers are there yet ({error}): "
                "the next command, or a node that serves, adds the rest"
            ) from error

    async def abandon(self, *, remove: bool = False) -> None:
        """Import nothing, unless it is committed. The rows go now with `remove`, else with the next look by anybody.

        Raises:
            StoreUnavailable: nothing was changed; it counts as dead after its lease.
        """
        if await self._store.write(methodcaller("abandon_import", self._id)) and remove:
            await _advance(self._store, self._id)


async def settle(store: Store, clock: Clock) -> Settled:
    """Complete imports that were interrupted after their commit, and remove what others staged.

    Raises:
        StoreUnavailable: the rest is still there.
    """
    rows, under_way = {ImportState.COMMITTED: 0, ImportState.STAGING: 0, ImportState.ABANDONED: 0}, False
    for each in await store.read(methodcaller("imports")):
        if _is_alive(each, clock.now_ms()):
            under_way = True
            continue
        if each.state is ImportState.STAGING:
            await store.write(methodcaller("abandon_import", each.id))
        try:
            rows[each.state] += await _advance(store, each.id)
        except StoreRefused as error:
            # Others follow: it is the row of this one that is damaged, such as its account.
            log.error("an import cannot be completed", import_id=each.id, error=str(error))  # noqa: TRY400 - the text says it
    removed = rows[ImportState.STAGING] + rows[ImportState.ABANDONED]
    return Settled(rows[ImportState.COMMITTED], removed, under_way=under_way)


async def keep_settled(store: Store, clock: Clock, stop: asyncio.Event) -> None:
    """Settle imports that were interrupted, until `stop` is set. Several nodes may do that."""
    while not stop.is_set():
        try:
            settled = await settle(store, clock)
            if settled.added or settled.removed:
                log.info("imports were settled", numbers_added=settled.added, rows_removed=settled.removed)
        except StoreUnavailable as error:
            log.warning("interrupted imports cannot be settled now", error=str(error))
        await wait_or_stop(stop, to_next(PERIOD_S))


def _page(import_id: int, after: E164 | None, reader: Reader) -> ImportPage:
    return reader.import_page(import_id, after, BATCH_ROWS)


def _is_alive(each: Import, now_ms: int) -> bool:
    # A lease that ends further ahead than leases last is from before the clock was set back.
    return each.state is ImportState.STAGING and now_ms < each.alive_until_ms <= now_ms + 2 * LEASE_MS


async def _advance(store: Store, import_id: int) -> int:
    pace, rows = _Pace(store), 0
    while count := await pace.write(methodcaller("advance_import", import_id, BATCH_ROWS)):
        rows += count
    return rows


class _Pace:
    """Leaves the store to others between two transactions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next_at = 0.0

    async def write(self, work: Callable[[Writer], T]) -> T:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_at - loop.time()))
        began = loop.time()
        result = await self._store.write(work)
        ended = loop.time()
        self._next_at = ended + min(ended - began, _MAX_PAUSE_S)
        return result
