"""Decoding of G.711: PCMA (A-law) and PCMU (µ-law) to 16-bit PCM, by table, without a loop over samples."""


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
