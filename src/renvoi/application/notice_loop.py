"""The loop that sends notices by mail: when it is woken, and periodically."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.wakeups import to_next

PERIOD_S = 30.0
"""How often it looks for notices that nobody announced."""
RETRY_MS = 15 * 60 * 1000
"""How long a mail that could not be sent waits, or one whose sender died."""
AT_ONCE = 20

T = TypeVar("T")

log = structlog.get_logger(__name__)


class NoticeLoop:
    """Runs `send_due`, which sends the notices that are due; `what` names them in the log."""

    def __init__(self, what: str, send_due: Callable[[], Awaitable[None]], period_s: float = PERIOD_S) -> None:
        self._what = what
        self._send_due = send_due
        self._period_s = period_s
        self._woken = asyncio.Event()

    def look(self) -> None:
        """Look soon: there may be a notice."""
        self._woken.set()

    async def _tell_due(self, due: Callable[[], Awaitable[Sequence[T]]], tell: Callable[[T], Awaitable[bool]]) -> None:
        """Tell what is `due`, page by page, while `tell` takes any of a page.

        What it cannot take stays due: another node has it, or its row is damaged, so that it is not found again.
        """
        while notices := await due():
            taken = 0
            for notice in notices:
                try:
                    taken += await tell(notice)
                except StoreRefused as error:
                    log.error(f"one of the {self._what} cannot be sent", notice=repr(notice)[:300], error=str(error))  # noqa: TRY400 - the text says it
            if not taken:
                return

    async def run(self, stop: asyncio.Event) -> None:
        """Send notices until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                try:
                    await self._send_due()
                except StoreUnavailable as error:
                    log.warning(f"{self._what} are sent when the store is back", error=str(error))
                woken = asyncio.create_task(self._woken.wait())
                await asyncio.wait(
                    (stopping, woken), timeout=to_next(self._period_s), return_when=asyncio.FIRST_COMPLETED
                )
                woken.cancel()
        finally:
            stopping.cancel()
