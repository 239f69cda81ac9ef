"""Telling speech from silence."""

import random
from array import array
from collections.abc import Iterable
from itertools import chain

import pytest

from renvoi.voicemail.greetings import CLIPS, RATE_HZ, clip
from renvoi.voicemail.media import codec
from renvoi.voicemail.media.codec import Codec, encode_frames, resample
from renvoi.voicemail.media.voice_activity import KEPT_S, VoiceActivityDetector, heard_samples
from tests.unit.voicemail.media import signals

RATE = 8000
TOLERANCE_S = 0.06
"""Two windows."""
Sound = list[int]


def hear(detector: VoiceActivityDetector, amplitude: int, start: float = 0.0, packets: int = 50) -> None:
    pcm = signals.tone(350, packets / 50, 8000, amplitude)
    for n in range(packets):
        detector.hear(pcm[n * 320 : (n + 1) * 320], start + n / 50)


def amplitude(dbm0: float) -> int:
    """Return the amplitude of a tone of this level; the peak is at +3.14 dBm0 (ITU-T G.711 §4)."""
    return round(32768 * 10 ** ((dbm0 - 3.14) / 20))


@pytest.mark.parametrize(("dbm0", "spoken"), [(0, True), (-20, True), (-38.7, True), (-41, False), (-60, False)])
def test_the_limit_is_near_minus_40_dbm0(dbm0: float, spoken: bool) -> None:
    detector = VoiceActivityDetector(0.0)
    hear(detector, amplitude(dbm0))
    assert detector.spoken is spoken
    assert detector.silent_for(1.0) == pytest.approx(0.02 if spoken else 1.0)


def test_silence_counts_from_the_last_sound() -> None:
    detector = VoiceActivityDetector(10.0)
    assert detector.silent_for(12.0) == 2.0
    hear(detector, 8000, start=12.0, packets=51)
    hear(detector, 0, start=13.02, packets=50)
    assert detector.silent_for(16.0) == pytest.approx(3.0)


def test_no_packets_are_silence() -> None:
    detector = VoiceActivityDetector(0.0)
    hear(detector, 8000, packets=2)
    assert detector.silent_for(5.02) == pytest.approx(5.0)


def test_a_click_is_no_speech() -> None:
    detector = VoiceActivityDetector(0.0)
    for start in range(5):
        hear(detector, 8000, start=start, packets=1)
        hear(detector, 0, start=start + 0.02, packets=1)
    assert not detector.spoken
    assert detector.silent_for(5.0) == 5.0


@pytest.mark.parametrize(("loud", "spoken"), [(9, False), (10, True)])
def test_a_sixteenth_of_the_samples_decides(loud: int, spoken: bool) -> None:
    """Speech is uneven: a few samples stand out of it; a crackling line has fewer."""
    detector = VoiceActivityDetector(0.0)
    for n in range(2):
        detector.hear((b"\0\1" * loud).ljust(320, b"\0"), n / 50)
    assert detector.spoken is spoken


def test_empty_packets_are_silence() -> None:
    detector = VoiceActivityDetector(0.0)
    for n in range(5):
        detector.hear(b"", n / 50)
    assert not detector.spoken


def tone(seconds: float, *hz: float, amplitude: int = 6000) -> Sound:
    """Return one or more sines at once."""
    sines = [array("h", signals.tone(each, seconds, RATE, amplitude)) for each in hz]
    return [sum(values) for values in zip(*sines, strict=True)]


def silence(seconds: float) -> Sound:
    return [0] * round(seconds * RATE)


def cadence(count: int, on_s: float, off_s: float, *hz: float) -> Sound:
    """Return a tone that comes and goes."""
    return (tone(on_s, *hz) + silence(off_s)) * count


def speech(name: str = "greeting", locale: str = "fr", *, gain_db: float = 0.0) -> Sound:
    """Return a clip; those that come with renvoi have −20 dBFS."""
    gain = 10 ** (gain_db / 20)
    return [round(value * gain) for value in array("h", resample(clip(locale, name), RATE_HZ, RATE))]


def with_noise(sound: Sound, level: float) -> Sound:
    dice = random.Random(5)
    return [value + round(dice.gauss(0, level)) for value in sound]


