"""Uploaded greetings of every kind, and recordings made smaller: real files, made here with FFmpeg."""

import array
import math
import random
import wave
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream
from av.container import InputContainer

from renvoi.adapters import audio
from renvoi.adapters.audio import MAX_LENGTH_S, MAX_UPLOAD_BYTES, MP3_BIT_RATE, read_greeting, wav_to_mp3
from renvoi.application.ports.audio import AudioInvalid

RATE_HZ = 16000
TONE_HZ = 440.0
SPEECH_PEAK = 0.15
KINDS = {
    "wav 8 kHz": ("wav", "pcm_s16le", 8000, "mono"),
    "wav 44.1 kHz stereo": ("wav", "pcm_s16le", 44100, "stereo"),
    "wav 24 bits": ("wav", "pcm_s24le", 48000, "mono"),
    "wav of floats": ("wav", "pcm_f32le", 48000, "stereo"),
    "wav of A-law": ("wav", "pcm_alaw", 8000, "mono"),
    "wav of ADPCM": ("wav", "adpcm_ima_wav", 22050, "mono"),
    "mp3": ("mp3", "libmp3lame", 44100, "stereo"),
    "flac": ("flac", "flac", 48000, "mono"),
    "ogg opus": ("ogg", "libopus", 48000, "mono"),
    "m4a": ("mp4", "aac", 44100, "stereo"),
}


def tone(seconds: float, peak: float = SPEECH_PEAK, rate: int = RATE_HZ) -> bytes:
    """Return a sine as 16-bit mono PCM; `peak` is relative to full scale."""
    step = 2 * math.pi * TONE_HZ / rate
    return array.array(
        "h", (round(32767 * peak * math.sin(step * index)) for index in range(round(seconds * rate)))
    ).tobytes()


def wav(pcm: bytes, rate: int = RATE_HZ) -> bytes:
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return target.getvalue()


def converted(source: bytes, kind: str) -> bytes:
    """Return a WAV file as another kind of file."""
    container_format, codec, rate, layout = KINDS[kind]
    target = BytesIO()
    with av.open(BytesIO(source), "r") as reader, av.open(target, "w", format=container_format) as writer:
        stream = writer.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(stream.format, layout, rate, stream.frame_size or 1024)
        position = 0
        for frame in [*reader.decode(audio=0), None]:
            if frame is not None:
                frame.pts = None
            for part in resampler.resample(frame):
                part.pts = position
                position += part.samples
                writer.mux(stream.encode(part))
        writer.mux(stream.encode(None))
    return target.getvalue()


