"""Encoding of greetings into frames."""

import pytest

from renvoi.voicemail.media import codec as g711
from renvoi.voicemail.media.codec import Codec, decoder_for, encode_frames, resample
from tests.unit.voicemail.media.signals import level, samples, share_of, tone


def test_names_and_payload_types_are_those_of_sdp() -> None:
    assert {str(codec): (codec.payload_type, codec.rate) for codec in Codec} == {
        "PCMA": (8, 8000),
        "PCMU": (0, 8000),
        "G722": (9, 16000),
    }


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
def test_frames_hold_the_sound(codec: Codec, rate: int) -> None:
    frames = encode_frames(tone(440, 1.01, rate), rate, codec)
    assert len(frames) == 51
    assert {len(frame) for frame in frames} == {160}
    decoder = decoder_for(codec, codec.rate)
    step = codec.rate // 50
    pcm = b"".join(bytes(decoder.decode(frame, n * step)[1]) for n, frame in enumerate(frames))
    assert len(pcm) == 51 * step * 2
    heard = pcm[step * 4 : step * 2 * 48]
    assert share_of(440, heard, codec.rate) > 0.98
    assert level(heard) == pytest.approx(8000 / 2**0.5, rel=0.05)
    # The second half of the last frame is filled up; G.722 answers 22 samples late.
    assert level(pcm[-step // 4 * 2 :]) < 50


@pytest.mark.parametrize("codec", Codec)
def test_nothing_makes_no_frames(codec: Codec) -> None:
    assert encode_frames(b"", 8000, codec) == []


@pytest.mark.parametrize(("rate", "to_rate"), [(8000, 16000), (44100, 8000), (16000, 8000), (8000, 8000)])
def test_resampling_keeps_the_length_in_time(rate: int, to_rate: int) -> None:
    pcm = resample(tone(440, 0.5, rate), rate, to_rate)
    assert len(pcm) == to_rate
    assert share_of(440, pcm, to_rate) > 0.99


@pytest.mark.parametrize(
    ("table", "byte", "sample"),
    [
        # The ends and the middle of both laws, scaled to 16 bits (ITU-T G.711, tables 1 and 2).
        (g711.PCMA, 0xD5, 8),
        (g711.PCMA, 0x55, -8),
        (g711.PCMA, 0xAA, 32256),
        (g711.PCMA, 0x2A, -32256),
        (g711.PCMA, 0xC5, 264),
        (g711.PCMU, 0xFF, 0),
        (g711.PCMU, 0x7F, 0),
        (g711.PCMU, 0x80, 32124),
        (g711.PCMU, 0x00, -32124),
        (g711.PCMU, 0xEF, 132),
    ],
)
def test_known_bytes_are_their_samples(table: g711.G711Table, byte: int, sample: int) -> None:
    assert samples(table.decode(bytes([byte]))) == [sample]


@pytest.mark.parametrize(("codec", "table"), [(Codec.PCMA, g711.PCMA), (Codec.PCMU, g711.PCMU)])
def test_each_byte_is_what_the_encoder_of_another_makes_it(codec: Codec, table: g711.G711Table) -> None:
    """FFmpeg encodes each decoded sample to the byte that it came from; µ-law has two bytes for 0."""
    every = bytes(range(256))
    frames = b"".join(encode_frames(bytes(table.decode(every)), 8000, codec))[:256]
    assert frames.replace(b"\x7f", b"\xff") == every.replace(b"\x7f", b"\xff")
