"""Import numbers from a CSV file of any size: all rows or none, in flat memory.

The whole file is checked first, on every core, into a temporary file without a name; small transactions then stage the
rows (`staging.py`), so nobody else's changes wait for long. Whatever it is doing, an import ends soon after its task
was cancelled, with all of its rows imported or none.
"""

import asyncio
import csv
import ctypes
import io
import os
import select
import signal
import stat
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import TimeoutError, get_context, resource_tracker  # noqa: A004 - the one that `get` raises
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import IO, Any, BinaryIO

from renvoi.application.accounts import find_account
from renvoi.application.errors import OperatorError
from renvoi.application.numbers import check_label, parse_number
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.staging import Errors, Row, Staging
from renvoi.domain.numbers.number import E164, is_written_number
from renvoi.domain.text import strip_invisible

STANDARD_INPUT = Path("-")
LOOK_S = 0.1
"""How often is looked whether to stop, while nothing comes."""
MAX_LINE_BYTES = 4096
"""A longer line is not a row of numbers."""
SHOWN_ERRORS = 20
"""Errors that are told one by one; the others are counted."""
_CHUNK_LINES = 500
"""Checked in a tenth of a second, which is what an import that is stopped may have to wait for."""
_SMALL_FILE_BYTES = 500_000
"""Below this, starting processes takes longer than it saves."""
_CHUNK_TIMEOUT_S = 120.0
_PR_SET_PDEATHSIG = 1
_COLUMNS = ("number", "label", "forwarding")
_YES, _NO = ("1", "yes", "true", "on", ""), ("0", "no", "false", "off")

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are checked; of a pipe nobody knows how many (0). At the end both are the same."""


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


class ImportRefused(OperatorError):
    """Rows of the file are wrong and none was added; `errors` are the first lines and reasons of `count`."""

    def __init__(self, path: Path, errors: list[tuple[int, str]], count: int) -> None:
        self.errors = tuple(errors[:SHOWN_ERRORS])
        self.count = count
        lines = [f"{path}: {count} {'row is' if count == 1 else 'rows are'} wrong; nothing was imported"]
        lines += [f"line {line}: {reason}" for line, reason in self.errors]
        if count > len(self.errors):
            lines.append(f"and {count - len(self.errors)} more")
        super().__init__("\n".join(lines))


class _QuoteOpen(OperatorError):
    """A quoted value does not end on its line."""

    def __init__(self) -> None:
        super().__init__(
            "a quote is opened on this line and not closed: close it, or leave it out; a value ends on its line, and a "
            'quote inside of one is written twice (""). The lines behind it are not checked'
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the file is written: its separator, and which column is which."""

    separator: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some lines as they are in the file, the first one's number, and where in the file they end (bytes)."""

    first_line: int
    lines: list[bytes]
    end: int


@dataclass(slots=True)
class _Checked:
    """What a chunk came to: its rows in the form of the temporary file, or what is wrong with them."""

    end: int
    rows: bytes = b""
    errors: list[tuple[int, str]] = field(default_factory=list)
    open_quote: bool = False
    """The last error is a quote that is not closed: nobody can tell where the rows behind it begin."""


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


def _read_layout(path: Path, source: BinaryIO) -> tuple[_Layout, Iterator[_Chunk]]:
    """Read the first line; return the layout, and the lines that are rows."""
    first = source.readline(MAX_LINE_BYTES + 1)
    try:
        text = first.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path}: line 1 is not UTF-8: save the file as CSV in UTF-8") from error
    separator = ";" if ";" in text else ","
    cells = [strip_invisible(strip_invisible(cell).strip('"')).lower() for cell in text.split(separator)]
    if is_written_number(cells[0]):
        return _Layout(separator, _COLUMNS), _read_chunks(source, 1, first)
    if "number" not in cells or not set(cells) <= set(_COLUMNS) or len(set(cells)) != len(cells):
        raise OperatorError(
            f"{path}: line 1 is {text[:60]!r}: give the header number[,label][,forwarding], or start with a number"
        )
    return _Layout(separator, tuple(cells)), _read_chunks(source, 2, b"", len(first))


