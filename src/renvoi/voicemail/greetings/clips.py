"""The spoken clips that come with renvoi, `prompts/{locale}/{clip}.wav`, made by `scripts/make_prompts.py`."""

import wave
from importlib import resources
from io import BytesIO

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
        ValueError: it is none.
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
