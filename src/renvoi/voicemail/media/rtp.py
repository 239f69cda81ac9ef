"""RTP packets (RFC 3550 §5.1), whose they are and where ours go (RFC 4961), and the keys in them (RFC 4733)."""

import struct
from typing import NamedTuple

_HEADER = struct.Struct("!BBHII")
_VERSION_2 = 0x80
_PADDING, _EXTENSION, _SOURCES = 0x20, 0x10, 0x0F
_MARKER = 0x80
_PLAIN = 0x80
"""The first byte of nearly every packet: version 2, and none of what makes the header longer."""

Address = tuple[str, int]
"""Host and port, as a socket gives them; what IPv6 adds to them is kept, and not compared with what SDP says."""
CONSECUTIVE = 5
"""How many packets in a row make a source known that SDP did not name."""
SILENT_S = 0.5
"""For how many seconds a known source must have been silent before a stranger may take its place."""
KEYS = "0123456789*#ABCD"
"""The keys by their event code (RFC 4733 §3.2, table 7)."""

PAUSE_S = 0.06
"""The packets of one press follow each other faster (every 20 to 50 ms), two presses of one key hardly (ITU-T Q.24)."""
LONG_PAUSE_S = 0.2
"""After this a key was pressed again, whatever its packets say, unless they go on with the press before."""
_FOLLOWS = 3
"""How far apart the sequence numbers of one press may be, where audio is sent between or a packet is lost."""
_LATE = 200
"""Packets so many numbers behind the latest are late ones; those further behind are of a new count."""
_EVENT_BYTES = 4


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


class LatchedSource:
    """Locks onto the caller's address, and follows it when it changes; packets of others are refused.

    The address in SDP is believed at its first packet, whoever was heard before: it may have been the peer of an
    earlier call, who does not know yet that it is over. It is often a private one, behind a NAT: then the first to
    send is heard, and the first to send `CONSECUTIVE` packets in a row is locked onto. Afterwards an address that
    goes on with the stream's own SSRC is the same caller behind a rebound NAT, for nobody else knows these 32 bits; one
    with another SSRC is followed only when the locked one has fallen silent.
    """

    def __init__(self, remote: Address | None) -> None:
        self._remote = remote
        self._remote_heard = False
        self._locked = False
        self._heard: Address | None = None
        self._ssrc = 0
        self._heard_at = 0.0
        self._candidate: tuple[Address, int] | None = None
        self._count = 0

    @property
    def destination(self) -> Address | None:
        """Where our packets go: to the source once locked onto, until then where SDP said; None when nowhere."""
        return self._heard if self._locked else self._remote or self._heard

    @property
    def destinations(self) -> tuple[Address, ...]:
        """Where our packets go; while nothing is sure both to where SDP said and to where something came from.

        A caller behind a NAT hears nothing at the address of its SDP, and loses nothing of what is sent meanwhile.
        """
        if self._locked or self._heard is None or self._remote is None:
            return () if self.destination is None else (self.destination,)
        return (self._remote, self._heard)

    def relearn(self, remote: Address | None) -> None:
        """Start again with the address of a new SDP (RFC 3264 §8.3.1); the present source is heard until then."""
        self._remote = remote
        self._locked = self._heard is not None and remote is not None and self._heard[:2] == remote[:2]
        self._remote_heard = self._locked
        self._candidate = None

    def accept(self, address: Address, ssrc: int, now: float) -> bool:
        """Tell whether a valid packet from `address` with this SSRC is the caller's."""
        if self._locked and address == self._heard:
            self._ssrc = ssrc
            self._heard_at = now
            self._candidate = None
            return True
        if self._takes_over(address, ssrc, now):
            self._heard = address
            self._ssrc = ssrc
            self._heard_at = now
            return True
        return False

    def _takes_over(self, address: Address, ssrc: int, now: float) -> bool:
        if not self._remote_heard and self._remote is not None and address[:2] == self._remote[:2]:
            self._remote_heard = self._locked = True
            return True
        if self._locked:
            if ssrc == self._ssrc:
                return True
            if now - self._heard_at < SILENT_S:
                return False
            return self._consecutive(address, ssrc)
        self._locked = self._consecutive(address, ssrc)
        # While nothing is sure, better hear a wrong one than lose the caller's first words.
        return self._locked or self._heard is None or address == self._heard

    def _consecutive(self, address: Address, ssrc: int) -> bool:
        """Count packets in a row from one address with one SSRC; tell when they are enough."""
        if self._candidate != (address, ssrc):
            self._candidate = (address, ssrc)
            self._count = 0
        self._count += 1
        return self._count >= CONSECUTIVE


class _Event(NamedTuple):
    """One packet of a press, come at `at` seconds."""

    ssrc: int
    sequence: int
    timestamp: int
    marker: bool
    key: int
    ended: bool
    duration: int
    at: float


class Keypad:
    """Turns telephone-event packets into keys, each press once.

    A press is sent as many packets, and known at the first that comes, so that no loss but that of all of them hides
    it. They should have one timestamp, a duration that grows, the marker bit at the first and the end bit at the last
    three (RFC 4733 §2.5.1). Senders exist whose timestamps go on in a press, or stand still over several; so all of
    that is looked at, and the time between packets.
    """

    def __init__(self) -> None:
        self._last: _Event | None = None

    def press(self, packet: Packet, now: float) -> str | None:
        """Return the key that this packet begins; None for a press known already, and for events that are not keys."""
        payload = packet.payload
        if len(payload) < _EVENT_BYTES or payload[0] >= len(KEYS):
            return None
        ended, duration = payload[1] >= 0x80, int.from_bytes(payload[2:4])
        event = _Event(packet.ssrc, packet.sequence, packet.timestamp, packet.marker, payload[0], ended, duration, now)
        last = self._last
        if last is not None and last.ssrc == event.ssrc:
            behind = (last.sequence - event.sequence) & 0xFFFF
            if behind < _LATE:
                return None
            begins = _begins(last, event)
        else:
            begins = True
        self._last = event
        return KEYS[event.key] if begins else None


def _begins(last: _Event, event: _Event) -> bool:
    """Tell whether `event`, which follows `last` in its stream, begins another press."""
    if event.key != last.key or (last.ended and not event.ended):
        return True
    pause_s = event.at - last.at
    if event.timestamp == last.timestamp:
        if event.duration > last.duration:
            return False
        shorter = event.duration < last.duration
        return (event.marker and (shorter or pause_s >= PAUSE_S)) or pause_s >= LONG_PAUSE_S
    if event.marker:
        return pause_s >= PAUSE_S
    follows = (event.sequence - last.sequence) & 0xFFFF <= _FOLLOWS
    return pause_s >= LONG_PAUSE_S and (last.ended or not follows)
