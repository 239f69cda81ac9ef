"""No mail holds up those to other domains, and a stop waits for none too long."""

from collections import Counter

import pytest

from renvoi.application.outbox import engine
from renvoi.application.ports.mails import MAX_SKIPPED
from renvoi.domain.messages.message import MailState
from tests.support.outbox_harness import SENT, OutboxHarness, run, turns, until


def test_a_slow_domain_holds_up_no_other(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open(*(f"s{index}" for index in range(40)), at="a@slow.example")
        async with outbox.work():
            await outbox.until_attempts(engine.MAX_AT_ONCE_FOR_A_DESTINATION)
            assert len(outbox.mailer.tried) == engine.MAX_AT_ONCE_FOR_A_DESTINATION
            outbox.mailer.answers["other"] = SENT
            await outbox.leave("other", at="a@fast.example")
            await until(lambda: "other" in outbox.mailer.tried, "the other domain's mail")
            await turns()
            assert (await outbox.mail("other")).state is MailState.SENT
            gate.set()
            await outbox.until_attempts(41)
        assert sorted(outbox.mailer.tried) == sorted(set(outbox.mailer.tried))

    run(scenario)


@pytest.mark.parametrize("slow", [2, 4, 8])
def test_many_slow_domains_hold_up_no_other(outbox: OutboxHarness, slow: int) -> None:
    """However many mails wait for them: there is a place for a domain that has none."""

    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open()
        for index in range(slow):
            for number in range(10):
                await outbox.leave(f"s{index:02}-{number}", at=f"a@slow{index}.example")
        async with outbox.work():
            await until(lambda: len(domains(outbox.mailer.tried)) == slow, "a mail to each of them")
            await turns()
            assert len(outbox.mailer.tried) < engine.MAX_AT_ONCE
            outbox.mailer.answers["other"] = SENT
            await outbox.leave("other", at="a@fast.example")
            await until(lambda: "other" in outbox.mailer.tried, "the other domain's mail")
            await turns()
            assert (await outbox.mail("other")).state is MailState.SENT
            gate.set()
            await outbox.until_attempts(10 * slow + 1)
        assert sorted(outbox.mailer.tried) == sorted(set(outbox.mailer.tried))

    run(scenario)


def domains(mails: list[str]) -> set[str]:
    return {mail.partition("-")[0] for mail in mails}


def test_there_is_a_limit_to_mails_sent_at_once(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open()
        for index in range(engine.MAX_AT_ONCE + 3):
            await outbox.leave(f"m{index}", at=f"a@d{index}.example")
        async with outbox.work():
            await outbox.until_attempts(engine.MAX_AT_ONCE)
            assert len(outbox.mailer.tried) == engine.MAX_AT_ONCE
            gate.set()
            await outbox.until_attempts(engine.MAX_AT_ONCE + 3)

    run(scenario)


def test_a_domain_with_more_mails_than_are_looked_at_hides_no_other(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        outbox.mailer.answers["zebra"] = SENT
        await outbox.open(*(f"s{index:04}" for index in range(2 * engine.LOOK_AHEAD + 5)), at="a@slow.example")
        await outbox.leave("zebra", at="a@fast.example")
        async with outbox.work():
            await until(lambda: "zebra" in outbox.mailer.tried, "the mail behind those of the slow domain")
            gate.set()

    run(scenario)


def test_a_stop_lets_what_is_being_sent_end(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open("m1")
        async with outbox.work() as stop:
            await outbox.until_tried("m1")
            stop.set()
            await turns()
            await outbox.leave("m2")
            gate.set()
        assert (await outbox.mail("m1")).state is MailState.SENT
        assert outbox.mailer.tried == ["m1"]

    run(scenario)


def test_what_does_not_end_in_time_is_sent_again_after_a_restart(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.hang()
        await outbox.open("m1")
        async with outbox.work(grace_s=0):
            await outbox.until_tried("m1")
        mail = await outbox.mail("m1")
        assert (mail.state, mail.attempts) == (MailState.PENDING, 0)
        outbox.mailer.answer = SENT
        async with outbox.work():
            await outbox.until_tried("m1", "m1")
        assert outbox.mailer.notices[0] == outbox.mailer.notices[1]
        assert await outbox.counts() == {"mails_sent": 1}

    run(scenario)


def test_a_look_can_leave_out_all_domains_that_are_full() -> None:
    """Unless so many are slow that few places are left."""
    trying: Counter[str] = Counter()
    for domain in range(MAX_SKIPPED):
        while trying[str(domain)] < engine._share(trying):
            trying[str(domain)] += 1
    assert engine.MAX_AT_ONCE - trying.total() in (1, 2)
