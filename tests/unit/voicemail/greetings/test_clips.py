"""The committed clips: level, length and silence, so that a new one that is broken is not shipped."""

import array
import math

import pytest

from renvoi.domain.outcome import LANGUAGES
from renvoi.voicemail.greetings.clips import CLIPS, DIGITS, RATE_HZ, clip, pcm_of

SECONDS = {"intro": (1.5, 4.0), "greeting": (6.0, 11.0)}
WORD_SECONDS = (0.3, 0.8)

every_clip = pytest.mark.parametrize(("locale", "name"), [(locale, name) for locale in LANGUAGES for name in CLIPS])


def samples_of(locale: str, name: str) -> "array.array[int]":
    return array.array("h", clip(locale, name))


def dbfs(value: float) -> float:
    return 20 * math.log10(value / 32768)


@every_clip
def test_a_clip_is_as_loud_as_the_others_and_does_not_clip(locale: str, name: str) -> None:
    samples = samples_of(locale, name)
    level = dbfs(math.sqrt(sum(sample * sample for sample in samples) / len(samples)))
    assert level == pytest.approx(-20.0, abs=1.0)
    assert dbfs(max(abs(sample) for sample in samples)) <= -2.9


@every_clip
def test_a_clip_has_the_length_of_its_text(locale: str, name: str) -> None:
    shortest, longest = SECONDS.get(name, WORD_SECONDS)
    assert shortest <= len(samples_of(locale, name)) / RATE_HZ <= longest


@every_clip
def test_a_clip_begins_and_ends_softly_and_without_a_wait(locale: str, name: str) -> None:
    samples = samples_of(locale, name)
    assert abs(samples[0]) < 30
    assert abs(samples[-1]) < 30
    loud = [index for index, sample in enumerate(samples) if abs(sample) > 32768 * 10 ** (-45 / 20)]
    assert loud[0] < 0.3 * RATE_HZ
    assert len(samples) - loud[-1] < 0.3 * RATE_HZ


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_two_clips_are_the_same(locale: str) -> None:
    assert len({clip(locale, name) for name in CLIPS}) == len(CLIPS) == len(DIGITS) + 3


@pytest.mark.parametrize("wav", [b"", b"RIFF", b"no WAV file at all, but long enough to be one, said the reader"])
def test_what_is_no_wav_file_is_refused(wav: bytes) -> None:
    with pytest.raises(ValueError, match="no WAV file"):
        pcm_of(wav)
