"""The codecs that calls are answered with (`docs/calls.md §4`), and the encoding of greetings into their frames."""

from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from functools import cache

import av

SAMPLE_BYTES = 2
FRAMES_A_SECOND = 50
FRAME_S = 1 / FRAMES_A_SECOND
"""What one packet of ours carries, in seconds (the default packet time of RFC 3551 §4.2)."""

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

    @property
    def samples_per_tick(self) -> int:
        """How many samples one tick of the RTP clock stands for."""
        return self.rate // RTP_CLOCK_HZ


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
    """Return a frame of silence."""
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
