"""The bytes of an import: a file, a pipe or standard input, read so that whoever waits for them can be stopped."""

import io
import os
import select
import stat
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

STANDARD_INPUT = Path("-")
LOOK_S = 0.1
"""How often is looked whether to stop, while nothing comes."""


class Stopped(Exception):
    """Nobody waits for the result any more."""


class _Input(io.RawIOBase):
    """A descriptor to read from until `stop` is set; closed with this."""

    def __init__(self, fd: int, stop: threading.Event) -> None:
        super().__init__()
        self._fd = fd
        self._stop = stop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not select.select([self._fd], [], [], LOOK_S)[0]:
            self._check()
        self._check()
        return os.readv(self._fd, [buffer])

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def close(self) -> None:
        if not self.closed:
            os.close(self._fd)
        super().close()


def open_input(path: Path, stop: threading.Event) -> tuple[BinaryIO, int]:
    """Open `path`, `-` for standard input; return it, and how many bytes it has, 0 when that is not known.

    Reading raises `Stopped` soon after `stop` is set, also from a pipe in which nothing comes.

    Raises:
        OSError: it cannot be opened.
    """
    if path == STANDARD_INPUT:
        fd = os.dup(sys.stdin.fileno())
    else:
        # A FIFO is waited for when it is read: opening it without a writer could not be stopped.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    found = os.fstat(fd)
    if stat.S_ISDIR(found.st_mode):
        os.close(fd)
        raise IsADirectoryError(21, "Is a directory", str(path))
    return io.BufferedReader(_Input(fd, stop), 256 * 1024), found.st_size if stat.S_ISREG(found.st_mode) else 0
