"""The outbox: each mail is tried until a server has taken or refused it, and none holds up another."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from renvoi.application import mail_channel
from renvoi.application.mailer import Delivery, Kept, VoicemailNotice
from renvoi.application.messages import send_again
from renvoi.application.outbox import engine
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from tests.support.http_api import NUMBER, START_MS
from tests.support.outbox_harness import SENT, OutboxHarness, run, turns, until

T = TypeVar("T")

BUSY_MAIL = TemporaryFailure("450 mailbox busy", Affected.ITEM)
NOT_LET_IN = TemporaryFailure("554 5.7.1 relay access denied", Affected.SITE)
NO_SERVER = TemporaryFailure("connection refused", Affected.SERVER)


def test_a_mail_is_sent_once_and_tells_the_whole_story(office: OutboxHarness) -> None:
    async def scenario() -> None:
        await office.open("m1")
        await office.leave("m2", caller="")
        async with office.work():
            await office.until_tried("m1", "m2")
            office.clock.move(hours=100)
            await office.until_tried("m1", "m2")
        mail = await office.mail("m1")
        assert (mail.state, mail.attempts, mail.note, mail.ended_at_ms) == (MailState.SENT, 1, "250 OK", START_MS)
        assert await office.counts() == {"mails_sent": 2}
        assert office.mailer.notices[0] == VoicemailNotice(
            message_id="m1", recipient=EmailAddress("owner@example.net"), number=NUMBER, label="front desk",
            caller="+33140000001", received_at_ms=START_MS - 4200, duration_ms=4200, locale="fr",
            time_zone="Europe/Brussels", audio=Path("/messages/m1.wav"),
            rule_url="https://x.example/numbers/+33199001234", cut_off=False,
            queued_at_ms=START_MS,
        )  # fmt: skip
        assert office.mailer.notices[1].caller is None

    run(scenario)


def test_the_zone_of_the_account_goes_before_that_of_its_region(office: OutboxHarness) -> None:
    async def scenario() -> None:
        await office.open("m1")

        def move(writer: Writer) -> None:
            account = writer.account("demo")
            assert account is not None
            writer.put_account(replace(account, time_zone="America/Guadeloupe"))

        await office.store.write(move)
        async with office.work():
            await office.until_tried("m1")
        assert office.mailer.notices[0].time_zone == "America/Guadeloupe"

    run(scenario)


def test_a_mail_without_a_server_is_kept(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = Kept(Path("/mail/m1.eml"))
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
        mail = await office.mail("m1")
        assert (mail.state, mail.note, mail.ended_at_ms) == (MailState.KEPT, "/mail/m1.eml", START_MS)
        assert await office.counts() == {"mails_kept": 1}

    run(scenario)


def test_a_mail_that_is_refused_has_failed_at_once(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = PermanentFailure("550 no such user " + "x" * 1000)
        await office.open("m1")
        with capture_logs() as lines:
            async with office.work():
                await office.until_tried("m1")
                office.clock.move(hours=1)
                await office.until_tried("m1")
        mail = await office.mail("m1")
        assert (mail.state, mail.attempts, mail.ended_at_ms) == (MailState.FAILED, 1, START_MS)
        assert mail.note.startswith("550 no such user x")
        assert len(mail.note) == mail_channel.MAX_NOTE
        assert await office.counts() == {"mails_failed": 1}
        assert await office.store.read(lambda reader: reader.unreported_mails(START_MS, 9)) == [mail]
        (told,) = [line for line in lines if line["log_level"] == "error"]
        assert (told["message_id"], told["recipient"]) == ("m1", "owner@example.net")

    run(scenario)


def test_a_mail_that_has_to_wait_is_tried_later_and_later(office: OutboxHarness) -> None:
    """15 s, then twice as long each time, up to an hour."""

    async def scenario() -> None:
        office.mailer.answer = BUSY_MAIL
        await office.open("m1")
        delays = []
        async with office.work():
            for attempts in range(1, 12):
                await office.until_attempts(attempts)
                mail = await office.mail("m1")
                assert (mail.state, mail.attempts, mail.note) == (MailState.PENDING, attempts, "450 mailbox busy")
                delays.append((mail.due_at_ms - office.clock.now) // 1000)
                office.clock.now = mail.due_at_ms - 1
                await turns()
                assert len(office.mailer.tried) == attempts
                office.clock.now += 1
        assert delays == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
        assert (await office.counts())["mail_attempts_failed"] >= 11

    run(scenario)


@pytest.mark.parametrize(("jitter", "delay_ms"), [(0.0, 7_500), (1.0, 22_500)])
def test_delays_vary_by_half(office: OutboxHarness, jitter: float, delay_ms: int) -> None:
    async def scenario() -> None:
        office.mailer.answer, office.jitter = BUSY_MAIL, jitter
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
        assert (await office.mail("m1")).due_at_ms == START_MS + delay_ms

    run(scenario)


def test_a_mail_is_given_up_after_three_days(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = BUSY_MAIL
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.clock.move(hours=72, milliseconds=-1)
            await office.until_tried("m1", "m1")
            assert (await office.mail("m1")).state is MailState.PENDING
            office.clock.move(hours=1)
            await office.until_tried("m1", "m1", "m1")
        mail = await office.mail("m1")
        assert (mail.state, mail.note) == (MailState.FAILED, "given up after 72 h: 450 mailbox busy")
        assert await office.counts() == {"mail_attempts_failed": 2, "mails_failed": 1}

    run(scenario)


def test_a_mail_that_has_to_wait_holds_up_no_other(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answers["m1"] = BUSY_MAIL
        await office.open("m1", "m2")
        async with office.work():
            await office.until_tried("m1", "m2")
            await office.leave("m3")
            await office.until_tried("m1", "m2", "m3")
        assert await office.counts() == {"mail_attempts_failed": 1, "mails_sent": 2}

    run(scenario)


def test_while_the_server_is_away_one_mail_goes_ahead_and_the_others_keep_their_turn(office: OutboxHarness) -> None:
    """Pauses of 1, 2, 4 s and so on, up to a minute; then all at once."""

    async def scenario() -> None:
        office.mailer.answer = NO_SERVER
        await office.open("m1")
        pauses = []
        async with office.work():
            await office.until_tried("m1")
            await office.leave("m2", "m3", "m4")
            for probes in range(2, 10):
                due_ms = (await office.mail(office.mailer.tried[-1])).due_at_ms
                pauses.append((due_ms - office.clock.now) / 1000)
                office.clock.now = due_ms - 1
                await turns()
                assert len(office.mailer.tried) == probes - 1
                office.clock.now += 1
                await office.until_attempts(probes)
            assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
            assert set(office.mailer.tried) == {"m1", "m2", "m3", "m4"}
            assert {(await office.mail(name)).attempts for name in ("m1", "m2", "m3", "m4")} <= {2, 3}
            office.mailer.tried.clear()
            gate = hang(office, after=1)
            office.clock.move(seconds=61)
            await office.until_attempts(4)
            gate.set()
        assert (await office.counts())["mails_sent"] == 4

    run(scenario)


def test_mails_that_failed_together_make_one_pause(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = NO_SERVER
        await office.open("m1", "m2", "m3")
        async with office.work():
            await office.until_attempts(3)
        assert {(await office.mail(name)).due_at_ms for name in ("m1", "m2", "m3")} == {START_MS + 1000}

    run(scenario)


def hang(office: OutboxHarness, after: int = 0) -> asyncio.Event:
    """Have the mailer wait for the event that is returned, with all mails but the next `after`."""
    gate = asyncio.Event()
    begun = len(office.mailer.tried) + after

    async def wait(_: VoicemailNotice) -> Delivery:
        if len(office.mailer.tried) > begun:
            await gate.wait()
        return SENT

    office.mailer.answer = wait
    return gate


def test_a_slow_domain_holds_up_no_other(office: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = hang(office)
        await office.open(*(f"s{index}" for index in range(40)), at="a@slow.example")
        async with office.work():
            await office.until_attempts(engine.MAX_AT_ONCE_FOR_A_DESTINATION)
            assert len(office.mailer.tried) == engine.MAX_AT_ONCE_FOR_A_DESTINATION
            office.mailer.answers["other"] = SENT
            await office.leave("other", at="a@fast.example")
            await until(lambda: "other" in office.mailer.tried, "the other domain's mail")
            await turns()
            assert (await office.mail("other")).state is MailState.SENT
            gate.set()
            await office.until_attempts(41)
        assert sorted(office.mailer.tried) == sorted(set(office.mailer.tried))

    run(scenario)


def test_there_is_a_limit_to_mails_sent_at_once(office: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = hang(office)
        await office.open()
        for index in range(engine.MAX_AT_ONCE + 3):
            await office.leave(f"m{index}", at=f"a@d{index}.example")
        async with office.work():
            await office.until_attempts(engine.MAX_AT_ONCE)
            assert len(office.mailer.tried) == engine.MAX_AT_ONCE
            gate.set()
            await office.until_attempts(engine.MAX_AT_ONCE + 3)

    run(scenario)


def test_a_mail_that_we_stumble_over_is_put_off_and_holds_up_no_other(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answers["m1"] = RuntimeError("bug")
        await office.open("m1")
        with capture_logs() as lines:
            async with office.work():
                await office.until_tried("m1")
                await office.leave("m2")
                await office.until_tried("m1", "m2")
        mail = await office.mail("m1")
        assert (mail.state, mail.due_at_ms) == (MailState.PENDING, START_MS + 15_000)
        assert "RuntimeError('bug')" in mail.note
        assert any(line["log_level"] == "error" and line.get("exc_info") for line in lines)

    run(scenario)


def test_a_stop_lets_what_is_being_sent_end(office: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = hang(office)
        await office.open("m1")
        async with office.work() as stop:
            await office.until_tried("m1")
            stop.set()
            await turns()
            await office.leave("m2")
            gate.set()
        assert (await office.mail("m1")).state is MailState.SENT
        assert office.mailer.tried == ["m1"]

    run(scenario)


def test_what_does_not_end_in_time_is_sent_again_after_a_restart(office: OutboxHarness) -> None:
    async def scenario() -> None:
        hang(office)
        await office.open("m1")
        async with office.work(grace_s=0):
            await office.until_tried("m1")
        mail = await office.mail("m1")
        assert (mail.state, mail.attempts) == (MailState.PENDING, 0)
        office.mailer.answer = SENT
        async with office.work():
            await office.until_tried("m1", "m1")
        assert office.mailer.notices[0] == office.mailer.notices[1]
        assert await office.counts() == {"mails_sent": 1}

    run(scenario)


def test_a_mail_that_failed_is_sent_again_on_request(office: OutboxHarness) -> None:
    """With three days of its own."""

    async def scenario() -> None:
        office.mailer.answer = PermanentFailure("550")
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.mailer.answer = BUSY_MAIL
            office.clock.move(hours=100)
            await send_again(office.store, office.clock, "m1")
            await office.until_tried("m1", "m1")
            mail = await office.mail("m1")
            assert (mail.state, mail.attempts) == (MailState.PENDING, 1)
            assert mail.due_at_ms == START_MS + int(timedelta(hours=100, seconds=15).total_seconds() * 1000)

    run(scenario)


@pytest.mark.parametrize("back", [{"seconds": -30}, {"minutes": -110}, {"hours": -3}, {"days": -1}, {"days": -3650}])
@pytest.mark.parametrize("failure", [BUSY_MAIL, NO_SERVER, NOT_LET_IN])
def test_a_clock_that_is_set_back_stops_no_mail(
    office: OutboxHarness, failure: TemporaryFailure, back: dict[str, float]
) -> None:
    """Neither one that waits for its turn, nor the pause of the server, nor those that come later."""

    async def scenario() -> None:
        office.mailer.answer = failure
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.clock.set(**back)
            office.mailer.answer = SENT
            office.clock.move(seconds=120)
            await office.until_attempts(2)
            assert (await office.mail("m1")).state is MailState.SENT
            await office.leave("m2")
            await office.until_attempts(3)
            assert (await office.mail("m2")).state is MailState.SENT

    run(scenario)


def test_a_clock_that_is_set_back_delays_no_mail_that_was_not_tried_yet(office: OutboxHarness) -> None:
    async def scenario() -> None:
        await office.open("m1")
        office.clock.set(hours=-1)
        async with office.work():
            await office.until_tried("m1")
        assert (await office.mail("m1")).state is MailState.SENT

    run(scenario)


@pytest.mark.parametrize("back_s", [5, 9, 14, 60, 3600])
def test_a_clock_that_is_set_back_delays_a_mail_by_its_back_off_at_most(office: OutboxHarness, back_s: int) -> None:
    async def scenario() -> None:
        office.mailer.answer = BUSY_MAIL
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.clock.set(seconds=-back_s)
            await turns()
            # 15 s of back-off, and what clocks may differ by.
            for _ in range(25):
                if len(office.mailer.tried) == 1:
                    office.clock.move(seconds=1)
                    await turns()
            assert office.mailer.tried == ["m1", "m1"]
            # It goes on waiting, by the new clock.
            assert (await office.mail("m1")).due_at_ms == office.clock.now_ms() + 30_000

    run(scenario)


def test_a_pause_is_as_long_as_ever_when_the_clock_is_set(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = NO_SERVER
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.clock.set(hours=1)
            await turns()
            assert office.mailer.tried == ["m1"]
            office.clock.set(hours=-1)
            await turns()
            assert office.mailer.tried == ["m1"]
            office.clock.move(seconds=2)
            await office.until_attempts(2)

    run(scenario)


def test_a_clock_that_is_set_forward_has_no_mail_given_up(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answer = BUSY_MAIL
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            office.clock.set(days=400)
            await office.until_attempts(2)
            assert (await office.mail("m1")).state is MailState.PENDING
            for _ in range(47):
                office.clock.move(hours=1.5)
                await office.until_attempts(len(office.mailer.tried) + 1)
                assert (await office.mail("m1")).state is MailState.PENDING
            # Now it has been tried for 72 h since then.
            office.clock.move(hours=1.5)
            await office.until_attempts(len(office.mailer.tried) + 1)
            assert (await office.mail("m1")).state is MailState.FAILED

    run(scenario)


def test_what_keeps_all_mails_back_is_an_alarm_until_one_has_passed(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.mailer.answers = {"m1": NOT_LET_IN, "m2": BUSY_MAIL}
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            assert office.alarms == ["mails wait: 554 5.7.1 relay access denied"]
            office.mailer.answers = {}
            office.clock.move(seconds=2)
            await office.until_attempts(2)
            assert office.alarms[-1] == ""
        assert await office.counts() == {"mail_attempts_failed": 1, "mail_site_refused": 1, "mails_sent": 1}

    run(scenario)
