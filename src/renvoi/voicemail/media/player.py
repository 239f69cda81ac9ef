"""What goes out by RTP: greetings and tones, encoded before the call."""

from collections.abc import Sequence

from renvoi.voicemail.media.codec import FRAME_TICKS
from renvoi.voicemail.media.rtp import build


class Player:
    """Makes the packets of one call, one each 20 ms, from frames that all calls share.

    `ssrc`, `first_sequence` and `first_timestamp` are to be random (RFC 3550 §5.1).
    """

    def __init__(
        self, frames: Sequence[bytes], payload_type: int, ssrc: int, first_sequence: int = 0, first_timestamp: int = 0
    ) -> None:
        self._frames = frames
        self._payload_type = payload_type
        self._ssrc = ssrc
        self._sequence = first_sequence & 0xFFFF
        self._timestamp = first_timestamp & 0xFFFFFFFF
        self._position = 0
        self._begins = True

    @property
    def finished(self) -> bool:
        """Whether all frames were sent."""
        return self._position >= len(self._frames)

    def play(self, frames: Sequence[bytes]) -> None:
        """Play `frames` from their beginning, instead of what was being played."""
        self._frames = frames
        self._position = 0
        self._begins = True

    def change_codec(self, frames: Sequence[bytes], payload_type: int) -> None:
        """Go on at the same place with the same sound in another codec, after a re-INVITE."""
        self._frames = frames
        self._payload_type = payload_type

    def next_packet(self) -> bytes | None:
        """Return the packet that is now due; None after the end.

        To be called each 20 ms: time goes on for the receiver while nothing is sent, too.
        """
        if self._position >= len(self._frames):
            self._timestamp = (self._timestamp + FRAME_TICKS) & 0xFFFFFFFF
            return None
        packet = self._packet(self._frames[self._position], marker=self._begins)
        self._position += 1
        self._begins = False
        return packet

    def keep_alive(self, silence: bytes) -> bytes:
        """Return a packet of silence, in place of `next_packet`: for NATs and gateways that end a call without any.

        RFC 6263 §5 wants one each 15 s.
        """
        return self._packet(silence, marker=False)

    def _packet(self, frame: bytes, *, marker: bool) -> bytes:
        packet = build(self._payload_type, self._sequence, self._timestamp, self._ssrc, frame, marker=marker)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_TICKS) & 0xFFFFFFFF
        return packet
