"""A mail that cannot be sent now is tried later and later, and holds up no other."""

import pytest
from structlog.testing import capture_logs

from renvoi.domain.messages.message import MailState
from tests.support.http_api import START_MS
from tests.support.outbox_harness import BUSY_MAIL, NO_SERVER, NOT_LET_IN, OutboxHarness, run, turns


def test_a_mail_that_has_to_wait_is_tried_later_and_later(outbox: OutboxHarness) -> None:
    """15 s, then twice as long each time, up to an hour."""

    async def scenario() -> None:
        outbox.mailer.answer = BUSY_MAIL
        await outbox.open("m1")
        delays = []
        async with outbox.work():
            for attempts in range(1, 12):
                await outbox.until_attempts(attempts)
                mail = await outbox.mail("m1")
                assert (mail.state, mail.attempts, mail.note) == (MailState.PENDING, attempts, "450 mailbox busy")
                delays.append((mail.due_at_ms - outbox.clock.now) // 1000)
                outbox.clock.now = mail.due_at_ms - 1
                await turns()
                assert len(outbox.mailer.tried) == attempts
                outbox.clock.now += 1
        assert delays == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
        assert (await outbox.counts())["mail_attempts_failed"] >= 11

    run(scenario)


@pytest.mark.parametrize(("jitter", "delay_ms"), [(0.0, 7_500), (1.0, 22_500)])
def test_delays_vary_by_half(outbox: OutboxHarness, jitter: float, delay_ms: int) -> None:
    async def scenario() -> None:
        outbox.mailer.answer, outbox.jitter = BUSY_MAIL, jitter
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
        assert (await outbox.mail("m1")).due_at_ms == START_MS + delay_ms

    run(scenario)


def test_a_mail_is_given_up_after_three_days(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = BUSY_MAIL
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.move(hours=72, milliseconds=-1)
            await outbox.until_tried("m1", "m1")
            assert (await outbox.mail("m1")).state is MailState.PENDING
            outbox.clock.move(hours=1)
            await outbox.until_tried("m1", "m1", "m1")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.note) == (MailState.FAILED, "given up after 72 h: 450 mailbox busy")
        assert await outbox.counts() == {"mail_attempts_failed": 2, "mails_failed": 1}

    run(scenario)


def test_a_mail_that_has_to_wait_holds_up_no_other(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answers["m1"] = BUSY_MAIL
        await outbox.open("m1", "m2")
        async with outbox.work():
            await outbox.until_tried("m1", "m2")
            await outbox.leave("m3")
            await outbox.until_tried("m1", "m2", "m3")
        assert await outbox.counts() == {"mail_attempts_failed": 1, "mails_sent": 2}

    run(scenario)


def test_while_the_server_is_away_one_mail_goes_ahead_and_the_others_keep_their_turn(outbox: OutboxHarness) -> None:
    """Pauses of 1, 2, 4 s and so on, up to a minute; then all at once."""

    async def scenario() -> None:
        outbox.mailer.answer = NO_SERVER
        await outbox.open("m1")
        pauses = []
        async with outbox.work():
            await outbox.until_tried("m1")
            await outbox.leave("m2", "m3", "m4")
            for probes in range(2, 10):
                due_ms = (await outbox.mail(outbox.mailer.tried[-1])).due_at_ms
                pauses.append((due_ms - outbox.clock.now) / 1000)
                outbox.clock.now = due_ms - 1
                await turns()
                assert len(outbox.mailer.tried) == probes - 1
                outbox.clock.now += 1
                await outbox.until_attempts(probes)
            assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
            assert set(outbox.mailer.tried) == {"m1", "m2", "m3", "m4"}
            assert {(await outbox.mail(name)).attempts for name in ("m1", "m2", "m3", "m4")} <= {2, 3}
            outbox.mailer.tried.clear()
            gate = outbox.hang(after=1)
            outbox.clock.move(seconds=61)
            await outbox.until_attempts(4)
            gate.set()
        assert (await outbox.counts())["mails_sent"] == 4

    run(scenario)


def test_mails_that_failed_together_make_one_pause(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = NO_SERVER
        await outbox.open("m1", "m2", "m3")
        async with outbox.work():
            await outbox.until_attempts(3)
        assert {(await outbox.mail(name)).due_at_ms for name in ("m1", "m2", "m3")} == {START_MS + 1000}

    run(scenario)


def test_a_mail_that_we_stumble_over_is_put_off_and_holds_up_no_other(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answers["m1"] = RuntimeError("bug")
        await outbox.open("m1")
        with capture_logs() as lines:
            async with outbox.work():
                await outbox.until_tried("m1")
                await outbox.leave("m2")
                await outbox.until_tried("m1", "m2")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.due_at_ms) == (MailState.PENDING, START_MS + 15_000)
        assert "RuntimeError('bug')" in mail.note
        assert any(line["log_level"] == "error" and line.get("exc_info") for line in lines)

    run(scenario)


def test_what_keeps_all_mails_back_is_an_alarm_until_one_has_passed(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answers = {"m1": NOT_LET_IN, "m2": BUSY_MAIL}
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            assert outbox.alarms == ["mails wait: 554 5.7.1 relay access denied"]
            outbox.mailer.answers = {}
            outbox.clock.move(seconds=2)
            await outbox.until_attempts(2)
            assert outbox.alarms[-1] == ""
        assert await outbox.counts() == {"mail_attempts_failed": 1, "mail_site_refused": 1, "mails_sent": 1}

    run(scenario)
