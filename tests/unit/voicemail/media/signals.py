"""Sounds for the tests of media, and what is heard of them."""

import math
import struct


def tone(hz: float, seconds: float, rate: int, amplitude: int = 8000) -> bytes:
    """Return a sine of 16-bit PCM."""
    step = 2 * math.pi * hz / rate
    return b"".join(struct.pack("<h", round(amplitude * math.sin(step * n))) for n in range(round(seconds * rate)))


def samples(pcm: bytes | bytearray) -> list[int]:
    """Return the samples of 16-bit PCM."""
    return [sample for (sample,) in struct.iter_unpack("<h", pcm)]


def level(pcm: bytes | bytearray) -> float:
    """Return the root of the mean square of 16-bit PCM."""
    values = samples(pcm)
    return math.sqrt(sum(value * value for value in values) / len(values))


def share_of(hz: float, pcm: bytes | bytearray, rate: int) -> float:
    """Return which share of the sound's power is a tone of `hz`: 1 for nothing else, 0 for none of it (Goertzel)."""
    values = samples(pcm)
    step = 2 * math.pi * hz / rate
    real = sum(value * math.cos(step * n) for n, value in enumerate(values))
    imaginary = sum(value * math.sin(step * n) for n, value in enumerate(values))
    power = sum(value * value for value in values)
    return 2 * (real * real + imaginary * imaginary) / (len(values) * power) if power else 0.0
