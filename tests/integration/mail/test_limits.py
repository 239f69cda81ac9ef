"""An account is told by mail of a limit that its calls have reached, through a real SMTP server, once a day."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TypeVar

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.limit_mail import LimitMail, Notifier
from renvoi.application.notice_loop import RETRY_MS
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.calls.usage import DAY_MS, day_of
from renvoi.domain.email_address import EmailAddress
from tests.integration.mail.test_operator import until
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore
from tests.support.smtp import Inbox
from tests.support.stores import seed
from tests.support.voicemail_mail import MAIL_FROM

T = TypeVar("T")
OWNER = EmailAddress("owner@example.com")
NOON = 1_800_014_400_000


def notice(account_id: int = 1, kind: LimitKind = LimitKind.MINUTES, name: str = "n33199001234") -> LimitNotice:
    return LimitNotice(account_id, day_of(NOON), kind, name, NOON)


class SharedStore(MemoryStore):
    """A store that several nodes read at the same time."""

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Read, and let the others read before anything is made of it."""
        found = await super().read(work)
        await asyncio.sleep(0)
        return found


@asynccontextmanager
async def telling(store: Store, notifier: Notifier, clock: FixedClock) -> AsyncIterator[LimitMail]:
    """Run what tells accounts."""
    stop = asyncio.Event()
    mail = LimitMail(store, notifier, clock)
    running = asyncio.create_task(mail.run(stop))
    try:
        yield mail
    finally:
        stop.set()
        await running


async def filled(store: Store, *notices: LimitNotice, locale: str = "en") -> Store:
    """Have an account with an address, and one without, that have reached limits."""
    await seed(store)

    def work(writer: Writer) -> None:
        account = writer.account("1")
        assert account is not None
        writer.put_account(replace(account, locale=locale, email=OWNER))
        writer.add_account("other", "en", "FR", 1)
        for each in notices:
            writer.add_limit_notice(each)

    await store.write(work)
    return store


async def until_none_is_due(store: Store, clock: FixedClock) -> None:
    async with asyncio.timeout(20):
        while await store.read(lambda reader: reader.due_limit_notices(clock.now_ms(), 1)):  # noqa: ASYNC110 - a store tells nobody
            await asyncio.sleep(0.01)


def test_the_first_limit_of_a_day_is_told_once_by_one_of_two_nodes() -> None:
    async def scenario(inbox: Inbox) -> None:
        clock = FixedClock(NOON + 5)
        store = await filled(SharedStore(), notice(), notice(name="a1", kind=LimitKind.CALLS), notice(account_id=2))
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))
        async with telling(store, mailer, clock) as first, telling(store, mailer, clock):
            await until(lambda: len(inbox.mails) == 1)
            await until_none_is_due(store, clock)
            tomorrow = replace(notice(name="a1", kind=LimitKind.CALLS), day=day_of(NOON) + 1, at_ms=NOON + DAY_MS)
            clock.now += DAY_MS
            await store.write(lambda writer: writer.add_limit_notice(tomorrow))
            first.look()
            await until(lambda: len(inbox.mails) == 2)
        today, after = (received.message for received in inbox.mails)
        assert (today["To"], today["Content-Language"]) == (OWNER.value, "en")
        assert today["Subject"] == "Limit reached: Number +33 1 99 00 12 34"
        text = today.get_content()
        assert "Number +33 1 99 00 12 34 has reached its limit of minutes a day. Calls that would be forwarded" in text
        assert "Reached: Friday, 15 January 2027 at 13:00 (Europe/Paris)" in text
        assert after["Subject"] == "Limit reached: Your account demo"
        assert "its limit of calls at once. More calls are refused until there are fewer." in after.get_content()

    with Inbox() as inbox:
        asyncio.run(scenario(inbox))


def test_a_mail_that_cannot_be_sent_is_tried_again_and_given_up_after_two_days() -> None:
    async def scenario(inbox: Inbox) -> None:
        clock = FixedClock(NOON + 5)
        store = await filled(MemoryStore(), notice(), notice(account_id=2))
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))
        async with telling(store, mailer, clock) as mail:
            await until_none_is_due(store, clock)
            for _ in range(2):
                clock.now += RETRY_MS
                assert len(await store.read(lambda reader: reader.due_limit_notices(clock.now_ms(), 9))) == 1
                mail.look()
                await until_none_is_due(store, clock)
            clock.now += 2 * DAY_MS
            mail.look()
            await until_none_is_due(store, clock)
            # Nothing looks again by itself meanwhile: it is the last answer that has ended it.
            clock.now += RETRY_MS
            await until_none_is_due(store, clock)

    with Inbox() as inbox:
        inbox.behaviour.rcpt_reply = "451 4.7.1 later"
        asyncio.run(scenario(inbox))
        assert not inbox.mails


@pytest.mark.parametrize("kind", list(LimitKind))
@pytest.mark.parametrize("name", ["a1", "n33199001234", "t1.33612345678"])
def test_in_french_without_a_mail_server(tmp_path: Path, kind: LimitKind, name: str) -> None:
    async def scenario() -> None:
        clock = FixedClock(NOON + 5)
        store = await filled(MemoryStore(), notice(kind=kind, name=name), locale="fr")
        async with telling(store, FolderMailer(tmp_path, Composer(MAIL_FROM)), clock):
            await until(lambda: bool(list(tmp_path.glob("limit.*.eml"))))
        mail = message_from_bytes((tmp_path / f"limit.1.{day_of(NOON)}.eml").read_bytes(), policy=default)
        assert (mail["To"], mail["Content-Language"]) == (OWNER.value, "fr")
        assert str(mail["Subject"]).startswith("Limite atteinte\u00a0: ")
        text = mail.get_content()
        assert " a atteint sa limite d" in text
        assert "Atteinte\u00a0: vendredi 15 janvier 2027 à 13:00 (Europe/Paris)" in text

    asyncio.run(scenario())
