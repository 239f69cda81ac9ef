"""What a test hears in a recording: its length, and the frequency of each tenth of a second."""

import io
import wave
from array import array
from dataclasses import dataclass

WINDOW_S = 0.1
QUIET = 400
"""Samples below this are not a tone: what codecs make of silence."""


@dataclass(frozen=True, slots=True)
class Sound:
    """16-bit mono PCM."""

    samples: "array[int]"
    rate: int

    @classmethod
    def of_wav(cls, data: bytes) -> "Sound":
        """Read a WAV file."""
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            return cls(array("h", file.readframes(file.getnframes())), file.getframerate())

    @property
    def length_s(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def frequencies(self) -> list[float]:
        """Return the frequency of each whole tenth of a second in Hz, by its oscillations; 0 where it is quiet."""
        step = int(self.rate * WINDOW_S)
        windows = (self.samples[start : start + step] for start in range(0, len(self.samples) - step + 1, step))
        return [_frequency(window) for window in windows]

    def without_tone(self, hz: float, tolerance: float = 15.0) -> list[int]:
        """Return the numbers of the tenths of a second that are not a tone of `hz`."""
        return [number for number, found in enumerate(self.frequencies()) if abs(found - hz) > tolerance]


def _frequency(window: "array[int]") -> float:
    """Count the rises from below -QUIET to above it, so that noise around zero is none."""
    rises: list[int] = []
    low = False
    for number, sample in enumerate(window):
        if sample < -QUIET:
            low = True
        elif low and sample > QUIET:
            low = False
            rises.append(number)
    if len(rises) < 2:
        return 0.0
    return (len(rises) - 1) / ((rises[-1] - rises[0]) / (len(window) / WINDOW_S))
