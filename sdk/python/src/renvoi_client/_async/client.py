"""The asynchronous client."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from types import TracebackType
from typing import Any

import httpx

from renvoi_client._async.operations import AsyncApi
from renvoi_client._async.transport import RETRIES, TIMEOUT_S, AsyncTransport, sleep
from renvoi_client._callforward import CallForward, read_callforward, spec_of_callforward
from renvoi_client._events import EventReader, LiveEvent
from renvoi_client._request import Spec
from renvoi_client.errors import ConnectionFailed

STREAM_SILENCE_S = 45.0
"""A stream that says nothing for so long is dead: the server says something every 15 s."""
STREAM_PAUSE_S = 1.0


class AsyncClient(AsyncApi):
    """A renvoi server with one API key, as an asynchronous context manager or until `aclose`.

    `url` and `api_key` come from `RENVOI_URL` and `RENVOI_API_KEY` where they are not given. `timeout_s` is for one
    attempt; connection errors, 408, 429, 5xx and requests under way are tried again `retries` times, with a pause that
    grows or that the server names. `language` (`en` or `fr`) is that of error texts; `account` is the one that
    an operator's key acts for, but where an operation names by itself what it acts on.
    An `http_client` of your own, with a proxy, say, is left open.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
        language: str | None = None,
        account: str | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(AsyncTransport(url, api_key, timeout_s, retries, language, account, http_client))

    async def callforward(self, number: str, type: int, param: str = "") -> CallForward:  # noqa: A002 - the API's word
        """Say what happens to calls of a number, by `POST /v1/vn/callforward`: works with any host that speaks it.

        `type` is 0 (nothing), 1 (forward to the number `param`) or 2 (voicemail, mailed to `param`). What the API
        refuses is not an exception: look at `success` and `code`.
        """
        spec = spec_of_callforward(self._transport.api_key, number, type, param)
        response, content = await self._transport.run_raw(spec)
        return read_callforward(response.status_code, response.headers, content)

    async def export_calls(
        self,
        *,
        number: str | None = None,
        decision: str | None = None,
        status: int | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the calls as CSV, however many there are, in pieces as they come."""
        query = {"number": number, "decision": decision, "status": status, "since": since, "until": until}
        spec: Spec[Any] = Spec("GET", "/v2/calls", None, query=query, headers={"Accept": "text/csv"})
        async with self._transport.stream(spec) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def follow_events(self, *, last_event_id: str | None = None) -> AsyncGenerator[LiveEvent, None]:
        """Yield what happens to the account, from now on or from behind `last_event_id`, until the caller stops.

        A connection that breaks is made again, and goes on behind the last event that came. What the server refuses
        ends it with the error, such as `KeyRefused` once the key is revoked.
        """
        while True:
            headers = {"Accept": "text/event-stream"} | (
                {} if last_event_id is None else {"Last-Event-ID": last_event_id}
            )
            spec: Spec[Any] = Spec("GET", "/v2/events", None, headers=headers, timeout_s=STREAM_SILENCE_S)
            events = EventReader()
            try:
                async with self._transport.stream(spec) as response:
                    async for piece in response.aiter_bytes():
                        for event in events.feed(piece):
                            last_event_id = event.id or last_event_id
                            yield event
            except ConnectionFailed:
                pass
            await sleep(STREAM_PAUSE_S)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
