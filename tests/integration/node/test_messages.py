"""A voicemail worker and the mailer as the node runs them: settings in, messages and mails out."""

import asyncio
import email
import email.policy
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from renvoi.adapters.sql import open_store
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.call_records.events import decode
from renvoi.configuration.settings import Settings
from renvoi.domain.calls.call_record import CallEvent, MessageLeft
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.key_file import NAME, write_keys
from renvoi.node.entrypoints.mailer import send_mails
from renvoi.node.entrypoints.voicemail import take_messages
from renvoi.node.parts.health import Load, bind_workers, load_of
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.voicemail.finalize import RecordingMetadata
from renvoi.voicemail.recording import Recording
from tests.support.callers import Caller
from tests.support.keys import new_keys, now_ms
from tests.support.ports import free_ports
from tests.support.stores import A, seed
from tests.support.voicemail_mail import write_tone
from tests.support.waiting import wait_for

T = TypeVar("T")

OWNER = EmailAddress("owner@example.com")
KEYS = new_keys()
DAY_MS = 24 * 3600 * 1000
PATIENCE_S = 60.0
"""For what starts, ends, or goes to the disk, on a busy machine."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make the directories of a node, and a store with the number A."""
    ports = free_ports(22)
    made = Settings(
        data_dir=tmp_path,
        rtp_ports=f"{ports[0]}-{ports[-1]}",
        voicemail_calls=7,
        public_url="https://calls.example",
        shutdown_grace_s=0,
    )
    for path in (made.recordings_dir, made.messages_dir, made.mail_dir, made.spool_dir, made.run_dir):
        path.mkdir()
    write_keys(made.run_dir / NAME, KEYS)

    async def prepare() -> None:
        store = await open_store(made.database)
        await seed(store)
        await store.close()

    asyncio.run(prepare())
    return made


def read(settings: Settings, work: Callable[[Reader], T]) -> T:
    async def look() -> T:
        store = await open_store(settings.database)
        try:
            return await store.read(work)
        finally:
            await store.close()

    return asyncio.run(look())


def write(settings: Settings, work: Callable[[Writer], T]) -> T:
    async def change() -> T:
        store = await open_store(settings.database)
        try:
            return await store.write(work)
        finally:
            await store.close()

    return asyncio.run(change())


def messages(settings: Settings) -> Sequence[StoredMessage]:
    return read(settings, lambda reader: reader.messages(100, None))


@contextmanager
def at_work(part: Callable[[asyncio.Event], Awaitable[None]]) -> Iterator[None]:
    """Run a part of the node in a thread of its own, and tell it to end."""
    begun = threading.Event()
    ends: list[Callable[[], object]] = []

    async def work() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(stop.set))
        begun.set()
        await part(stop)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    try:
        assert begun.wait(PATIENCE_S)
        yield
    finally:
        ends[0]()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def events(settings: Settings) -> list[CallEvent]:
    # Without what follows the last line feed: a line that is being written may be seen in part.
    files = (path.read_bytes() for path in settings.spool_dir.iterdir())
    return [decode(line) for content in files for line in content.split(b"\n")[:-1]]


def load(sip: socket.socket) -> Load | None:
    return asyncio.run(load_of(*sip.getsockname()))


def test_a_worker_takes_a_message(settings: Settings) -> None:
    (sip,) = bind_workers(1)
    with closing(sip), at_work(lambda stop: take_messages(settings, sip, 0, 1, stop, HeartbeatSender(None))):
        found: Load = wait_for(lambda: load(sip), "an answer of the worker", PATIENCE_S)
        assert (found.calls, found.capacity, found.min_free_bytes) == (0, 7, 64 * 1024 * 1024)
        with Caller(sip.getsockname(), A.value) as caller:
            handoff = VoicemailHandoff(A, 3, OWNER, caller.number)
            caller.call.invite.headers.append((HEADER, handoff.seal(KEYS, now_ms(), caller.call_id)))
            assert caller.connect() == 200
            assert caller.rtp_port in settings.rtp_range
            assert caller.wait_for_beep()
            caller.talk(1.2)
            assert caller.hang_up() == 200
            # The BYE is answered before the message is filed.
            (stored,) = wait_for(lambda: messages(settings), "the message", PATIENCE_S)
            assert stored.message.caller == caller.number
            assert (settings.messages_dir / f"{stored.message.id}.wav").stat().st_size > 16000
            (left,) = wait_for(lambda: events(settings), "its event", PATIENCE_S)
            assert isinstance(left, MessageLeft)
            assert left.call_id == caller.call_id


def test_the_mailer_sends_adopts_and_deletes(settings: Settings) -> None:
    now_ms = time.time_ns() // 1_000_000

    def leave(writer: Writer) -> None:
        for name, age_days in (("new", 0), ("old", 31)):
            message = Message(name, A, 1, 3, "+33612345678", f"call-{name}", now_ms - age_days * DAY_MS, 1000)
            writer.add_message(message, Mail(name, OWNER, now_ms, now_ms + (DAY_MS if age_days else 0)))
            write_tone(settings.messages_dir / f"{name}.wav")

    write(settings, leave)
    facts = RecordingMetadata(VoicemailHandoff(A, 3, OWNER, "+33612345679"), "call-orphan", "tag", now_ms)
    orphan = Recording.create(settings.recordings_dir, settings.messages_dir, "orphan", facts.dump(), 8000)
    orphan.write(0, b"\1\2" * 16000)
    orphan.release()

    def done() -> bool:
        states = {stored.message.id: stored.mail.state for stored in messages(settings)}
        return states == {"new": MailState.KEPT, "orphan": MailState.KEPT}

    with at_work(lambda stop: send_mails(settings, stop, HeartbeatSender(None))):
        wait_for(done, lambda: f"the end of {messages(settings)}", PATIENCE_S)
    assert sorted(path.name for path in settings.messages_dir.iterdir()) == ["new.wav", "orphan.wav"]
    assert list(settings.recordings_dir.iterdir()) == []
    assert sorted(path.name for path in settings.mail_dir.iterdir()) == ["new.eml", "orphan.eml"]
    mail = email.message_from_bytes((settings.mail_dir / "new.eml").read_bytes(), policy=email.policy.default)
    text = mail.get_body(("plain",))
    assert text is not None
    assert f"https://calls.example/numbers/{A}" in text.get_content()
    (left,) = events(settings)
    assert isinstance(left, MessageLeft)
    assert left.call_id == "call-orphan"
