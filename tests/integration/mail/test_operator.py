"""The operator is told of mails that failed for good, through a real SMTP server."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.operatormail import OperatorMail
from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.message import Mail, MailState
from tests.support.smtp import Behaviour, Inbox
from tests.support.voicemail_mail import MAIL_FROM

OPERATOR = EmailAddress("operator@example.com")


def failed(name: str) -> Mail:
    recipient = EmailAddress("owner@example.com")
    return Mail(name, recipient, 1, 1, MailState.FAILED, 1, "550 5.1.1 no\r\nsuch user", 2)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the server is another thread
            await asyncio.sleep(0.01)


def test_failures_are_told_together_and_once() -> None:
    with Inbox() as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))

        async def scenario() -> None:
            stop = asyncio.Event()
            operator = OperatorMail(mailer, OPERATOR, SystemClock(), collect_s=0.0)
            for number in range(30):
                operator.failed(failed(f"m{number}"))
            running = asyncio.create_task(operator.run(stop))
            await until(lambda: len(inbox.mails) == 1)
            # Within the hour there is no second one.
            operator.failed(failed("late"))
            await asyncio.wait([running], timeout=0.5)
            stop.set()
            await running

        asyncio.run(scenario())
        (mail,) = inbox.mails
    assert mail.recipients == ("operator@example.com",)
    assert mail.message["Subject"] == "renvoi: 30 voicemail mails could not be delivered"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    text = mail.message.get_content()
    assert "m29 for owner@example.com: 550 5.1.1 no such user" in text
    assert "m9 " not in text
    assert "and 10 more" in text


def test_a_report_that_is_refused_is_tried_later_and_reported_to_nobody() -> None:
    with Inbox(behaviour=Behaviour(rcpt_reply="550 5.1.1 no such user")) as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))

        async def scenario() -> None:
            stop = asyncio.Event()
            operator = OperatorMail(mailer, OPERATOR, SystemClock(), period_s=0.05, collect_s=0.0)
            operator.failed(failed("m1"))
            running = asyncio.create_task(operator.run(stop))
            await until(lambda: len(inbox.greeted) >= 3)
            inbox.behaviour = Behaviour()
            await until(lambda: len(inbox.mails) == 1)
            stop.set()
            await running

        asyncio.run(scenario())
        assert inbox.mails[0].message["Subject"] == "renvoi: 1 voicemail mail could not be delivered"


def test_without_a_server_the_report_is_a_file(tmp_path: Path) -> None:
    async def scenario() -> None:
        stop = asyncio.Event()
        operator = OperatorMail(FolderMailer(tmp_path, Composer(MAIL_FROM)), OPERATOR, SystemClock(), collect_s=0.0)
        operator.failed(failed("m1"))
        running = asyncio.create_task(operator.run(stop))
        await until(lambda: bool(list(tmp_path.glob("report.*.eml"))))
        stop.set()
        await running

    asyncio.run(scenario())
