# ruff: noqa: ARG002 - a table in memory needs no transaction
"""The outbox delivers more than mail: events posted to endpoints, those of one number in their order."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from renvoi.application.outbox import engine
from renvoi.application.outbox.channel import Affected, Channel, Fate, PermanentFailure, Result, Retry, TemporaryFailure
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.ports.unit_of_work import Reader, Writer
from tests.support.http_api import START_MS
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import MovedClock, run, turns, until

POLL_S = engine.POLL_S
RETRIES = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=10)]
UNAVAILABLE = TemporaryFailure("503 Service Unavailable", Affected.ITEM)


@dataclass(frozen=True)
class Event:
    """An event for an endpoint; `seq` grows by one with each of its number."""

    id: str
    destination: str
    number: str
    seq: int
    due_at_ms: int = START_MS
    queued_at_ms: int = START_MS
    attempts: int = 0
    note: str = ""
    status: int | None = None


@dataclass
class WebhookChannel(Channel[Event, int]):
    """Its table is in memory, and outlives outboxes; `post` returns an HTTP status or a failure."""

    post: Callable[[Event], Awaitable[Result[int]]]
    waiting: dict[str, Event] = field(default_factory=dict)
    ended: dict[str, Event] = field(default_factory=dict)
    leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    posted: list[Event] = field(default_factory=list)
    looks: int = 0

    noun = "webhook"
    give_up_after = timedelta(days=5)

    def queue(self, destination: str, number: str, count: int = 1) -> None:
        for seq in range(1, count + 1):
            event = Event(f"{destination} {number} {seq}", destination, number, seq)
            self.waiting[event.id] = event

    def _heads(self) -> Iterator[Event]:
        """Yield the first event of each number that an endpoint has not had yet."""
        seen = set()
        for event in sorted(self.waiting.values(), key=lambda event: event.seq):
            if (event.destination, event.number) not in seen:
                seen.add((event.destination, event.number))
                yield event

    def due(self, reader: Reader, now_ms: int, limit: int, full: Collection[str]) -> Sequence[Event]:
        self.looks += 1
        due = [event for event in self._heads() if event.due_at_ms <= now_ms and self._is_free(event.id, now_ms)]
        due.sort(key=lambda event: (event.due_at_ms, event.id))
        return [event for event in due if event.destination not in full][:limit]

    def _is_free(self, item_id: str, now_ms: int) -> bool:
        return self.leases.get(item_id, ("", 0))[1] <= now_ms

    def lease(
        self, writer: Writer, item_ids: Collection[str], owner: str, now_ms: int, until_ms: int
    ) -> Collection[str]:
        taken = [name for name in item_ids if self._is_free(name, now_ms) or self.leases[name][0] == owner]
        self.leases.update((name, (owner, until_ms)) for name in taken)
        return taken

    def release(self, writer: Writer, owner: str) -> None:
        self.leases = {name: lease for name, lease in self.leases.items() if lease[0] != owner}

    def find(self, reader: Reader, item_id: str) -> Event | None:
        return self.waiting.get(item_id) or self.ended.get(item_id)

    def put(self, writer: Writer, item: Event, owner: str) -> bool:
        if self.leases.get(item.id, ("", 0))[0] != owner:
            return False
        del self.leases[item.id], self.waiting[item.id]
        (self.waiting if item.status is None else self.ended)[item.id] = item
        return True

    def count(self, writer: Writer, after: Event, result: Result[int], *, written: bool) -> None:
        writer.count("webhooks_posted")

    def pause_after(self, attempts: int) -> timedelta:
        return RETRIES[min(attempts, len(RETRIES)) - 1]

    async def deliver(self, item: Event) -> Result[int] | None:
        self.posted.append(item)
        return await self.post(item)

    def after(self, item: Event, outcome: int | PermanentFailure | Retry, now_ms: int) -> Event:
        item = replace(item, attempts=item.attempts + 1)
        match outcome:
            case Retry(reason, due_at_ms):
                return replace(item, due_at_ms=due_at_ms, note=reason)
            case PermanentFailure(reason):
                return replace(item, status=0, note=reason)
            case status:
                return replace(item, status=status)

    def without_note(self, after: Event) -> Event:
        return replace(after, note="")

    async def done(self, after: Event, result: Result[int], fate: Fate) -> None:
        assert fate is Fate.WRITTEN

    def labels(self, item: Event) -> Mapping[str, str]:
        return {"event_id": item.id}


class Node:
    """What the outboxes of the tests here have in common."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = MovedClock()
        self.alarms: list[str] = []

    @asynccontextmanager
    async def work(self, channel: WebhookChannel, owner: str = "this node") -> AsyncIterator[None]:
        """Run an outbox."""
        config = OutboxConfig(owner, jitter=lambda: 0.5, alarm=self.alarms.append)
        stop = asyncio.Event()
        task = asyncio.create_task(Outbox(self.store, channel, self.clock, config).run(stop, 0))
        try:
            yield
        finally:
            stop.set()
            await task


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(engine, "POLL_S", 0)
    return Node()


