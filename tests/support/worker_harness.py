"""A worker of the voicemail in this process: real sockets, a real store, and callers who talk faster than time.

A recording is placed by timestamps, so what takes a caller seconds to say is sent here at once.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from renvoi import key_file
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.voicemail import wav
from renvoi.voicemail.blocking_io import BlockingIO
from renvoi.voicemail.call_flow import MessageLimits
from renvoi.voicemail.finalize import Finalizer
from renvoi.voicemail.recovery import Patience, adopt_once
from renvoi.voicemail.worker import Worker, WorkerConfig
from tests.support.callers import Caller
from tests.support.keys import new_keys, now_ms
from tests.support.ports import bind_unused, free_ports
from tests.support.rtp_talker import FRAME_S, TICKS
from tests.support.sound import Sound
from tests.support.stores import A, make_sqlite, seed
from tests.support.waiting import wait_for

T = TypeVar("T")

MAILBOX = A
OWNER = EmailAddress("owner@example.com")
GATE_TIMEOUT_S = 10.0
JOIN_TIMEOUT_S = 15.0
LIMITS = MessageLimits(max_s=60, silence_s=30)
"""So long that no test comes to them which does not want to."""


class SwayedStore:
    """A store that tests make slow or unavailable. It belongs to the event loop that it was made in."""

    def __init__(self, store: Store) -> None:
        self.real = store
        self.loop = asyncio.get_running_loop()
        self.reading, self.writing = threading.Event(), threading.Event()
        """What reads and writes wait for."""
        self.away = False
        self.fault: Exception | None = None
        """What a write fails with."""
        self.recover()

    def recover(self) -> None:
        """Be as every store is."""
        self.away, self.fault = False, None
        self.reading.set()
        self.writing.set()

    @property
    def keeps_audio(self) -> bool:
        """See `application.ports.Store`."""
        return self.real.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        """See `application.ports.Store`."""
        await self._pass(self.reading)
        return await self.real.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        """See `application.ports.Store`."""
        await self._pass(self.writing)
        if self.fault is not None:
            raise self.fault
        return await self.real.write(work)

    async def close(self) -> None:
        """See `application.ports.Store`."""
        await self.real.close()

    async def _pass(self, gate: threading.Event) -> None:
        if not gate.is_set():
            await asyncio.to_thread(gate.wait, GATE_TIMEOUT_S)
        if self.away:
            raise StoreUnavailable("the store is away")


class WorkerResources:
    """What the workers of a node share: directories, a store, and a blocking_io, whose store is `store`."""

    def __init__(self, directory: Path) -> None:
        self.database = directory / "renvoi.db"
        self.recordings, self.messages = directory / "recordings", directory / "messages"
        self.calls = directory / "calls"
        for path in (self.recordings, self.messages):
            path.mkdir()
        self.keys, self.key_file = new_keys(), directory / key_file.NAME
        key_file.write_keys(self.key_file, self.keys)
        self.events: list[CallEvent] = []
        self.blocking_io = BlockingIO(
            self._open,
            SystemClock(),
            self.events.append,
            recordings=self.recordings,
            messages=self.messages,
            locale="en",
            dialogs=self.calls,
        )
        asyncio.run(self.blocking_io.open())

    async def _open(self) -> Store:
        make_sqlite(self.database)
        store = await open_sqlite(self.database)
        await seed(store)
        self.store = SwayedStore(store)
        return self.store

    def close(self) -> None:
        """Close the store."""
        self.store.recover()
        asyncio.run(self.blocking_io.close())

    def read(self, work: Callable[[Reader], T]) -> T:
        """Look into the store, whatever it does to others."""
        return asyncio.run_coroutine_threadsafe(self.store.real.read(work), self.store.loop).result(JOIN_TIMEOUT_S)

    def write(self, work: Callable[[Writer], T]) -> T:
        """Change the store, whatever it does to others."""
        return asyncio.run_coroutine_threadsafe(self.store.real.write(work), self.store.loop).result(JOIN_TIMEOUT_S)

    def messages_of(self, caller: "WorkerCaller") -> list[StoredMessage]:
        """Return the messages that a caller left."""
        found = self.read(lambda reader: reader.messages(1000, None))
        return [stored for stored in found if stored.message.call_id == caller.call_id]

    def message_of(self, caller: "WorkerCaller") -> StoredMessage:
        """Wait for a caller's message, and for its recording to be handed on."""
        found = wait_for(lambda: self.messages_of(caller), "a message")
        assert len(found) == 1
        wait_for(lambda: not self.facts(), "the end of the recording")
        stored: StoredMessage = found[0]
        return stored

    def sound_of(self, caller: "WorkerCaller") -> Sound:
        """Wait for a caller's message, and return its audio."""
        return Sound.of_wav((self.messages / f"{self.message_of(caller).message.id}.wav").read_bytes())

    def adopt(self) -> int:
        """Look for orphans, once, as the mailer does; return how many were found a home."""
        filing = Finalizer(self.store, SystemClock(), self.events.append)
        work = adopt_once(self.recordings, self.messages, filing, Patience(self.store.loop.time))
        return asyncio.run_coroutine_threadsafe(work, self.store.loop).result(JOIN_TIMEOUT_S)

    def facts(self) -> list[Path]:
        """Return the files of facts of recordings that are not handed on."""
        return [path for path in self.recordings.iterdir() if path.suffix == ".json"]

    def files(self) -> list[str]:
        """Return the names of all files of recordings and messages."""
        return sorted(path.name for folder in (self.recordings, self.messages) for path in folder.iterdir())

    def recorded_s(self) -> float:
        """Return the length of all recordings that grow, of 8 kHz."""
        sizes = (path.stat().st_size for path in self.recordings.glob("*.wav"))
        return sum(size - wav.HEADER_BYTES for size in sizes) / wav.SAMPLE_BYTES / 8000

    def events_of(self, caller: "WorkerCaller") -> list[str]:
        """Return the kinds of events that were reported of a call."""
        return [type(event).__name__ for event in self.events if getattr(event, "call_id", "") == caller.call_id]


