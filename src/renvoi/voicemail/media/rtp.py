"""RTP packets, read and built (RFC 3550 §5.1)."""

import struct
from typing import NamedTuple

_HEADER = struct.Struct("!BBHII")
_VERSION_2 = 0x80
_PADDING, _EXTENSION, _SOURCES = 0x20, 0x10, 0x0F
_MARKER = 0x80
_PLAIN = 0x80
"""The first byte of nearly every packet: version 2, and none of what makes the header longer."""


class Packet(NamedTuple):
    """An RTP packet: `sequence` has 16 bits, `timestamp` and `ssrc` have 32."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def parse(datagram: bytes) -> Packet | None:
    """Return the packet in `datagram`; None when it is not RTP, or carries nothing.

    RTCP that comes to this port reads as payload types 72 to 76, which no call has (RFC 5761 §4).
    """
    if len(datagram) < _HEADER.size:
        return None
    flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    payload = datagram[12:] if flags == _PLAIN else _payload(datagram, flags)
    if not payload:
        return None
    return Packet(kind & 0x7F, sequence, timestamp, ssrc, payload, kind >= _MARKER)


def build(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool = False
) -> bytes:
    """Return a packet; `marker` says that sound begins with it after silence (RFC 3551 §4.1)."""
    kind = payload_type | _MARKER if marker else payload_type
    return _HEADER.pack(_PLAIN, kind, sequence, timestamp, ssrc) + payload


def _payload(datagram: bytes, flags: int) -> bytes:
    """Return what follows the header and precedes the padding; nothing when one of the lengths is wrong."""
    if flags & 0xC0 != _VERSION_2:
        return b""
    start = _HEADER.size + 4 * (flags & _SOURCES)
    end = len(datagram)
    if flags & _EXTENSION:
        # Its length is counted in words, without the word that holds the length (RFC 3550 §5.3.1).
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4])
    if flags & _PADDING:
        padding = datagram[-1]
        if padding == 0:
            return b""
        end -= padding
    return datagram[start:end] if start < end else b""