def samples_of(greeting: bytes) -> "array.array[int]":
    with wave.open(BytesIO(greeting)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return array.array("h", file.readframes(file.getnframes()))


def frequency(samples: "array.array[int]", rate: int) -> float:
    middle = samples[rate // 4 : -rate // 4]
    return sum(one < 0 <= other for one, other in pairwise(middle)) * rate / len(middle)


def peak_of(samples: "array.array[int]") -> float:
    return max(abs(sample) for sample in samples) / 32767


@pytest.mark.parametrize("kind", KINDS)
def test_a_greeting_of_every_kind_keeps_its_length_pitch_and_level(kind: str) -> None:
    samples = samples_of(read_greeting(converted(wav(tone(1.5)), kind)))
    # FFmpeg makes two channels of one at the same power, here where the file is made.
    peak = SPEECH_PEAK / math.sqrt(2) if KINDS[kind][3] == "stereo" else SPEECH_PEAK
    assert len(samples) / RATE_HZ == pytest.approx(1.5, abs=0.1)
    assert frequency(samples, RATE_HZ) == pytest.approx(TONE_HZ, abs=2)
    assert peak_of(samples) == pytest.approx(peak, rel=0.15)


def test_a_file_that_is_right_already_is_not_changed() -> None:
    pcm = tone(1)
    assert samples_of(read_greeting(wav(pcm))).tobytes() == pcm


def test_an_mp3_without_tags_is_read() -> None:
    data = converted(wav(tone(1)), "mp3")
    bare = data[data.index(b"\xff\xfb") :]
    assert data.startswith(b"ID3")
    assert len(samples_of(read_greeting(bare))) / RATE_HZ == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("peak", "raised_to"), [(0.01, 0.1), (0.03, 0.1414)])
def test_a_quiet_greeting_is_raised_but_not_without_bound(peak: float, raised_to: float) -> None:
    assert peak_of(samples_of(read_greeting(wav(tone(1, peak))))) == pytest.approx(raised_to, rel=0.02)


@pytest.mark.parametrize("pause_s", [0, 3])
@pytest.mark.parametrize("peak", [0.3, 0.6, 1.0])
def test_a_loud_greeting_is_lowered(peak: float, pause_s: float) -> None:
    """To the level of those that come with renvoi; its pauses do not make it quieter than it is."""
    lowered = samples_of(read_greeting(wav(tone(1, peak) + bytes(round(pause_s * RATE_HZ) * 2))))
    assert peak_of(lowered) == pytest.approx(0.1414, rel=0.02)


@pytest.mark.parametrize("peak", [0.05, 0.1, 0.2])
def test_a_greeting_of_a_usual_level_is_left_alone(peak: float) -> None:
    assert peak_of(samples_of(read_greeting(wav(tone(1, peak))))) == pytest.approx(peak, rel=0.02)


def test_raising_a_quiet_greeting_does_not_make_its_loud_part_clip() -> None:
    pcm = tone(0.05, 0.35) + tone(9.95, 0.005)
    assert peak_of(samples_of(read_greeting(wav(pcm)))) == pytest.approx(10 ** (-3 / 20), rel=0.01)


@pytest.mark.parametrize("pcm", [bytes(2 * RATE_HZ), tone(1, 0.002)])
def test_silence_is_refused(pcm: bytes) -> None:
    with pytest.raises(AudioInvalid, match="silent"):
        read_greeting(wav(pcm))


def test_a_greeting_that_is_too_short_is_refused() -> None:
    read_greeting(wav(tone(0.5)))
    with pytest.raises(AudioInvalid, match=r"shorter than 0\.5 s") as refused:
        read_greeting(wav(tone(0.49)))
    assert "moins de 0,5 s" in refused.value.french


def test_a_greeting_that_is_too_long_is_refused() -> None:
    second = tone(1, rate=8000)
    read_greeting(wav(second * MAX_LENGTH_S, 8000))
    with pytest.raises(AudioInvalid, match="longer than 60 s"):
        read_greeting(wav(second * (MAX_LENGTH_S + 1), 8000))


def test_hours_in_a_small_file_are_not_decoded_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = converted(wav(bytes(2 * 8000 * 300), 8000), "flac")
    assert len(bomb) < 128 * 1024
    decoded = 0
    frames = audio._frames

    def counted(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
        nonlocal decoded
        for frame in frames(container, stream):
            decoded += frame.samples
            yield frame

    monkeypatch.setattr(audio, "_frames", counted)
    with pytest.raises(AudioInvalid, match="longer than 60 s"):
        read_greeting(bomb)
    assert 59 < decoded / 48000 < 62


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(AudioInvalid, match="more than 10 MiB"):
        read_greeting(bytes(MAX_UPLOAD_BYTES + 1))


def playlist(path: Path) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{path}\n#EXT-X-ENDLIST\n".encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"RIFF",
        b"RIFF\0\0\0\0WAVE",
        b"ID3" + bytes(2000),
        b"\xff\xfb" + bytes(1000),
        b"OggS",
        bytes(4) + b"ftypM4A ",
        b"Dear Sir or Madam, " * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(500),
    ],
)
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    with pytest.raises(AudioInvalid, match="upload a WAV, MP3, FLAC, Ogg or M4A file"):
        read_greeting(data)


