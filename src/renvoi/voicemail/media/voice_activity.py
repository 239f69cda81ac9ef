"""What somebody said: while a call lasts, and in a recording, where the tones of a dead line or a fax machine are not.

A caller who hangs up behind a PBX leaves its busy tone behind, and a fax machine calls whomever it finds. What these
sound like is in ITU-T E.180 supplement 2, T.30 §4 and E.180 §8 (special information tone). A tone that might be
anything else counts as something said: better a mail too many than a message lost.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import add, mul

_LOUD = bytes(0 if high in {0x00, 0xFF} else 1 for high in range(256))
"""Which high bytes of 16-bit samples mean an amplitude of 256 or more."""
_LOUD_SHARE = 16
"""Sound is where at least one sample in 16 has a certain amplitude, in a packet as in a window of a recording."""
RATE_HZ = 8000
_WINDOW = 240
"""Samples of 30 ms: long enough to tell tones apart, and short enough for the bursts of the fastest busy tone."""
_WINDOWS_A_SECOND = RATE_HZ / _WINDOW
_AT_ONCE = 64
"""Windows that are read in one go."""
QUIET = 128
"""The amplitude of sound in a recording: some 10 dB below the speech of a quiet talker."""
KEPT_S = 0.5
"""How much is kept of what follows the last word: some words end more quietly than they sound."""
_WORD = 3
"""So many windows in a row that are neither silence nor tone are something said; fewer are a click, or an edge."""
_CLICKS = 10
"""So many clicks are something said, in a bad line."""
_PURE = 0.85
_PURE_PAIR = 0.8
"""The share of a window's power that a tone, or two at once, must have."""
_EACH = 0.15
_PAIRS = ((480, 620), (350, 440))
"""Busy and dial tone of North America, in Hz."""
_PROGRESS = (340, 640)
"""Where the single tones of all networks lie: 400 to 450 Hz in most."""
_CALLING, _CALLED = (1062, 1138), (2080, 2120)
"""What a fax machine sends that calls, or is called (T.30 §4.3.3)."""
_SPECIAL = ((895, 1005), (1343, 1457), (1741, 1836))
"""The three tones that come before "the number you have dialled …"."""
_HOLE = b"\1" * 24
"""So many quiet samples are silence: those of a tone that is loud enough are fewer, where it passes through 0."""
_LEAST = _WINDOW // 2
"""Samples in which a tone can be told from a voice."""
_SAME_HZ = 15
_LONGEST_BURST = round(1.2 * _WINDOWS_A_SECOND)
_LONGEST_PAUSE = round(1.1 * _WINDOWS_A_SECOND)
_SHORTEST = round(0.08 * _WINDOWS_A_SECOND)
_FEWEST_BURSTS = 3
"""A tone that comes and goes so often, for so long each time, is a busy tone; a longer one may be anything."""

Tone = tuple[int, ...]
"""One or two frequencies in Hz; none for silence."""
_SILENCE: Tone = ()
_SOUND: Tone = (-1,)
"""Anything but a tone."""
Read = Callable[[int, int], "array[int]"]
"""Returns so many samples from an offset on, at 8 kHz."""


class VoiceActivityDetector:
    """Tells since when nothing was heard. No packets at all are silence too: many phones send none while it is quiet.

    A packet is loud when one sample in 16 has an amplitude of 256 or more. For a tone that is −39 dBm0, for noise −41:
    below the speech of a quiet talker on a bad line (about −35 dBm0), above the noise of lines, codecs and offices
    (under −50 dBm0). 0 dBm0 has an amplitude of about 22,800 here (ITU-T G.711 §4: the peak is at +3.14 dBm0).

    Two loud packets in a row are speech; one alone is a click.
    """

    def __init__(self, now: float) -> None:
        self._last_speech = now
        self._was_loud = False
        self.spoken = False
        """Whether anything but silence was heard."""

    def hear(self, pcm: bytes | bytearray, now: float) -> None:
        """Take in 16-bit little-endian PCM that was received at `now`, in seconds."""
        loud = pcm[1::2].translate(_LOUD).count(1) * _LOUD_SHARE * 2 >= len(pcm) > 0
        if loud and self._was_loud:
            self._last_speech = now
            self.spoken = True
        self._was_loud = loud

    def silent_for(self, now: float) -> float:
        """Return for how many seconds nothing was heard."""
        return now - self._last_speech


@dataclass(slots=True)
class _Burst:
    """A tone from the window `first` to the window `last`."""

    tone: Tone
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def heard_samples(read: Read, count: int) -> int:
    """Return how many of the `count` samples of a recording are to be kept, from its start; 0: nothing was said.

    It is listened to from the end, as far as the last words: most recordings that way take a few milliseconds.
    """
    return min(count, _last_word(read, count))


def _last_word(read: Read, count: int) -> int:
    bursts: list[_Burst] = []
    word = clicks = last_click = 0
    beside_tone = False
    for index, tone in _windows(read, count):
        if tone == _SOUND:
            word += 1
            if word >= _WORD:
                return _end(index + word, bursts, count)
            continue
        if word and not (beside_tone or tone):
            last_click = last_click or index + word + 1
            clicks += word
            if clicks >= _CLICKS:
                return _end(last_click, bursts, count)
        word, beside_tone = 0, bool(tone)
        if tone:
            burst = _note(bursts, tone, index)
            if burst.length > _LONGEST_BURST and _may_end(burst.tone):
                bursts.remove(burst)
                return _end(burst.last + 1, bursts, count)
    if not bursts or _is_signal(bursts):
        return 0
    return _end(bursts[0].last + 1, [], count)


