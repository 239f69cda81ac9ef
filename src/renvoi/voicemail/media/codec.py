"""The codecs that calls are answered with (`docs/calls.md §4`), and the encoding of greetings into their frames."""

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Protocol

import av

SAMPLE_BYTES = 2
FRAMES_A_SECOND = 50
"""Packets of ours: each carries 20 ms (the default packet time of RFC 3551 §4.2)."""

RTP_CLOCK_HZ = 8000
"""The RTP clock of every codec here; G.722 has it too, though it samples at 16 kHz (RFC 3551 §4.5.2)."""

FRAME_BYTES = 160
"""The payload of one packet of ours: every codec here takes 64 kbit/s."""


class Codec(StrEnum):
    """An audio codec, by its encoding name in SDP (RFC 3551 §6)."""

    PCMA = "PCMA"
    PCMU = "PCMU"
    G722 = "G722"

    @property
    def payload_type(self) -> int:
        """Its static RTP payload type (RFC 3551 §6)."""
        return _PAYLOAD_TYPES[self]

    @property
    def rate(self) -> int:
        """Its sample rate in Hz: 8000 or 16000."""
        return 16000 if self is Codec.G722 else 8000


_PAYLOAD_TYPES = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}
_ENCODERS = {Codec.PCMU: "pcm_mulaw", Codec.PCMA: "pcm_alaw", Codec.G722: "g722"}