def test_a_playlist_is_given_to_no_reader_and_a_file_only_to_that_of_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = []
    opened = av.open

    def noted(file: BytesIO, **options: str) -> InputContainer:
        readers.append(options.get("format"))
        return opened(file, "r", **options)  # type: ignore[call-overload, no-any-return]  # options of any kind

    sound = wav(tone(1))
    packed = converted(sound, "flac")
    secret = tmp_path / "secret.wav"
    secret.write_bytes(sound)
    monkeypatch.setattr(av, "open", noted)
    with pytest.raises(AudioInvalid, match="upload a WAV, MP3, FLAC, Ogg or M4A file"):
        read_greeting(playlist(secret))
    assert readers == []
    read_greeting(packed)
    read_greeting(sound)
    assert readers == ["flac", "wav"]


def test_a_wav_file_of_an_unknown_codec_is_refused() -> None:
    data = bytearray(wav(tone(1)))
    data[20:22] = b"\x34\x12"
    with pytest.raises(AudioInvalid, match="upload a WAV, MP3, FLAC, Ogg or M4A file"):
        read_greeting(bytes(data))


@pytest.mark.parametrize("rate", [100, 400_000])
def test_an_unusual_sample_rate_is_refused(rate: int) -> None:
    with pytest.raises(AudioInvalid, match="unusual sample rate"):
        read_greeting(wav(tone(1), rate))


def spoilt(data: bytes, every: int) -> bytes:
    """Return a file with 40 bytes overwritten in each so many."""
    changed = bytearray(data)
    for start in range(2000, len(changed) - 40, every):
        changed[start : start + 40] = b"\xff" * 40
    return bytes(changed)


def test_a_file_with_one_odd_frame_is_read_and_one_with_many_is_not() -> None:
    data = converted(wav(tone(4)), "m4a")
    assert len(samples_of(read_greeting(spoilt(data, len(data))))) / RATE_HZ == pytest.approx(4, abs=0.2)
    with pytest.raises(AudioInvalid, match="damaged"):
        read_greeting(spoilt(data, 1500))


def mutated(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice([1, 3, 20, 200])):
        # Headers are where a reader is misled; most changes go there.
        position = dice.randrange(min(len(changed), 200) if dice.random() < 0.6 else len(changed))
        match dice.randrange(4):
            case 0:
                changed[position] = dice.randrange(256)
            case 1:
                changed[position : position + 4] = dice.choice(
                    [b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\1"]
                )
            case 2:
                del changed[position : position + dice.randrange(500)]
            case _:
                changed[position:position] = dice.randbytes(dice.randrange(500))
        if len(changed) < 16:
            break
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_done_to_a_file_it_is_read_or_refused(kind: str) -> None:
    dice = random.Random(kind)
    data = converted(wav(tone(0.7)), kind)
    for _ in range(40):
        try:
            samples = samples_of(read_greeting(mutated(data, dice)))
        except AudioInvalid:
            continue
        assert 0.5 <= len(samples) / RATE_HZ <= MAX_LENGTH_S


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_recording_becomes_an_mp3_of_the_same_length_and_pitch(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "message.wav"
    path.write_bytes(wav(tone(3, rate=rate), rate))
    data = wav_to_mp3(path)
    assert len(data) == pytest.approx(3 * MP3_BIT_RATE / 8, rel=0.1)
    with av.open(BytesIO(data), "r") as file:
        stream = file.streams.audio[0]
        assert (file.format.name, stream.rate, stream.channels) == ("mp3", RATE_HZ, 1)
    samples = samples_of(read_greeting(data))
    assert len(samples) / RATE_HZ == pytest.approx(3, abs=0.1)
    assert frequency(samples, RATE_HZ) == pytest.approx(TONE_HZ, abs=2)
    assert peak_of(samples) == pytest.approx(SPEECH_PEAK, rel=0.15)


def test_a_damaged_recording_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "message.wav"
    path.write_bytes(b"RIFF and nothing else")
    with pytest.raises(AudioInvalid, match=r"message\.wav is damaged"):
        wav_to_mp3(path)


def test_a_recording_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wav_to_mp3(tmp_path / "message.wav")