def heard_s(sound: Sound) -> float:
    """Return how many seconds are kept of what comes over a line."""
    pcm = array("h", (max(-32768, min(32767, value)) for value in sound)).tobytes()
    line = array("h", bytes(codec.PCMA.decode(b"".join(encode_frames(pcm, RATE, Codec.PCMA)))))
    kept = heard_samples(lambda offset, count: line[offset : offset + count], len(line))
    assert 0 <= kept <= len(line)
    return kept / RATE


SIGNALS = {
    "France, busy": cadence(20, 0.5, 0.5, 440),
    "France, busy, the beginning cut off": tone(0.2, 440) + silence(0.5) + cadence(3, 0.5, 0.5, 440),
    "Germany, busy": cadence(20, 0.48, 0.48, 425),
    "Germany, congestion": cadence(20, 0.24, 0.24, 425),
    "United Kingdom, busy": cadence(20, 0.375, 0.375, 400),
    "United Kingdom, congestion": (cadence(1, 0.4, 0.35, 400) + cadence(1, 0.225, 0.525, 400)) * 8,
    "China, busy": cadence(20, 0.35, 0.35, 450),
    "Spain, busy": cadence(20, 0.2, 0.2, 425),
    "North America, busy": cadence(10, 0.5, 0.5, 480, 620),
    "North America, congestion": cadence(20, 0.25, 0.25, 480, 620),
    "North America, dial tone": tone(10, 350, 440),
    "a busy tone after ten seconds": silence(10) + cadence(10, 0.5, 0.5, 440),
    "a busy tone of a PBX that is a little off": cadence(20, 0.52, 0.47, 431),
    "special information": (tone(0.33, 950) + tone(0.33, 1400) + tone(0.33, 1800) + silence(1)) * 3,
    "special information, North America": tone(0.276, 913.8) + tone(0.276, 1370.6) + tone(0.38, 1776.7) + silence(3),
    "a fax that calls": cadence(8, 0.5, 3, 1100),
    "one call of a fax": silence(1) + tone(0.5, 1100) + silence(3),
    "a fax that answers": silence(1) + tone(3.3, 2100) + silence(1),
    "noise of a line": with_noise(cadence(10, 0.5, 0.5, 440), 45),
}
SILENCES = {
    "nothing": silence(8),
    "noise of a line": with_noise(silence(8), 45),
    "a click": silence(3) + with_noise(silence(0.04), 8000) + silence(2),
}


@pytest.mark.parametrize("kind", [*SIGNALS])
def test_tones_of_a_line_are_nothing_said(kind: str) -> None:
    assert heard_s(SIGNALS[kind]) == 0


def losing(sound: Sound, places: Iterable[int]) -> Sound:
    """Return a sound of which packets of 20 ms from these samples on were lost."""
    left = list(sound)
    for start in places:
        left[start : start + 160] = [0] * len(left[start : start + 160])
    return left


@pytest.mark.parametrize("shift", range(0, 240, 40))
@pytest.mark.parametrize("kind", [kind for kind in SIGNALS if "busy" in kind or "congestion" in kind])
def test_a_busy_tone_with_lost_packets_is_nothing_said(kind: str, shift: int) -> None:
    """Wherever the gap lies in what is listened to at a time, and in a burst."""
    sound = SIGNALS[kind]
    assert heard_s(losing(sound, range(4000 + shift, len(sound) - 800, 11_240))) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["France, busy", "Germany, busy", "Germany, congestion", "North America, busy"])
def test_a_busy_tone_on_a_bad_line_is_nothing_said(kind: str, seed: int) -> None:
    dice = random.Random(seed)
    sound = SIGNALS[kind]
    assert heard_s(losing(sound, [n for n in range(0, len(sound), 160) if dice.random() < 0.01])) == 0


@pytest.mark.parametrize("kind", [*SILENCES])
def test_silence_is_nothing_said(kind: str) -> None:
    assert heard_s(SILENCES[kind]) == 0


