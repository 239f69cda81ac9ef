"""Import numbers from a CSV file of any size: all rows or none, in flat memory.

The whole file is checked first, on every core, into a temporary file without a name; one short transaction then adds
the rows, so nobody else's changes wait for the checking.
"""

import csv
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import IO, BinaryIO

from renvoi.application.accounts import find_account
from renvoi.application.numbers import check_label, parse_number
from renvoi.application.ports import Account, Clock, Conflict, NumberRow, Reader, Store
from renvoi.application.refused import Refused
from renvoi.domain.number import E164

MAX_LINE_BYTES = 4096
"""A longer line is no row of numbers."""
SHOWN_ERRORS = 20
"""Errors that are told one by one; the others are counted."""
_CHUNK_LINES = 5_000
_SMALL_FILE_BYTES = 500_000
"""Below this, starting processes takes longer than it saves."""
_COLUMNS = ("number", "label", "forwarding")
_YES, _NO = ("1", "yes", "true", "on", ""), ("0", "no", "false", "off")

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are checked."""


class ImportRefused(Refused):
    """Rows of the file are wrong and none was added; `errors` are the first lines and reasons of `count`."""

    def __init__(self, path: Path, errors: list[tuple[int, str]], count: int) -> None:
        self.errors = tuple(errors[:SHOWN_ERRORS])
        self.count = count
        lines = [f"{path}: {count} {'row is' if count == 1 else 'rows are'} wrong; nothing was imported"]
        lines += [f"line {line}: {reason}" for line, reason in self.errors]
        if count > len(self.errors):
            lines.append(f"and {count - len(self.errors)} more")
        super().__init__("\n".join(lines))


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


async def import_numbers(store: Store, clock: Clock, path: Path, account: str, progress: Progress) -> int:
    """Add the numbers of a CSV file to the account with that id or name; return how many.

    Columns are `number[,label][,forwarding]`, separated by comma or semicolon, UTF-8; a header line may name them in
    another order. `forwarding` is the call-forwarding option, `yes` (default) or `no`.

    Raises:
        Refused: there is no such account, the file cannot be read, or a row is wrong; nothing was added.
    """
    owner = await store.read(lambda reader: find_account(reader, account))
    try:
        source = path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
    with source, tempfile.TemporaryFile() as checked:
        _check_file(path, source, owner, checked, progress)
        now_ms = clock.now_ms()
        try:
            return await store.write(lambda writer: writer.add_numbers(owner.id, _rows(checked), now_ms))
        except Conflict as error:
            conflicts = await store.read(lambda reader: list(_conflicts(reader, checked)))
            if not conflicts:
                raise Refused(f"{path}: numbers of it came and went meanwhile; import it again") from error
            raise ImportRefused(path, conflicts, len(conflicts)) from error


def _check_file(path: Path, source: BinaryIO, owner: Account, checked: IO[bytes], progress: Progress) -> None:
    size = os.fstat(source.fileno()).st_size
    layout, chunks = _read_layout(path, source)
    errors: list[tuple[int, str]] = []
    count = 0
    for result in _check_chunks(chunks, layout, owner.region, parallel=size > _SMALL_FILE_BYTES):
        count += len(result.errors)
        errors += result.errors[: SHOWN_ERRORS - len(errors)]
        checked.write(result.rows)
        progress(result.end, size)
    if count:
        raise ImportRefused(path, errors, count)
    checked.flush()


def _read_layout(path: Path, source: BinaryIO) -> tuple[_Layout, Iterator[_Chunk]]:
    """Read the first line; return the layout, and the lines that are rows."""
    first = source.readline(MAX_LINE_BYTES + 1)
    try:
        text = first.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: line 1 is not UTF-8: save the file as CSV in UTF-8") from error
    separator = ";" if ";" in text else ","
    cells = [cell.strip().strip('"').lower() for cell in text.split(separator)]
    if cells[0].lstrip("+0123456789 .-()") == "" and cells[0]:
        source.seek(0)
        return _Layout(separator, _COLUMNS), _read_chunks(source, 1)
    if "number" not in cells or not set(cells) <= set(_COLUMNS) or len(set(cells)) != len(cells):
        raise Refused(
            f"{path}: line 1 is {text[:60]!r}: give the header number[,label][,forwarding], or start with a number"
        )
    return _Layout(separator, tuple(cells)), _read_chunks(source, 2)


def _read_chunks(source: BinaryIO, line: int) -> Iterator[_Chunk]:
    while True:
        lines: list[bytes] = []
        while len(lines) < _CHUNK_LINES and (read := source.readline(MAX_LINE_BYTES + 1)):
            lines.append(read)
            while not read.endswith(b"\n") and len(read) > MAX_LINE_BYTES:
                read = source.readline(MAX_LINE_BYTES + 1)  # the rest of a line that is refused as too long
        if not lines:
            return
        yield _Chunk(line, lines, source.tell())
        line += len(lines)


def _check_chunks(chunks: Iterator[_Chunk], layout: _Layout, region: str, *, parallel: bool) -> Iterator[_Checked]:
    """Check the chunks in order, at most a few of them in memory at a time."""
    if not parallel:
        for chunk in chunks:
            yield _check(chunk, layout, region)
        return
    workers = len(os.sched_getaffinity(0))
    # "spawn": a fork would copy the threads' locks of the store in whatever state they are.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from _in_order(pool, chunks, layout, region, 2 * workers)


def _in_order(
    pool: Executor, chunks: Iterator[_Chunk], layout: _Layout, region: str, at_once: int
) -> Iterator[_Checked]:
    waiting: deque[Future[_Checked]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_check, chunk, layout, region))
        if len(waiting) >= at_once:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _check(chunk: _Chunk, layout: _Layout, region: str) -> _Checked:
    result = _Checked(chunk.end)
    rows: list[str] = []
    for line, read in enumerate(chunk.lines, chunk.first_line):
        try:
            row = _read_row(read, layout, region)
        except Refused as error:
            result.errors.append((line, str(error)))
            continue
        if row is not None:
            rows.append(f"{line}\t{row.number.value}\t{row.forwarding_enabled:d}\t{row.label}\n")
    result.rows = "".join(rows).encode()
    return result


def _read_row(read: bytes, layout: _Layout, region: str) -> NumberRow | None:
    if len(read) > MAX_LINE_BYTES:
        raise Refused(f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        text = read.decode("utf-8-sig").rstrip("\r\n")
        cells = next(csv.reader([text], delimiter=layout.separator, strict=True), [])
    except UnicodeDecodeError as error:
        raise Refused("not UTF-8: save the file as CSV in UTF-8") from error
    except csv.Error as error:
        raise Refused(f"not CSV: {error}") from error
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) > len(layout.columns):
        raise Refused(f"{len(cells)} columns, at most {len(layout.columns)} are expected")
    named = dict(zip(layout.columns, (cell.strip() for cell in cells), strict=False))
    number = parse_number(named.get("number", ""), region)
    return NumberRow(number, check_label(named.get("label", "")), _read_option(named.get("forwarding", "")))


def _read_option(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Refused(f"forwarding is {text!r}: give yes or no")


def _rows(checked: IO[bytes]) -> Iterator[NumberRow]:
    return (row for _, row in _numbered_rows(checked))


def _numbered_rows(checked: IO[bytes]) -> Iterator[tuple[int, NumberRow]]:
    checked.seek(0)
    for read in checked:
        line, number, forwarding, label = read.decode().rstrip("\n").split("\t")
        yield int(line), NumberRow(E164(number), label, forwarding == "1")


def _conflicts(reader: Reader, checked: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Find the rows whose numbers exist already, in the store or further up in the file."""
    first_lines: dict[int, int] = {}
    for line, row in _numbered_rows(checked):
        first = first_lines.setdefault(row.number.digits, line)
        if first != line:
            yield line, f"{row.number} is on line {first} already"
        elif reader.number(row.number) is not None:
            yield line, f"{row.number} exists already"
