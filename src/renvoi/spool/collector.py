"""The collector: takes call events from the spool and keeps one record a call in the store.

Records and the offsets up to which the files are read change in one transaction, so a crash at any instant neither
loses an event nor counts a call twice. A file goes once all of it is stored and its writer can add no more.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from renvoi.application.ports import Clock, Store, StoreUnavailable, Writer
from renvoi.domain import callevent
from renvoi.domain.callevent import Answered, CallEvent, Decided, HungUp, MessageLeft, Missed
from renvoi.domain.callrecord import CallKey, CallRecord
from renvoi.domain.rule import MAX_RING_TIMEOUT
from renvoi.spool.events import EventInvalid, decode

POLL_S = 0.05
"""Pause after each look: what happens meanwhile shares a commit, and others get the store's lock, which is not fair."""
READ_BYTES = 256 * 1024
"""Bytes taken of each file at a time; bounds memory and the time of a transaction."""
PATIENCE_MS = 10_000
"""How long an event waits for the one that began its call, which another process may not have written yet."""
LOST_AFTER_MS = int(MAX_RING_TIMEOUT.total_seconds() + 60) * 1000
"""Age from which a call without a final answer can only have been lost with the edge that carried it."""
SWEEP_MS = 10_000
SWEEP_LIMIT = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Line:
    """One event, and where its line begins in which file."""

    file: str
    start: int
    event: CallEvent


