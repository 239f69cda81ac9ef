"""Calls as CSV, of any length, on their way to a client."""

from collections.abc import AsyncIterator

from fastapi import Response
from starlette.types import Receive, Scope, Send

from renvoi.application import call_log
from renvoi.application.json_fields import call_fields
from renvoi.application.ports.calls import CallQuery
from renvoi.application.ports.pages import Place
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls import call_csv
from renvoi.http.v2.deps import HEAD_KEY

CSV = "text/csv; charset=utf-8"
_BUFFER = 32 * 1024
"""Characters that are sent at once."""


async def csv_answer(store: Store, who: Principal, only: CallQuery, after: Place | None = None) -> Response:
    """Return the answer with all calls behind `after` that `who` reaches and `only` wants, one a line.

    Raises:
        StoreUnavailable: before the answer has begun. One that begins is cut off when the store goes away.
    """
    source = _lines(store, who, only, after)
    # As far as the first call: a store that is away is found before an answer has begun.
    return _Csv([await anext(source), await anext(source, "")], source)


async def _lines(store: Store, who: Principal, only: CallQuery, after: Place | None) -> AsyncIterator[str]:
    yield call_csv.csv_line(call_csv.COLUMNS)
    async for stored in call_log.every_call(store, who, only, after):
        yield call_csv.row(call_fields(stored, shows_withheld=who.is_operator))


class _Csv(Response):
    """Lines that are sent as the client takes them; nothing but a few of them is in memory."""

    def __init__(self, begun: list[str], lines: AsyncIterator[str]) -> None:
        super().__init__(
            None,
            headers={
                "Content-Type": CSV,
                "Content-Disposition": 'attachment; filename="calls.csv"',
                "Cache-Control": "no-store",
                "Vary": "Accept",
                "X-Content-Type-Options": "nosniff",
            },
        )
        # How long it gets, nobody knows yet.
        del self.headers["content-length"]
        self._begun = begun
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        buffer, size = [*self._begun], 0
        if not scope.get(HEAD_KEY):
            async for line in self._lines:
                buffer.append(line)
                size += len(line)
                if size > _BUFFER:
                    await send({"type": "http.response.body", "body": "".join(buffer).encode(), "more_body": True})
                    buffer, size = [], 0
        await send({"type": "http.response.body", "body": "".join(buffer).encode(), "more_body": False})
