"""A message for several recipients: what happens to one mail is nothing to the others."""

from dataclasses import replace

from renvoi.application.mailer import Delivery, VoicemailNotice
from renvoi.application.messages import Recorded, file_message, send_again
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from tests.support.http_api import NUMBER
from tests.support.outbox_harness import SENT, OutboxHarness, run

ADDRESSES = tuple(EmailAddress(f"box@{name}.example") for name in ("good", "refused", "busy"))


async def mails(harness: OutboxHarness) -> tuple[Mail, ...]:
    """Return all mails of the message."""
    stored = await harness.store.read(lambda reader: reader.message("m1"))
    assert stored is not None
    return stored.mails


def test_one_refused_and_one_slow_recipient_hold_up_nobody(outbox: OutboxHarness) -> None:
    async def scenario() -> None:

        async def answer(notice: VoicemailNotice) -> Delivery:
            if notice.recipient.domain == "refused.example":
                return PermanentFailure("550 no such user")
            is_busy = notice.recipient.domain == "busy.example" and len(outbox.mailer.tried) < 4
            return TemporaryFailure("450 busy", Affected.ITEM) if is_busy else SENT

        outbox.mailer.answer = answer
        await outbox.open()
        first, *others = ADDRESSES
        # One address twice, as another rule may have been in force.
        handoff = VoicemailHandoff(NUMBER, 3, first, "+33140000001", (*others, first))
        recorded = Recorded("m1", handoff, "call", outbox.clock.now_ms() - 9000, 4200)
        assert await file_message(outbox.store, outbox.clock, recorded)
        async with outbox.work():
            await outbox.until_attempts(3)
            assert [mail.state for mail in await mails(outbox)] == [
                MailState.SENT,
                MailState.FAILED,
                MailState.PENDING,
            ]
            outbox.clock.move(seconds=30)
            await outbox.until_attempts(4)
        assert [mail.state for mail in await mails(outbox)][2] is MailState.SENT
        # Each has an identity of its own, which never changes.
        names = [(notice.recipient.domain, notice.name) for notice in outbox.mailer.notices]
        assert sorted(set(names)) == [("busy.example", "m1~2"), ("good.example", "m1"), ("refused.example", "m1~1")]

    run(scenario)


def test_all_are_sent_again(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1")
        (mail,) = await mails(outbox)
        stored = await outbox.store.read(lambda reader: reader.message("m1"))
        assert stored is not None
        await outbox.store.write(lambda writer: writer.remove_message("m1"))
        other = replace(mail, recipient=ADDRESSES[1], place=1)
        await outbox.store.write(lambda writer: writer.add_message(stored.message, mail, None, [other]))
        async with outbox.work():
            await outbox.until_attempts(2)
            await send_again(outbox.store, outbox.clock, "m1")
            await outbox.until_attempts(4)

    run(scenario)
