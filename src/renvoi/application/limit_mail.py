"""Tells accounts by mail that their calls have reached a limit, each at most once a day.

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
from renvoi.domain.access.limits import LimitNotice
from renvoi.domain.calls.usage import DAY_MS

GIVE_UP_MS = 2 * DAY_MS
"""Age at which nobody wants to know any more."""

log = structlog.get_logger(__name__)


class Notifier(Protocol):
    """Sends notices of limits."""

    async def notify(self, notice: LimitNotice, account: Account) -> Delivery:
        """Make the mail to the account's address and hand it over, once; see `Mailer.send`."""


class LimitMail(NoticeLoop):
    """Sends notices of limits to the accounts that have an address."""

    def __init__(self, store: Store, notifier: Notifier, clock: Clock, period_s: float = PERIOD_S) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        super().__init__("mails about limits", self._send_due, period_s)

    async def _send_due(self) -> None:
        await self._tell_due(
            lambda: self._store.read(lambda reader: reader.due_limit_notices(self._clock.now_ms(), AT_ONCE)), self._tell
        )

    async def _tell(self, notice: LimitNotice) -> bool:
        """Send a notice; tell whether it was ours to send."""
        now_ms = self._clock.now_ms()
        until_ms = now_ms + RETRY_MS
        if not await self._store.write(lambda writer: writer.claim_limit_notice(notice, now_ms, until_ms)):
            return False
        account = await self._store.read(lambda reader: reader.account(str(notice.account_id)))
        if account is None:
            log.warning("nobody is notified of a limit: there is no such account", account=notice.account_id)
        elif account.email is not None and not await self._send(notice, account, now_ms):
            return True
        await self._store.write(lambda writer: writer.end_limit_notice(notice))
        return True

    async def _send(self, notice: LimitNotice, account: Account, now_ms: int) -> bool:
        """Send a notice; tell whether that is the end of it."""
        entry = log.bind(account=account.id, limit=notice.kind.value, of=notice.name)
        try:
            delivery = await self._notifier.notify(notice, account)
        except Exception as error:
            log.exception("an account cannot be notified of its limit", account=account.id, error=repr(error))
            return True
        if isinstance(delivery, Sent | Kept):
            entry.info("an account was notified of its limit")
            return True
        gives_up = isinstance(delivery, PermanentFailure) or now_ms - notice.at_ms > GIVE_UP_MS
        entry.warning("an account cannot be notified of its limit", reason=delivery.reason, given_up=gives_up)
        return gives_up
