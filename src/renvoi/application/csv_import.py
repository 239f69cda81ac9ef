"""Import numbers from a CSV file of any size: all rows or none, in flat memory.

The whole file is checked first, on every core, into a temporary file without a name; small transactions then stage the
rows (`staging.py`), so nobody else's changes wait for long. Whatever it is doing, an import ends soon after its task
was cancelled, with all of its rows imported or none.
"""

import asyncio
import io
import os
import select
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from multiprocessing import resource_tracker
from pathlib import Path
from typing import IO, Any, BinaryIO

from renvoi.application.accounts import find_account
from renvoi.application.csv_checking import (
    CR_ALONE,
    LOOK_S,
    MAX_LINE_BYTES,
    Checked,
    Checker,
    Chunk,
    Layout,
    Stopped,
    check,
    check_in_turn,
)
from renvoi.application.csv_files import SHOWN_ERRORS, STANDARD_INPUT, ImportRefused
from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.staging import Errors, Row, Staging
from renvoi.domain.numbers.number import E164, is_written_number
from renvoi.domain.text import strip_invisible

_CHUNK_LINES = 500
"""Checked in a tenth of a second, which is what an import that is stopped may have to wait for."""
_SMALL_FILE_BYTES = 500_000
"""Below this, starting processes takes longer than it saves."""
_COLUMNS = ("number", "label", "forwarding")

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are checked; of a pipe nobody knows how many (0). At the end both are the same."""


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
            self.check()
        self.check()
        return os.readv(self._fd, [buffer])

    def check(self) -> None:
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


async def import_numbers(store: Store, clock: Clock, path: Path, account: str, progress: Progress) -> int:
    """Add the numbers of a CSV file, a pipe or `-` (standard input) to the account with that id or name.

    Columns are `number[,label][,forwarding]`, separated by comma or semicolon, UTF-8; a header line may name them in
    another order. `forwarding` is the call-forwarding option, `yes` (default) or `no`. Returns how many were added.

    Raises:
        OperatorError: there is no such account, the file cannot be read, or a row is wrong; nothing was added.
        StoreUnavailable: nothing was added, or the rest will be; the text says which.
    """
    owner = await store.read(lambda reader: find_account(reader, account))
    shown = Path("standard input") if path == STANDARD_INPUT else path
    # The file that the rows are kept in has no name: nothing stays of it, whatever this dies of.
    with tempfile.TemporaryFile() as checked:
        stop = threading.Event()
        checking = asyncio.create_task(asyncio.to_thread(_check_input, path, shown, owner, checked, progress, stop))
        try:
            await asyncio.shield(checking)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([checking])
            checking.exception()  # `Stopped`, which nobody needs to know
            raise
        return await _store(Staging(store, clock), owner, shown, checked)


async def _store(staging: Staging, owner: Account, shown: Path, checked: IO[bytes]) -> int:
    errors = Errors(SHOWN_ERRORS)
    await staging.begin(owner)
    try:
        count = await staging.stage(_rows(checked), errors)
        if errors.count:
            raise ImportRefused(shown, errors.first, errors.count)
        await staging.commit()
    except BaseException as error:
        # After the commit this does nothing. A store that is away now takes the import for dead later. Who was
        # cancelled is to end soon.
        with suppress(StoreUnavailable):
            await staging.abandon(remove=isinstance(error, OperatorError))
        raise
    return count


def _check_input(
    path: Path, shown: Path, owner: Account, checked: IO[bytes], progress: Progress, stop: threading.Event
) -> None:
    """Check all rows, and keep them in `checked`; for a thread of its own, as whatever comes from a pipe may take long.

    Raises:
        OperatorError: it cannot be read, or rows are wrong.
        Stopped: `stop` is set.
    """
    # Processes that are started here get Ctrl-C as well, and would each tell where they were. This one ends them. What
    # multiprocessing starts first lifts the block again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        source, size = open_input(path, stop)
        with source:
            _check_rows(shown, source, size, owner, checked, progress, stop)
    except OSError as error:
        raise OperatorError(f"{shown} cannot be read: {error.strerror}") from error


def _check_rows(
    path: Path,
    source: BinaryIO,
    size: int,
    owner: Account,
    checked: IO[bytes],
    progress: Progress,
    stop: threading.Event,
) -> None:
    layout, chunks = _read_layout(path, source)
    errors: list[tuple[int, str]] = []
    count = end = 0
    for result in _check_chunks(chunks, layout, owner.region, stop):
        count += len(result.errors)
        errors += result.errors[: SHOWN_ERRORS - len(errors)]
        checked.write(result.rows)
        end = result.end
        progress(end, max(size, end + 1))
        if result.open_quote:
            break
    if count:
        raise ImportRefused(path, errors, count)
    checked.flush()
    progress(end, end)


def _read_layout(path: Path, source: BinaryIO) -> tuple[Layout, Iterator[Chunk]]:
    """Read the first line; return the layout, and the lines that are rows."""
    first = source.readline(MAX_LINE_BYTES + 1)
    if b"\r" in first.rstrip():
        raise OperatorError(f"{path}: line 1: {CR_ALONE}")
    try:
        text = first.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path}: line 1 is not UTF-8: save the file as CSV in UTF-8") from error
    # The first one is between the first two columns: a label may hold the other.
    separator = next((each for each in text if each in ",;"), ",")
    cells = [strip_invisible(strip_invisible(cell).strip('"')).lower() for cell in text.split(separator)]
    if is_written_number(cells[0]):
        return Layout(separator, _COLUMNS), _read_chunks(source, 1, first)
    if "number" not in cells or not set(cells) <= set(_COLUMNS) or len(set(cells)) != len(cells):
        raise OperatorError(
            f"{path}: line 1 is {text[:60]!r}: give the header number[,label][,forwarding], or start with a number"
        )
    return Layout(separator, tuple(cells)), _read_chunks(source, 2, b"", len(first))


def _read_chunks(source: BinaryIO, line: int, ahead: bytes, end: int = 0) -> Iterator[Chunk]:
    """Yield the rows; `ahead` is the first of them if it has been read, `end` up to where others have been."""
    while True:
        lines: list[bytes] = []
        while len(lines) < _CHUNK_LINES and (read := ahead or source.readline(MAX_LINE_BYTES + 1)):
            ahead = b""
            lines.append(read)
            end += len(read)
            while not read.endswith(b"\n") and len(read) > MAX_LINE_BYTES:
                read = source.readline(MAX_LINE_BYTES + 1)  # the rest of a line that is refused as too long
                end += len(read)
        if not lines:
            return
        yield Chunk(line, lines, end)
        line += len(lines)


def _check_chunks(chunks: Iterator[Chunk], layout: Layout, region: str, stop: threading.Event) -> Iterator[Checked]:
    """Check the chunks in order, at most a few of them in memory at a time."""
    first: list[Chunk] = []
    for chunk in chunks:
        first.append(chunk)
        # How much comes from a pipe is known when it has come.
        if chunk.end > _SMALL_FILE_BYTES:
            break
    else:
        for chunk in first:
            if stop.is_set():
                raise Stopped
            yield check(chunk, layout, region)
        return
    checkers = [Checker(layout, region) for _ in range(len(os.sched_getaffinity(0)))]
    try:
        yield from check_in_turn(checkers, chain(first, chunks), stop)
    finally:
        for checker in checkers:
            checker.end()


def _rows(checked: IO[bytes]) -> Iterator[Row]:
    checked.seek(0)
    for read in checked:
        line, number, forwarding, label = read.decode().rstrip("\n").split("\t")
        yield int(line), NumberRow(E164(number), label, forwarding == "1")
