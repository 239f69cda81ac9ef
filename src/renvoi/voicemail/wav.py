"""WAV files of 16-bit mono PCM, which are readable at every moment of their growth.

The header is the plain one of 44 bytes (RIFF, `fmt `, `data`; Multimedia Programming Interface and Data Specifications
1.0, chapter 3). While the file grows both of its lengths are 0xFFFFFFFF, which players take for "until the end".
"""

import os
import struct
from typing import NamedTuple

RATES = (8000, 16000)
"""The sample rates of recordings, in Hz."""
HEADER_BYTES = 44
SAMPLE_BYTES = 2
_OPEN = 0xFFFFFFFF
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_RATE, _DATA_BYTES = 7, 12
_PCM, _MONO, _BITS = 1, 1, 16


class Wav(NamedTuple):
    """What a WAV file holds: `rate` in Hz, the number of its `samples`, and whether its header says that number."""

    rate: int
    samples: int
    closed: bool


def header(rate: int, data_bytes: int | None = None) -> bytes:
    """Return the header of a file of `rate` Hz with so many bytes of samples; None for one that still grows."""
    riff_size, data_size = (_OPEN, _OPEN) if data_bytes is None else (HEADER_BYTES - 8 + data_bytes, data_bytes)
    return _HEADER.pack(
        *(b"RIFF", riff_size, b"WAVE"),
        *(b"fmt ", 16, _PCM, _MONO, rate, rate * SAMPLE_BYTES, SAMPLE_BYTES, _BITS),
        *(b"data", data_size),
    )


def read(fd: int) -> Wav | None:
    """Return what the file holds, by its header's rate and its size; None when we do not have it.

    Raises:
        OSError: the file cannot be read.
    """
    start = os.pread(fd, HEADER_BYTES, 0)
    if len(start) < HEADER_BYTES:
        return None
    fields = _HEADER.unpack(start)
    rate, data_bytes = fields[_RATE], fields[_DATA_BYTES]
    if rate not in RATES or _without_lengths(start) != _without_lengths(header(rate)):
        return None
    samples = (os.fstat(fd).st_size - HEADER_BYTES) // SAMPLE_BYTES
    return Wav(rate, samples, closed=data_bytes == samples * SAMPLE_BYTES)


def finish(fd: int, rate: int) -> Wav:
    """Put the lengths in the header right, by the file's size, and return what it holds.

    Works on a full disk: it writes only where something is written already. A half sample at the end is cut off.

    Raises:
        OSError: the file cannot be written.
    """
    samples = max(0, os.fstat(fd).st_size - HEADER_BYTES) // SAMPLE_BYTES
    data_bytes = samples * SAMPLE_BYTES
    os.pwrite(fd, header(rate, data_bytes), 0)
    os.ftruncate(fd, HEADER_BYTES + data_bytes)
    return Wav(rate, samples, closed=True)


def _without_lengths(start: bytes) -> bytes:
    return start[:4] + start[8:40]
