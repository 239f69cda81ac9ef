"""The frames that a call plays before it records."""

from collections.abc import Callable
from dataclasses import dataclass

from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import LANGUAGES
from renvoi.voicemail.greetings.clips import CLIPS, GREETING, INTRO, RATE_HZ, beep, clip, pcm_of, silence, spoken
from renvoi.voicemail.greetings.custom import CustomGreeting, RecentGreetings
from renvoi.voicemail.media.codec import Codec, encode_frames

LEAD_IN_S = 0.4
"""Silence before the first word: the caller's path for sound opens only after our answer has arrived."""
GROUP_PAUSE_S = 0.2
"""Silence between the groups of a spoken number."""
PAUSE_S = 0.4
"""Silence after a spoken number, and before the beep."""
CUSTOM_LIMIT_BYTES = 32 * 1024 * 1024
"""Memory for uploaded greetings: half a minute of one takes about 300 kB."""


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
        self._encoded: dict[tuple[Codec, str], _Encoded] = {}

    def encode_all(self) -> None:
        """Encode what comes with renvoi, in every language and codec, so that no call waits for it."""
        for codec in Codec:
            for locale in LANGUAGES:
                self._clips(codec, locale)

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
        encoded = self._clips(codec, locale)
        greeting = self._uploaded(codec, custom, encoded) if custom is not None else None
        if greeting is None:
            greeting = encoded.default() if number is None else encoded.with_number(number)
        return Prompt(greeting, encoded.beep)

    def _clips(self, codec: Codec, locale: str) -> _Encoded:
        encoded = self._encoded.get((codec, locale))
        if encoded is None:
            encoded = self._encoded[codec, locale] = _encode_clips(codec, locale)
        return encoded

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
