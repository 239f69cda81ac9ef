"""The spoken clips that come with renvoi, `prompts/{locale}/{clip}.wav`, made by `scripts/make_prompts.py`."""

import array
import math
import wave
from importlib import resources
from io import BytesIO

import phonenumbers

from renvoi.domain.numbers.number import E164


def spoken(number: E164) -> tuple[tuple[str, ...], ...]:
    """Return the clips that say `number` in international form, in the groups of its country.

    A number of a country code that nobody has is one group.
    """
    groups = _written(number).replace("-", " ").split()
    return tuple(tuple(PLUS if sign == "+" else sign for sign in group if sign in DIGITS + "+") for group in groups)


def _written(number: E164) -> str:
    try:
        parsed = phonenumbers.parse(number.value)
    except phonenumbers.NumberParseException:
        return number.value
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


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


INTRO = "intro"
"""What comes before a spoken number: “You have reached the voicemail of”."""
GREETING = "greeting"
"""Nobody can answer, leave a message after the tone, and how to end it."""
PLUS = "plus"
"""The sign before a country code."""
DIGITS = "0123456789"
"""Clips of one digit each, by these names."""
CLIPS = (INTRO, GREETING, PLUS, *DIGITS)

RATE_HZ = 16000
SAMPLE_BYTES = 2


def clip(locale: str, name: str) -> bytes:
    """Return a clip, one of `CLIPS`, in one of `LANGUAGES`, as 16-bit mono PCM of `RATE_HZ`."""
    file = resources.files("renvoi.voicemail.greetings") / "prompts" / locale / f"{name}.wav"
    return pcm_of(file.read_bytes())


def pcm_of(wav: bytes) -> bytes:
    """Return the samples of a WAV file of 16-bit mono PCM at `RATE_HZ`.

    Raises:
        ValueError: it cannot be read as one.
    """
    try:
        with wave.open(BytesIO(wav)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            pcm: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"no WAV file: {error}") from error
    if form != (1, SAMPLE_BYTES, RATE_HZ):
        raise ValueError(f"a WAV file of {form[0]} channels, {form[1] * 8} bits, {form[2]} Hz")
    return pcm


def silence(seconds: float) -> bytes:
    """Return silence of that length as 16-bit mono PCM of `RATE_HZ`."""
    return bytes(round(seconds * RATE_HZ) * SAMPLE_BYTES)
