"""Tells accounts by mail that an endpoint of theirs was disabled.

What is to be sent is in the store, so no restart loses it; of several nodes one sends it. A mail comes twice when the
process dies, or the store leaves, between the server's 250 and the note of it.
"""

from typing import Protocol

import structlog

from renvoi.application.mailer import Delivery, Kept, Sent
from renvoi.application.notice_loop import AT_ONCE, PERIOD_S, RETRY_MS, NoticeLoop
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.ports.webhooks import WebhookNotice

GIVE_UP_MS = 7 * 24 * 3600 * 1000

log = structlog.get_logger("renvoi.webhooks")


class WebhookNotifier(Protocol):
    """Sends these mails."""

    async def notify_webhook(self, notice: WebhookNotice, account: Account) -> Delivery:
        """Make the mail to the account's address and hand it over, once; see `Mailer.send`."""


class WebhookMail(NoticeLoop):
    """Sends notices of endpoints that were disabled to the accounts that have an address."""

    def __init__(self, store: Store, notifier: WebhookNotifier, clock: Clock, period_s: float = PERIOD_S) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        super().__init__("mails about disabled webhooks", self._send_due, period_s)

    async def _send_due(self) -> None:
        await self._tell_due(
            lambda: self._store.read(lambda reader: reader.due_webhook_notices(self._clock.now_ms(), AT_ONCE)),
            self._tell,
        )

    async def _tell(self, notice: WebhookNotice) -> bool:
        """Send a notice; tell whether it was ours to send."""
        now_ms, webhook_id = self._clock.now_ms(), notice.webhook.id
        if not await self._store.write(
            lambda writer: writer.claim_webhook_notice(webhook_id, now_ms, now_ms + RETRY_MS)
        ):
            return False
        account = await self._store.read(lambda reader: reader.account(str(notice.webhook.account_id)))
        if account is None:
            of = {"account": notice.webhook.account_id, "webhook": f"wh_{webhook_id}"}
            log.warning("nobody is notified about a webhook: there is no such account", **of)
        elif account.email is not None and not await self._send(notice, account, now_ms):
            return True
        await self._store.write(lambda writer: writer.end_webhook_notice(webhook_id))
        return True

    async def _send(self, notice: WebhookNotice, account: Account, now_ms: int) -> bool:
        """Send a notice; tell whether that is the end of it."""
        entry = log.bind(account=account.id, webhook=f"wh_{notice.webhook.id}")
        try:
            delivery = await self._notifier.notify_webhook(notice, account)
        except Exception as error:
            log.exception("an account cannot be notified about its webhook", account=account.id, error=repr(error))
            return True
        if isinstance(delivery, Sent | Kept):
            entry.info("an account was notified about its webhook")
            return True
        gives_up = isinstance(delivery, PermanentFailure) or now_ms - notice.at_ms > GIVE_UP_MS
        entry.warning("an account cannot be notified about its webhook", reason=delivery.reason, given_up=gives_up)
        return gives_up
