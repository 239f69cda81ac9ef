"""The outbox when the store does not do as it wants: messages deleted meanwhile, a store away, a full disk."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from renvoi.application import mail_channel
from renvoi.application.mailer import Delivery, Kept, Sent, VoicemailNotice
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.domain.messages.message import MailState
from renvoi.domain.text import clean_text
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import BUSY_MAIL, SENT, OutboxHarness, run, turns

T = TypeVar("T")


class BusyStore(MemoryStore):
    """A store that somebody else changes as soon as something was read."""

    def __init__(self, change: Callable[[Writer], object]) -> None:
        super().__init__()
        self.change = change

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Read, then change."""
        result = await super().read(work)
        await self.write(self.change)
        return result


def end(writer: Writer) -> None:
    """Note that the mail of m1 was sent."""
    stored = writer.message("m1")
    assert stored is not None
    writer.put_mail(replace(stored.mail, state=MailState.SENT))


@pytest.mark.parametrize("change", [lambda writer: writer.remove_message("m1"), end])
def test_a_mail_that_has_ended_before_its_turn_is_not_sent(
    outbox: OutboxHarness, change: Callable[[Writer], object]
) -> None:
    """Though it was read as due."""

    async def scenario() -> None:
        outbox.store = BusyStore(change)
        await outbox.open("m1", "m2")
        async with outbox.work():
            await outbox.until_tried("m2")
        assert await outbox.counts() == {"mails_sent": 1}

    run(scenario)


@pytest.mark.parametrize(
    ("delivery", "counts"),
    [
        (SENT, {"mails_sent": 1}),
        (PermanentFailure("the recording is gone"), {}),
        (BUSY_MAIL, {}),
    ],
)
def test_a_message_that_is_deleted_while_its_mail_is_sent_stays_deleted(
    outbox: OutboxHarness, delivery: Delivery, counts: dict[str, int]
) -> None:
    """What fails then because its audio is gone is not reported as a failure."""

    async def scenario() -> None:
        async def delete(_: VoicemailNotice) -> Delivery:
            await outbox.store.write(lambda writer: writer.remove_message("m1"))
            return delivery

        outbox.mailer.answer = delete
        await outbox.open("m1")
        with capture_logs() as lines:
            async with outbox.work():
                await outbox.until_tried("m1")
        assert await outbox.store.read(lambda reader: reader.message("m1")) is None
        assert await outbox.counts() == counts
        assert {line["log_level"] for line in lines} == {"info"}

    run(scenario)


def test_a_mail_that_is_kept_after_its_message_was_deleted_is_removed(outbox: OutboxHarness, tmp_path: Path) -> None:
    path = tmp_path / "m1.eml"

    async def scenario() -> None:
        async def delete(_: VoicemailNotice) -> Delivery:
            await outbox.store.write(lambda writer: writer.remove_message("m1"))
            path.write_bytes(b"mail")
            return Kept(path)

        outbox.mailer.answer = delete
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
        assert not path.exists()

    run(scenario)


