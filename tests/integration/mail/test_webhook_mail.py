"""An account is told by mail of an endpoint that was disabled, once, in its language."""

import asyncio
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.application.mailer import Delivery
from renvoi.application.notice_loop import RETRY_MS
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.ports.webhooks import WebhookNotice
from renvoi.application.webhooks.notices import WebhookMail, WebhookNotifier
from renvoi.application.webhooks.outcomes import disable
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.webhook import DisabledReason
from tests.support.http_api import START_MS, FixedClock, seed
from tests.support.memory_store import MemoryStore
from tests.support.v2_webhooks import WEBHOOK, put_webhook
from tests.support.voicemail_mail import MAIL_FROM


async def made(locale: str, reason: DisabledReason, *, address: bool = True) -> MemoryStore:
    """Return a store with an account whose endpoint was disabled."""
    store = MemoryStore()

    def work(writer: Writer) -> None:
        seed(writer)
        put_webhook(writer)
        account = writer.account("1")
        assert account is not None
        email = EmailAddress("owner@example.com") if address else None
        writer.put_account(replace(account, locale=locale, email=email))
        disable(writer, WEBHOOK, reason, START_MS)

    await store.write(work)
    return store


async def tell(store: MemoryStore, notifier: WebhookNotifier, clock: FixedClock) -> None:
    """Have accounts told until nothing is due."""
    stop = asyncio.Event()
    mail = WebhookMail(store, notifier, clock, 0.01)
    running = asyncio.create_task(mail.run(stop))
    async with asyncio.timeout(10):
        while await store.read(methodcaller("due_webhook_notices", clock.now, 9)):
            mail.look()
            await asyncio.sleep(0.005)
    stop.set()
    await running


@pytest.mark.parametrize(
    ("locale", "reason", "said"),
    [
        ("en", DisabledReason.GONE, "its endpoint answered 410"),
        ("en", DisabledReason.FAILING, "for five days"),
        ("fr", DisabledReason.GONE, "a répondu 410"),
        ("fr", DisabledReason.FAILING, "pendant cinq jours"),
    ],
)
def test_the_account_is_told_once(tmp_path: Path, locale: str, reason: DisabledReason, said: str) -> None:
    async def main() -> None:
        store, clock = await made(locale, reason), FixedClock()
        await tell(store, FolderMailer(tmp_path, Composer(MAIL_FROM)), clock)
        await tell(store, FolderMailer(tmp_path, Composer(MAIL_FROM)), clock)

    asyncio.run(main())
    (path,) = tmp_path.glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert mail["To"] == "owner@example.com"
    assert "demo" in str(mail["Subject"])
    body = mail.get_body()
    assert body is not None
    text = " ".join(body.get_content().split())
    assert said in text
    assert f"wh_{WEBHOOK.id}" in text
    assert WEBHOOK.url in text


class Refusing:
    """A server that takes no mail."""

    def __init__(self) -> None:
        self.tried = 0

    async def notify_webhook(self, notice: WebhookNotice, account: Account) -> Delivery:
        """Refuse it for now."""
        assert (notice.at_ms, account.id) == (START_MS, 1)
        self.tried += 1
        return TemporaryFailure("450 busy", Affected.ITEM)


def test_a_mail_that_is_refused_is_tried_again_later_and_none_is_made_without_an_address() -> None:
    async def main() -> None:
        store, clock, server = await made("en", DisabledReason.GONE), FixedClock(), Refusing()
        await tell(store, server, clock)
        clock.now += RETRY_MS
        await tell(store, server, clock)
        assert server.tried == 2
        clock.now += 8 * 24 * 3600 * 1000
        await tell(store, server, clock)
        clock.now += RETRY_MS
        await tell(store, server, clock)
        assert server.tried == 3
        await tell(await made("en", DisabledReason.GONE, address=False), server, clock)
        assert server.tried == 3

    asyncio.run(main())