def _read_chunks(source: BinaryIO, line: int, ahead: bytes, end: int = 0) -> Iterator[_Chunk]:
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
        yield _Chunk(line, lines, end)
        line += len(lines)


def _check_chunks(chunks: Iterator[_Chunk], layout: _Layout, region: str, stop: threading.Event) -> Iterator[_Checked]:
    """Check the chunks in order, at most a few of them in memory at a time."""
    first: list[_Chunk] = []
    for chunk in chunks:
        first.append(chunk)
        # How much comes from a pipe is known when it has come.
        if chunk.end > _SMALL_FILE_BYTES:
            break
    else:
        for chunk in first:
            if stop.is_set():
                raise Stopped
            yield _check(chunk, layout, region)
        return
    workers = len(os.sched_getaffinity(0))
    # "spawn": a fork would copy the threads' locks of the store in whatever state they are. Not a ProcessPoolExecutor:
    # that waits for what its processes are at, or, in Python 3.11, for ever once they are killed.
    pool = get_context("spawn").Pool(workers, _die_with, (os.getpid(),))
    try:
        yield from _in_order(pool, chain(first, chunks), layout, region, 4 * workers, stop)
    finally:
        pool.terminate()
        pool.join()


def _die_with(parent: int) -> None:
    """Have the kernel end this process with the one that started it: killed, that could not do so itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _in_order(
    pool: Pool, chunks: Iterable[_Chunk], layout: _Layout, region: str, at_once: int, stop: threading.Event
) -> Iterator[_Checked]:
    waiting: deque[AsyncResult[_Checked]] = deque()
    for chunk in chunks:
        waiting.append(pool.apply_async(_check, (chunk, layout, region)))
        if len(waiting) >= at_once:
            yield _result(waiting.popleft(), stop)
    while waiting:
        yield _result(waiting.popleft(), stop)


def _result(waiting: AsyncResult[_Checked], stop: threading.Event) -> _Checked:
    until = time.monotonic() + _CHUNK_TIMEOUT_S
    while time.monotonic() < until:
        if stop.is_set():
            raise Stopped
        with suppress(TimeoutError):
            return waiting.get(LOOK_S)
    raise OperatorError("a process that checked the rows was killed: is there enough memory?")


def _check(chunk: _Chunk, layout: _Layout, region: str) -> _Checked:
    result = _Checked(chunk.end)
    rows: list[str] = []
    for line, read in enumerate(chunk.lines, chunk.first_line):
        try:
            row = _read_row(read, layout, region)
        except _QuoteOpen as error:
            result.errors.append((line, str(error)))
            result.open_quote = True
            break
        except OperatorError as error:
            result.errors.append((line, str(error)))
            continue
        if row is not None:
            rows.append(f"{line}\t{row.number.value}\t{row.forwarding_enabled:d}\t{row.label}\n")
    result.rows = "".join(rows).encode()
    return result


def _read_row(read: bytes, layout: _Layout, region: str) -> NumberRow | None:
    if len(read) > MAX_LINE_BYTES:
        raise OperatorError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        text = read.decode("utf-8-sig").rstrip("\r\n")
        cells = next(csv.reader([text], delimiter=layout.separator, strict=True), [])
    except UnicodeDecodeError as error:
        raise OperatorError("not UTF-8: save the file as CSV in UTF-8") from error
    except csv.Error as error:
        if text.count('"') % 2:
            raise _QuoteOpen from error
        raise OperatorError(f"not CSV: {error}") from error
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) > len(layout.columns):
        raise OperatorError(f"{len(cells)} columns, at most {len(layout.columns)} are expected")
    named = dict(zip(layout.columns, (cell.strip() for cell in cells), strict=False))
    number = parse_number(named.get("number", ""), region)
    return NumberRow(number, check_label(named.get("label", "")), _read_option(named.get("forwarding", "")))


def _read_option(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise OperatorError(f"forwarding is {text!r}: give yes or no")


def _rows(checked: IO[bytes]) -> Iterator[Row]:
    checked.seek(0)
    for read in checked:
        line, number, forwarding, label = read.decode().rstrip("\n").split("\t")
        yield int(line), NumberRow(E164(number), label, forwarding == "1")