def encode_frames(pcm: bytes, rate: int, codec: Codec) -> list[bytes]:
    """Encode 16-bit mono PCM of `rate` Hz into frames of 20 ms, the last one filled up with silence.

    The frames of one call belong together: G.722 predicts each from those before it.
    """
    samples = resample(pcm, rate, codec.rate)
    missing = -len(samples) % (codec.rate // FRAMES_A_SECOND * SAMPLE_BYTES)
    # Whole frames in give whole frames out: encoders keep nothing back.
    payload = b"".join(_encode(samples + bytes(missing), codec))
    return [payload[start : start + FRAME_BYTES] for start in range(0, len(payload), FRAME_BYTES)]


@cache
def silence_frame(codec: Codec) -> bytes:
    return encode_frames(bytes(codec.rate // FRAMES_A_SECOND * SAMPLE_BYTES), codec.rate, codec)[0]


def resample(pcm: bytes, rate: int, to_rate: int) -> bytes:
    """Return 16-bit mono PCM of `rate` Hz at `to_rate` Hz, of the same length in time."""
    if rate == to_rate or not pcm:
        return pcm
    resampler = av.AudioResampler(format="s16", layout="mono", rate=to_rate)
    frames = [*resampler.resample(pcm_frame(pcm, rate)), *resampler.resample(None)]
    return b"".join(map(frame_pcm, frames))


def pcm_frame(pcm: bytes, rate: int) -> av.AudioFrame:
    """Return 16-bit mono PCM as a frame for PyAV; a byte left over at its end is dropped."""
    samples = len(pcm) // SAMPLE_BYTES
    frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
    frame.sample_rate = rate
    # A plane is longer than its samples: PyAV aligns it, and takes an update of just that length.
    frame.planes[0].update(pcm[: samples * SAMPLE_BYTES].ljust(frame.planes[0].buffer_size, b"\0"))
    return frame


def frame_pcm(frame: av.AudioFrame) -> bytes:
    """Return the samples of PyAV's 16-bit mono `frame`, without what its plane is longer than them."""
    return bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]


def _encode(pcm: bytes, codec: Codec) -> Iterator[bytes]:
    context = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = codec.rate
    context.layout = "mono"
    context.format = "s16"
    context.time_base = Fraction(1, codec.rate)
    step = codec.rate // FRAMES_A_SECOND * SAMPLE_BYTES
    for start in range(0, len(pcm), step):
        frame = pcm_frame(pcm[start : start + step], codec.rate)
        frame.pts = start // SAMPLE_BYTES
        yield from map(bytes, context.encode(frame))


def _alaw(byte: int) -> int:
    """Return the sample of one A-law byte (ITU-T G.711 table 1; its even bits travel inverted)."""
    code = byte ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = (mantissa << 4) + 8
    if exponent:
        magnitude = magnitude + 0x100 << exponent - 1
    return magnitude if code & 0x80 else -magnitude


def _ulaw(byte: int) -> int:
    """Return the sample of one µ-law byte (ITU-T G.711 table 2; all its bits travel inverted)."""
    code = byte ^ 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


class G711Table:
    """Decodes the payloads of one law, in about a microsecond for 20 ms."""

    def __init__(self, samples: list[int]) -> None:
        self._low = bytes(sample & 0xFF for sample in samples)
        self._high = bytes(sample >> 8 & 0xFF for sample in samples)

    def decode(self, payload: bytes) -> bytearray:
        """Return 16-bit little-endian PCM at 8 kHz, one sample for each byte of `payload`."""
        pcm = bytearray(2 * len(payload))
        pcm[0::2] = payload.translate(self._low)
        pcm[1::2] = payload.translate(self._high)
        return pcm


PCMA = G711Table([_alaw(byte) for byte in range(256)])
PCMU = G711Table([_ulaw(byte) for byte in range(256)])


_TABLES = {Codec.PCMA: PCMA, Codec.PCMU: PCMU}
_REMEMBERED = 64


class Decoder(Protocol):
    """Decodes payloads of one codec to 16-bit PCM at the rate of the recording."""

    def decode(self, payload: bytes, offset: int) -> tuple[int, bytes | bytearray]:
        """Return the PCM of `payload`, which belongs at `offset`, and where to put it; both offsets in samples.

        No PCM comes back for what was decoded already.
        """
        ...


def decoder_for(codec: Codec, rate: int) -> Decoder:
    """Return a decoder of `codec` for a recording of `rate` Hz (8000 or 16000)."""
    decoder = G722Decoder() if codec is Codec.G722 else G711Decoder(codec)
    return decoder if codec.rate == rate else ResamplingDecoder(decoder, codec.rate, rate)


class G711Decoder:
    """Decodes PCMA or PCMU: each byte by itself, so order and repetition do not matter."""

    def __init__(self, codec: Codec) -> None:
        self._table = _TABLES[codec]

    def decode(self, payload: bytes, offset: int) -> tuple[int, bytes | bytearray]:
        """Return the PCM of `payload`."""
        return offset, self._table.decode(payload)


class G722Decoder:
    """Decodes G.722, whose decoder adapts to what it hears: a packet that comes twice is decoded once.

    One that comes late is decoded when it comes: the adaptation forgets within milliseconds (ITU-T G.722 §3.6).
    """

    def __init__(self) -> None:
        context = av.CodecContext.create("g722", "r")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate = Codec.G722.rate
        context.layout = "mono"
        self._context = context
        self._decoded: deque[int] = deque(maxlen=_REMEMBERED)

    def decode(self, payload: bytes, offset: int) -> tuple[int, bytes | bytearray]:
        """Return the PCM of `payload`, if it is heard for the first time."""
        if offset in self._decoded:
            return offset, b""
        self._decoded.append(offset)
        return offset, b"".join(map(frame_pcm, self._context.decode(av.Packet(payload))))


class ResamplingDecoder:
    """Brings another decoder's PCM to the rate of the recording, after a change of codec in the middle of a call.

    Packets that follow each other are resampled as one stream, or each seam would be heard as a click. The resampler
    lags behind by a fraction of a millisecond; what it holds back is dropped where the stream breaks.
    """

    def __init__(self, decoder: Decoder, rate: int, to_rate: int) -> None:
        self._decoder = decoder
        self._rate = rate
        self._to_rate = to_rate
        self._resampler: av.AudioResampler | None = None
        self._next_offset = 0
        self._write_offset = 0

    def decode(self, payload: bytes, offset: int) -> tuple[int, bytes | bytearray]:
        """Return what PCM is ready, which goes on from the last one or begins at `offset`."""
        _, pcm = self._decoder.decode(payload, offset)
        if not pcm:
            return offset, b""
        if self._resampler is None or offset != self._next_offset:
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=self._to_rate)
            self._write_offset = offset
        self._next_offset = offset + len(pcm) // SAMPLE_BYTES * self._to_rate // self._rate
        resampled = b"".join(map(frame_pcm, self._resampler.resample(pcm_frame(bytes(pcm), self._rate))))
        start = self._write_offset
        self._write_offset += len(resampled) // SAMPLE_BYTES
        return start, resampled
