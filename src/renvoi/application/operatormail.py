"""Tells the operator by mail of mails that failed for good: their callers' messages reached nobody."""

import asyncio
from collections import deque

import structlog

from renvoi.application.mail import Kept, OperatorReport, Reporter, Sent
from renvoi.application.ports import Clock
from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.message import Mail

PERIOD_S = 3600.0
"""At most one report in this time, however much fails."""
COLLECT_S = 5.0
"""How long the first failure waits for others, which often have one cause."""
SHOWN = 20
"""Failures that a report names, the latest ones; of the others it gives the number."""

log = structlog.get_logger(__name__)


class OperatorMail:
    """Collects failures, and reports them from time to time. What it cannot send is logged, and never reported.

    Failures that are not reported when the process ends are in the log and in `renvoi messages` only.
    """

    def __init__(
        self,
        reporter: Reporter,
        recipient: EmailAddress,
        clock: Clock,
        period_s: float = PERIOD_S,
        collect_s: float = COLLECT_S,
    ) -> None:
        self._reporter = reporter
        self._recipient = recipient
        self._clock = clock
        self._period_s = period_s
        self._collect_s = collect_s
        self._failures: deque[Mail] = deque(maxlen=SHOWN)
        self._count = 0
        self._some = asyncio.Event()

    def failed(self, mail: Mail) -> None:
        """Take note of a mail that failed for good; its `note` says why."""
        self._failures.append(mail)
        self._count += 1
        self._some.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Report until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        pause_s = self._collect_s
        try:
            while not stop.is_set():
                some = asyncio.create_task(self._some.wait())
                await asyncio.wait((some, stopping), return_when=asyncio.FIRST_COMPLETED)
                some.cancel()
                await asyncio.wait((stopping,), timeout=pause_s)
                if not stop.is_set():
                    await self._report()
                    pause_s = self._period_s
        finally:
            stopping.cancel()

    async def _report(self) -> None:
        shown, count = tuple(self._failures), self._count
        report = OperatorReport(self._recipient, self._clock.now_ms(), count, shown)
        try:
            delivery = await self._reporter.report(report)
        except Exception as error:
            log.exception("the operator cannot be told of mails that failed", failed=count, error=repr(error))
            return
        if not isinstance(delivery, Sent | Kept):
            log.error("the operator cannot be told of mails that failed", failed=count, reason=delivery.reason)
            return
        log.info("the operator was told of mails that failed", failed=count, recipient=self._recipient.value)
        self._count -= count
        for mail in shown:
            if mail in self._failures:
                self._failures.remove(mail)
        if not self._count:
            self._some.clear()
