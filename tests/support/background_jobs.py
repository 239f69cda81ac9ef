"""What works in the background, each job once, on a store that counts how often it is asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from renvoi.adapters.message_files import MessageFiles
from renvoi.application.holiday_renewal import renew_due
from renvoi.application.limit_mail import LimitMail
from renvoi.application.mail_channel import MailChannel
from renvoi.application.mailer import Sent
from renvoi.application.messages import delete_expired
from renvoi.application.missed_calls import MissedCallChannel
from renvoi.application.outbox.channel import Channel
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.person_mail import PersonMail
from renvoi.application.ports.holidays import KnownHolidays
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.removals import settle_removals
from renvoi.application.retention import Retention, remove_old
from renvoi.application.staging import settle
from renvoi.application.webhooks.notices import WebhookMail
from renvoi.call_records.collector import Collector
from renvoi.call_records.dead_letters import DeadLetters
from tests.support.outbox_harness import MovedClock
from tests.support.webhook_harness import WebhookHarness

T = TypeVar("T")
MOST = 200
"""Reads and changes that a job may need: one that never ends needs more."""
DAYS = 86_400_000


class Endless(AssertionError):
    """A job asks the store again and again."""


class Counted:
    """See `Store`; it is asked `MOST` times at the most."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = MOST
        self.keeps_audio = store.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        self._take()
        return await self._store.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        self._take()
        return await self._store.write(work)

    async def close(self) -> None:
        """Leave it open."""

    def _take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Endless(f"the store was asked {MOST} times")


class Told:
    """Notes what mails it was given, by what names them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def send(self, notice: Any) -> Sent:
        self.names.append(notice.name)
        return Sent("250 OK")

    notify_missed_call = send

    async def notify(self, notice: Any, _: object) -> Sent:
        self.names.append(f"{notice.account_id} {notice.day}")
        return Sent("250 OK")

    async def notify_webhook(self, notice: Any, _: object) -> Sent:
        self.names.append(notice.webhook.id)
        return Sent("250 OK")

    async def notify_person(self, notice: Any) -> Sent:
        self.names.append(notice.token_id)
        return Sent("250 OK")


@dataclass
class Work:
    """What a job works with."""

    store: Store
    clock: MovedClock
    told: Told
    directory: Path


@dataclass(frozen=True)
class Job:
    """`run` does what is due once; `tables` are those whose rows are damaged.

    `done` is a statement whose rows come or go by the work, "" where that is what was told. `before` are statements
    that make something due; `later_ms` is how long after the store was filled it runs; `hanging` is what hangs on one
    row of the tables at the most. Columns that are `quiet` say what is due, and whose it is: by another value there is
    no such work, and nothing to log.
    """

    run: Callable[[Work], Awaitable[None]]
    tables: Sequence[str]
    done: str = ""
    before: Sequence[str] = ()
    later_ms: int = 0
    hanging: int = 1
    quiet: frozenset[str] = frozenset()


async def _deliver(work: Work, channel: Channel[Any, Any]) -> None:
    config = OutboxConfig(owner="node", jitter=lambda: 0.5)
    outbox = Outbox(work.store, channel, work.clock, config)
    for _ in range(3):
        await outbox._start_due()
        while outbox._tasks:
            await asyncio.gather(*outbox._tasks.values())


async def mails(work: Work) -> None:
    await _deliver(work, MailChannel(work.store, work.told, MessageFiles(work.directory, work.directory), str))


async def missed_calls(work: Work) -> None:
    await _deliver(work, MissedCallChannel(work.store, work.told, str))


async def limit_notices(work: Work) -> None:
    await LimitMail(work.store, work.told, work.clock)._send_due()


async def webhook_notices(work: Work) -> None:
    await WebhookMail(work.store, work.told, work.clock)._send_due()


async def person_mails(work: Work) -> None:
    await PersonMail(work.store, work.told, work.clock, "https://x.example")._send_due()


async def expiry(work: Work) -> None:
    while await delete_expired(work.store, work.clock, MessageFiles(work.directory, work.directory).remove, 100):
        pass


async def retention(work: Work) -> None:
    day = timedelta(days=1)
    await remove_old(Retention(day, day, day, day, day), work.store, work.clock, asyncio.Event())


async def removals(work: Work) -> None:
    await settle_removals(work.store, work.clock, MessageFiles(work.directory, work.directory).remove)


class Calendar:
    """Knows each first of May."""

    def between(self, _: str, first: date, last: date) -> KnownHolidays:
        return KnownHolidays((first.replace(month=5, day=1),), last)


async def renewals(work: Work) -> None:
    await renew_due(work.store, Calendar(), work.clock, asyncio.Event())


async def imports(work: Work) -> None:
    await settle(work.store, work.clock)


async def collecting(work: Work) -> None:
    collector = Collector(work.store, work.clock, work.directory, DeadLetters(work.directory / "dead"))
    await collector.collect()


async def webhooks(work: Work) -> None:
    harness = WebhookHarness(work.store)
    harness.clock = work.clock
    sender = harness.sender()
    storing = asyncio.create_task(sender._outcomes.run())
    for _ in range(4):
        await sender._work()
        tasks = [task for each in sender._endpoints.values() for task in each.busy.values() if task is not None]
        await asyncio.gather(*tasks)
        await sender._outcomes.settle()
    storing.cancel()
    work.told.names += [f"{headers['webhook-id']} to {url}" for url, headers, _ in harness.client.sent]
