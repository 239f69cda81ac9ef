"""An outbox at work on a store in memory, with a mailer that does as told and a clock that only tests move."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.message_files import MessageFiles
from renvoi.application.mail_channel import MailChannel
from renvoi.application.mailer import Delivery, Sent, VoicemailNotice
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.outbox.leases import LEASE
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, Message
from tests.support.http_api import NUMBER, START_MS, FixedClock
from tests.support.memory_store import MemoryStore

_PATIENCE = 10_000
"""Turns of the event loop that something may take; nothing here waits for real time."""

SENT = Sent("250 OK")
BUSY_MAIL = TemporaryFailure("450 mailbox busy", Affected.ITEM)
NOT_LET_IN = TemporaryFailure("554 5.7.1 relay access denied", Affected.SITE)
NO_SERVER = TemporaryFailure("connection refused", Affected.SERVER)
Answer = Delivery | Exception | Callable[[VoicemailNotice], Awaitable[Delivery]]


class MovedClock(FixedClock):
    """A clock that stands still until a test moves it."""

    def move(self, **duration: float) -> None:
        """Go forward by a timedelta of these arguments."""
        self.now += int(timedelta(**duration).total_seconds() * 1000)

    def set(self, **duration: float) -> None:
        """Have somebody set it by a timedelta of these arguments, in no time."""
        self.set_by += int(timedelta(**duration).total_seconds() * 1000)
        self.move(**duration)


@dataclass
class ScriptedMailer:
    """See `application.mailer.Mailer`: ends as `answers` say for a message, else as `answer` does."""

    answer: Answer = SENT
    answers: dict[str, Answer] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    notices: list[VoicemailNotice] = field(default_factory=list)

    async def send(self, notice: VoicemailNotice) -> Delivery:
        """Note the attempt, and end as told."""
        self.tried.append(notice.message_id)
        self.notices.append(notice)
        answer = self.answers.get(notice.message_id, self.answer)
        if isinstance(answer, Exception):
            raise answer
        return await answer(notice) if callable(answer) else answer


class OutboxHarness:
    """An outbox with all that it works on."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.mailer = ScriptedMailer()
        self.clock = MovedClock()
        self.jitter = 0.5
        self.alarms: list[str] = []
        self.store_alarms: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, *message_ids: str, at: str = "owner@example.net") -> None:
        """Make an account with a number, and messages for it."""

        def work(writer: Writer) -> None:
            account = writer.add_account("demo", "fr", "BE", START_MS)
            writer.add_number(account.id, NumberRow(NUMBER, "front desk"), START_MS)

        await self.store.write(work)
        await self.leave(*message_ids, at=at)

    async def leave(self, *message_ids: str, at: str = "owner@example.net", caller: str = "+33140000001") -> None:
        """Leave messages."""
        now_ms = self.clock.now_ms()
        for name in message_ids:
            message = Message(name, NUMBER, 1, 3, caller, f"call-{name}", now_ms - 4200, 4200)
            mail = Mail(name, EmailAddress(at), now_ms, now_ms, scheduled_at_ms=now_ms)
            await self.store.write(methodcaller("add_message", message, mail))

    def hang(self, after: int = 0) -> asyncio.Event:
        """Have the mailer wait for the event that is returned, with all mails but the next `after`."""
        gate = asyncio.Event()
        begun = len(self.mailer.tried) + after

        async def wait(_: VoicemailNotice) -> Delivery:
            if len(self.mailer.tried) > begun:
                await gate.wait()
            return SENT

        self.mailer.answer = wait
        return gate

    async def mail(self, message_id: str) -> Mail:
        """Return the mail of a message."""
        stored = await self.store.read(lambda reader: reader.message(message_id))
        assert stored is not None
        return stored.mail

    async def counts(self) -> dict[str, int]:
        """Return the counters."""
        return dict(await self.store.read(lambda reader: reader.counts()))

    @property
    def channel(self) -> MailChannel:
        """Return mail, from the store as it is now."""
        files = MessageFiles(Path("/messages"), Path("/mail"))
        return MailChannel(self.store, self.mailer, files, lambda number: f"https://x.example/numbers/{number}")

    @asynccontextmanager
    async def _work(self, grace_s: float, node: str, lease: timedelta) -> Any:
        config = OutboxConfig(
            owner=node,
            jitter=lambda: self.jitter,
            lease=lease,
            alarm=self.alarms.append,
            store_alarm=self.store_alarms.append,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(Outbox(self.store, self.channel, self.clock, config).run(stop, grace_s))
        self._tasks.append(task)
        try:
            yield stop
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await task

    def work(
        self, grace_s: float = 10.0, node: str = "this node", lease: timedelta = LEASE
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        """Run an outbox; yields what stops it."""
        return self._work(grace_s, node, lease)

    async def ended(self) -> None:
        """Wait until one of the outboxes has ended by itself."""
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def until_attempts(self, count: int) -> None:
        """Wait until so many attempts were made, and what follows from them is done."""
        await until(lambda: len(self.mailer.tried) >= count, f"attempt {count}")
        await turns()

    async def until_tried(self, *message_ids: str) -> None:
        """Wait until exactly these were tried, in this order."""
        await self.until_attempts(len(message_ids))
        assert self.mailer.tried == list(message_ids)


async def until(condition: Callable[[], bool], what: str) -> None:
    """Give the others their turns until `condition` holds."""
    for _ in range(_PATIENCE):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail(f"{what} did not happen")


async def turns() -> None:
    """Give the others so many turns that whatever they can do now is done."""
    for _ in range(100):
        await asyncio.sleep(0)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario, which must end soon."""

    async def limited() -> None:
        async with asyncio.timeout(20):
            await scenario()

    asyncio.run(limited())