class Collector:
    """Moves events from `spool` into `store`; `progress` is called with each look, also while the store is away."""

    def __init__(self, store: Store, clock: Clock, spool: Path, progress: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._clock = clock
        self._spool = spool
        self._progress = progress
        self._swept_at_ms = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop` is set, and once more then. A store that is away is waited for."""
        waiting = False
        while not stop.is_set():
            self._progress()
            try:
                await self.collect()
                waiting = False
            except StoreUnavailable as error:
                if not waiting:
                    log.warning("call records wait in the spool", error=str(error))
                waiting = True
            await _wait(stop, POLL_S)
        await self.collect()

    async def collect(self) -> bool:
        """Take what the spool holds now; tell whether there was anything."""
        now_ms = self._clock.now_ms()
        offsets = await self._store.read(lambda reader: reader.spool_offsets())
        read, lines = self._read(offsets)
        if now_ms - self._swept_at_ms > SWEEP_MS:
            self._swept_at_ms = now_ms
            await self._store.write(lambda writer: _sweep(writer, now_ms))
        if read:
            await self._store.write(lambda writer: _keep(writer, lines, read, now_ms))
        removed = self._remove_finished(dict(offsets) | read)
        if removed:
            await self._store.write(lambda writer: _forget(writer, removed))
        return bool(read or removed)

    def _read(self, offsets: Mapping[str, int]) -> tuple[dict[str, int], list[_Line]]:
        """Return the new end of each file that has grown, and its new events."""
        ends: dict[str, int] = {}
        lines: list[_Line] = []
        for path in sorted(self._spool.glob("*.jsonl")):
            start = offsets.get(path.name, 0)
            with path.open("rb") as file:
                file.seek(start)
                text = file.read(READ_BYTES)
            whole = text.rfind(b"\n") + 1
            if whole:
                ends[path.name] = start + whole
                lines += _decode(path.name, start, text[:whole])
        return ends, lines

    def _remove_finished(self, offsets: Mapping[str, int]) -> list[str]:
        """Remove the files that are stored to their end and get no more lines; return their names."""
        paths = {path.name: path for path in self._spool.glob("*.jsonl")}
        removed: list[str] = []
        for name, path in paths.items():
            # Asked before the size is: a writer that ends in between has written all it ever will.
            if not _is_finished(name, paths):
                continue
            rest = path.stat().st_size - offsets.get(name, 0)
            if rest and _has_whole_line(path, offsets.get(name, 0)):
                continue
            if rest:
                log.warning("a call event was cut off by the death of its writer", file=name, bytes=rest)
            path.unlink()
            removed.append(name)
        return removed


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _decode(file: str, start: int, text: bytes) -> Iterator[_Line]:
    for line in text.splitlines(keepends=True):
        try:
            yield _Line(file, start, decode(line))
        except EventInvalid as error:
            log.warning("a line of the spool is no call event", file=file, offset=start, error=str(error))
        start += len(line)


def _has_whole_line(path: Path, offset: int) -> bool:
    with path.open("rb") as file:
        file.seek(offset)
        return b"\n" in file.read(READ_BYTES)


def _is_finished(name: str, names: Iterable[str]) -> bool:
    """Tell whether no process can append to the file: its writer has begun another one, or is dead."""
    writer, _, sequence = name.removesuffix(".jsonl").rpartition("-")
    later = (other.removesuffix(".jsonl").rpartition("-") for other in names)
    if any(other == writer and int(number) > int(sequence) for other, _, number in later):
        return True
    try:
        os.kill(int(writer.rpartition("-")[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _keep(writer: Writer, lines: list[_Line], ends: dict[str, int], now_ms: int) -> None:
    calls = _Calls(writer)
    # The processes of the edge write side by side; in the order of time a call's beginning comes first.
    too_early = [line for line in sorted(lines, key=lambda line: line.event.at_ms) if not calls.take(line.event)]
    # What two processes saw in the same millisecond may be in the wrong order; all of it has been read by now.
    for line in too_early:
        if calls.take(line.event):
            continue
        if now_ms - line.event.at_ms < PATIENCE_MS:
            ends[line.file] = min(ends[line.file], line.start)
        else:
            log.warning("an event of an unknown call is dropped", call_event=repr(line.event))
    calls.put()
    for file, offset in ends.items():
        writer.put_spool_offset(file, offset)


def _forget(writer: Writer, files: list[str]) -> None:
    for file in files:
        writer.put_spool_offset(file, None)


def _sweep(writer: Writer, now_ms: int) -> None:
    """Close the records of calls that were lost when an edge died before they were answered."""
    counts: Counter[tuple[str, int]] = Counter()
    for record in writer.unfinished_calls(now_ms - LOST_AFTER_MS, SWEEP_LIMIT):
        writer.put_call(replace(record, status=408, reason="lost", end_at_ms=now_ms, hung_up_by="edge"))
        counts[record.decision, 408] += 1
    writer.count_calls(counts)


class _Calls:
    """The records that a batch of events touches, read and written once each."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._before: dict[CallKey, CallRecord | None] = {}
        self._now: dict[CallKey, CallRecord] = {}
        self._answered: dict[tuple[str, str], CallKey] = {}

    def take(self, event: CallEvent) -> bool:
        """Put `event` into its call's record; False when no such call is known yet."""
        record = self._find(event)
        if record is None:
            if not isinstance(event, Decided):
                return False
            self._now[event.key] = callevent.begin(event)
        else:
            self._now[record.key] = callevent.apply(record, event)
        if isinstance(event, Answered):
            self._answered[event.key.call_id, event.key.from_tag] = event.key
        return True

    def _find(self, event: CallEvent) -> CallRecord | None:
        if isinstance(event, HungUp | MessageLeft | Missed):
            return self._find_answered(event)
        if event.key not in self._before:
            self._before[event.key] = record = self._writer.call(event.key)
            if record is not None:
                self._now[event.key] = record
        return self._now.get(event.key)

    def _find_answered(self, event: HungUp | MessageLeft | Missed) -> CallRecord | None:
        key = self._answered.get((event.call_id, event.from_tag))
        if key is not None:
            return self._now[key]
        stored = self._writer.answered_call(event.call_id, event.from_tag)
        if stored is None:
            return None
        if stored.key not in self._now:
            self._before[stored.key] = self._now[stored.key] = stored
        return self._now[stored.key]

    def put(self) -> None:
        """Store what has changed, and count the calls that got their final answer."""
        counts: Counter[tuple[str, int]] = Counter()
        for key, record in self._now.items():
            before = self._before.get(key)
            if record == before:
                continue
            self._writer.put_call(record)
            if record.status is not None and (before is None or before.status is None):
                counts[record.decision, record.status] += 1
        self._writer.count_calls(counts)
