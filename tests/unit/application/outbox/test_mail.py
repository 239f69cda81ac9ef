"""The mail of a message: what it tells, and what comes of it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.application import mail_channel
from renvoi.application.mailer import Kept, VoicemailNotice
from renvoi.application.messages import send_again
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from renvoi.domain.rules.rule import Unreadable
from tests.support.http_api import NUMBER, START_MS
from tests.support.memory_store import MemoryWriter
from tests.support.outbox_harness import BUSY_MAIL, OutboxHarness, run


def test_a_mail_is_sent_once_and_tells_the_whole_story(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1")
        await outbox.leave("m2", caller="")
        async with outbox.work():
            await outbox.until_tried("m1", "m2")
            outbox.clock.move(hours=100)
            await outbox.until_tried("m1", "m2")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.attempts, mail.note, mail.ended_at_ms) == (MailState.SENT, 1, "250 OK", START_MS)
        assert await outbox.counts() == {"mails_sent": 2}
        assert outbox.mailer.notices[0] == VoicemailNotice(
            message_id="m1", recipient=EmailAddress("owner@example.net"), number=NUMBER, label="front desk",
            caller="+33140000001", received_at_ms=START_MS - 4200, duration_ms=4200, locale="fr",
            time_zone="Europe/Brussels", audio=Path("/messages/m1.wav"),
            rule_url="https://x.example/numbers/+33199001234", cut_off=False,
            may_call_back=False, queued_at_ms=START_MS,
        )  # fmt: skip
        assert outbox.mailer.notices[1].caller is None

    run(scenario)


@pytest.mark.parametrize(
    ("caller", "destinations", "may_call_back"),
    [
        ("+3225551234", DestinationPolicy(), True),
        ("+3290312345", DestinationPolicy(), False),
        ("+3290312345", DestinationPolicy(refused_types=frozenset()), True),
        ("+33140000001", DestinationPolicy(), False),
        ("+33140000001", DestinationPolicy(eea=True), True),
        ("+870773111632", DestinationPolicy(eea=True), False),
        ("+112", DestinationPolicy(frozenset({"ALL"})), False),
        ("0033140000001", DestinationPolicy(eea=True), False),
        ("anonymous", DestinationPolicy(eea=True), False),
        ("+33140000001x", DestinationPolicy(eea=True), False),
        ("+٣٣١٤٠٠٠٠٠٠١", DestinationPolicy(eea=True), False),
        ("", DestinationPolicy(eea=True), False),
    ],
)
def test_a_caller_may_be_called_back_where_calls_may_go(
    outbox: OutboxHarness, caller: str, destinations: DestinationPolicy, may_call_back: bool
) -> None:
    """The account is Belgian."""

    async def scenario() -> None:
        await outbox.open("m0")
        policy = PolicyChange(1, 1, None, "command line", NO_POLICY, AccountPolicy(destinations))
        await outbox.store.write(lambda writer: writer.put_policy(policy))
        await outbox.leave("m1", caller=caller)
        async with outbox.work():
            await outbox.until_tried("m0", "m1")
        (notice,) = [each for each in outbox.mailer.notices if each.message_id == "m1"]
        assert notice.may_call_back == may_call_back

    run(scenario)


def test_a_rule_and_a_policy_that_cannot_be_read_hold_up_no_mail(outbox: OutboxHarness) -> None:
    """The mail says all else, and offers no call back."""

    async def scenario() -> None:
        await outbox.open("m1")
        await outbox.leave("m2", caller="+3225551234")

        def damage(writer: Writer) -> None:
            assert isinstance(writer, MemoryWriter)
            writer.make_unreadable(NUMBER, Unreadable.DAMAGED)
            writer.make_policy_unreadable(1, Unreadable.DAMAGED)

        await outbox.store.write(damage)
        async with outbox.work():
            await outbox.until_tried("m1", "m2")
        assert {(each.label, each.may_call_back) for each in outbox.mailer.notices} == {("front desk", False)}

    run(scenario)


def test_the_zone_of_the_account_goes_before_that_of_its_region(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1")

        def move(writer: Writer) -> None:
            account = writer.account("demo")
            assert account is not None
            writer.put_account(replace(account, time_zone="America/Guadeloupe"))

        await outbox.store.write(move)
        async with outbox.work():
            await outbox.until_tried("m1")
        assert outbox.mailer.notices[0].time_zone == "America/Guadeloupe"

    run(scenario)


def test_a_mail_without_a_server_is_kept(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = Kept(Path("/mail/m1.eml"))
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.note, mail.ended_at_ms) == (MailState.KEPT, "/mail/m1.eml", START_MS)
        assert await outbox.counts() == {"mails_kept": 1}

    run(scenario)


def test_a_mail_that_is_refused_has_failed_at_once(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = PermanentFailure("550 no such user " + "x" * 1000)
        await outbox.open("m1")
        with capture_logs() as lines:
            async with outbox.work():
                await outbox.until_tried("m1")
                outbox.clock.move(hours=1)
                await outbox.until_tried("m1")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.attempts, mail.ended_at_ms) == (MailState.FAILED, 1, START_MS)
        assert mail.note.startswith("550 no such user x")
        assert len(mail.note) == mail_channel.MAX_NOTE
        assert await outbox.counts() == {"mails_failed": 1}
        assert await outbox.store.read(lambda reader: reader.unreported_mails(START_MS, 9)) == [mail]
        (told,) = [line for line in lines if line["log_level"] == "error"]
        assert (told["message_id"], told["recipient"]) == ("m1", "owner@example.net")

    run(scenario)


def test_a_mail_that_failed_is_sent_again_on_request(outbox: OutboxHarness) -> None:
    """With three days of its own."""

    async def scenario() -> None:
        outbox.mailer.answer = PermanentFailure("550")
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.mailer.answer = BUSY_MAIL
            outbox.clock.move(hours=100)
            await send_again(outbox.store, outbox.clock, "m1")
            await outbox.until_tried("m1", "m1")
            mail = await outbox.mail("m1")
            assert (mail.state, mail.attempts) == (MailState.PENDING, 1)
            assert mail.due_at_ms == START_MS + int(timedelta(hours=100, seconds=15).total_seconds() * 1000)

    run(scenario)
