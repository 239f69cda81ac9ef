"""Copies of SIP messages for a capture server such as HOMER, by HEP version 3: the voicemail's, and where they go.

The edge's are sent by Kamailio itself. The format is that of "HEP3 Network Protocol Specification" (sipcapture.org).
"""

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

import structlog

from renvoi.domain.hosts import plain_address
from renvoi.domain.trunks.address import NameNotFound

Endpoint = tuple[str, int]
"""An IP address and a port."""
REFRESH_S = 30.0
"""How often the server's name is looked up."""
AGAIN_S = 2.0
"""How often one that is not found is."""
MAX_COPY_BYTES = 65_000
"""Of a message; what is longer fits into no datagram with the rest, and is not copied."""
_UDP, _SIP = 17, 1
_MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv4 address begins that is written as an IPv6 one (RFC 4291 §2.5.5.2)."""
_LEFT_OUT = b" OPTIONS\r\n"


def encode(
    message: bytes, source: Endpoint, destination: Endpoint, at_ns: int, capture_id: int, key: str = ""
) -> bytes:
    """Return the copy of a message that went by UDP from `source` to `destination`, `at_ns` after 1970-01-01 UTC."""
    sender, receiver = plain_address(source[0]), plain_address(destination[0])
    is_ipv6 = 6 in (sender.version, receiver.version)
    addresses = (5, 6) if is_ipv6 else (3, 4)
    seconds, rest_ns = divmod(at_ns, 1_000_000_000)
    chunks = [
        _chunk(1, bytes([10 if is_ipv6 else 2])),
        _chunk(2, bytes([_UDP])),
        _chunk(addresses[0], _packed(sender, is_ipv6)),
        _chunk(addresses[1], _packed(receiver, is_ipv6)),
        _chunk(7, source[1].to_bytes(2, "big")),
        _chunk(8, destination[1].to_bytes(2, "big")),
        _chunk(9, seconds.to_bytes(4, "big")),
        _chunk(10, (rest_ns // 1000).to_bytes(4, "big")),
        _chunk(11, bytes([_SIP])),
        _chunk(12, capture_id.to_bytes(4, "big")),
        _chunk(14, key.encode("ascii")) if key else b"",
        _chunk(15, message),
    ]
    body = b"".join(chunks)
    return b"HEP3" + (6 + len(body)).to_bytes(2, "big") + body


def _chunk(kind: int, value: bytes) -> bytes:
    return struct.pack("!HHH", 0, kind, 6 + len(value)) + value


def _packed(address: IPv4Address | IPv6Address, is_ipv6: bool) -> bytes:
    return _MAPPED + address.packed if is_ipv6 and address.version == 4 else address.packed


class Tracer:
    """Sends copies of what a voicemail worker sends and receives. It never waits; what cannot be sent is dropped."""

    def __init__(self, port: int, capture_id: int, key: str = "", clock_ns: Callable[[], int] = time.time_ns) -> None:
        """Send to `port` of the address that `send_to` names later."""
        self._port = port
        self._capture_id = capture_id
        self._key = key
        self._clock_ns = clock_ns
        self._socket: socket.socket | None = None

    async def send_to(self, host: str) -> None:
        """Send to this IP address from now on."""
        self.close()
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        try:
            made.connect((host, self._port))
        except OSError as error:
            made.close()
            structlog.get_logger("hep").warning("no copies are sent", server=host, error=str(error))
            return
        self._socket = made

    def close(self) -> None:
        """Send nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def copy(self, message: bytes, source: Endpoint, destination: Endpoint) -> None:
        """Send the copy of a message, unless it is about whether somebody is there (OPTIONS)."""
        if self._socket is None or len(message) > MAX_COPY_BYTES:
            return
        if message.startswith(b"OPTIONS ") or _LEFT_OUT in message.partition(b"\r\n\r\n")[0]:
            return
        try:
            self._socket.send(encode(message, source, destination, self._clock_ns(), self._capture_id, self._key))
        except OSError:
            # The server is away, or the socket is full: a call has to go on without.
            return


async def follow(
    host: str, find: Callable[[str], Awaitable[Sequence[str]]], use: Callable[[str], Awaitable[None]]
) -> None:
    """Look the server up now and from time to time, for ever, and call `use` with its address whenever it has moved."""
    known = told = ""
    while True:
        try:
            found = await find(host)
        except NameNotFound as error:
            if told != str(error):
                structlog.get_logger("hep").warning("the HEP server is not found", error=str(error), known=known)
            told = str(error)
        else:
            told = ""
            if known not in found:
                known = found[0]
                await use(known)
        await asyncio.sleep(AGAIN_S if told else REFRESH_S)
