"""Several nodes on one PostgreSQL: a message left at one is mailed by any, once, whichever dies."""

import asyncio
import email
import email.policy
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.sql import open_store
from renvoi.application.mail_channel import MailChannel
from renvoi.application.messages import delete_message, send_again
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.ports.mails import MailQueue
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.configuration.settings import Settings
from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.node.entrypoints import mailer as mailing
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.voicemail.blocking_io import BlockingIO
from renvoi.voicemail.finalize import Finalizer, RecordingMetadata
from renvoi.voicemail.media.codec import Codec
from renvoi.voicemail.recording import Recording
from renvoi.voicemail.recovery import Patience, adopt_once
from tests.support.mailer_process import mailer_process
from tests.support.outbox_harness import ScriptedMailer
from tests.support.postgres import PostgresCluster, shared_cluster
from tests.support.smtp import Behaviour, Inbox
from tests.support.stores import A, new_database, opened, seed
from tests.support.voicemail_mail import write_tone

RATE = 8000
FACTS = RecordingMetadata(
    VoicemailHandoff(A, 3, EmailAddress("owner@example.com"), "+33612345678"), "call", "tag", SystemClock().now_ms()
)
KILLED_MAILS, SENT_MAILS = 40, 3


@asynccontextmanager
async def stores(count: int) -> AsyncIterator[tuple[str, list[Store]]]:
    """Open so many stores on a new database with the number A; give its URL too."""
    cluster = shared_cluster()
    async with new_database(cluster) as name, AsyncExitStack() as stack:
        url = cluster.url(name)
        opened_ones = [await stack.enter_async_context(opened(url)) for _ in range(count)]
        await seed(opened_ones[0])
        yield url, opened_ones


async def leave(store: Store, names: Sequence[str]) -> None:
    """Leave messages, each for a domain of its own."""

    def work(writer: Writer) -> None:
        for name in names:
            mail = Mail(name, EmailAddress(f"owner@{name}.example"), 1, 1)
            writer.add_message(Message(name, A, 1, 3, "+33612345678", "call", 1, 4200), mail, b"RIFF" * 1000)

    await store.write(work)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until `condition` holds."""
    for _ in range(3000):
        if await condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{what} did not happen")


async def all_ended(store: Store) -> bool:
    """Tell whether no mail waits."""
    return await store.read(lambda reader: reader.mail_queue()) == MailQueue(0, None)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario, which must end."""

    async def limited() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(limited())


def test_nodes_that_live_send_each_mail_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stores(3) as (_, opened_ones):
            names = [f"m{number}" for number in range(150)]
            await leave(opened_ones[0], names)
            mailer, stop = ScriptedMailer(), asyncio.Event()
            outboxes = []
            for number, store in enumerate(opened_ones):
                channel = MailChannel(store, mailer, MessageFiles(tmp_path, tmp_path), rule_url=str)
                config = OutboxConfig(f"node {number}", jitter=lambda: 0.5)
                outboxes.append(Outbox(store, channel, SystemClock(), config).run(stop, 10))
            sending = asyncio.gather(*outboxes)
            await until(lambda: all_ended(opened_ones[0]), "the end of all mails")
            stop.set()
            await sending
            assert sorted(mailer.tried) == sorted(names)
            assert (await opened_ones[0].read(methodcaller("counts")))["mails_sent"] == 150

    run(scenario)


def test_the_mails_of_a_node_that_was_killed_are_sent_by_another() -> None:
    names = [f"m{number}" for number in range(KILLED_MAILS)]

    async def scenario(inbox: Inbox) -> None:
        async with stores(1) as (url, (store,)):
            await leave(store, names)
            with mailer_process(url, inbox.url(), "killed", lease_s=2) as killed:
                await until(lambda: began(inbox), "the first mails")
                killed.kill()
                killed.wait()
            inbox.behaviour = Behaviour(data_s=0.1)
            held = await store.read(lambda reader: reader.mail_queue())
            assert held.length >= KILLED_MAILS - SENT_MAILS
            # That one loses no lease, however slow it is.
            with mailer_process(url, inbox.url(), "other", lease_s=60):
                await until(lambda: all_ended(store), "the end of all mails")
            for name in names:
                stored = await store.read(methodcaller("message", name))
                assert stored.mail.state is MailState.SENT

    async def began(inbox: Inbox) -> bool:
        return len(inbox.mails) == SENT_MAILS

    # The killed one is in the midst of the others, however late it is killed.
    with Inbox(behaviour=Behaviour(data_s=0.1, most=SENT_MAILS)) as inbox:
        run(lambda: scenario(inbox))
        copies = Counter(str(mail.message["Message-ID"]) for mail in inbox.mails)
        assert sorted(copies) == sorted(f"<{name}@renvoi.example>" for name in names)
        # Twice comes only what was between the server's answer and our note of it.
        assert max(copies.values()) <= 2
        assert len({mail.content for mail in inbox.mails}) == KILLED_MAILS


