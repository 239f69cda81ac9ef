# Made of _async/client.py by scripts/make_sync.py: change that.
"""The synchronous client."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from types import TracebackType
from typing import Any

import httpx

from renvoi_client._sync.operations import Api
from renvoi_client._sync.transport import RETRIES, TIMEOUT_S, Transport, sleep
from renvoi_client._callforward import CallForward, read_callforward, spec_of_callforward
from renvoi_client._events import EventReader, LiveEvent
from renvoi_client._request import Spec
from renvoi_client.errors import ConnectionFailed

STREAM_SILENCE_S = 45.0
"""A stream that says nothing for so long is dead: the server says something every 15 s."""
STREAM_PAUSE_S = 1.0


class Client(Api):
    """A renvoi server with one API key, as an synchronous context manager or until `close`.

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
        http_client: httpx.Client | None = None,
    ) -> None:
        super().__init__(Transport(url, api_key, timeout_s, retries, language, account, http_client))

    def callforward(self, number: str, type: int, param: str = "") -> CallForward:  # noqa: A002 - the API's word
        """Say what happens to calls of a number, by `POST /v1/vn/callforward`: works with any host that speaks it.

        `type` is 0 (nothing), 1 (forward to the number `param`) or 2 (voicemail, mailed to `param`). What the API
        refuses is not an exception: look at `success` and `code`.
        """
        spec = spec_of_callforward(self._transport.api_key, number, type, param)
        response, content = self._transport.run_raw(spec)
        return read_callforward(response.status_code, response.headers, content)

    def export_calls(
        self,
        *,
        number: str | None = None,
        decision: str | None = None,
        status: int | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> Generator[bytes, None, None]:
        """Yield the calls as CSV, however many there are, in pieces as they come."""
        query = {"number": number, "decision": decision, "status": status, "since": since, "until": until}
        spec: Spec[Any] = Spec("GET", "/v2/calls", None, query=query, headers={"Accept": "text/csv"})
        with self._transport.stream(spec) as response:
            for piece in response.iter_bytes():
                yield piece

    def follow_events(self, *, last_event_id: str | None = None) -> Generator[LiveEvent, None, None]:
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
                with self._transport.stream(spec) as response:
                    for piece in response.iter_bytes():
                        for event in events.feed(piece):
                            last_event_id = event.id or last_event_id
                            yield event
            except ConnectionFailed:
                pass
            sleep(STREAM_PAUSE_S)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
