"""The spool: files that call events are appended to, safe against the death of the writer and of the reader.

Each Kamailio process writes files of its own, `<boot>-<pid>-<n>.jsonl`, one `write` an event; `boot` is another one
for each start of Kamailio, so no name is ever used twice. A file that is full is left to the collector and the next
one begun. A line without its end is what a killed writer or a full disk left, and is no event.
"""

import os
from collections.abc import Callable

from renvoi.domain.callevent import CallEvent
from renvoi.spool.events import encode

MAX_FILE_BYTES = 8 * 1024 * 1024
"""Size from which a file is left to the collector."""


class Spool:
    """Appends events to one process's files. `lost` is told of each event that could not be written, and why."""

    def __init__(self, directory_fd: int, boot: str, lost: Callable[[bytes, OSError], None]) -> None:
        self._directory_fd = directory_fd
        self._boot = boot
        self._lost = lost
        self._sequence = 0
        self._fd: int | None = None
        self._size = 0

    def append(self, event: CallEvent) -> None:
        """Append `event`. Never raises for what the disk does: a call is worth more than its record."""
        line = encode(event)
        try:
            self._append(line)
        except OSError as error:
            self._lost(line, error)

    def _append(self, line: bytes) -> None:
        if self._fd is None:
            self._fd = self._open()
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")
        except OSError:
            # What a full disk left of the line must not run into the next one: that one goes to a new file.
            self.close()
            raise
        self._size += written
        if self._size >= MAX_FILE_BYTES:
            self.close()

    def _open(self) -> int:
        name = f"{self._boot}-{os.getpid()}-{self._sequence}.jsonl"
        self._sequence += 1
        self._size = 0
        # Exclusively: whatever has that name already was not made here, and may lead elsewhere.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o640, dir_fd=self._directory_fd)

    def close(self) -> None:
        """Leave the present file to the collector; the next event begins a new one."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
