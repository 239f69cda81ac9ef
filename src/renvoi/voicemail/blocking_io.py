"""The slow side of a worker — disk and store — in a thread and event loop of its own, so that audio never waits."""

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Reader, Store
from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.numbers.number import E164
from renvoi.voicemail.finalize import Finalizer, RecordingMetadata
from renvoi.voicemail.greetings import CustomGreeting, Greetings, Prompt, encode_all
from renvoi.voicemail.media.codec import Codec
from renvoi.voicemail.recording import Recording, sync_file_system, trim
from renvoi.voicemail.recovery import DialogFiles
from renvoi.voicemail.sip.session import DialogState

T = TypeVar("T")

SYNC_PERIOD_S = 2.0
"""How often recordings in progress are written through to the disk: what a power failure costs at the most, nearly."""
THREADS = 8
"""Files written through at once; the disk orders them."""
BEGINNING_THREADS = 2
"""Recordings begun at once: they wait for no sync, and callers who wait for an answer wait behind none."""

log = structlog.get_logger("voicemail")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How callers of a number are greeted."""

    number: E164
    locale: str
    spoken: bool = False
    greeting: CustomGreeting | None = None


class BlockingIO:
    """Opens the store, finds greetings, begins and ends recordings. Its methods are for the worker's event loop.

    The directories `recordings` and `messages` exist, on one file system. `dialogs` is where the calls of this very
    worker are kept; without it nobody hangs up when it dies.
    """

    def __init__(
        self,
        open_store: Callable[[], Awaitable[Store]],
        clock: Clock,
        tell: Callable[[CallEvent], None],
        *,
        recordings: Path,
        messages: Path,
        locale: str,
        dialogs: Path | None = None,
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._tell = tell
        self._recordings = recordings
        self._messages = messages
        self._locale = locale
        self._dialogs = DialogFiles(dialogs) if dialogs is not None else None
        self._greetings = Greetings(_unreadable)
        self._live: set[Recording] = set()
        self._records = asyncio.Event()
        """Of the other loop: set while something may be recorded."""
        self._files = ThreadPoolExecutor(THREADS, thread_name_prefix="renvoi-files")
        self._beginnings = ThreadPoolExecutor(BEGINNING_THREADS, thread_name_prefix="renvoi-begin")
        # One, so that a call is forgotten after it was kept.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="renvoi-calls")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="renvoi-blocking-io", daemon=True)
        self._store: Store | None = None
        self._filing: Finalizer | None = None
        self._syncing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the store, and encode the greetings that come with renvoi.

        Raises:
            StoreUnavailable: the store cannot be opened.
            StoreMismatch: it is not one that this program can use.
        """
        self._thread.start()
        await self._there(self._start())
        await asyncio.to_thread(encode_all)

    async def _start(self) -> None:
        self._store = await self._open_store()
        self._filing = Finalizer(self._store, self._clock, self._tell)
        self._syncing = asyncio.create_task(self._keep_syncing())

    async def close(self) -> None:
        """Close the store and end the threads."""
        await self._there(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()
        self._files.shutdown()
        self._beginnings.shutdown()
        self._notes.shutdown()

    async def _stop(self) -> None:
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.wait([self._syncing])
        if self._store is not None:
            await self._store.close()
        # The threads of what reads recordings.
        await asyncio.get_running_loop().shutdown_default_executor()

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` in the other loop, without a way back: what it has begun ends, even when nobody waits for it."""
        return await asyncio.shield(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop)))

    async def _in_files(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._files, work)

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
        return self._clock.now_ms()

    # Greetings

    async def mailbox(self, number: E164) -> Mailbox:
        """Return how callers of `number` are greeted; in the node's own language when the store does not tell."""
        try:
            return await self._there(self._mailbox(number))
        except StoreUnavailable as error:
            log.warning("the default greeting is played, as the store is away", number=str(number), error=str(error))
            return Mailbox(number, self._locale)

    async def _mailbox(self, number: E164) -> Mailbox:
        assert self._store is not None

        def look(reader: Reader) -> Mailbox:
            record = reader.number(number)
            account = reader.account(str(record.account_id)) if record is not None else None
            locale = account.locale if account is not None else self._locale
            version = reader.greeting_version(number)
            if version is None:
                return Mailbox(number, locale)
            known = CustomGreeting(number, version)
            if all(self._greetings.has(codec, known) for codec in Codec):
                return Mailbox(number, locale, greeting=known)
            greeting = reader.greeting(number)
            assert greeting is not None
            if greeting.audio is None:
                return Mailbox(number, locale, spoken=greeting.spoken)
            return Mailbox(number, locale, greeting=CustomGreeting(number, greeting.version, greeting.audio))

        return await self._store.read(look)

    async def prompt(self, mailbox: Mailbox, codec: Codec) -> Prompt:
        """Return what a caller hears."""
        number = mailbox.number if mailbox.spoken else None
        if mailbox.greeting is None:
            return self._greetings.frames(codec, mailbox.locale, number)
        return await asyncio.to_thread(self._greetings.frames, codec, mailbox.locale, number, mailbox.greeting)

    # Recordings

    async def begin(self, facts: RecordingMetadata, rate: int) -> Recording:
        """Begin a recording of `rate` Hz.

        Raises:
            OSError: the disk does not take it.
        """
        name = uuid.uuid4().hex
        recording = await asyncio.get_running_loop().run_in_executor(
            self._beginnings, Recording.create, self._recordings, self._messages, name, facts.dump(), rate
        )
        self._live.add(recording)
        self._loop.call_soon_threadsafe(self._records.set)
        return recording

    async def end(self, recording: Recording, *, cut_off: bool = False) -> None:
        """Close a recording and store its message. Whatever fails, what was heard stays on disk, to be found again."""
        self._live.discard(recording)
        await self._there(self._end(recording, cut_off))

    async def _end(self, recording: Recording, cut_off: bool) -> None:
        assert self._filing is not None
        try:
            await self._in_files(lambda: _close(recording))
            await self._filing.file(recording, cut_off=cut_off)
        except OSError as error:
            log.exception("a recording could not be closed, and waits", message_id=recording.id, error=str(error))
        finally:
            # Whatever kept it from being filed: who looks for orphans finds it once it is let go of.
            recording.release()

    async def _keep_syncing(self) -> None:
        while True:
            await self._records.wait()
            await asyncio.sleep(SYNC_PERIOD_S)
            if not self._live:
                self._records.clear()
                continue
            try:
                await self._in_files(lambda: sync_file_system(self._recordings))
            except OSError as error:
                # Each recording learns of it by its own next write, or when it is finished.
                log.exception("recordings could not be synced to the disk", error=str(error))

    # Calls

    async def keep_call(self, name: str, state: DialogState) -> None:
        """Keep what it takes to hang up on a caller, should this process die."""
        if self._dialogs is not None:
            await asyncio.get_running_loop().run_in_executor(self._notes, self._dialogs.write, name, state)

    def forget_call(self, name: str) -> None:
        """Take note that a call is over; that is done some time later."""
        if self._dialogs is not None:
            self._notes.submit(self._dialogs.remove, name)

    async def left_calls(self) -> list[tuple[str, DialogState]]:
        """Return the calls that a process before this one left behind, by their names."""
        dialogs = self._dialogs
        return [] if dialogs is None else await asyncio.to_thread(lambda: list(dialogs.left()))


def _close(recording: Recording) -> None:
    trim(recording)
    recording.finish()


def _unreadable(greeting: CustomGreeting, error: Exception) -> None:
    log.error("an uploaded greeting cannot be played", number=str(greeting.number), error=str(error))