class WorkerHarness:
    """A worker at work in a thread of its own."""

    def __init__(self, resources: WorkerResources, grace_s: float, config: WorkerConfig) -> None:
        self.resources = resources
        self._grace_s = grace_s
        self._sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sip.setblocking(False)
        bind_unused(self._sip)
        self.address: tuple[str, int] = self._sip.getsockname()
        self._config = config
        self._begun = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self._begun.wait(JOIN_TIMEOUT_S)

    def _work(self) -> None:
        async def work() -> None:
            self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self.worker = Worker(self._config, self._sip, self.resources.blocking_io)
            self.loop.call_soon(self._begun.set)
            await self.worker.run(self._stop, self._grace_s)

        try:
            asyncio.run(work())
        except Exception as error:  # noqa: BLE001 - it is raised again where the worker ends
            self._fault = error

    def run(self, work: Callable[[], T]) -> T:
        """Run `work` in the worker's thread."""

        async def there() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(JOIN_TIMEOUT_S)

    def tell_to_stop(self) -> None:
        """Tell the worker to end, and come back at once."""
        self.loop.call_soon_threadsafe(self._stop.set)

    def drain(self) -> None:
        """Tell the worker to end, and wait until it has understood; it goes on for its grace."""
        self.tell_to_stop()
        wait_for(lambda: self.run(lambda: self.worker._draining), "the beginning of the end")

    @property
    def ended(self) -> bool:
        """Whether the worker has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End the worker, which may have ended; raises what it failed with, once."""
        if not self.ended:
            self.tell_to_stop()
        self._thread.join(JOIN_TIMEOUT_S)
        assert self.ended
        self._sip.close()
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault

    @property
    def calls(self) -> int:
        """How many calls the worker has."""
        return self.run(lambda: len(self.worker._calls))


@contextmanager
def worker_harness(resources: WorkerResources, *, grace_s: float = 0.0, **changed: Any) -> Iterator[WorkerHarness]:
    """Run a worker whose configuration is an easy one but for what is `changed`."""
    easy: dict[str, Any] = {
        "disk": resources.recordings,
        "keys": resources.key_file,
        "rtp_hosts": (("127.0.0.1", "127.0.0.1"),),
        "rtp_ports": free_ports(40)[::2],
        "calls": 10,
        "min_free_bytes": 0,
        "limits": LIMITS,
    }
    made = WorkerHarness(resources, grace_s, WorkerConfig(**(easy | changed)))
    try:
        yield made
    finally:
        resources.store.recover()
        made.stop()


class WorkerCaller(Caller):
    """A caller who calls a worker itself, with the handoff that the edge would have written."""

    def __init__(
        self,
        worker: WorkerHarness,
        *,
        mailbox: E164 = MAILBOX,
        handoff: str | None = None,
        hz: float = 440.0,
        audio_host: str = "127.0.0.1",
    ) -> None:
        super().__init__(worker.address, mailbox.value, hz, audio_host=audio_host)
        self.resources = worker.resources
        sealed = VoicemailHandoff(mailbox, 3, OWNER, self.number).seal(worker.resources.keys, now_ms(), self.call_id)
        written = sealed if handoff is None else handoff
        if written:
            self.call.invite.headers.append((HEADER, written))
        # What is said is sent by `say`.
        self.talker.silent.set()

    def skip_greeting(self) -> Self:
        """Call, and go on to the end of the beep."""
        assert self.connect() == 200
        assert self.wait_for_beep()
        return self

    def say(self, seconds: float) -> Self:
        """Say what takes so long, and wait until that is in the recording; others must not be recorded meanwhile."""
        before = self.resources.recorded_s()
        self.send(seconds)
        wait_for(lambda: self.resources.recorded_s() >= before + seconds - FRAME_S / 2, "the recording")
        return self

    def send(self, seconds: float) -> None:
        """Send the packets of so many seconds."""
        talker = self.talker
        begins, count = talker.timestamp, round(seconds / FRAME_S)
        for number in range(count):
            talker.send(talker.payload_type, talker._frames[number % 50], (begins + TICKS * number) & 0xFFFFFFFF)
        talker.timestamp = (begins + TICKS * count) & 0xFFFFFFFF

    def leave(self, seconds: float = 1.2) -> Self:
        """Leave a message, and hang up."""
        self.skip_greeting().say(seconds)
        assert self.hang_up() == 200
        return self
