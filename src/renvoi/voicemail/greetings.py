"""What a call plays before it records: the greetings, of clips that come with renvoi or uploaded, and the beep.

The clips are `prompts/{locale}/{clip}.wav`, made by `scripts/make_prompts.py`.
"""

import array
import math
import wave
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from io import BytesIO
from threading import Lock

import phonenumbers

from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import LANGUAGES
from renvoi.voicemail.media.codec import Codec, encode_frames

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
BEEP_HZ = 1000
BEEP_S = 0.4
BEEP_DBFS = -12.0
RAMP_S = 0.01
"""Both ends are ramped over this time, as a tone cut off clicks."""
FRAME_OVERHEAD_BYTES = 48
"""What one frame takes beside its payload: the header of `bytes`, and its place in the list."""
LEAD_IN_S = 0.4
"""Silence before the first word: the caller's path for sound opens only after our answer has arrived."""
GROUP_PAUSE_S = 0.2
"""Silence between the groups of a spoken number."""
PAUSE_S = 0.4
"""Silence after a spoken number, and before the beep."""
CUSTOM_LIMIT_BYTES = 32 * 1024 * 1024
"""Memory for uploaded greetings: half a minute of one takes about 300 kB."""


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


def beep() -> bytes:
    """Return the tone as 16-bit mono PCM of `RATE_HZ`."""
    count, ramp = round(BEEP_S * RATE_HZ), RAMP_S * RATE_HZ
    peak = 32768 * 10 ** (BEEP_DBFS / 20)
    samples = array.array("h")
    for index in range(count):
        gain = min(1.0, index / ramp, (count - 1 - index) / ramp)
        samples.append(round(peak * gain * math.sin(2 * math.pi * BEEP_HZ * index / RATE_HZ)))
    return samples.tobytes()


def clip(locale: str, name: str) -> bytes:
    """Return a clip, one of `CLIPS`, in one of `LANGUAGES`, as 16-bit mono PCM of `RATE_HZ`."""
    file = resources.files("renvoi.voicemail") / "prompts" / locale / f"{name}.wav"
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


@dataclass(frozen=True, slots=True)
class CustomGreeting:
    """The uploaded greeting of a number: `audio` is a WAV file of 16-bit mono PCM at 16 kHz.

    `version` is another one for each upload, so that a greeting that was replaced is never played from memory. One that
    is remembered is found without its audio.
    """

    number: E164
    version: int
    audio: bytes = field(default=b"", repr=False, compare=False)


class RecentGreetings:
    """The frames of uploaded greetings, least recently played dropped first, of no more than `limit` bytes.

    May be used by several threads at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._frames: OrderedDict[tuple[E164, int, Codec], list[bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, greeting: CustomGreeting, codec: Codec) -> list[bytes] | None:
        """Return the frames of `greeting`, or None when they are not remembered."""
        key = (greeting.number, greeting.version, codec)
        with self._lock:
            frames = self._frames.get(key)
            if frames is not None:
                self._frames.move_to_end(key)
            return frames

    def put(self, greeting: CustomGreeting, codec: Codec, frames: list[bytes]) -> None:
        """Remember the frames of `greeting`, and forget what has to go for them."""
        key = (greeting.number, greeting.version, codec)
        with self._lock:
            self._size += _size(frames) - _size(self._frames.pop(key, []))
            self._frames[key] = frames
            while self._size > self._limit:
                self._size -= _size(self._frames.popitem(last=False)[1])


def _size(frames: list[bytes]) -> int:
    return sum(map(len, frames)) + FRAME_OVERHEAD_BYTES * len(frames)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a call plays, in frames of 20 ms of its codec: first the greeting, then the beep, then it records."""

    greeting: list[bytes]
    beep: list[bytes]


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The clips of one language in one codec. Each one is encoded by itself, so that they join in any order."""

    clips: dict[str, list[bytes]]
    lead_in: list[bytes]
    group_pause: list[bytes]
    pause: list[bytes]
    beep: list[bytes]

    def default(self) -> list[bytes]:
        return [*self.lead_in, *self.clips[GREETING], *self.pause]

    def with_number(self, number: E164) -> list[bytes]:
        frames = [*self.lead_in, *self.clips[INTRO]]
        for group in spoken(number):
            frames += self.group_pause
            for name in group:
                frames += self.clips[name]
        return [*frames, *self.pause, *self.clips[GREETING], *self.pause]


class Greetings:
    """Every greeting, encoded. `unreadable` is called with an uploaded one that cannot be played, and why.

    May be used by several threads at once.
    """

    def __init__(
        self, unreadable: Callable[[CustomGreeting, Exception], None], custom_limit: int = CUSTOM_LIMIT_BYTES
    ) -> None:
        self._unreadable = unreadable
        self._custom = RecentGreetings(custom_limit)

    def has(self, codec: Codec, custom: CustomGreeting) -> bool:
        """Tell whether `frames` has `custom` at hand; if not, it takes a while, and belongs in a thread."""
        return self._custom.get(custom, codec) is not None

    def frames(
        self, codec: Codec, locale: str, number: E164 | None = None, custom: CustomGreeting | None = None
    ) -> Prompt:
        """Return what a call plays.

        `locale` is one of `LANGUAGES`; `number` is said in the greeting, unless it is `None`; `custom` is played in
        the place of all that. When it cannot be read the caller hears the greeting in `locale`.
        """
        encoded = _encode_clips(codec, locale)
        greeting = self._uploaded(codec, custom, encoded) if custom is not None else None
        if greeting is None:
            greeting = encoded.default() if number is None else encoded.with_number(number)
        return Prompt(greeting, encoded.beep)

    def _uploaded(self, codec: Codec, custom: CustomGreeting, encoded: _Encoded) -> list[bytes] | None:
        frames = self._custom.get(custom, codec)
        if frames is None:
            try:
                pcm = pcm_of(custom.audio)
            except ValueError as error:
                self._unreadable(custom, error)
                return None
            frames = [*encoded.lead_in, *encode_frames(pcm, RATE_HZ, codec), *encoded.pause]
            self._custom.put(custom, codec, frames)
        return frames


def encode_all() -> None:
    """Encode what comes with renvoi, in every language and codec, so that no call waits for it."""
    for codec in Codec:
        for locale in LANGUAGES:
            _encode_clips(codec, locale)


@cache
def _encode_clips(codec: Codec, locale: str) -> _Encoded:
    def encode(pcm: bytes) -> list[bytes]:
        return encode_frames(pcm, RATE_HZ, codec)

    return _Encoded(
        clips={name: encode(clip(locale, name)) for name in CLIPS},
        lead_in=encode(silence(LEAD_IN_S)),
        group_pause=encode(silence(GROUP_PAUSE_S)),
        pause=encode(silence(PAUSE_S)),
        beep=encode(beep()),
    )
