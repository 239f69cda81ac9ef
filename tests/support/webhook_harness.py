"""A sender of webhooks at work on a store, with endpoints that do as told and a clock that only tests move."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from operator import methodcaller
from typing import Any

from renvoi.adapters.sealing import AesSealer
from renvoi.application.events import emit
from renvoi.application.outbox.leases import LEASE
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.secrets import Sealer
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.ports.webhooks import Answer, EndpointClient
from renvoi.application.webhooks.sender import SenderConfig, WebhookSender
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.webhook import Delivery, Webhook, secret_of
from renvoi.domain.numbers.number import E164
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import MovedClock
from tests.support.receivers import SECRET
from tests.support.waiting import wait_until

SEALER = AesSealer(b"k" * 32)
NUMBERS = tuple(E164.from_digits(33_199_000_000 + n) for n in range(200))
TAKEN, BROKEN = Answer(200, "", "ok"), Answer(500, "HTTP 500", "no")
Behaviour = Answer | Exception | Callable[[str, bytes], Awaitable[Answer]]


@dataclass
class ScriptedClient:
    """See `EndpointClient`: answers as `answers` say for an address, else as `answer` does."""

    answer: Behaviour = TAKEN
    answers: dict[str, Behaviour] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Note what is sent, and answer as told."""
        self.sent.append((url, headers, body))
        answer = self.answers.get(url, self.answer)
        if isinstance(answer, Exception):
            raise answer
        return await answer(url, body) if callable(answer) else answer

    def ids(self, url: str) -> list[str]:
        """Return the ids of events that were sent there."""
        return [headers["webhook-id"] for to, headers, _ in self.sent if to == url]


class WebhookHarness:
    """Senders with all that they work on."""

    def __init__(self, store: Store | None = None) -> None:
        self.store: Store = store or MemoryStore()
        self.client = ScriptedClient()
        self.real: EndpointClient | None = None
        """A client of real endpoints, in place of that one."""
        self.clock = MovedClock()
        self.sealer: Sealer | None = SEALER
        self.alarms: list[str] = []
        self.store_alarms: list[str] = []
        self.account_id = 0

    async def make(self) -> None:
        """Make an account with numbers."""

        def work(writer: Writer) -> int:
            account = writer.add_account("acme", "en", "FR", 0)
            writer.add_numbers(account.id, map(NumberRow, NUMBERS), 0)
            return account.id

        self.account_id = await self.store.write(work)

    async def add(self, name: str, url: str | None = None, **changes: Any) -> Webhook:
        """Add an endpoint; the names of its secrets are its own."""
        values: dict[str, Any] = {
            "types": ("*",),
            "numbers": (),
            "description": "",
            "created_at_ms": 5,
            "updated_at_ms": 5,
        }
        webhook = Webhook(name, self.account_id, url or f"https://{name}.example", **values | changes)

        def work(writer: Writer) -> None:
            writer.add_webhook(webhook)
            writer.put_secret(secret_of(name), SEALER.seal(secret_of(name), SECRET))

        await self.store.write(work)
        return webhook

    async def tell(self, *numbers: E164 | None, kind: EventType = EventType.CALL_MISSED, **data: object) -> None:
        """Tell an event of each number, in one transaction."""

        def work(writer: Writer) -> None:
            for number in numbers:
                emit(writer, Event(kind, self.account_id, number, data, self.clock.now))

        await self.store.write(work)

    def sender(self, owner: str = "node", lease: timedelta = LEASE) -> WebhookSender:
        """Return a sender."""
        config = SenderConfig(
            owner=owner,
            jitter=lambda: 0.5,
            sealer=lambda: self.sealer,
            lease=lease,
            alarm=self.alarms.append,
            store_alarm=self.store_alarms.append,
        )
        return WebhookSender(self.store, self.real or self.client, self.clock, config)

    @asynccontextmanager
    async def sending(self, owner: str = "node", grace_s: float = 1.0) -> AsyncIterator[WebhookSender]:
        """Have a sender work meanwhile."""
        stop, sender = asyncio.Event(), self.sender(owner)
        task = asyncio.create_task(sender.run(stop, grace_s))
        try:
            yield sender
        finally:
            stop.set()
            await task

    async def deliveries(self, name: str) -> list[Delivery]:
        """Return all deliveries to an endpoint, the first one first."""
        return list(await self.store.read(methodcaller("deliveries", name, None, 100_000)))[::-1]

    async def until(self, condition: Callable[[], bool], what: str = "it", timeout_s: float = 10.0) -> None:
        """Wait until a condition is true."""

        async def holds() -> bool:
            return condition()

        await wait_until(holds, what, timeout_s)

    async def until_ended(self, name: str, count: int, timeout_s: float = 10.0) -> list[Delivery]:
        """Wait until so many deliveries to an endpoint have ended; return all."""

        async def have_ended() -> bool:
            return sum(each.ended_at_ms is not None for each in await self.deliveries(name)) >= count

        await wait_until(have_ended, f"{count} deliveries", timeout_s)
        return await self.deliveries(name)

    async def until_tried(self, name: str, attempts: int) -> list[Delivery]:
        """Wait until the first delivery to an endpoint was tried so often and that is stored; return all."""

        async def was_tried() -> bool:
            found = await self.deliveries(name)
            return bool(found) and found[0].attempts >= attempts

        await wait_until(was_tried, f"attempt {attempts}")
        return await self.deliveries(name)


def run(scenario: Callable[[WebhookHarness], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario on a new harness with an account."""

    async def main() -> None:
        harness = WebhookHarness()
        await harness.make()
        await asyncio.wait_for(scenario(harness), 25)

    asyncio.run(main())
