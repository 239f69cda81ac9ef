"""The tone after which the caller speaks."""

import array
import math

from renvoi.voicemail.greetings.clips import RATE_HZ

FREQUENCY_HZ = 1000
LENGTH_S = 0.4
PEAK_DBFS = -12.0
RAMP_S = 0.01
"""Both ends are ramped over this time, as a tone cut off clicks."""


def beep() -> bytes:
    """Return the tone as 16-bit mono PCM of `RATE_HZ`."""
    count, ramp = round(LENGTH_S * RATE_HZ), RAMP_S * RATE_HZ
    peak = 32768 * 10 ** (PEAK_DBFS / 20)
    samples = array.array("h")
    for index in range(count):
        gain = min(1.0, index / ramp, (count - 1 - index) / ramp)
        samples.append(round(peak * gain * math.sin(2 * math.pi * FREQUENCY_HZ * index / RATE_HZ)))
    return samples.tobytes()
