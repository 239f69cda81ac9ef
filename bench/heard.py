"""Whether a recording is what its caller said, sample by sample."""

import io
import wave
from dataclasses import dataclass

from bench.callers import Outcome
from bench.rtp import FRAME_BYTES, Clip

RATE_HZ = 8000
FRAME = 2 * FRAME_BYTES
"""Bytes of 16-bit PCM that a packet becomes."""
WINDOW_MS = 100
WINDOW = WINDOW_MS * RATE_HZ // 1000 * 2
LATE_FRAMES = 3
"""How many packets may be missing behind the beep: the caller hears its end later than it was sent."""


@dataclass(frozen=True)
class Heard:
    """A recording's damage: windows of 100 ms that differ, and packets missing at its beginning and end."""

    seconds: float
    windows: int
    damaged: int
    missing_begin: int
    missing_end: int

    @property
    def whole(self) -> bool:
        """Whether all that was said behind the beep is there, and nothing else."""
        return not (self.damaged or self.missing_begin or self.missing_end)


def compare(recording: bytes, outcome: Outcome, clip: Clip) -> Heard:
    """Compare a WAV file with what its caller sent. Silence before the first packet is not counted."""
    with wave.open(io.BytesIO(recording)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        pcm = file.readframes(file.getnframes())
    said = clip.sent(outcome.start, outcome.sent)
    begin = (len(pcm) - len(pcm.lstrip(b"\0"))) // 2 * 2
    heard = pcm[begin:]
    place = said.find(heard[: 2 * FRAME])
    windows = -(-len(heard) // WINDOW)
    if place < 0:
        return Heard(len(pcm) / 2 / RATE_HZ, windows, windows, 0, 0)
    expected = said[place:]
    damaged = sum(
        heard[at : at + WINDOW] != expected[at : min(at + WINDOW, len(heard))] for at in range(0, len(heard), WINDOW)
    )
    missing_begin = max(0, place // FRAME - outcome.sent_at_beep - LATE_FRAMES)
    return Heard(len(pcm) / 2 / RATE_HZ, windows, damaged, missing_begin, max(0, len(expected) - len(heard)) // FRAME)
