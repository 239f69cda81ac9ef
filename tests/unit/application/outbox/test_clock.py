"""A clock that is set neither stops mails, nor hastens them, nor has them given up."""

import pytest

from renvoi.application.outbox.channel import TemporaryFailure
from renvoi.domain.messages.message import MailState
from tests.support.outbox_harness import BUSY_MAIL, NO_SERVER, NOT_LET_IN, SENT, OutboxHarness, run, turns


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
