"""The spool: files that call events are appended to, safe against the death of the writer and of the reader.

Each Kamailio process writes files of its own, `<boot>-<pid>-<n>.jsonl`, one `write` an event; `boot` is another one
for each start of Kamailio, so no name is ever used twice. A file that is full is left to the collector and the next
one begun. A line without its end is what a killed writer or a full disk left, not an event. What cannot be written
waits in memory, a bounded number of events, until the disk has room again, or the directory is back that was removed.
"""

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.text import counted

MAX_FILE_BYTES = 8 * 1024 * 1024
"""Size from which a file is left to the collector."""
MAX_WAITING = 1000
"""Events that wait in memory at the most: a line has 16 KiB at the most, and mostly some hundred bytes."""

RECENT_S = 300.0
"""How long a loss is shown."""
LOOK_PERIOD_S = 1.0
"""How often it is looked whether the directory is still the one of its name."""
_DIRECTORY = os.O_DIRECTORY | os.O_CLOEXEC


class SpoolDirectory:
    """A directory that is found again by its name when it was removed or moved away, whoever may pass those above."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            OSError: there is no such directory.
        """
        self._name = path.name
        self._above = os.open(path.parent, os.O_PATH | _DIRECTORY)
        try:
            self.fd = os.open(self._name, os.O_RDONLY | _DIRECTORY, dir_fd=self._above)
        except OSError:
            os.close(self._above)
            raise

    def is_in_place(self) -> bool:
        """Tell whether the directory that is open is the one of that name, as far as this process may know."""
        try:
            found = os.stat(self._name, dir_fd=self._above)
        except PermissionError:
            # It was opened with rights that have been dropped since.
            return True
        except OSError:
            return False
        opened = os.fstat(self.fd)
        return (found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino)

    def follow(self) -> None:
        """Open what has its name now.

        Raises:
            OSError: there is no such directory; the one from before stays open.
        """
        found = os.open(self._name, os.O_RDONLY | _DIRECTORY, dir_fd=self._above)
        os.close(self.fd)
        self.fd = found

    def close(self) -> None:
        """Open it no more."""
        os.close(self.fd)
        os.close(self._above)


class Backlog(Protocol):
    """Lines that wait to be written, oldest first. Only one process takes."""

    def __len__(self) -> int:
        """Return how many wait, the one that was taken included until it is done."""

    def add(self, line: bytes) -> None:
        """Let a line wait."""

    def take(self) -> bytes | None:
        """Take the oldest line; None when there is none."""

    def done(self) -> None:
        """Take note that what was taken is written."""


class MemoryBacklog:
    """See `Backlog`: for a process that writes for itself alone."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._taken = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._lines) + self._taken

    def add(self, line: bytes) -> None:
        """Let a line wait."""
        self._lines.append(line)

    def take(self) -> bytes | None:
        """Take the oldest line."""
        if not self._lines:
            return None
        self._taken = 1
        return self._lines.popleft()

    def done(self) -> None:
        """Take note that what was taken is written."""
        self._taken = 0


class Spool:
    """Appends events to one process's files. May be used by several threads.

    `lost` is called with each event that could neither be written nor wait, and why; `waits` when events begin to wait.
    Call `retry` from time to time, in the one process that takes from the `backlog`.
    """

    def __init__(
        self,
        directory: SpoolDirectory,
        boot: str,
        lost: Callable[[bytes, OSError], None],
        *,
        waits: Callable[[OSError], None] = lambda _error: None,
        backlog: Backlog | None = None,
    ) -> None:
        self._directory = directory
        self._boot = boot
        self._lost = lost
        self._waits = waits
        self._backlog: Backlog = MemoryBacklog() if backlog is None else backlog
        self._taken: bytes | None = None
        self._lock = threading.Lock()
        self._sequence = 0
        self._fd: int | None = None
        self._size = 0
        self._look_at_s = 0.0

    @property
    def waiting(self) -> int:
        """How many events wait in memory."""
        return len(self._backlog)

    def append(self, event: CallEvent) -> None:
        """Append `event`. Never raises for what the disk does: a call is worth more than its record."""
        line = encode(event)
        with self._lock:
            waiting = len(self._backlog)
            # Behind those that wait: the collector gives up an event that comes long before the beginning of its call.
            if 0 < waiting < MAX_WAITING:
                self._backlog.add(line)
                return
            try:
                self._append(line)
            except OSError as error:
                if waiting:
                    self._lost(line, error)
                    return
                self._waits(error)
                self._backlog.add(line)

    def retry(self) -> bool:
        """Write what waits; tell whether nothing does any more."""
        with self._lock:
            while len(self._backlog):
                if self._taken is None:
                    self._taken = self._backlog.take()
                if self._taken is None:
                    return False  # on its way into the backlog
                try:
                    self._append(self._taken)
                except OSError:
                    return False
                self._taken = None
                self._backlog.done()
            return True

    def _append(self, line: bytes) -> None:
        if (now_s := time.monotonic()) >= self._look_at_s:
            self._look_at_s = now_s + LOOK_PERIOD_S
            if not self._directory.is_in_place():
                self.close()
        if self._fd is None:
            self._fd = self._open()
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")
            if not os.fstat(self._fd).st_nlink:
                raise FileNotFoundError(errno.ENOENT, "its file was removed")
        except OSError as error:
            # What a full disk left of the line must not run into the next one: that one goes to a new file. Where it
            # took nothing the file is kept, or each try on a full disk would make one.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                self.close()
            raise
        self._size += written
        if self._size >= MAX_FILE_BYTES:
            self.close()

    def _open(self) -> int:
        if not self._directory.is_in_place():
            self._directory.follow()
        name = f"{self._boot}-{os.getpid()}-{self._sequence}.jsonl"
        self._sequence += 1
        self._size = 0
        # Exclusively: whatever has that name already was not made here, and may lead elsewhere.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o640, dir_fd=self._directory.fd)

    def close(self) -> None:
        """Leave the present file to the collector; the next event begins a new one."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def trouble(lost: int, waiting: int) -> str:
    """Return what is to be said of so many events that were lost lately, and that wait."""
    said = []
    if lost:
        events = counted(lost, "call event", "call events")
        said.append(f"{events} could not be written to the spool and {'is' if lost == 1 else 'are'} lost, see the log")
    if waiting:
        said.append(
            f"{counted(waiting, 'call event waits', 'call events wait')} in memory, as the spool cannot be written"
        )
    return "; ".join(said)