async def refuse(_: Event) -> Result[int]:
    return UNAVAILABLE


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_nodes_deliver_the_events_of_a_number_in_order_and_without_a_gap(node: Node, seed: int) -> None:
    dice = random.Random(seed)

    async def post(_: Event) -> Result[int]:
        await asyncio.sleep(0)
        return 200 if dice.random() < 0.7 else UNAVAILABLE

    async def scenario() -> None:
        channel = WebhookChannel(post)
        for endpoint in ("a", "b", "c"):
            for number in ("+331", "+332"):
                channel.queue(endpoint, number, 20)
        async with node.work(channel, "one"), node.work(channel, "other"):
            while channel.waiting:
                await turns()
                node.clock.move(hours=1)
        for endpoint in ("a", "b", "c"):
            for number in ("+331", "+332"):
                its_own = [event for event in channel.posted if (event.destination, event.number) == (endpoint, number)]
                # Each as often as it failed and once more, and then only the next one.
                tries = Counter(event.seq for event in its_own)
                assert [event.seq for event in its_own] == sorted(tries.elements())
                assert sorted(tries) == list(range(1, 21))
        assert (await node.store.read(lambda reader: reader.counts()))["webhooks_posted"] == len(channel.posted)

    run(scenario)


@pytest.mark.parametrize("is_silent", [True, False])
def test_ten_thousand_events_for_a_dead_endpoint_delay_a_healthy_one_by_less_than_a_second(
    node: Node, is_silent: bool
) -> None:
    async def post(event: Event) -> Result[int]:
        if event.destination == "healthy":
            return 204
        if is_silent:
            await asyncio.Event().wait()
        return UNAVAILABLE

    async def scenario() -> None:
        channel = WebhookChannel(post)
        for number in range(10_000):
            channel.queue("dead", f"+33{number:09}")
        async with node.work(channel):
            await until(lambda: len(channel.posted) >= 8, "the first attempts")
            before = channel.looks
            channel.queue("healthy", "+331")
            await until(lambda: any(event.destination == "healthy" for event in channel.posted), "the healthy one's")
            # Even if each look but the first came after a pause.
            assert (channel.looks - before) * POLL_S < 1

    run(scenario)


def test_a_channel_has_its_own_pauses_and_gives_up_in_its_own_time(node: Node) -> None:
    async def scenario() -> None:
        channel = WebhookChannel(refuse)
        channel.queue("dead", "+331")
        (name,) = channel.waiting
        pauses = []
        async with node.work(channel):
            while not channel.ended:
                await turns()
                if name in channel.waiting:
                    pauses.append(timedelta(milliseconds=channel.waiting[name].due_at_ms - node.clock.now))
                    node.clock.now = channel.waiting[name].due_at_ms
        assert pauses[:4] == RETRIES
        assert set(pauses[4:]) == {RETRIES[-1]}
        assert timedelta(days=5) <= sum(pauses, timedelta()) < timedelta(days=5) + RETRIES[-1]
        assert channel.ended[name].note == "given up after 120 h: 503 Service Unavailable"

    run(scenario)


def test_logs_and_alarms_name_what_is_delivered(node: Node) -> None:
    async def post(_: Event) -> Result[int]:
        if not node.alarms:
            return TemporaryFailure("no route", Affected.SERVER)
        raise LookupError("a fault of our own")

    async def scenario() -> None:
        channel = WebhookChannel(post)
        channel.queue("a", "+331")
        with capture_logs() as lines:
            async with node.work(channel):
                await until(lambda: len(channel.posted) == 1, "the first attempt")
                await turns()
                assert node.alarms == ["webhooks wait: no route"]
                node.clock.move(seconds=1)
                await until(lambda: len(channel.posted) == 2, "the second attempt")
                await turns()
        assert [(line["event"], line["event_id"]) for line in lines] == [("a webhook could not be handled", "a +331 1")]

    run(scenario)
