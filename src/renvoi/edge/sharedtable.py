"""A table in memory that processes share, of a fixed size: it forgets what was put into it longest ago.

No process ever waits for another, not even for one that died in the middle of writing: an entry carries a checksum, and
one that does not fit is no entry.
"""

import mmap
import struct
import zlib
from dataclasses import dataclass

_WAYS = 4
"""Places that a key may have: a new entry takes that of the oldest of so many."""
_HEAD = struct.Struct("<IQdH")
"""Checksum of what follows, key, time, length of the value."""
_CHECKSUM = struct.Struct("<I")
_SPREAD = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: spreads keys that follow each other (Knuth, TAOCP vol. 3, §6.4)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, and the time that it was put in with."""

    at: float
    value: bytes


class SharedTable:
    """Values by integer keys up to 64 bits. Made before the fork; its memory is used as it fills."""

    def __init__(self, entries: int, value_bytes: int) -> None:
        """Make a table for about so many entries, with values of so many bytes at the most."""
        self._sets = -(-entries // _WAYS)
        self._value_bytes = value_bytes
        self._slot_bytes = _HEAD.size + value_bytes
        self._memory = mmap.mmap(-1, self._sets * _WAYS * self._slot_bytes)

    def put(self, key: int, entry: Entry) -> None:
        """Keep an entry, unless the key has one of a later time, or the value is too long."""
        if len(entry.value) > self._value_bytes:
            return
        slots = self._slots(key)
        heads = [_HEAD.unpack_from(self._memory, slot) for slot in slots]
        same = next((index for index, head in enumerate(heads) if head[1] == key), None)
        if same is None:
            same = min(range(_WAYS), key=lambda index: heads[index][2])
        elif heads[same][2] > entry.at and self._read(slots[same], key) is not None:
            return
        content = _HEAD.pack(0, key, entry.at, len(entry.value))[_CHECKSUM.size :] + entry.value
        data = _CHECKSUM.pack(zlib.crc32(content)) + content
        self._memory[slots[same] : slots[same] + len(data)] = data

    def get(self, key: int) -> Entry | None:
        """Return the key's entry, None when it has none, or none any more."""
        return next((entry for slot in self._slots(key) if (entry := self._read(slot, key)) is not None), None)

    def _slots(self, key: int) -> list[int]:
        first = (key * _SPREAD & 0xFFFFFFFFFFFFFFFF) * self._sets >> 64
        return [(first * _WAYS + way) * self._slot_bytes for way in range(_WAYS)]

    def _read(self, slot: int, key: int) -> Entry | None:
        # One copy, which nobody can change while it is looked at.
        data = self._memory[slot : slot + self._slot_bytes]
        checksum, found, at, length = _HEAD.unpack_from(data)
        content = data[_CHECKSUM.size : _HEAD.size + length]
        if found != key or length > self._value_bytes or zlib.crc32(content) != checksum:
            return None
        return Entry(at, content[_HEAD.size - _CHECKSUM.size :])

    def close(self) -> None:
        """Release the memory."""
        self._memory.close()
