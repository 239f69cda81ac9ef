"""A clock that is set neither stops mails, nor hastens them, nor has them given up."""

import pytest

from renvoi.application.outbox.channel import TemporaryFailure
from renvoi.domain.messages.message import MailState
from tests.support.outbox_harness import BUSY_MAIL, NO_SERVER, NOT_LET_IN, SENT, OutboxHarness, run, turns


@pytest.mark.parametrize("back", [{"seconds": -30}, {"minutes": -110}, {"hours": -3}, {"days": -1}, {"days": -3650}])
@pytest.mark.parametrize("failure", [BUSY_MAIL, NO_SERVER, NOT_LET_IN])
def test_a_clock_that_is_set_back_stops_no_mail(
    outbox: OutboxHarness, failure: TemporaryFailure, back: dict[str, float]
) -> None:
    """Neither one that waits for its turn, nor the pause of the server, nor those that come later."""

    async def scenario() -> None:
        outbox.mailer.answer = failure
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.set(**back)
            outbox.mailer.answer = SENT
            outbox.clock.move(seconds=120)
            await outbox.until_attempts(2)
            assert (await outbox.mail("m1")).state is MailState.SENT
            await outbox.leave("m2")
            await outbox.until_attempts(3)
            assert (await outbox.mail("m2")).state is MailState.SENT

    run(scenario)


def test_a_clock_that_is_set_back_delays_no_mail_that_was_not_tried_yet(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1")
        outbox.clock.set(hours=-1)
        async with outbox.work():
            await outbox.until_tried("m1")
        assert (await outbox.mail("m1")).state is MailState.SENT

    run(scenario)


@pytest.mark.parametrize("back_s", [5, 9, 14, 60, 3600])
def test_a_clock_that_is_set_back_delays_a_mail_by_its_back_off_at_most(outbox: OutboxHarness, back_s: int) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = BUSY_MAIL
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.set(seconds=-back_s)
            await turns()
            # 15 s of back-off, and what clocks may differ by.
            for _ in range(25):
                if len(outbox.mailer.tried) == 1:
                    outbox.clock.move(seconds=1)
                    await turns()
            assert outbox.mailer.tried == ["m1", "m1"]
            # It goes on waiting, by the new clock.
            assert (await outbox.mail("m1")).due_at_ms == outbox.clock.now_ms() + 30_000

    run(scenario)


def test_a_pause_is_as_long_as_ever_when_the_clock_is_set(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = NO_SERVER
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.set(hours=1)
            await turns()
            assert outbox.mailer.tried == ["m1"]
            outbox.clock.set(hours=-1)
            await turns()
            assert outbox.mailer.tried == ["m1"]
            outbox.clock.move(seconds=2)
            await outbox.until_attempts(2)

    run(scenario)


def test_a_clock_that_is_set_forward_has_no_mail_given_up(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.mailer.answer = BUSY_MAIL
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            outbox.clock.set(days=400)
            await outbox.until_attempts(2)
            assert (await outbox.mail("m1")).state is MailState.PENDING
            for _ in range(47):
                outbox.clock.move(hours=1.5)
                await outbox.until_attempts(len(outbox.mailer.tried) + 1)
                assert (await outbox.mail("m1")).state is MailState.PENDING
            # Now it has been tried for 72 h since then.
            outbox.clock.move(hours=1.5)
            await outbox.until_attempts(len(outbox.mailer.tried) + 1)
            assert (await outbox.mail("m1")).state is MailState.FAILED

    run(scenario)
