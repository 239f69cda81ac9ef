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


async def take(office: OutboxHarness, message_id: str, by: str = "other node") -> bool:
    """Have another node lease a mail for a minute from now on."""
    now_ms = office.clock.now_ms()

    def work(writer: Writer) -> bool:
        return message_id in writer.lease_mails([message_id], by, now_ms, now_ms + 60_000)

    return await office.store.write(work)


def test_two_nodes_send_each_mail_once(office: OutboxHarness) -> None:
    async def scenario() -> None:
        names = [f"m{number}" for number in range(200)]
        await office.open(*names)
        async with office.work(node="a"), office.work(node="b"):
            await office.until_attempts(200)
        assert sorted(office.mailer.tried) == sorted(names)
        assert await office.counts() == {"mails_sent": 200}

    run(scenario)


def test_a_mail_of_another_node_waits_for_the_end_of_its_lease(office: OutboxHarness) -> None:
    async def scenario() -> None:
        await office.open("m1", "m2")
        assert await take(office, "m1")
        async with office.work():
            await office.until_tried("m2")
            office.clock.move(seconds=60, milliseconds=-1)
            await turns()
            assert office.mailer.tried == ["m2"]
            office.clock.move(milliseconds=1)
            await office.until_tried("m2", "m1")

    run(scenario)


def test_a_node_that_starts_again_goes_on_at_once(office: OutboxHarness) -> None:
    async def scenario() -> None:
        await office.open("m1", "m2")
        assert await take(office, "m1", "this node")
        async with office.work():
            await office.until_attempts(2)
        assert sorted(office.mailer.tried) == ["m1", "m2"]

    run(scenario)