def settings_of(directory: Path, url: str) -> Settings:
    """Make the directories of a node on the database at `url`."""
    settings = Settings(data_dir=directory, database_url=url, shutdown_grace_s=0)
    for path in (settings.recordings_dir, settings.messages_dir, settings.mail_dir, settings.spool_dir):
        path.mkdir(parents=True)
    return settings


@asynccontextmanager
async def mailer_of(settings: Settings) -> AsyncIterator[None]:
    """Run a node's mailer."""
    stop = asyncio.Event()
    mails = asyncio.create_task(mailing.send_mails(settings, stop, HeartbeatSender(None)))
    try:
        yield
    finally:
        stop.set()
        await mails


def record(settings: Settings, name: str) -> Recording:
    """Record two seconds at a node."""
    recording = Recording.create(settings.recordings_dir, settings.messages_dir, name, FACTS.dump(), RATE)
    recording.write(0, b"\1\2" * 2 * RATE)
    recording.finish()
    return recording


def test_a_message_left_at_one_node_is_mailed_resent_and_deleted_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "EXPIRY_PERIOD_S", 0.05)

    async def scenario() -> None:
        async with stores(1) as (url, (store,)):
            here, there = (settings_of(tmp_path / name, url) for name in ("here", "there"))
            recording = record(here, "m1")
            audio = recording.read()
            assert await Finalizer(store, SystemClock(), ignore).file(recording, cut_off=False)
            assert list(here.messages_dir.iterdir()) == []
            kept = there.mail_dir / "m1.eml"
            async with mailer_of(there):
                await until(lambda: all_ended(store), "the mail")
                assert wav_of(kept) == audio
                first = kept.stat().st_mtime_ns
                await send_again(store, SystemClock(), "m1")
                await until(lambda: all_ended(store), "the second mail")
                assert kept.stat().st_mtime_ns > first
                await delete_message(store, SystemClock(), "m1", MessageFiles(here.messages_dir, here.mail_dir).remove)
                await until(lambda: gone(kept), "the end of the mail that was kept elsewhere")

    async def gone(path: Path) -> bool:
        return not path.exists()

    run(scenario)


def ignore(_: CallEvent) -> None:
    """Take no note."""


def wav_of(path: Path) -> bytes:
    """Return the recording that a mail brings."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    (attachment,) = message.iter_attachments()
    return bytes(attachment.get_content())


def test_what_was_recorded_while_the_database_was_down_is_filed_when_it_is_back(tmp_path: Path) -> None:
    async def scenario(cluster: PostgresCluster) -> None:
        url = cluster.url(cluster.create_database())
        async with opened(url) as store:
            await seed(store)
            settings = settings_of(tmp_path, url)
            filing = Finalizer(store, SystemClock(), ignore)
            cluster.stop("immediate")
            recording = record(settings, "m1")
            assert not await filing.file(recording, cut_off=True)
            cluster.start()

            async def adopted() -> bool:
                patience = Patience(lambda: 0)
                return bool(await adopt_once(settings.recordings_dir, settings.messages_dir, filing, patience))

            await until(adopted, "the message")
            stored = await store.read(lambda reader: reader.message("m1"))
            assert stored is not None
            assert (stored.message.duration_ms, stored.message.cut_off) == (2000, True)
            assert not [*settings.recordings_dir.iterdir(), *settings.messages_dir.iterdir()]

    with PostgresCluster(durable=False) as cluster:
        run(lambda: scenario(cluster))


def test_a_greeting_that_another_node_changed_is_heard_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renvoi.voicemail.blocking_io.encode_all", lambda: None)
    audio = [write_tone(tmp_path / f"{s}.wav", s, 16000).read_bytes() for s in (1, 2)]

    async def scenario() -> None:
        async with stores(1) as (url, (store,)):
            worker = BlockingIO(
                lambda: open_store(url),
                SystemClock(),
                ignore,
                recordings=tmp_path,
                messages=tmp_path,
                locale="en",
            )
            await worker.open()
            try:
                for number, content in enumerate(audio * 3):
                    await store.write(methodcaller("put_greeting", A, content, 1000 + number))
                    mailbox = await worker.mailbox(A)
                    prompt = await worker.prompt(mailbox, Codec.PCMA)
                    # In frames of 20 ms.
                    assert len(prompt.greeting) // 50 == 1 + number % 2
                await store.write(methodcaller("remove_greeting", A))
                assert (await worker.mailbox(A)).greeting is None
            finally:
                await worker.close()

    run(scenario)
