"""Greetings that customers uploaded, and the memory of those that were played lately."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from renvoi.domain.numbers.number import E164
from renvoi.voicemail.media.codec import Codec

FRAME_OVERHEAD_BYTES = 48
"""What one frame takes beside its payload: the header of `bytes`, and its place in the list."""


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
