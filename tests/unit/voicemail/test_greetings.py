"""What a call plays, decoded again as a telephone does."""

import array
import math
import wave
from io import BytesIO
from itertools import pairwise

import av
import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import LANGUAGES
from renvoi.voicemail.greetings import (
    CLIPS,
    DIGITS,
    FRAME_OVERHEAD_BYTES,
    RATE_HZ,
    CustomGreeting,
    Greetings,
    beep,
    clip,
    encode_all,
    pcm_of,
    silence,
    spoken,
)
from renvoi.voicemail.media.codec import FRAME_BYTES, Codec, encode_frames

NUMBER = E164("+33199001234")
DECODERS = {Codec.PCMA: "pcm_alaw", Codec.PCMU: "pcm_mulaw", Codec.G722: "g722"}
SECOND = 50
"""Frames."""
SECONDS = {"intro": (1.5, 4.0), "greeting": (6.0, 11.0)}
WORD_SECONDS = (0.3, 0.8)

every_clip = pytest.mark.parametrize(("locale", "name"), [(locale, name) for locale in LANGUAGES for name in CLIPS])


class Unreadable(list[tuple[CustomGreeting, Exception]]):
    def tell(self, greeting: CustomGreeting, error: Exception) -> None:
        self.append((greeting, error))


@pytest.fixture(scope="module")
def greetings() -> Greetings:
    def fail(greeting: CustomGreeting, error: Exception) -> None:
        raise AssertionError(f"{greeting} is not readable") from error

    greetings = Greetings(fail)
    encode_all()
    return greetings


