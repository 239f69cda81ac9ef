"""A mail server that takes whatever comes and keeps it, with the time of its last byte."""

import asyncio
import email
import re
import time
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Taken:
    """A mail as it came, and when it was whole, in nanoseconds since 1970."""

    content: bytes
    at_ns: int

    def recording(self) -> tuple[str, bytes]:
        """Return the caller's number and the attached recording."""
        mail = email.message_from_bytes(self.content.replace(b"\r\n..", b"\r\n."))
        part = next(part for part in mail.walk() if part.get_filename())
        caller = re.search(r"33\d{9}", part.get_filename() or "")
        assert caller, "the attachment's name tells the caller"
        return f"+{caller[0]}", cast("bytes", part.get_payload(decode=True))


class Sink(asyncio.Protocol):
    """One connection; `taken` collects the mails of all."""

    def __init__(self, taken: list[Taken]) -> None:
        self._taken = taken
        self._content: list[bytes] | None = None
        self._buffer = b""
        self._tail = b""
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Take commands, or a part of a mail."""
        if self._content is not None:
            self._take(data)
            return
        self._buffer += data
        while b"\r\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\r\n")
            # Nothing comes behind DATA before our answer, as we do not offer PIPELINING.
            self._obey(line[:4].upper())

    def _obey(self, command: bytes) -> None:
        if command == b"DATA":
            self._content = []
            self._tail = b"\r\n"
            self._transport.write(b"354 go on\r\n")
        elif command == b"EHLO":
            self._transport.write(b"250-sink\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n")
        elif command == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 OK\r\n")

    def _take(self, data: bytes) -> None:
        assert self._content is not None
        self._content.append(data)
        self._tail = (self._tail + data)[-5:]
        if self._tail == b"\r\n.\r\n":
            self._taken.append(Taken(b"".join(self._content), time.time_ns()))
            self._content = None
            self._transport.write(b"250 taken\r\n")
