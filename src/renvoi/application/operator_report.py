"""Tells the operator by mail of mails that failed for good: their callers' messages reached nobody.

What was not reported to the operator yet is in the store, so no restart loses it; of several nodes one sends it.
"""

import asyncio
import secrets

import structlog

from renvoi.application.mailer import Kept, OperatorReport, Reporter, Sent
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail

PERIOD_S = 3600.0
"""At most one report in this time, however much fails. As long a report that did not end well waits for the next try,
by any node."""
COLLECT_S = 5.0
"""How often to look for failures, and how long the first one waits for others, which often have one cause."""
SHOWN = 20
"""Failures that a report names, the latest ones; of the others it gives the number."""
AT_ONCE = 1000
"""Mails marked in one transaction."""

log = structlog.get_logger(__name__)


class OperatorMail:
    """Reports failures from time to time. What it cannot send is logged, and never reported.

    A report comes twice when the process dies, or the store leaves, between the server's 250 and the note of it.
    """

    def __init__(
        self,
        store: Store,
        reporter: Reporter,
        recipient: EmailAddress,
        clock: Clock,
        period_s: float = PERIOD_S,
        collect_s: float = COLLECT_S,
    ) -> None:
        self._store = store
        self._reporter = reporter
        self._recipient = recipient
        self._clock = clock
        self._period_s = period_s
        self._collect_s = collect_s

    async def run(self, stop: asyncio.Event) -> None:
        """Report until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                pause_s = self._collect_s
                try:
                    if await self._are_there_any():
                        await asyncio.wait((stopping,), timeout=self._collect_s)
                        if not stop.is_set():
                            await self._report()
                            pause_s = self._period_s
                except StoreUnavailable as error:
                    log.warning("mails that failed are reported when the store is back", error=str(error))
                await asyncio.wait((stopping,), timeout=pause_s)
        finally:
            stopping.cancel()

    async def _are_there_any(self) -> bool:
        now_ms = self._clock.now_ms()
        return bool(await self._store.read(lambda reader: reader.unreported_mails(now_ms, 1)))

    async def _report(self) -> None:
        now_ms = self._clock.now_ms()
        # Two nodes that do this at once must be able to tell their claims apart.
        until_ms = now_ms + int(self._period_s * 1000) + secrets.randbelow(1000)

        def claim(writer: Writer) -> tuple[list[Mail], int]:
            return list(writer.unreported_mails(now_ms, SHOWN)), writer.claim_reports(now_ms, until_ms, AT_ONCE)

        shown, count = more = await self._store.write(claim)
        while more[1] == AT_ONCE:
            more = await self._store.write(claim)
            count += more[1]
        if count and await self._send(OperatorReport(self._recipient, now_ms, count, tuple(shown))):
            while await self._store.write(lambda writer: writer.end_reports(until_ms, AT_ONCE)) == AT_ONCE:
                pass

    async def _send(self, report: OperatorReport) -> bool:
        try:
            delivery = await self._reporter.report(report)
        except Exception as error:
            log.exception("failed mails cannot be reported to the operator", failed=report.count, error=repr(error))
            return False
        if not isinstance(delivery, Sent | Kept):
            log.error("failed mails cannot be reported to the operator", failed=report.count, reason=delivery.reason)
            return False
        log.info("failed mails were reported to the operator", failed=report.count, recipient=self._recipient.value)
        return True