def test_mails_wait_for_a_store_that_is_away(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1")
        outbox.store.fail_with = StoreUnavailable("away")
        with capture_logs() as lines:
            async with outbox.work():
                await turns()
                assert outbox.mailer.tried == []
                outbox.store.fail_with = None
                await outbox.until_tried("m1")
        assert (await outbox.mail("m1")).state is MailState.SENT
        assert [line["log_level"] for line in lines].count("warning") == 1

    run(scenario)


def test_mails_that_wait_for_the_store_are_told(outbox: OutboxHarness) -> None:
    """For as long as they do; a store that refuses changes alone can be read, and says nothing of itself."""

    async def scenario() -> None:
        await outbox.open("m1", "m2")
        async with outbox.work():
            await outbox.until_tried("m1", "m2")
            outbox.store.refuse_with = StoreUnavailable("read-only")
            await turns()
            assert outbox.store_alarms[-1] == ""  # nothing waits
            outbox.store.refuse_with = None
            await outbox.leave("m3", "m4", "m5")
            outbox.store.refuse_with = StoreUnavailable("read-only")
            with capture_logs() as lines:
                for _ in range(5):
                    outbox.clock.move(seconds=3)
                    await turns()
                    assert outbox.store_alarms[-1] == "3 mails wait for the store: read-only"
            assert [line["event"] for line in lines] == ["mails wait for the store"]
            outbox.store.refuse_with = None
            outbox.clock.move(seconds=3)
            await outbox.until_attempts(5)
            await turns()
            assert outbox.store_alarms[-1] == ""

    run(scenario)


class FullStore(MemoryStore):
    """A store that can be read, and written when it is not full."""

    full = False

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Refuse while full."""
        if self.full:
            raise StoreUnavailable("disk full")
        return await super().write(work)


def test_a_mail_that_was_sent_is_not_sent_again_because_the_disk_is_full(outbox: OutboxHarness) -> None:
    """Its outcome is written as soon as there is room."""

    async def scenario() -> None:
        store = outbox.store = FullStore()

        async def fill(_: VoicemailNotice) -> Delivery:
            store.full = True
            return SENT

        outbox.mailer.answer = fill
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.move(hours=1)
            await turns()
            assert outbox.mailer.tried == ["m1"]
            assert (await outbox.mail("m1")).state is MailState.PENDING
            assert outbox.store_alarms[-1] == "1 mail waits for the store: disk full"
            store.full = False
            await turns()
            assert (await outbox.mail("m1")).state is MailState.SENT
            outbox.clock.move(seconds=3)
            await turns()
            assert outbox.store_alarms[-1] == ""
        assert outbox.mailer.tried == ["m1"]

    run(scenario)


class ForgetfulStore(MemoryStore):
    """A store that loses the answer to each write that it is told to, when that has been stored."""

    lost = 0

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Store, and say that it may not have."""
        result = await super().write(work)
        if self.lost:
            self.lost -= 1
            raise StoreUnavailable("its outcome is unknown")
        return result


def test_what_was_noted_without_an_answer_counts_once(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        store = outbox.store = ForgetfulStore()

        async def lose(_: VoicemailNotice) -> Delivery:
            store.lost = 1
            return SENT

        outbox.mailer.answer = lose
        await outbox.open("m1")
        with capture_logs() as lines:
            async with outbox.work():
                await outbox.until_tried("m1")
        assert await outbox.counts() == {"mails_sent": 1}
        assert lines[-1]["event"] == "mail sent"

    run(scenario)


def test_what_cannot_be_noted_is_not_sent(outbox: OutboxHarness) -> None:
    """On a full disk nothing says whose a mail is, nor its outcome."""

    async def scenario() -> None:
        store = outbox.store = FullStore()
        await outbox.open("m1")
        store.full = True
        async with outbox.work():
            await turns()
            assert outbox.mailer.tried == []
            store.full = False
            await outbox.until_tried("m1")

    run(scenario)


@pytest.mark.parametrize("said", ["550 \0 no", "550 " + "\ud800" * 3, "250 \u202e" + "x" * 70_000])
@pytest.mark.parametrize("outcome", [Sent, PermanentFailure])
def test_whatever_a_server_says_is_noted(
    outbox: OutboxHarness, said: str, outcome: Callable[[str], Sent | PermanentFailure]
) -> None:
    async def scenario() -> None:
        await outbox.open("m1")
        outbox.mailer.answer = outcome(said)
        async with outbox.work():
            await outbox.until_tried("m1")
        mail = await outbox.mail("m1")
        assert mail.state in (MailState.SENT, MailState.FAILED)
        assert mail.note == clean_text(said, mail_channel.MAX_NOTE)

    run(scenario)


def test_a_note_that_the_store_does_not_take_is_left_out(
    outbox: OutboxHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_channel, "clean_text", lambda text, _: text)

    async def scenario() -> None:
        await outbox.open("m1", "m2")
        outbox.mailer.answers["m1"] = Sent("250 \0")
        async with outbox.work():
            await outbox.until_attempts(2)
        assert [(await outbox.mail(name)).state for name in ("m1", "m2")] == [MailState.SENT] * 2
        assert (await outbox.mail("m1")).note == "see the log of renvoi"
        assert sorted(outbox.mailer.tried) == ["m1", "m2"]

    run(scenario)
