"""Several outboxes on one store: each mail is sent by one of them, and by another one when that has died."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from renvoi.application.mailer import Delivery, Kept, VoicemailNotice
from renvoi.application.messages import send_again
from renvoi.application.outbox import engine
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.outbox.leases import LEASE, Leases
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.domain.messages.message import MailState
from tests.support.http_api import START_MS
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import SENT, MovedClock, OutboxHarness, run, turns

T = TypeVar("T")

SHORT = timedelta(milliseconds=30)
"""Renewed every millisecond of real time, while the outbox's clock stands still."""
LEASE_S = LEASE.total_seconds()


async def take(outbox: OutboxHarness, message_id: str, by: str = "other node") -> bool:
    """Have another node lease a mail for a minute from now on."""
    now_ms = outbox.clock.now_ms()

    def work(writer: Writer) -> bool:
        return message_id in writer.lease_mails([message_id], by, now_ms, now_ms + 60_000)

    return await outbox.store.write(work)


def test_two_nodes_send_each_mail_once(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        names = [f"m{number}" for number in range(200)]
        await outbox.open(*names)
        async with outbox.work(node="a"), outbox.work(node="b"):
            await outbox.until_attempts(200)
        assert sorted(outbox.mailer.tried) == sorted(names)
        assert await outbox.counts() == {"mails_sent": 200}

    run(scenario)


def test_a_mail_of_another_node_waits_for_the_end_of_its_lease(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1", "m2")
        assert await take(outbox, "m1")
        async with outbox.work():
            await outbox.until_tried("m2")
            outbox.clock.move(seconds=60, milliseconds=-1)
            await turns()
            assert outbox.mailer.tried == ["m2"]
            outbox.clock.move(milliseconds=1)
            await outbox.until_tried("m2", "m1")

    run(scenario)


def test_a_node_that_starts_again_goes_on_at_once(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        await outbox.open("m1", "m2")
        assert await take(outbox, "m1", "this node")
        async with outbox.work():
            await outbox.until_attempts(2)
        assert sorted(outbox.mailer.tried) == ["m1", "m2"]

    run(scenario)


def test_what_does_not_end_in_time_is_left_to_other_nodes(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.hang()
        await outbox.open("m1")
        async with outbox.work(grace_s=0):
            await outbox.until_tried("m1")
        outbox.mailer.answer = SENT
        async with outbox.work(node="other node"):
            await outbox.until_tried("m1", "m1")

    run(scenario)


def test_the_lease_of_a_slow_mail_is_renewed(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open("m1")
        async with outbox.work(lease=SHORT):
            await outbox.until_tried("m1")
            for _ in range(5):
                until_ms = outbox.store._state.leases["m1"][1]
                outbox.clock.move(milliseconds=11)
                await asyncio.wait_for(until_renewed(outbox, until_ms), 5)
            assert not await take(outbox, "m1")
            gate.set()
        assert (await outbox.mail("m1")).state is MailState.SENT
        assert outbox.mailer.tried == ["m1"]

    run(scenario)


async def until_renewed(outbox: OutboxHarness, until_ms: int) -> None:
    while outbox.store._state.leases["m1"][1] == until_ms:  # noqa: ASYNC110 - a store sends no event
        await asyncio.sleep(0.001)


def test_a_mail_whose_lease_is_lost_is_left_to_the_other_node(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.hang()
        await outbox.open("m1")
        with capture_logs() as lines:
            async with outbox.work(lease=SHORT):
                await outbox.until_tried("m1")
                # Nobody can renew while the whole process stands still.
                outbox.clock.move(milliseconds=31)
                assert await take(outbox, "m1")
                await asyncio.wait_for(until_told(lines, "a mail is left to other nodes"), 5)
        assert (await outbox.mail("m1")).attempts == 0
        assert outbox.mailer.tried == ["m1"]

    run(scenario)


async def until_told(lines: Sequence[Mapping[str, Any]], event: str) -> None:
    while not any(event in str(line["event"]) for line in lines):  # noqa: ASYNC110 - a log sends no event
        await asyncio.sleep(0.001)


def test_while_the_store_is_away_a_mail_is_given_up_before_its_lease_ends(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.hang()
        await outbox.open("m1")
        leases = Leases(outbox.store, outbox.channel, outbox.clock, "this node")
        assert await leases.take(["m1"]) == ["m1"]
        outbox.store.fail_with = StoreUnavailable("away")
        outbox.clock.move(seconds=LEASE_S * 2 / 3, milliseconds=-1)
        assert list(await leases.renew(["m1"])) == []
        outbox.clock.move(milliseconds=1)
        assert list(await leases.renew(["m1"])) == ["m1"]
        outbox.store.fail_with = None
        assert list(await leases.renew(["m1"])) == []

    run(scenario)


class SlowStore(MemoryStore):
    """A store whose answers take as long as a lease."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__()
        self.clock = clock

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Write at once, and answer late."""
        result = await super().write(work)
        self.clock.move(seconds=LEASE_S)
        return result


def test_a_lease_that_came_too_late_is_none(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        outbox.store = SlowStore(outbox.clock)
        await outbox.open("m1")
        assert await Leases(outbox.store, outbox.channel, outbox.clock, "this node").take(["m1"]) == []

    run(scenario)


@pytest.mark.parametrize("delivery", [SENT, TemporaryFailure("450", Affected.ITEM), Kept(Path("/gone/m1.eml"))])
def test_what_another_node_has_taken_is_not_overwritten(outbox: OutboxHarness, delivery: Delivery) -> None:
    """A node that stood still may end what it has begun; what it knows then counts no more."""

    async def scenario() -> None:
        async def lose(_: VoicemailNotice) -> Delivery:
            outbox.clock.move(seconds=LEASE_S)
            assert await take(outbox, "m1")
            return delivery

        outbox.mailer.answer = lose
        await outbox.open("m1")
        before = await outbox.mail("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
        assert await outbox.mail("m1") == before
        assert await outbox.counts() == ({"mails_sent": 1} if delivery is SENT else {})
        assert outbox.mailer.tried == ["m1"]

    run(scenario)


def test_a_mail_that_is_queued_again_while_it_is_sent_is_sent_again(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = outbox.hang()
        await outbox.open("m1")
        async with outbox.work():
            await outbox.until_tried("m1")
            await send_again(outbox.store, outbox.clock, "m1")
            gate.set()
            await outbox.until_tried("m1", "m1")
        assert (await outbox.mail("m1")).state is MailState.SENT

    run(scenario)


class OvertakenStore(MemoryStore):
    """A store that another node changes, once, as soon as something was read."""

    change: Callable[[Writer], object] | None = None

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Read, then change."""
        result = await super().read(work)
        change, self.change = self.change, None
        if change is not None:
            await self.write(change)
        return result


def test_a_mail_that_another_node_has_tried_since_the_look_keeps_its_turn(outbox: OutboxHarness) -> None:
    async def scenario() -> None:
        store = outbox.store = OvertakenStore()
        await outbox.open("m1")
        later = replace(await outbox.mail("m1"), attempts=1, due_at_ms=START_MS + 5000)
        store.change = lambda writer: writer.put_mail(later)
        async with outbox.work():
            await turns()
            assert outbox.mailer.tried == []
            outbox.clock.move(seconds=5)
            await outbox.until_tried("m1")
        assert (await outbox.mail("m1")).attempts == 2

    run(scenario)


def test_when_the_store_is_back_outcomes_are_noted_before_new_mails_are_begun(
    outbox: OutboxHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a mail which one node has sent is not taken by another whose clock says that its lease has ended."""
    monkeypatch.setattr(engine, "STORE_PAUSE_S", 1.0)

    async def scenario() -> None:
        await outbox.open("m1")
        outbox.store.fail_with = StoreUnavailable("away")
        async with outbox.work():
            await turns()
            outbox.store.fail_with = None
            outbox.clock.move(seconds=2, milliseconds=-1)
            await turns()
            assert outbox.mailer.tried == []
            outbox.clock.move(milliseconds=1)
            await outbox.until_tried("m1")

    run(scenario)


def test_a_renewal_of_leases_that_dies_ends_its_process(outbox: OutboxHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the mails that it sends would be sent by another node as well."""

    async def dies(*_: object) -> None:
        raise LookupError("a fault of our own")

    async def work_to_its_end() -> None:
        async with outbox.work(lease=SHORT):
            await outbox.until_tried("m1")
            await asyncio.wait_for(outbox.ended(), 5)

    async def scenario() -> None:
        gate = outbox.hang()
        monkeypatch.setattr(Leases, "renew", dies)
        await outbox.open("m1")
        with pytest.raises(RuntimeError, match="not renewed") as raised:
            await work_to_its_end()
        assert isinstance(raised.value.__cause__, LookupError)
        gate.set()
        assert outbox.mailer.tried == ["m1"]
        assert await take(outbox, "m1")

    run(scenario)
