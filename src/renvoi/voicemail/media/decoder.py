"""Decoding of a call's audio to the PCM of its recording, placed where it belongs."""

from collections import deque
from typing import Protocol

import av

from renvoi.voicemail.media import g711
from renvoi.voicemail.media.codec import SAMPLE_BYTES, Codec, frame_pcm, pcm_frame

_TABLES = {Codec.PCMA: g711.PCMA, Codec.PCMU: g711.PCMU}
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
