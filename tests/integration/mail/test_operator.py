"""The operator gets a report of mails that failed for good, through a real SMTP server and from a real store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application import operator_report
from renvoi.application.operator_report import OperatorMail
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from tests.support.memory_store import MemoryStore
from tests.support.smtp import Behaviour, Inbox
from tests.support.stores import A, opened, seed
from tests.support.voicemail_mail import MAIL_FROM

OPERATOR = EmailAddress("operator@example.com")
OWNER = EmailAddress("owner@example.com")


async def fail(store: Store, *names: str) -> None:
    """Have mails fail, one millisecond after the other."""
    for at_ms, name in enumerate(names, 2):
        mail = Mail(name, OWNER, 1, 1, MailState.FAILED, 1, "550 5.1.1 no\r\nsuch user", at_ms)
        await store.write(methodcaller("add_message", Message(name, A, 1, 1, "+331", name, 1, 4200), mail))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the server is another thread
            await asyncio.sleep(0.01)


async def until_all_reported(store: Store) -> None:
    """Wait until nothing is left to be reported, whoever has claimed it."""
    far_ms = SystemClock().now_ms() + 2 * 3600 * 1000
    async with asyncio.timeout(20):
        while await store.read(lambda reader: reader.unreported_mails(far_ms, 1)):  # noqa: ASYNC110 - a store tells nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def reporting(
    store: Store, mailer: SmtpMailer | FolderMailer, period_s: float = 3600.0
) -> AsyncIterator[asyncio.Task[None]]:
    """Run what reports to the operator."""
    stop = asyncio.Event()
    operator = OperatorMail(store, mailer, OPERATOR, SystemClock(), period_s, collect_s=0.02)
    running = asyncio.create_task(operator.run(stop))
    try:
        yield running
    finally:
        stop.set()
        await running


def smtp(inbox: Inbox) -> SmtpMailer:
    """Return what sends mails to this server."""
    return SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))


def on_a_new_store(scenario: Callable[[Store], Awaitable[None]]) -> None:
    """Run a scenario on a store in memory, with an account."""

    async def main() -> None:
        store = MemoryStore()
        await seed(store)
        await scenario(store)

    asyncio.run(main())


def test_failures_are_told_together_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_report, "AT_ONCE", 7)
    with Inbox() as inbox:

        async def scenario(store: Store) -> None:
            await fail(store, *(f"m{number}" for number in range(30)))
            async with reporting(store, smtp(inbox)) as running:
                await until(lambda: len(inbox.mails) == 1)
                await until_all_reported(store)
                # Within the hour there is no second one.
                await fail(store, "late")
                await asyncio.wait([running], timeout=0.5)

        on_a_new_store(scenario)
        (mail,) = inbox.mails
    assert mail.recipients == ("operator@example.com",)
    assert mail.message["Subject"] == "renvoi: 30 voicemail mails could not be delivered"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    text = mail.message.get_content()
    assert "m29 for owner@example.com: 550 5.1.1 no such user" in text
    assert "m9 " not in text
    assert "and 10 more" in text


def test_what_was_not_told_before_a_restart_is_told_after_it(tmp_path: Path) -> None:
    """Failed while nobody reported, or while the server refused the report; what was told is not told again."""
    url = f"sqlite:///{tmp_path}/renvoi.db"
    with Inbox(behaviour=Behaviour(rcpt_reply="450 later")) as inbox:

        async def first() -> None:
            async with opened(url) as store:
                await seed(store)
                await fail(store, "m1")
                async with reporting(store, smtp(inbox), period_s=0.05):
                    await until(lambda: len(inbox.greeted) >= 1)

        async def second() -> None:
            async with opened(url) as store:
                async with reporting(store, smtp(inbox)):
                    await until(lambda: len(inbox.mails) == 1)
                    await until_all_reported(store)
                await fail(store, "m2")

        async def third() -> None:
            async with opened(url) as store, reporting(store, smtp(inbox)):
                await until(lambda: len(inbox.mails) == 2)

        asyncio.run(first())
        inbox.behaviour = Behaviour()
        asyncio.run(second())
        asyncio.run(third())
        told = [mail.message.get_content() for mail in inbox.mails]
    assert ["m1 for" in text for text in told] == [True, False]
    assert ["m2 for" in text for text in told] == [False, True]


def test_of_several_nodes_one_tells_each_failure() -> None:
    with Inbox() as inbox:

        async def scenario(store: Store) -> None:
            await fail(store, *(f"m{number}" for number in range(5)))
            async with reporting(store, smtp(inbox)), reporting(store, smtp(inbox)), reporting(store, smtp(inbox)):
                await until_all_reported(store)

        on_a_new_store(scenario)
        (mail,) = inbox.mails
    assert mail.message["Subject"] == "renvoi: 5 voicemail mails could not be delivered"


def test_a_report_that_is_refused_is_tried_later_and_reported_to_nobody() -> None:
    with Inbox(behaviour=Behaviour(rcpt_reply="550 5.1.1 no such user")) as inbox:

        async def scenario(store: Store) -> None:
            await fail(store, "m1")
            async with reporting(store, smtp(inbox), period_s=0.05):
                await until(lambda: len(inbox.greeted) >= 2)
                inbox.behaviour = Behaviour()
                await until(lambda: len(inbox.mails) == 1)

        on_a_new_store(scenario)
        assert inbox.mails[0].message["Subject"] == "renvoi: 1 voicemail mail could not be delivered"


def test_without_a_server_the_report_is_a_file(tmp_path: Path) -> None:
    async def scenario(store: Store) -> None:
        await fail(store, "m1")
        async with reporting(store, FolderMailer(tmp_path, Composer(MAIL_FROM))):
            await until(lambda: bool(list(tmp_path.glob("report.*.eml"))))

    on_a_new_store(scenario)