def heard(frames: list[bytes], codec: Codec) -> "array.array[int]":
    decoder = av.CodecContext.create(DECODERS[codec], "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = codec.rate, "mono"
    samples = array.array("h")
    for frame in frames:
        for decoded in decoder.decode(av.Packet(frame)):
            samples.frombytes(bytes(decoded.planes[0])[: decoded.samples * 2])
    return samples


def envelope(samples: "array.array[int]", rate: int) -> list[float]:
    """Return the level of each 20 ms, in dB relative to full scale, not below -60."""
    step = rate // SECOND
    parts = (samples[start : start + step] for start in range(0, len(samples), step))
    levels = (math.sqrt(sum(sample * sample for sample in part) / len(part)) for part in parts)
    return [20 * math.log10(max(level, 32.768) / 32768) for level in levels]


def upload(pcm: bytes, version: int = 1, channels: int = 1, rate: int = RATE_HZ) -> CustomGreeting:
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return CustomGreeting(NUMBER, version, target.getvalue())


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("codec", Codec)
def test_the_default_greeting_is_the_clip_between_two_silences(greetings: Greetings, codec: Codec, locale: str) -> None:
    frames = greetings.frames(codec, locale).greeting
    assert {len(frame) for frame in frames} == {FRAME_BYTES}
    levels = envelope(heard(frames, codec), codec.rate)
    spoken_levels = envelope(array.array("h", clip(locale, "greeting")), RATE_HZ)
    lead_in, pause = levels[:20], levels[20 + len(spoken_levels) :]
    assert max(lead_in) < -55
    assert len(pause) == 20
    assert max(pause[1:]) < -50
    differences = [abs(one - other) for one, other in zip(levels[20:], spoken_levels, strict=False) if other > -40]
    assert sum(differences) / len(differences) < 1.5


@pytest.mark.parametrize("codec", Codec)
def test_the_beep_is_a_tone_of_1000_hz_at_a_moderate_level(greetings: Greetings, codec: Codec) -> None:
    frames = greetings.frames(codec, "en").beep
    assert len(frames) == 0.4 * SECOND
    samples = heard(frames, codec)
    crossings = sum(one < 0 <= other for one, other in pairwise(samples))
    assert crossings / 0.4 == pytest.approx(1000, abs=10)
    assert 20 * math.log10(max(samples) / 32768) == pytest.approx(-12, abs=0.7)


def test_the_beep_begins_and_ends_without_a_click() -> None:
    samples = array.array("h", beep())
    assert max(map(abs, [*samples[:16], *samples[-16:]])) < 32768 * 10 ** (-30 / 20)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_spoken_number_comes_between_the_intro_and_the_greeting(greetings: Greetings, locale: str) -> None:
    frames = greetings.frames(Codec.PCMA, locale, NUMBER).greeting
    position = 0
    for name in ["intro", *(name for group in spoken(NUMBER) for name in group), "greeting"]:
        wanted = b"".join(encode_frames(clip(locale, name), RATE_HZ, Codec.PCMA))
        found = b"".join(frames).find(wanted, position)
        assert found >= position, name
        position = found + len(wanted)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_clips_joined_in_g722_have_no_clicks_between_them(greetings: Greetings, locale: str) -> None:
    frames = greetings.frames(Codec.G722, locale, NUMBER).greeting
    plain = greetings.frames(Codec.PCMU, locale, NUMBER).greeting
    joined, reference = envelope(heard(frames, Codec.G722), 16000), envelope(heard(plain, Codec.PCMU), 8000)
    assert len(joined) == len(reference)
    quiet = [level for level, other in zip(joined, reference, strict=True) if other < -59]
    assert len(quiet) > SECOND
    assert max(quiet) < -45


@pytest.mark.parametrize("number", [None, NUMBER])
def test_a_greeting_has_the_same_length_in_every_codec(greetings: Greetings, number: E164 | None) -> None:
    assert len({len(greetings.frames(codec, "fr", number).greeting) for codec in Codec}) == 1


def test_languages_differ(greetings: Greetings) -> None:
    assert greetings.frames(Codec.PCMA, "en").greeting != greetings.frames(Codec.PCMA, "fr").greeting


def test_an_uploaded_greeting_is_played_in_the_place_of_all_others(greetings: Greetings) -> None:
    custom = upload(beep() * 3)
    assert not greetings.has(Codec.PCMA, custom)
    prompt = greetings.frames(Codec.PCMA, "en", NUMBER, custom)
    assert greetings.has(Codec.PCMA, custom)
    levels = envelope(heard(prompt.greeting, Codec.PCMA), 8000)
    assert len(levels) == 20 + 60 + 20
    assert max(levels[:20] + levels[80:]) < -55
    assert prompt.beep == greetings.frames(Codec.PCMA, "en").beep


def test_an_uploaded_greeting_is_remembered_without_its_audio_and_a_newer_one_is_encoded(greetings: Greetings) -> None:
    frames = greetings.frames(Codec.PCMU, "en", custom=upload(silence(1), version=2)).greeting
    assert greetings.frames(Codec.PCMU, "en", custom=CustomGreeting(NUMBER, 2)).greeting == frames
    newer = upload(silence(2), version=3)
    assert len(greetings.frames(Codec.PCMU, "en", custom=newer).greeting) == len(frames) + SECOND


@pytest.mark.parametrize("audio", [b"", b"RIFF but no more"])
def test_an_uploaded_greeting_that_cannot_be_read_is_told_and_the_default_one_heard(audio: bytes) -> None:
    unreadable = Unreadable()
    greetings = Greetings(unreadable.tell)
    custom = CustomGreeting(NUMBER, 1, audio)
    assert greetings.frames(Codec.PCMA, "fr", custom=custom) == greetings.frames(Codec.PCMA, "fr")
    assert [told for told, _ in unreadable] == [custom]
    assert not greetings.has(Codec.PCMA, custom)


def test_an_uploaded_file_of_another_form_is_not_played_at_the_wrong_speed() -> None:
    unreadable = Unreadable()
    Greetings(unreadable.tell).frames(Codec.PCMA, "en", custom=upload(bytes(44100), channels=2, rate=44100))
    assert [str(error) for _, error in unreadable] == ["a WAV file of 2 channels, 16 bits, 44100 Hz"]


def test_memory_for_uploaded_greetings_is_bounded_and_keeps_the_latest() -> None:
    second = SECOND * (FRAME_BYTES + FRAME_OVERHEAD_BYTES)
    # Each takes 1.8 s with its silences, so two fit.
    greetings = Greetings(Unreadable().tell, custom_limit=5 * second)
    customs = [upload(silence(1), version) for version in range(4)]
    for custom in customs:
        greetings.frames(Codec.PCMA, "en", custom=custom)
    assert [greetings.has(Codec.PCMA, custom) for custom in customs] == [False, False, True, True]
    for custom in (customs[2], customs[0]):
        greetings.frames(Codec.PCMA, "en", custom=custom)
    assert [greetings.has(Codec.PCMA, custom) for custom in customs] == [True, False, True, False]


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


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+33199001234", "plus33 1 99 00 12 34"),
        ("+12015550123", "plus1 201 555 0123"),
        ("+442079460958", "plus44 20 7946 0958"),
        ("+390612345678", "plus39 06 1234 5678"),
    ],
)
def test_a_number_is_said_in_the_groups_of_its_country(number: str, said: str) -> None:
    assert " ".join("".join(group) for group in spoken(E164(number))) == said


def test_a_number_of_no_country_is_said_as_one_group() -> None:
    assert spoken(E164("+999123")) == (("plus", "9", "9", "9", "1", "2", "3"),)