def test_what_does_not_end_in_time_is_left_to_other_nodes(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.hang()
        await office.open("m1")
        async with office.work(grace_s=0):
            await office.until_tried("m1")
        office.mailer.answer = SENT
        async with office.work(node="other node"):
            await office.until_tried("m1", "m1")

    run(scenario)


def test_the_lease_of_a_slow_mail_is_renewed(office: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = office.hang()
        await office.open("m1")
        async with office.work(lease=SHORT):
            await office.until_tried("m1")
            for _ in range(5):
                until_ms = office.store._state.leases["m1"][1]
                office.clock.move(milliseconds=11)
                await asyncio.wait_for(until_renewed(office, until_ms), 5)
            assert not await take(office, "m1")
            gate.set()
        assert (await office.mail("m1")).state is MailState.SENT
        assert office.mailer.tried == ["m1"]

    run(scenario)


async def until_renewed(office: OutboxHarness, until_ms: int) -> None:
    while office.store._state.leases["m1"][1] == until_ms:  # noqa: ASYNC110 - a store sends no event
        await asyncio.sleep(0.001)


def test_a_mail_whose_lease_is_lost_is_left_to_the_other_node(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.hang()
        await office.open("m1")
        with capture_logs() as lines:
            async with office.work(lease=SHORT):
                await office.until_tried("m1")
                # Nobody can renew while the whole process stands still.
                office.clock.move(milliseconds=31)
                assert await take(office, "m1")
                await asyncio.wait_for(until_told(lines, "a mail is left to other nodes"), 5)
        assert (await office.mail("m1")).attempts == 0
        assert office.mailer.tried == ["m1"]

    run(scenario)


async def until_told(lines: Sequence[Mapping[str, Any]], event: str) -> None:
    while not any(event in str(line["event"]) for line in lines):  # noqa: ASYNC110 - a log sends no event
        await asyncio.sleep(0.001)


def test_while_the_store_is_away_a_mail_is_given_up_before_its_lease_ends(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.hang()
        await office.open("m1")
        leases = Leases(office.store, office.channel, office.clock, "this node")
        assert await leases.take(["m1"]) == ["m1"]
        office.store.fail_with = StoreUnavailable("away")
        office.clock.move(seconds=LEASE_S * 2 / 3, milliseconds=-1)
        assert list(await leases.renew(["m1"])) == []
        office.clock.move(milliseconds=1)
        assert list(await leases.renew(["m1"])) == ["m1"]
        office.store.fail_with = None
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


def test_a_lease_that_came_too_late_is_none(office: OutboxHarness) -> None:
    async def scenario() -> None:
        office.store = SlowStore(office.clock)
        await office.open("m1")
        assert await Leases(office.store, office.channel, office.clock, "this node").take(["m1"]) == []

    run(scenario)


@pytest.mark.parametrize("delivery", [SENT, TemporaryFailure("450", Affected.ITEM), Kept(Path("/gone/m1.eml"))])
def test_what_another_node_has_taken_is_not_overwritten(office: OutboxHarness, delivery: Delivery) -> None:
    """A node that stood still may end what it has begun; what it knows then counts no more."""

    async def scenario() -> None:
        async def lose(_: VoicemailNotice) -> Delivery:
            office.clock.move(seconds=LEASE_S)
            assert await take(office, "m1")
            return delivery

        office.mailer.answer = lose
        await office.open("m1")
        before = await office.mail("m1")
        async with office.work():
            await office.until_tried("m1")
        assert await office.mail("m1") == before
        assert await office.counts() == ({"mails_sent": 1} if delivery is SENT else {})
        assert office.mailer.tried == ["m1"]

    run(scenario)


def test_a_mail_that_is_queued_again_while_it_is_sent_is_sent_again(office: OutboxHarness) -> None:
    async def scenario() -> None:
        gate = office.hang()
        await office.open("m1")
        async with office.work():
            await office.until_tried("m1")
            await send_again(office.store, office.clock, "m1")
            gate.set()
            await office.until_tried("m1", "m1")
        assert (await office.mail("m1")).state is MailState.SENT

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


def test_a_mail_that_another_node_has_tried_since_the_look_keeps_its_turn(office: OutboxHarness) -> None:
    async def scenario() -> None:
        store = office.store = OvertakenStore()
        await office.open("m1")
        later = replace(await office.mail("m1"), attempts=1, due_at_ms=START_MS + 5000)
        store.change = lambda writer: writer.put_mail(later)
        async with office.work():
            await turns()
            assert office.mailer.tried == []
            office.clock.move(seconds=5)
            await office.until_tried("m1")
        assert (await office.mail("m1")).attempts == 2

    run(scenario)


def test_when_the_store_is_back_outcomes_are_noted_before_new_mails_are_begun(
    office: OutboxHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a mail which one node has sent is not taken by another whose clock says that its lease has ended."""
    monkeypatch.setattr(engine, "STORE_PAUSE_S", 1.0)

    async def scenario() -> None:
        await office.open("m1")
        office.store.fail_with = StoreUnavailable("away")
        async with office.work():
            await turns()
            office.store.fail_with = None
            office.clock.move(seconds=2, milliseconds=-1)
            await turns()
            assert office.mailer.tried == []
            office.clock.move(milliseconds=1)
            await office.until_tried("m1")

    run(scenario)


def test_a_renewal_of_leases_that_dies_ends_its_process(office: OutboxHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the mails that it sends would be sent by another node as well."""

    async def dies(*_: object) -> None:
        raise LookupError("a fault of our own")

    async def work_to_its_end() -> None:
        async with office.work(lease=SHORT):
            await office.until_tried("m1")
            await asyncio.wait_for(office.ended(), 5)

    async def scenario() -> None:
        gate = office.hang()
        monkeypatch.setattr(Leases, "renew", dies)
        await office.open("m1")
        with pytest.raises(RuntimeError, match="not renewed") as raised:
            await work_to_its_end()
        assert isinstance(raised.value.__cause__, LookupError)
        gate.set()
        assert office.mailer.tried == ["m1"]
        assert await take(office, "m1")

    run(scenario)