@pytest.mark.parametrize("gain_db", [0, -21, -26])
@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("name", CLIPS)
def test_speech_is_kept_however_short_and_quiet(name: str, locale: str, gain_db: float) -> None:
    """At −41 dBFS, the −35 dBm0 of a quiet talker on a bad line, and 5 dB below."""
    said = silence(0.5) + speech(name, locale, gain_db=gain_db)
    kept_s = heard_s(said + silence(5))
    assert len(said) / RATE - 0.4 <= kept_s <= len(said) / RATE + KEPT_S + TOLERANCE_S


@pytest.mark.parametrize("kind", [kind for kind in SIGNALS if "beginning" not in kind and "after ten" not in kind])
def test_a_tone_behind_a_message_is_cut_off(kind: str) -> None:
    said = speech()
    assert heard_s(said + silence(0.2) + SIGNALS[kind]) == pytest.approx(len(said) / RATE, abs=KEPT_S + TOLERANCE_S)


@pytest.mark.parametrize("kind", [*SIGNALS])
def test_a_word_behind_a_tone_is_kept(kind: str) -> None:
    """Somebody took the line, or the tone was none."""
    sound = SIGNALS[kind] + speech("GREETING".lower(), "en")
    assert heard_s(sound) >= len(sound) / RATE - 0.4


def test_a_word_among_tones_is_kept() -> None:
    busy = SIGNALS["France, busy"]
    word = speech("3")
    assert heard_s(busy + word + busy) == pytest.approx(len(busy + word) / RATE, abs=KEPT_S + TOLERANCE_S)


NOTES = (440, 494, 523, 587, 440)
MUSIC = {
    "notes": list(chain(*(tone(0.4, hz) + silence(0.1) for hz in NOTES * 3))),
    "notes without pauses": list(chain(*(tone(0.4, hz) for hz in NOTES * 3))),
    "one long note": tone(3, 440),
    "a long note again and again": cadence(4, 2, 0.5, 440),
    "chords": list(chain(*(tone(0.5, hz, hz * 1.25, hz * 1.5, amplitude=4000) for hz in NOTES * 3))),
    "two short notes": cadence(2, 0.5, 0.5, 440),
    "a note like that of a fax, held": tone(4, 1100),
    "keys of a telephone": cadence(6, 0.1, 0.1, 697, 1209),
    "ringing": cadence(3, 1.5, 3.5, 440),
    "a siren": list(chain(*(tone(0.06, hz) for hz in range(400, 640, 8)))),
    "high notes": list(chain(*(tone(0.2, hz) + silence(0.1) for hz in (950, 1175, 880, 950, 1400, 1175)))),
}


@pytest.mark.parametrize("kind", [*MUSIC])
def test_what_might_be_music_is_kept(kind: str) -> None:
    """In doubt a tone is something said, up to its end."""
    sound = MUSIC[kind]
    assert heard_s(sound) >= len(sound) / RATE - 3.5 - TOLERANCE_S
    assert heard_s(sound) > 0.5


def test_a_bad_line_does_not_make_a_message_of_nothing() -> None:
    """Words of which half the packets are lost are kept all the same."""
    said = speech()
    for start in range(0, len(said), 320):
        said[start : start + 160] = [0] * len(said[start : start + 160])
    assert heard_s(said) >= len(said) / RATE - 0.4


@pytest.mark.parametrize("seed", range(20))
def test_any_samples_are_judged(seed: int) -> None:
    dice = random.Random(seed)
    extremes = [dice.choice((-32768, 32767, 0, dice.randrange(-200, 200))) for _ in range(dice.randrange(2000))]
    line = array("h", extremes)
    assert 0 <= heard_samples(lambda offset, count: line[offset : offset + count], len(line)) <= len(line)


def test_a_constant_is_no_tone_and_a_few_samples_are_nothing() -> None:
    assert heard_s([500] * RATE) == 1.0
    for count in range(5):
        few = array("h", [20000, -20000] * 3)
        assert heard_samples(lambda offset, number, few=few: few[offset : offset + number], count) == 0  # type: ignore[misc]  # mypy sees no type of few


def test_only_the_end_is_listened_to() -> None:
    """However long the message is."""
    asked: list[int] = []
    line = array("h", speech() * 12)

    def read(offset: int, count: int) -> "array[int]":
        asked.append(count)
        return line[offset : offset + count]

    assert heard_samples(read, len(line)) > len(line) - RATE
    assert sum(asked) < 4 * RATE
