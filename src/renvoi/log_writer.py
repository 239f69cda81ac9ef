"""Writes log lines: each at once, or several at a time by a thread, whole lines in the order in which they came."""

import os
import select
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

FLUSH_AFTER_S = 0.05
"""How long a line waits for others. A line passes two processes, the part and its supervisor, and shall be out within
0.2 s even when they are busy."""
MAX_BATCH_BYTES = 64 * 1024
"""So much is written at once, by whoever logs the line that fills it."""
PATIENCE_S = 1.0
"""How long a descriptor that does not block, and takes no more, is waited for."""


class LogWriter:
    """Writes to a stream; lines that it does not take (closed pipe, full disk) are lost, and nobody fails over them.

    Any thread may log. A write to anything but a file holds at most PIPE_BUF bytes unless one line is longer: then
    the lines of processes that share a pipe do not mix (pipe(7)). A file takes any write as a whole.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write to the descriptor of `stream`, or to the stream itself when it has none."""
        self._stream = stream
        self._fd = _descriptor(stream)
        whole = self._fd is None or stat.S_ISREG(os.fstat(self._fd).st_mode)
        self._max_write = MAX_BATCH_BYTES if whole else select.PIPE_BUF
        self._lines: list[bytes] = []
        self._size = 0
        self._batching = False
        self._due = threading.Event()
        # One that its owner can take again: a signal handler may log while this thread writes.
        self._lock = threading.RLock()
        self._torn = False

    def write(self, line: bytes) -> None:
        """Write a line, given without its end; within `FLUSH_AFTER_S` where lines are batched."""
        # Appending needs no lock, so nobody waits here for a slow descriptor until a batch is full.
        self._lines.append(line)
        self._size += len(line)
        if not self._batching or self._size >= MAX_BATCH_BYTES:
            self.flush()
        elif not self._due.is_set():
            self._due.set()

    def write_now(self, line: bytes) -> None:
        """Write a line and all before it at once."""
        self._lines.append(line)
        self.flush()

    def flush(self) -> None:
        """Write what has waited."""
        with self._lock:
            self._size = 0
            taken = len(self._lines)
            for batch in _batches(self._lines[:taken], self._max_write):
                self._put(batch)
            del self._lines[:taken]

    @contextmanager
    def batched(self) -> Iterator[None]:
        """Let lines wait for each other; when this ends, by an exception too, all are written."""
        ended = threading.Event()
        thread = threading.Thread(target=self._keep_flushing, args=(ended,), name="log", daemon=True)
        thread.start()
        self._batching = True
        try:
            yield
        finally:
            self._batching = False
            ended.set()
            self._due.set()
            thread.join()
            self.flush()

    def _keep_flushing(self, ended: threading.Event) -> None:
        while not ended.is_set():
            # Nothing wakes a process that logs nothing.
            self._due.wait()
            ended.wait(FLUSH_AFTER_S)
            # In this order: a line that comes in between sets it again.
            self._due.clear()
            self.flush()

    def _put(self, batch: bytes) -> None:
        if self._fd is None:
            self._stream.write(batch.decode())
            self._stream.flush()
            return
        left = memoryview(b"\n" + batch if self._torn else batch)
        try:
            while left:
                left = left[_write(self._fd, left) :]
        except OSError:
            pass
        # Half a line went out when the disk was full: the next one must not go on in it.
        self._torn = 0 < len(left) < len(batch) or (self._torn and len(left) > 0)


def _write(fd: int, data: memoryview) -> int:
    try:
        return os.write(fd, data)
    except BlockingIOError:
        # Who shares the descriptor, such as a terminal's, may have set O_NONBLOCK on it.
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        if not poll.poll(PATIENCE_S * 1000):
            raise
        return 0


def _batches(lines: list[bytes], limit: int) -> Iterator[bytes]:
    """Join lines, each with its end, to as few pieces as `limit` allows."""
    first, size = 0, 0
    for index, line in enumerate(lines):
        if size and size + len(line) + 1 > limit:
            yield b"\n".join(lines[first:index]) + b"\n"
            first, size = index, 0
        size += len(line) + 1
    if size:
        yield b"\n".join(lines[first:]) + b"\n"


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, AttributeError):
        return None
