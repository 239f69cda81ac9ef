"""A capture server of the tests, which reads HEP3 by itself: none of the product's code is used."""

import select
import socket
import struct
from dataclasses import dataclass
from typing import Self

from tests.support.ports import bind_unused
from tests.support.sip_message import Address, SipMessage
from tests.support.waiting import wait_for

AGAIN_S = 0.3
"""Nothing is sent again as soon as that: T1 is half a second (RFC 3261 §17.1.1.1). What comes twice sooner is wrong."""


@dataclass(frozen=True)
class Copy:
    """One copy of a SIP message."""

    source: Address
    destination: Address
    protocol: int
    at_s: float
    capture_id: int
    key: str | None
    message: SipMessage

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a packet; nothing may be left over."""
        magic, length = struct.unpack("!4sH", data[:6])
        assert (magic, length) == (b"HEP3", len(data))
        chunks: dict[int, bytes] = {}
        rest = data[6:]
        while rest:
            vendor, kind, size = struct.unpack("!HHH", rest[:6])
            assert vendor == 0
            assert 6 <= size <= len(rest)
            assert kind not in chunks
            chunks[kind], rest = rest[6:size], rest[size:]
        family = {2: socket.AF_INET, 10: socket.AF_INET6}[chunks[1][0]]
        hosts = (3, 4) if family == socket.AF_INET else (5, 6)
        source, destination = (socket.inet_ntop(family, chunks[kind]) for kind in hosts)
        number = {kind: int.from_bytes(chunks[kind], "big") for kind in (2, 7, 8, 9, 10, 11, 12)}
        assert number[11] == 1, "it is about SIP"
        return cls(
            (source, number[7]),
            (destination, number[8]),
            number[2],
            number[9] + number[10] / 1e6,
            number[12],
            chunks[14].decode() if 14 in chunks else None,
            SipMessage.parse(chunks[15]),
        )


class HepServer:
    """Takes copies on a port of its own."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        if port == 0:
            bind_unused(self._socket, host)
        else:
            self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]
        self.copies: list[Copy] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def read(self) -> list[Copy]:
        """Return all that has come so far."""
        while select.select([self._socket], [], [], 0)[0]:
            self.copies.append(Copy.decode(self._socket.recv(65536)))
        return self.copies

    def of(self, call_id: str) -> list[Copy]:
        """Return the copies of one call's messages so far, but of those that were sent again to who was held up."""
        first: dict[tuple[Address, Address, bytes], Copy] = {}
        found = []
        for copy in self.read():
            if copy.message.get("Call-ID") == call_id:
                before = first.setdefault((copy.source, copy.destination, copy.message.raw), copy)
                found += [copy] * (before is copy or copy.at_s - before.at_s < AGAIN_S)
        return found

    def wait_for(self, call_id: str, count: int) -> list[Copy]:
        """Wait until there are so many of a call, and return them; there may not be more."""
        wait_for(lambda: len(self.of(call_id)) >= count, lambda: f"{count} copies (there are {len(self.of(call_id))})")
        found = self.of(call_id)
        assert len(found) == count, [copy.message.start_line for copy in found]
        return found


def words(copies: list[Copy]) -> list[str]:
    """Return the method or status of each message."""
    return [str(copy.message.status or copy.message.method) for copy in copies]
