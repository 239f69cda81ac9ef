"""Reads the files of the spool, whatever else lies in its folder; see `spool` for what is written there."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from renvoi.files import open_regular

READ_BYTES = 256 * 1024
"""Bytes taken of each file at a time, and the longest line: bounds memory and the time of a transaction."""
SCAN_BYTES = 64 * 1024 * 1024
"""How far the end of a line that is too long is looked for at a time."""
_NAME = re.compile(r"([\w.-]{1,200}-([1-9][0-9]{0,6}))-([0-9]{1,9})\.jsonl", re.ASCII)
"""`<boot>-<pid>-<n>.jsonl`; a process id has at most seven digits."""
_TOLD = 100
"""Files that are named in the log for something being wrong with them; a folder full of others shall not fill it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line of a file, where it begins (bytes), and its length; one that is too long is here by its head alone."""

    file: str
    start: int
    text: bytes
    size: int

    @property
    def is_too_long(self) -> bool:
        """Whether only its head is here."""
        return self.size > len(self.text)


class SpoolReader:
    """The files in `directory` that a `Spool` wrote. Anything else there is left alone, and named in the log once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._told: set[str] = set()

    def names(self) -> list[str]:
        """Return the names of the files in their order.

        Raises:
            OSError: the folder cannot be read.
        """
        names = []
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    names.append(entry.name)
                else:
                    self._tell(entry.name, "not a spool file, left alone")
        return sorted(names)

    def read(self, offsets: Mapping[str, int]) -> tuple[dict[str, int], list[RawLine]]:
        """Return the new end of each file that has grown, and its new lines."""
        ends: dict[str, int] = {}
        lines: list[RawLine] = []
        for name in self.names():
            start = offsets.get(name, 0)
            with self._faults_of(name), self._opened(name) as fd:
                text = os.pread(fd, READ_BYTES, start)
                whole = text.rfind(b"\n") + 1
                if whole:
                    ends[name] = start + whole
                    lines += _split(name, start, text[:whole])
                elif len(text) == READ_BYTES and (end := self._end_of_line(fd, name, start)):
                    ends[name] = end
                    lines.append(RawLine(name, start, text, end - start))
        return ends, lines

    def _end_of_line(self, fd: int, name: str, start: int) -> int | None:
        """Return where a line ends that is longer than is read at a time; None when it may still grow."""
        at = start + READ_BYTES
        while at - start < SCAN_BYTES:
            piece = os.pread(fd, READ_BYTES, at)
            found = piece.find(b"\n")
            if found >= 0:
                return at + found + 1
            at += len(piece)
            if not piece:
                return at if _Writers(self.names()).have_finished(name) else None
        return at

    def remove_finished(self, offsets: Mapping[str, int]) -> list[str]:
        """Remove the files that are stored to their end and get no more lines; return their names."""
        names = self.names()
        writers = _Writers(names)
        removed: list[str] = []
        for name in names:
            # Asked before the size is: a writer that ends in between has written all it ever will.
            if not writers.have_finished(name):
                continue
            with self._faults_of(name):
                if self._is_read(name, offsets.get(name, 0)):
                    (self.directory / name).unlink()
                    removed.append(name)
        return removed

    def _is_read(self, name: str, offset: int) -> bool:
        with self._opened(name) as fd:
            rest = os.fstat(fd).st_size - offset
            # More than is read at a time is a line for the next look, whether it has an end or not.
            if rest >= READ_BYTES or b"\n" in os.pread(fd, READ_BYTES, offset):
                return False
        if rest:
            log.warning("a call event was cut off by the death of its writer", file=name, bytes=rest)
        return True

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        fd = open_regular(self.directory / name)
        try:
            yield fd
        finally:
            os.close(fd)

    @contextmanager
    def _faults_of(self, name: str) -> Iterator[None]:
        """Leave a file that the disk refuses to the next look: the others go on."""
        try:
            yield
        except OSError as error:
            self._tell(name, f"it cannot be read or removed: {error}")

    def _tell(self, name: str, why: str) -> None:
        if name not in self._told and len(self._told) < _TOLD:
            self._told.add(name)
            log.warning("a file in the spool", file=name, reason=why)


def _split(file: str, start: int, text: bytes) -> Iterator[RawLine]:
    # Not `splitlines`: a carriage return within a line ends none.
    for line in text[:-1].split(b"\n"):
        yield RawLine(file, start, line, len(line))
        start += len(line) + 1


class _Writers:
    """Those who wrote the files of these names."""

    def __init__(self, names: list[str]) -> None:
        self._latest: dict[str, int] = {}
        for name in names:
            writer, _, number = _parts(name)
            self._latest[writer] = max(number, self._latest.get(writer, 0))

    def have_finished(self, name: str) -> bool:
        """Tell whether no process can append to the file: its writer has begun another one, or is dead."""
        writer, pid, number = _parts(name)
        if number < self._latest.get(writer, 0):
            return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def _parts(name: str) -> tuple[str, int, int]:
    """Return the writer, its process id, and which of its files this is."""
    found = _NAME.fullmatch(name)
    assert found is not None, name
    return found[1], int(found[2]), int(found[3])
