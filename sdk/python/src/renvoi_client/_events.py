"""Server-sent events (WHATWG HTML §9.2), as far as the event log needs them; without I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from renvoi_client.errors import InvalidAnswer
from renvoi_client.webhooks import WebhookEvent

MAX_LINE_BYTES = 256 * 1024


class LiveEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: `id` is where the next stream goes on, `data` has its `seq` and what it is about."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]


class EventReader:
    """Makes events of the pieces of a stream, however they are cut."""

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[LiveEvent]:
        """Yield the events that are whole with `piece`.

        Raises:
            InvalidAnswer: it is not a stream of events.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise InvalidAnswer(f"a line of the stream is longer than {MAX_LINE_BYTES} bytes")
        for line in lines:
            event = self._line(line.removesuffix(b"\r"))
            if event is not None:
                yield event

    def _line(self, line: bytes) -> LiveEvent | None:
        if not line:
            return self._event()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return None

    def _event(self) -> LiveEvent | None:
        content, self._data = b"\n".join(self._data), []
        if not content:
            return None
        try:
            body = msgspec.json.decode(content, type=WebhookEvent)
            return LiveEvent(id=self._id, type=body.type, timestamp=body.timestamp, data=body.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidAnswer(f"what the stream says is not an event: {error}") from error
