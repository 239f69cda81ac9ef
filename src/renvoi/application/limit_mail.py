"""Tells accounts by mail that their calls have reached a limit, each at most once a day.

What is to be told is in the store, so no restart loses it; of several nodes one tells it. A mail comes twice when the
process dies, or the store leaves, between the server's 250 and the note of it.
"""

import asyncio
from typing import Protocol

import structlog

from renvoi.application.mailer import Delivery, Kept, Sent
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.access.limit_notice import LimitNotice
from renvoi.domain.calls.usage import DAY_MS

PERIOD_S = 30.0
"""How often is looked for notices, also where none is announced."""
RETRY_MS = 15 * 60 * 1000
"""How long a mail that could not be sent waits, or one whose sender died."""
GIVE_UP_MS = 2 * DAY_MS
"""Age at which nobody wants to know any more."""
AT_ONCE = 20

log = structlog.get_logger(__name__)


class Notifier(Protocol):
    """Sends notices of limits."""

    async def notify(self, notice: LimitNotice, account: Account) -> Delivery:
        """Make the mail to the account's address and hand it over, once; see `Mailer.send`."""


class LimitMail:
    """Sends notices of limits to the accounts that have an address."""

    def __init__(self, store: Store, notifier: Notifier, clock: Clock, period_s: float = PERIOD_S) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._period_s = period_s
        self._woken = asyncio.Event()

    def look(self) -> None:
        """Look soon: there may be a notice."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                try:
                    await self._tell_all()
                except StoreUnavailable as error:
                    log.warning("accounts learn of their limits when the store is back", error=str(error))
                woken = asyncio.create_task(self._woken.wait())
                await asyncio.wait((stopping, woken), timeout=self._period_s, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
        finally:
            stopping.cancel()

    async def _tell_all(self) -> None:
        while notices := await self._store.read(lambda reader: reader.due_limit_notices(self._clock.now_ms(), AT_ONCE)):
            for notice in notices:
                await self._tell(notice)

    async def _tell(self, notice: LimitNotice) -> None:
        now_ms = self._clock.now_ms()
        until_ms = now_ms + RETRY_MS
        if not await self._store.write(lambda writer: writer.claim_limit_notice(notice, now_ms, until_ms)):
            return
        account = await self._store.read(lambda reader: reader.account(str(notice.account_id)))
        if account is not None and account.email is not None and not await self._send(notice, account, now_ms):
            return
        await self._store.write(lambda writer: writer.end_limit_notice(notice))

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
