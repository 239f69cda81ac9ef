"""Events as they happen, as server-sent events (WHATWG HTML §9.2)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from renvoi.application.event_log import EventFilter, event_page
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import HEAD_KEY, V2Deps

STREAM = "text/event-stream"
POLL_S = 0.5
"""How often a stream looks for more."""
BEAT_S = 15.0
"""How long a stream says nothing at the most: a client that has gone shows by not taking what is said."""
CHECK_S = 5.0
"""How often is looked whether the client of a silent stream may still have it; else before all that it says."""
MOST_STREAMS, MOST_STREAMS_OF_AN_ACCOUNT = 200, 20
PAGE = 100


class Streams:
    """Counts the streams that are open; each holds a connection, and asks the store all the time."""

    def __init__(self) -> None:
        self._of_accounts: Counter[int] = Counter()

    def check(self, account_id: int) -> None:
        """See that there is room for one more.

        Raises:
            Problem: there are too many.
        """
        full = self._of_accounts.total() >= MOST_STREAMS
        if full or self._of_accounts[account_id] >= MOST_STREAMS_OF_AN_ACCOUNT:
            raise Problem(ProblemCode.TOO_MANY_STREAMS, headers={"Retry-After": str(int(BEAT_S))})

    def enter(self, account_id: int) -> None:
        self._of_accounts[account_id] += 1

    def leave(self, account_id: int) -> None:
        self._of_accounts -= Counter([account_id])


class EventStream(Response):
    """Events behind the position `after` as they happen, until the client goes, it may not, or the server ends.

    `is_good` is asked again and again whether the client may still have them; `write` makes text of an event.
    """

    def __init__(
        self,
        deps: V2Deps,
        streams: Streams,
        who: Principal,
        after: int,
        only: EventFilter,
        is_good: Callable[[], Awaitable[bool]],
        write: Callable[[StoredEvent], str],
    ) -> None:
        headers = {"Content-Type": STREAM, "Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
        super().__init__(None, headers=headers)
        # How long it gets, nobody knows.
        del self.headers["content-length"]
        self._deps = deps
        self._streams = streams
        self._who = who
        self._upto = after
        self._only = only
        self._is_good = is_good
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope.get(HEAD_KEY):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        self._streams.enter(self._who.account_id)
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await self._run(send, gone)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self._streams.leave(self._who.account_id)

    async def _run(self, send: Send, gone: "asyncio.Task[None]") -> None:
        loop = asyncio.get_running_loop()
        told_at = checked_at = loop.time()
        # So that whoever opens it knows at once that it is open.
        await send({"type": "http.response.body", "body": b": \n\n", "more_body": True})
        while not gone.done() and not self._deps.shared.is_stopping():
            now = loop.time()
            try:
                text, is_last = await self._deps.store.read(self._next)
                # After the read: what happened since the key ended is not for whoever has it.
                if text or now - checked_at >= CHECK_S:
                    checked_at = now
                    if not await self._is_good():
                        return
            except StoreUnavailable:
                # The client comes again, with the id of the last event that it got.
                return
            if not text and now - told_at >= BEAT_S:
                text = ": \n\n"
            if text:
                told_at = now
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if is_last:
                await asyncio.wait([gone], timeout=POLL_S)

    def _next(self, reader: Reader) -> tuple[str, bool]:
        found = event_page(reader, self._who, self._upto, PAGE, self._only)
        self._upto = found.upto
        return "".join(map(self._write, found.events)), found.is_last


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