def _windows(read: Read, count: int) -> Iterator[tuple[int, Tone]]:
    """Yield the windows of a recording with their numbers, the last one first."""
    windows = -(-count // _WINDOW)
    while windows > 0:
        first = max(0, windows - _AT_ONCE)
        samples = read(first * _WINDOW, min(count, windows * _WINDOW) - first * _WINDOW)
        for index in range(windows - 1, first - 1, -1):
            start = (index - first) * _WINDOW
            yield index, _listen(samples[start : start + _WINDOW])
        windows = first


def _end(window: int, bursts: Sequence[_Burst], count: int) -> int:
    """Return the end of what is kept, if the last word ends before `window`, and these bursts follow it."""
    rest = count
    if bursts and not _is_signal(bursts):
        window = bursts[0].last + 1
    elif bursts:
        rest = bursts[-1].first * _WINDOW
    return max(window * _WINDOW, min(rest, window * _WINDOW + int(KEPT_S * RATE_HZ))) if window else 0


def _note(bursts: list[_Burst], tone: Tone, index: int) -> _Burst:
    """Make a window part of the earliest burst, or of a new one."""
    # What is shorter than a pause can be is a hole, as a packet that was lost leaves it.
    if bursts and bursts[-1].first - index <= _SHORTEST and _is_same(bursts[-1].tone, tone):
        bursts[-1].first = index
    else:
        bursts.append(_Burst(tone, index, index))
    return bursts[-1]


def _is_same(one: Tone, other: Tone) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= _SAME_HZ for a, b in zip(one, other, strict=True))


def _may_end(tone: Tone) -> bool:
    """Tell whether a lasting tone is not a signal."""
    return len(tone) == 1 and not _within(tone[0], _CALLED)


def _within(hz: float, band: tuple[int, int]) -> bool:
    return band[0] <= hz <= band[1]


def _is_signal(bursts: Sequence[_Burst]) -> bool:
    """Tell whether bursts, the last one first, are what a line or a fax machine sends by itself."""
    single = [burst for burst in bursts if len(burst.tone) == 1]
    progress = [burst for burst in single if _within(burst.tone[0], _PROGRESS)]
    special = [{each for each in _SPECIAL if _within(burst.tone[0], each)} for burst in single]
    kinds = set().union(*special)
    return len(kinds) != 1 and (not progress or _is_busy(progress))


def _is_busy(bursts: Sequence[_Burst]) -> bool:
    pauses = [later.first - earlier.last - 1 for later, earlier in pairwise(bursts)]
    return (
        len(bursts) >= _FEWEST_BURSTS
        and all(_is_same(burst.tone, bursts[0].tone) for burst in bursts)
        and all(burst.length >= _SHORTEST for burst in bursts[1:-1])
        and all(_SHORTEST <= pause <= _LONGEST_PAUSE for pause in pauses)
    )


def _listen(samples: "array[int]") -> Tone:
    """Return what is in a window: silence, a tone, or something else."""
    if len(samples) < 3 or (max(samples) < QUIET and min(samples) > -QUIET):
        return _SILENCE
    if sum(map(QUIET.__le__, map(abs, samples))) * _LOUD_SHARE < len(samples):
        return _SILENCE
    return _tone(samples) or _tone(_unbroken(samples)) or _SOUND


def _tone(samples: "array[int]") -> Tone:
    """Return the tone that samples are, if any."""
    power = sum(map(mul, samples, samples))
    hz = _pitch(samples)
    if any(_within(hz, band) for band in (_PROGRESS, _CALLING, _CALLED, *_SPECIAL)):
        if _share(samples, hz, power) >= _PURE:
            return (hz,)
        for pair in _PAIRS:
            shares = [_share(samples, each, power) for each in pair]
            if sum(shares) >= _PURE_PAIR and min(shares) >= _EACH:
                return pair
    return ()


def _unbroken(samples: "array[int]") -> "array[int]":
    """Return the longer end of a window in which silence begins or ends, or none if that is too short to tell.

    A tone's burst begins somewhere in a window, and a packet that was lost leaves silence in one or two.
    """
    quiet = bytes(-QUIET < each < QUIET for each in samples)
    first, last = quiet.find(_HOLE), quiet.rfind(_HOLE)
    if first < 0:
        return array("h")
    last += len(_HOLE)
    end = samples[:first] if first > len(samples) - last else samples[last:]
    return end if len(end) >= _LEAST else array("h")


def _pitch(samples: "array[int]") -> int:
    """Return the frequency of a window in Hz, if it is a single sine; 0 where it cannot be one.

    The sum of two samples of a sine is that between them times twice the cosine of its step (Prony's method).
    """
    inner = samples[1:-1]
    power = sum(map(mul, inner, inner))
    cosine = sum(map(mul, map(add, samples[2:], samples[:-2]), inner)) / (2 * power) if power else 1.0
    return round(math.acos(cosine) * RATE_HZ / (2 * math.pi)) if abs(cosine) < 1 else 0


def _share(samples: "array[int]", hz: int, power: int) -> float:
    """Return the share of a window's power that the sine of a frequency has (one line of its spectrum)."""
    cosine, sine = _sinusoid(hz)
    real: float = sum(map(mul, samples, cosine))
    imaginary: float = sum(map(mul, samples, sine))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * power)


@lru_cache(maxsize=64)
def _sinusoid(hz: int) -> tuple["array[float]", "array[float]"]:
    angles = [2 * math.pi * hz * n / RATE_HZ for n in range(_WINDOW)]
    return array("d", map(math.cos, angles)), array("d", map(math.sin, angles))
