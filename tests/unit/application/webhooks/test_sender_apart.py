"""The sender of webhooks among endpoints that hang, faults of its own, stores that leave, and other nodes."""

import asyncio
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.webhooks import Answer
from renvoi.application.webhooks import sender as sender_module
from renvoi.domain.events.event import EventType
from tests.support.memory_store import MemoryStore
from tests.support.webhook_harness import BROKEN, NUMBERS, TAKEN, WebhookHarness, run

FIRST, SECOND = NUMBERS[:2]
DEAD, WELL = "https://dead.example", "https://well.example"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a sender look when it is told to, and never by itself: what waits for such a look waits for ever."""
    monkeypatch.setattr(sender_module, "POLL_S", 1e6)


@pytest.mark.usefixtures("told")
def test_a_dead_endpoint_delays_no_other() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        hanging = asyncio.Event()

        async def hang(_: str, __: bytes) -> Answer:
            await hanging.wait()
            return BROKEN

        harness.client.answers[DEAD] = hang
        await harness.add("dead", DEAD)
        for _ in range(50):
            await harness.tell(*NUMBERS)
        await harness.add("well", WELL)
        async with harness.sending(grace_s=0.1) as sender:
            await harness.until(lambda: len(harness.client.ids(DEAD)) >= 2)
            await harness.tell(*NUMBERS[:20])
            sender.look()
            await harness.until(lambda: len(harness.client.ids(WELL)) == 20)
            assert len(harness.client.ids(DEAD)) == 2

    run(scenario)


@pytest.mark.usefixtures("told")
def test_many_dead_endpoints_leave_room_for_the_others() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        hanging = asyncio.Event()

        async def hang(_: str, __: bytes) -> Answer:
            await hanging.wait()
            return BROKEN

        for number in range(40):
            harness.client.answers[f"https://dead{number}.example"] = hang
            await harness.add(f"dead{number}")
        await harness.tell(*NUMBERS[:20])
        await harness.add("well", WELL)
        async with harness.sending(grace_s=0.1) as sender:
            await harness.until(lambda: len(harness.client.sent) >= 40)
            await harness.tell(*NUMBERS[:20])
            sender.look()
            await harness.until(lambda: len(harness.client.ids(WELL)) == 20)

    run(scenario)


def test_a_fault_of_ours_holds_up_no_other_endpoint() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answers["https://a.example"] = RuntimeError("stumbled")
        await harness.add("a")
        await harness.add("b")
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_ended("b", 1)
            await harness.until(lambda: len(harness.client.ids("https://a.example")) == 1)
            harness.client.answers.clear()
            harness.clock.move(seconds=31)
            await harness.until_ended("a", 1)

    run(scenario)


def test_an_event_that_is_not_kept_any_more_is_given_up() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = BROKEN
        await harness.add("a")
        await harness.tell(FIRST, FIRST)
        async with harness.sending():
            await harness.until_tried("a", 1)
            await harness.store.write(methodcaller("remove_events", harness.account_id, 10))
            harness.clock.move(minutes=1)
            found = await harness.until_ended("a", 2)
        assert {each.note for each in found} == {"its event is not kept any more"}

    run(scenario)


def test_a_store_that_leaves_is_awaited_and_nothing_is_sent_twice() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        assert isinstance(harness.store, MemoryStore)
        store = harness.store

        async def leave(_: str, __: bytes) -> Answer:
            store.fail_with = StoreUnavailable("it is away")
            return TAKEN

        harness.client.answer = leave
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until(lambda: any("1 outcome of a delivery waits" in each for each in harness.store_alarms))
            harness.client.answer = TAKEN
            store.fail_with = None
            await harness.until_ended("a", 1)
            assert len(harness.client.sent) == 1
            await harness.until(lambda: harness.store_alarms[-1] == "")

    run(scenario)


def test_two_nodes_send_each_event_once() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        for name in "abcdef":
            await harness.add(name)
        async with harness.sending("one"), harness.sending("two"):
            for _ in range(5):
                await harness.tell(*NUMBERS[:10])
            for name in "abcdef":
                await harness.until_ended(name, 50)
        for name in "abcdef":
            ids = harness.client.ids(f"https://{name}.example")
            assert len(ids) == len(set(ids)) == 50

    run(scenario)


def test_the_endpoints_of_a_node_that_died_go_to_another_when_its_leases_end() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        await harness.add("a")
        await harness.tell(FIRST)

        def taken_by_dead(writer: Any) -> bool:
            return bool(writer.take_lease("webhook/a", "dead", harness.clock.now, harness.clock.now + 60_000))

        assert await harness.store.write(taken_by_dead)
        async with harness.sending() as sender:
            for _ in range(5):
                harness.clock.move(seconds=6)
                sender.look()
                await asyncio.sleep(0.01)
            assert not harness.client.sent
            harness.clock.move(seconds=31)
            await harness.until_ended("a", 1)

    run(scenario)


def test_a_node_that_ends_lets_go_of_its_endpoints_at_once() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending("one"):
            await harness.until_ended("a", 1)
        await harness.tell(FIRST)
        async with harness.sending("two"):
            await harness.until_ended("a", 2)

    run(scenario)


@pytest.mark.parametrize("kind", [EventType.WEBHOOK_TEST, EventType.CALL_COMPLETED])
def test_what_an_endpoint_does_not_want_is_not_sent(kind: EventType) -> None:
    async def scenario(harness: WebhookHarness) -> None:
        await harness.add("a", types=("call.missed",), numbers=(FIRST,))
        await harness.tell(FIRST, kind=kind)
        await harness.tell(SECOND, FIRST)
        async with harness.sending():
            (found,) = await harness.until_ended("a", 1)
        assert found.lane == FIRST.digits

    run(scenario)
