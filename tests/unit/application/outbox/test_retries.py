"""A mail that cannot be sent now is tried later and later, and holds up no other."""

import pytest
from structlog.testing import capture_logs

from renvoi.domain.messages.message import MailState
from tests.support.http_api import START_MS
from tests.support.outbox_harness import BUSY_MAIL, NO_SERVER, NOT_LET_IN, OutboxHarness, run, turns


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
            gate = office.hang(after=1)
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
