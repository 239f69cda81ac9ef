"""The collector: takes call events from the spool and keeps one record a call in the store.

Records and the offsets up to which the files are read change in one transaction, so a crash at any instant neither
loses an event nor counts a call twice. A file goes once all of it is stored and its writer can add no more. What is no
event, and what the store refuses, becomes a dead letter, and the rest goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from renvoi.application.ports.calls import StoredCall
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.call_records.call_batch import CallBatch, emit_ends, log_end
from renvoi.call_records.dead_letters import COUNTER, DeadLetters
from renvoi.call_records.events import EventInvalid, decode
from renvoi.call_records.spool_reader import RawLine, SpoolReader
from renvoi.domain.calls.call_record import (
    NO_BYE,
    CallEvent,
    CallRecord,
    HungUp,
    MessageLeft,
    Missed,
)
from renvoi.domain.calls.usage import Usage, add_up
from renvoi.domain.rules.rule import MAX_RING_TIMEOUT
from renvoi.domain.text import counted
from renvoi.inotify import InotifyUnavailable, InotifyWatch
from renvoi.wakeups import to_next, wait_or_stop

PAUSE_S = 0.05
"""Pause after each look: what happens meanwhile shares a commit, and others get the store's lock, which is not fair."""
RETRY_S = 0.5
"""Pause while the store is away or the disk is full."""
IDLE_PERIOD_S = 5.0
"""How often is looked while nothing is written to the spool, in case that was not noticed."""
PATIENCE_MS = 10_000
"""How long an event waits for the one that began its call, which another process may not have written yet."""
LOST_AFTER_MS = int(2 * MAX_RING_TIMEOUT.total_seconds() + 60) * 1000
"""Age from which a call without a final answer can only have been lost with its edge: two numbers may ring."""
LONGEST_CALL_MS = 24 * 3600 * 1000
ENDLESS_AFTER_MS = 3600 * 1000
"""How long after a call's longest time its record is closed: a BYE at its very end is on its way here."""
COUNT_PERIOD_MS = 1000
"""How often what waits is counted."""
SWEEP_MS = 10_000
SWEEP_LIMIT = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What came of events: lines that wait for the beginning of their call, calls that are over, and dropped events."""

    waiting: list["_Line"]
    ended: list[CallRecord]
    dropped: list[CallEvent]

    def log(self) -> None:
        """Log it, which is for behind the commit: a transaction that fails is run again, and again."""
        for record in self.ended:
            log_end(record)
        for event in self.dropped:
            log.warning("an event of an unknown call is dropped", call_event=repr(event)[:1000])


@dataclass(frozen=True, slots=True)
class _Line:
    """One event, and the line that it came by."""

    raw: RawLine
    event: CallEvent

    @property
    def call(self) -> tuple[str, str]:
        """What tells the events of one call from those of others."""
        key = self.event if isinstance(self.event, HungUp | MessageLeft | Missed) else self.event.key
        return key.call_id, key.from_tag


class Collector:
    """Moves events from `spool` into `store`, and what cannot go there into `letters`.

    `progress` is called with each look, also while the store is away; `alarm` with what waits and why, and with "" when
    nothing does. No BYE passes later than `longest_call_ms` after its call's INVITE.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        spool: Path,
        letters: DeadLetters,
        progress: Callable[[], None] = lambda: None,
        longest_call_ms: int = LONGEST_CALL_MS,
        alarm: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._reader = SpoolReader(spool)
        self._letters = letters
        self._progress = progress
        self._longest_call_ms = longest_call_ms
        self._alarm = alarm
        self._offsets: Mapping[str, int] = {}
        """Up to where the files were read when the store was asked last."""
        self._set_aside: set[tuple[str, int]] = set()
        """Where dead letters begin that may be read again, as something before them in their file still waits."""
        self._uncounted = 0
        self._swept_at_ms = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop` is set, and once more then. A store that is away is waited for, and a full disk."""
        try:
            with closing(InotifyWatch(self._reader.directory)) as watch:
                await self._run(stop, watch)
        except InotifyUnavailable as error:
            log.warning("the spool is looked at all the time, as it cannot be watched", error=str(error))
            await self._run(stop, None)
        await self.collect()

    async def _run(self, stop: asyncio.Event, watch: InotifyWatch | None) -> None:
        waiting = False
        counted_at_ms = 0
        while not stop.is_set():
            self._progress()
            may_rest = watch is not None and watch.arm()
            try:
                may_rest &= not await self.collect()
                if waiting:
                    self._alarm("")
                waiting = False
            except (StoreUnavailable, OSError) as error:
                if not waiting:
                    log.warning("call records wait in the spool", error=str(error))
                if not waiting or self._clock.monotonic_ms() - counted_at_ms >= COUNT_PERIOD_MS:
                    self._alarm(f"{self._waiting()}: {error}")
                    counted_at_ms = self._clock.monotonic_ms()
                waiting, may_rest = True, False
            await wait_or_stop(stop, RETRY_S if waiting else PAUSE_S)
            if watch is not None and may_rest:
                await watch.wait(stop, to_next(IDLE_PERIOD_S))

    async def collect(self) -> bool:
        """Take what the spool holds now; tell whether there was anything.

        Raises:
            StoreUnavailable: the store is away; everything stays where it is.
            OSError: the spool cannot be read, or a dead letter not be written.
        """
        now_ms = self._clock.now_ms()
        offsets = self._offsets = await self._store.read(lambda reader: reader.spool_offsets())
        read, raw = self._reader.read(offsets)
        if abs(now_ms - self._swept_at_ms) > SWEEP_MS:
            for record in await self._store.write(lambda writer: _sweep(writer, now_ms, self._longest_call_ms)):
                log_end(record)
            self._swept_at_ms = now_ms
        if read:
            await self._take(self._decode(raw), read, now_ms)
        removed = self._reader.remove_finished(dict(offsets) | read)
        if removed:
            self._set_aside = {place for place in self._set_aside if place[0] not in removed}
            await self._store.write(lambda writer: _forget(writer, removed))
        return bool(read or removed)

    def _waiting(self) -> str:
        """Say of how many calls there are events in the spool, as far as they are read at a time."""
        try:
            _, raw = self._reader.read(self._offsets)
        except OSError:
            return "all call records wait"
        calls: set[tuple[str, str]] = set()
        for line in raw:
            with suppress(EventInvalid):
                calls.add(_Line(line, decode(line.text)).call)
        return counted(len(calls), "call record waits", "call records wait")

    def _decode(self, raw: Sequence[RawLine]) -> list[_Line]:
        lines = []
        for line in raw:
            if line.is_too_long:
                self._bury(line, "longer than any line that is read")
                continue
            try:
                lines.append(_Line(line, decode(line.text)))
            except EventInvalid as error:
                self._bury(line, f"no call event: {error}")
        return lines

    def _bury(self, line: RawLine, why: str) -> None:
        """Make a line a dead letter, unless it is one already."""
        place = line.file, line.start
        if place in self._set_aside:
            return
        at_ms = self._clock.now_ms()
        self._letters.keep_event(line.text, f"{line.file}:{line.start}", why, at_ms, size=line.size)
        self._set_aside.add(place)
        self._uncounted += 1
        log.error("a call event is set aside", file=line.file, offset=line.start, bytes=line.size, reason=why[:300])

    async def _take(self, lines: Sequence[_Line], ends: Mapping[str, int], now_ms: int) -> None:
        """Store the events, and up to where the files are read then."""
        lines = [line for line in lines if (line.raw.file, line.raw.start) not in self._set_aside]
        counted = self._uncounted

        def store(writer: Writer) -> tuple[_Kept, dict[str, int]]:
            kept = _keep(writer, lines, now_ms)
            return kept, _put_offsets(writer, ends, kept.waiting, counted)

        try:
            kept, reached = await self._store.write(store)
            kept.log()
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - content that is refused, or that we stumble over: it must not stop the rest
            log.warning("call events are stored one by one", events=len(lines), reason=str(error)[:300])
            waiting = await self._sort_out(_by_call(lines), now_ms)
            counted = self._uncounted
            reached = await self._store.write(lambda writer: _put_offsets(writer, ends, waiting, counted))
        self._uncounted -= counted
        self._set_aside = {place for place in self._set_aside if place[1] >= reached.get(place[0], 0)}

    async def _sort_out(self, calls: Sequence[list[_Line]], now_ms: int) -> list[_Line]:
        """Store the events of these calls but those that make it fail, which become dead letters; return what waits.

        Calls are halved until the culprit is alone. Applying an event again changes nothing, so no crash in between
        does any harm.
        """
        lines = [line for call in calls for line in call]
        self._progress()
        try:
            kept = await self._store.write(lambda writer: _keep(writer, lines, now_ms))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            if len(lines) == 1:
                self._bury(lines[0].raw, f"the store does not take it: {error}")
                return []
        else:
            kept.log()
            return kept.waiting
        # Within a call in their order, as what they say builds upon each other.
        parts = calls if len(calls) > 1 else [[line] for line in lines]
        half = len(parts) // 2
        halves = parts[:half], parts[half:]
        return [line for each in halves for line in await self._sort_out(each, now_ms)]


def _by_call(lines: Iterable[_Line]) -> list[list[_Line]]:
    calls: dict[tuple[str, str], list[_Line]] = {}
    for line in sorted(lines, key=lambda line: line.event.at_ms):
        calls.setdefault(line.call, []).append(line)
    return list(calls.values())


def _keep(writer: Writer, lines: Iterable[_Line], now_ms: int) -> _Kept:
    """Put events into their calls' records."""
    calls = CallBatch(writer)
    # The processes of the edge write side by side; in the order of time a call's beginning comes first.
    too_early = [line for line in sorted(lines, key=lambda line: line.event.at_ms) if not calls.take(line.event)]
    waiting: list[_Line] = []
    dropped: list[CallEvent] = []
    # What two processes saw in the same millisecond may be in the wrong order; all of it has been read by now.
    for line in too_early:
        if calls.take(line.event):
            continue
        # A clock that was set back must not have it wait until it has caught up.
        if abs(now_ms - line.event.at_ms) < PATIENCE_MS:
            waiting.append(line)
        else:
            dropped.append(line.event)
    return _Kept(waiting, calls.put(), dropped)


def _put_offsets(
    writer: Writer, ends: Mapping[str, int], waiting: Iterable[_Line], dead_letters: int
) -> dict[str, int]:
    """Note up to where the files are read, which is not beyond what waits; return that."""
    reached = dict(ends)
    for line in waiting:
        reached[line.raw.file] = min(reached[line.raw.file], line.raw.start)
    for file, offset in reached.items():
        writer.put_spool_offset(file, offset)
    if dead_letters:
        writer.count(COUNTER, dead_letters)
    return reached


def _forget(writer: Writer, files: list[str]) -> None:
    for file in files:
        writer.put_spool_offset(file, None)


def _put_ended(writer: Writer, record: CallRecord, ended: list[StoredCall]) -> bool:
    """Store a call that is over, as one of `ended`; False, and a line of the log, if its row cannot be as it was."""
    try:
        ended.append(writer.put_call(record))
    except StoreRefused as error:
        log.error("a call cannot be ended, as its row is damaged", call_id=record.key.call_id[:100], error=str(error))  # noqa: TRY400 - the text says it
        return False
    return True


def _sweep(writer: Writer, now_ms: int, longest_call_ms: int) -> list[CallRecord]:
    """Close the records of calls that were lost when an edge died before they were answered, or that nobody can end.

    Return them.
    """
    counts: Counter[tuple[str, int]] = Counter()
    usages: dict[tuple[str, int], Usage] = {}
    ended: list[StoredCall] = []
    for record in writer.unfinished_calls(now_ms - LOST_AFTER_MS, SWEEP_LIMIT):
        lost = replace(record, status=408, reason="lost", end_at_ms=now_ms, hung_up_by="edge")
        if not _put_ended(writer, lost, ended):
            continue
        counts[record.decision, 408] += 1
    for record in writer.unended_calls(now_ms - longest_call_ms - ENDLESS_AFTER_MS, SWEEP_LIMIT):
        endless = replace(record, reason=record.reason or NO_BYE, end_at_ms=now_ms, hung_up_by="edge")
        if not _put_ended(writer, endless, ended):
            continue
        add_up(usages, record, endless)
    # In the order of `CallBatch`, or two nodes could wait for each other.
    writer.add_usages(usages)
    writer.count_calls(counts)
    emit_ends(writer, ended)
    return [stored.record for stored in ended]
