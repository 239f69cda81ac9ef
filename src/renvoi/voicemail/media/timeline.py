"""Where in the recording a packet belongs, by its RTP timestamp."""

from renvoi.voicemail.media.codec import RTP_CLOCK_HZ
from renvoi.voicemail.media.rtp import Packet

LEAP_S = 5.0
"""How far, in seconds, timestamps may be from the clock before they are taken for another count of time."""

_FORWARD = 0x8000
"""Sequence numbers less than this ahead (modulo 2^16) are later ones (RFC 3550 §A.1)."""


class Timeline:
    """Places packets in the recording: at their timestamps' distance from the first one, which is placed by the clock.

    So packets may come late, twice or in any order, and gaps stay gaps. A stream with another SSRC, or whose
    timestamps leap, is placed anew: at the clock's time, and not before what was recorded already. It takes a second
    packet to believe it (RFC 3550 §A.1), so a stray one moves nothing.

    Offsets are in samples of the recording's `rate` (8000 or 16000 Hz) since its start, and may be negative.
    """

    def __init__(self, rate: int, start: float) -> None:
        self._rate = rate
        self._start = start
        self._clock_hz = RTP_CLOCK_HZ
        self._leap = int(LEAP_S * rate)
        self._placed = False
        self._ssrc = 0
        self._base_timestamp = 0
        self._base_offset = 0
        self._latest_timestamp = 0
        self._latest_offset = 0
        self._latest_sequence = 0
        self._end = 0
        self._candidate: Packet | None = None

    def place(self, packet: Packet, now: float, clock_hz: int = RTP_CLOCK_HZ) -> int | None:
        """Return the offset of a packet of audio that came at `now`; None when it is not to be believed yet.

        `clock_hz` is the clock of its timestamp, 8000 or 16000 Hz; at a change the count goes on at the latest packet.
        """
        if clock_hz != self._clock_hz:
            self._clock_hz = clock_hz
            self._base_timestamp, self._base_offset = self._latest_timestamp, self._latest_offset
        offset = self._base_offset + _signed(packet.timestamp - self._base_timestamp) * self._rate // clock_hz
        present = int((now - self._start) * self._rate + 0.5)
        if packet.ssrc == self._ssrc and self._placed and self._likely(offset, present):
            if offset > self._latest_offset:
                self._latest_offset = offset
                self._latest_timestamp = packet.timestamp
                self._latest_sequence = packet.sequence
                self._candidate = None
                return offset
            ahead = (packet.sequence - self._latest_sequence) & 0xFFFF
            # A later packet with an earlier timestamp is a leap back; an earlier packet is just late.
            if offset == self._latest_offset or ahead >= _FORWARD:
                return offset
        if self._placed and not self._confirmed(packet):
            return None
        self._placed = True
        self._ssrc = packet.ssrc
        self._base_timestamp = self._latest_timestamp = packet.timestamp
        self._base_offset = self._latest_offset = max(present, self._end)
        self._latest_sequence = packet.sequence
        return self._base_offset

    def filled(self, end: int) -> None:
        """Note that the recording has audio up to the offset `end`."""
        self._end = max(self._end, end)

    def _likely(self, offset: int, present: int) -> bool:
        """Tell whether `offset` is near the present; a clock that runs fast may lead far ahead, but not by a gap."""
        return present - self._leap < offset and (offset < present + self._leap or offset < self._end + self._rate)

    def _confirmed(self, packet: Packet) -> bool:
        """Tell whether `packet` goes on from the last one that was not believed."""
        last, self._candidate = self._candidate, packet
        if last is None or last.ssrc != packet.ssrc:
            return False
        return 0 < _signed(packet.timestamp - last.timestamp) < LEAP_S * RTP_CLOCK_HZ


def _signed(difference: int) -> int:
    """Return a difference of 32-bit timestamps, which wrap around, as the nearest one to zero."""
    return (difference + 0x80000000 & 0xFFFFFFFF) - 0x80000000
