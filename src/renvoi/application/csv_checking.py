"""The rows of a CSV file with numbers, checked chunk by chunk, in processes of their own."""

import csv
import ctypes
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection

from renvoi.application.errors import OperatorError
from renvoi.application.numbers import check_label, parse_number
from renvoi.application.ports.numbers import NumberRow

LOOK_S = 0.1
"""How often is looked whether to stop, while nothing comes."""
MAX_LINE_BYTES = 4096
"""A longer line is not a row of numbers."""
CR_ALONE = (
    "there is CR without LF, as programs of old end lines: save the file as CSV whose lines end in LF or CR LF, and "
    "leave line breaks out of values"
)
_PR_SET_PDEATHSIG = 1
_YES, _NO = ("1", "yes", "true", "on", ""), ("0", "no", "false", "off")


class Stopped(Exception):
    """Nobody waits for the result any more."""


class _QuoteOpen(OperatorError):
    """A quoted value does not end on its line."""

    def __init__(self) -> None:
        super().__init__(
            "a quote is opened on this line and not closed: close it, or leave it out; a value ends on its line, and a "
            'quote inside of one is written twice (""). The lines behind it are not checked'
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written: its separator, and which column is which."""

    separator: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines as they are in the file, the first one's number, and where in the file they end (bytes)."""

    first_line: int
    lines: list[bytes]
    end: int


@dataclass(slots=True)
class Checked:
    """What a chunk came to: its rows in the form of the temporary file, or what is wrong with them."""

    end: int
    rows: bytes = b""
    errors: list[tuple[int, str]] = field(default_factory=list)
    open_quote: bool = False
    """The last error is a quote that is not closed: nobody can tell where the rows behind it begin."""


class Checker:
    """A process that checks chunks, one at a time.

    Not one of a `Pool` or an executor: those share locks, and one that is killed with such a lock in its hands keeps
    whoever ends the others waiting for ever. This one shares nothing, so it can be killed at any instant.
    """

    def __init__(self, layout: Layout, region: str) -> None:
        # "spawn": a fork would copy the threads' locks of the store in whatever state they are.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_check_sent, args=(theirs, layout, region, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, chunk: Chunk) -> None:
        """Have it check a chunk, once it has given the result of the one before.

        Raises:
            OperatorError: it has ended.
        """
        with _alive():
            self._connection.send(chunk)

    def result(self, stop: threading.Event) -> Checked:
        """Return what the chunk came to.

        Raises:
            OperatorError: it has ended.
            Stopped: `stop` is set.
        """
        with _alive():
            while not stop.is_set():
                if self._connection.poll(LOOK_S):
                    found: Checked = self._connection.recv()
                    return found
        raise Stopped

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()


@contextmanager
def _alive() -> Iterator[None]:
    """Tell people when the other end of a connection is gone."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise OperatorError("a process that checked the rows was killed: is there enough memory?") from error


def _check_sent(chunks: Connection, layout: Layout, region: str, parent: int) -> None:
    """Check what is sent, in a process of its own."""
    # The kernel ends it with the one that started it: killed, that could not do so itself.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with suppress(EOFError):
        while os.getppid() == parent:
            chunks.send(check(chunks.recv(), layout, region))


def check_in_turn(checkers: Sequence[Checker], chunks: Iterable[Chunk], stop: threading.Event) -> Iterator[Checked]:
    """Give the chunks to the checkers in turn; yield what they came to in the same order."""
    at_work: deque[Checker] = deque()
    for checker, chunk in zip(cycle(checkers), chunks, strict=False):
        if len(at_work) == len(checkers):
            yield at_work.popleft().result(stop)
        checker.send(chunk)
        at_work.append(checker)
    while at_work:
        yield at_work.popleft().result(stop)


def check(chunk: Chunk, layout: Layout, region: str) -> Checked:
    result = Checked(chunk.end)
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


def _read_row(read: bytes, layout: Layout, region: str) -> NumberRow | None:
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
        if "\r" in text:
            raise OperatorError(CR_ALONE) from error
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
