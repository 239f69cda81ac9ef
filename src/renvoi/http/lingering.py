"""Connections that are closed only when the peer has had the time to read its answer."""

import asyncio
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from typing import Any

LINGER_S = 2.0
"""How long a client may go on sending after its answer: closing at once could destroy the answer on its way."""


class LingeringTransport:
    """A transport whose close lets the peer read what was written, when it may still be sending."""

    def __init__(
        self, transport: Transport, loop: asyncio.AbstractEventLoop, still_sending: Callable[[], bool]
    ) -> None:
        self._transport = transport
        self._still_sending = still_sending
        self._loop = loop
        self._timer: TimerHandle | None = None

    def close(self) -> None:
        """Send what was written and an end, and close when the peer has closed, or after `LINGER_S`."""
        if self._timer is not None or self._transport.is_closing():
            return
        if not self._still_sending():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:
            # The peer went away meanwhile: nobody reads what was written.
            self._transport.close()
            return
        self._transport.resume_reading()
        self._timer = self._loop.call_later(LINGER_S, self._transport.close)

    def write(self, data: bytes) -> None:
        """Send more, unless the connection has ended: uvloop raises then, where asyncio only warns."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def is_closing(self) -> bool:
        """Tell whether nothing more is written."""
        return self._timer is not None or self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
