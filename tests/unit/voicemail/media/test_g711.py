"""G.711 by table."""

import pytest

from renvoi.voicemail.media import codec as g711
from renvoi.voicemail.media.codec import Codec, encode_frames
from tests.unit.voicemail.media.signals import samples


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
