"""Which clock a sender of G.722 has: RFC 3551 §4.5.2 says 8000 Hz, and some count the 16,000 samples instead."""

from renvoi.voicemail.media.codec import RTP_CLOCK_HZ
from renvoi.voicemail.media.rtp import Packet

_MOST_LOST = 8
"""How many packets may be missing between two that are compared."""
_FORWARD = 0x8000


class SenderClock:
    """Tells the clock from the timestamps and lengths of packets that follow each other.

    A packet lasts as many ticks of 8000 Hz as it has bytes. Twice as many between two packets mean a clock of 16 kHz,
    or a short pause of a sender that leaves silence out: so that is believed at once, and no more after the first pair
    that says 8000 Hz. A new stream (SSRC) is judged afresh.
    """

    def __init__(self) -> None:
        self.hz = RTP_CLOCK_HZ
        self._sure = False
        self._last: Packet | None = None

    def hear(self, packet: Packet) -> int:
        """Take in a packet of G.722; return the clock in Hz that its timestamp is to be read by."""
        last = self._last
        if last is None or last.ssrc != packet.ssrc:
            self._last, self._sure = packet, False
            return self.hz
        if self._sure:
            return self.hz
        steps = (packet.sequence - last.sequence) & 0xFFFF
        if 0 < steps < _FORWARD:
            self._last = packet
        if 0 < steps <= _MOST_LOST:
            self._compare((packet.timestamp - last.timestamp) & 0xFFFFFFFF, steps * len(last.payload))
        return self.hz

    def _compare(self, ticks: int, length: int) -> None:
        if ticks == length:
            self.hz, self._sure = RTP_CLOCK_HZ, True
        elif ticks == 2 * length:
            self.hz = 2 * RTP_CLOCK_HZ
