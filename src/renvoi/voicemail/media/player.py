"""What goes out by RTP: greetings and tones, encoded before the call."""

from collections.abc import Sequence
from typing import NamedTuple

from renvoi.voicemail.media.codec import FRAME_BYTES, RTP_CLOCK_HZ
from renvoi.voicemail.media.rtp import build

_BYTES_A_MS = RTP_CLOCK_HZ // 1000
"""Every codec here takes a byte for each tick of its clock of 8000 Hz."""


class Packing(NamedTuple):
    """How audio is sent: by which payload type, how many milliseconds in a packet, by a clock of 8000 or 16000 Hz."""

    payload_type: int
    packet_ms: int = 20
    clock_hz: int = RTP_CLOCK_HZ


class Player:
    """Makes the packets of one call in time with its ticks of 20 ms, from frames of 20 ms that all calls share.

    `ssrc`, `first_sequence` and `first_timestamp` are to be random (RFC 3550 §5.1).
    """

    def __init__(
        self, frames: Sequence[bytes], packing: Packing, ssrc: int, first_sequence: int = 0, first_timestamp: int = 0
    ) -> None:
        self._frames = frames
        self._packing = packing
        self._ssrc = ssrc
        self._sequence = first_sequence & 0xFFFF
        self._timestamp = first_timestamp & 0xFFFFFFFF
        self._position = 0
        """Bytes of the frames that were sent."""
        self._owed = 0
        """Bytes whose time has come, and that wait for their packet to be full."""
        self._begins = True

    @property
    def finished(self) -> bool:
        """Whether all frames were sent."""
        return self._left <= 0

    @property
    def _left(self) -> int:
        return len(self._frames) * FRAME_BYTES - self._position

    def play(self, frames: Sequence[bytes]) -> None:
        """Play `frames` from their beginning, instead of what was being played."""
        self._pass(self._owed)
        self._owed = 0
        self._frames = frames
        self._position = 0
        self._begins = True

    def change_codec(self, frames: Sequence[bytes], packing: Packing) -> None:
        """Go on at the same place with the same sound in another codec or other packets, after a re-INVITE."""
        self._frames = frames
        self._packing = packing

    def tick(self) -> Sequence[bytes]:
        """Return the packets that are now due: mostly one, none where the peer wants longer ones, or after the end.

        To be called each 20 ms: time goes on for the receiver while nothing is sent, too.
        """
        if self._left <= 0:
            self._pass(FRAME_BYTES)
            return ()
        self._owed += FRAME_BYTES
        packets = []
        while self._left > 0 and self._owed >= (size := min(self._packing.packet_ms * _BYTES_A_MS, self._left)):
            packets.append(self._packet(self._take(size), marker=self._begins))
            self._pass(size)
            self._owed -= size
            self._begins = False
        return packets

    def keep_alive(self, silence: bytes) -> bytes:
        """Return a packet of silence, in place of `tick`: for NATs and gateways that end a call without any.

        `silence` is a frame of it. RFC 6263 §5 wants one each 15 s.
        """
        size = self._packing.packet_ms * _BYTES_A_MS
        packet = self._packet((silence * (size // FRAME_BYTES + 1))[:size], marker=False)
        self._pass(FRAME_BYTES)
        return packet

    def _take(self, size: int) -> bytes:
        first, start = divmod(self._position, FRAME_BYTES)
        self._position += size
        if size == FRAME_BYTES and not start:
            return self._frames[first]
        return b"".join(self._frames[first : (self._position - 1) // FRAME_BYTES + 1])[start : start + size]

    def _packet(self, payload: bytes, *, marker: bool) -> bytes:
        packet = build(self._packing.payload_type, self._sequence, self._timestamp, self._ssrc, payload, marker=marker)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return packet

    def _pass(self, length: int) -> None:
        """Let the time of so many bytes pass."""
        self._timestamp = (self._timestamp + length * self._packing.clock_hz // RTP_CLOCK_HZ) & 0xFFFFFFFF
