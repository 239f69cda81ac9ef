"""Output: tables for a person, tab-separated lines for a pipe, JSON on request."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from renvoi.application.errors import OperatorError
from renvoi.cli.base import problem_lines, usage_error
from renvoi.domain.access.person import is_person_id
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.moment import moment_text
from renvoi.domain.problem import Problem
from renvoi.node.checks.results import Finding

_FRAME = 3
"""Columns of the screen that a table takes for each of its own beside the text."""


def show_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def show_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str, columns: Sequence[str] = ()) -> None:
    """Print rows: a JSON array with everything, or a table of `columns` (default all); `empty` replaces no rows."""
    if as_json:
        show_json(list(rows))
    elif not rows:
        typer.echo(empty, err=True)
    else:
        show_table(columns or list(rows[0]), ([row[column] for column in columns or row] for row in rows))


def without_empty(column: str, rows: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    """Return rows for a table without a column that has a value in none of them."""
    if any(row[column] is not None for row in rows):
        return rows
    return [{name: value for name, value in row.items() if name != column} for row in rows]


def warn_unreadable(problems: Iterable[Problem | None]) -> None:
    """Say behind a table what is to be done about its rows that cannot be read; the table itself is whole."""
    for problem in problems:
        for reason in () if problem is None else problem_lines(problem):
            typer.echo(f"renvoi: {reason}", err=True)


def finding_rows(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return findings with the keys of `--json`."""
    return [{"name": f.name, "ok": f.ok, "needed": f.needed, "text": f.text, "advice": f.advice} for f in findings]


def show_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding, and what to do where it is none that is well."""
    for finding in findings:
        sign = "ok   " if finding.ok else "FAULT" if finding.needed else "note "
        typer.echo(f"{sign} {finding.name}: {cell(finding.text)}")
        if finding.advice and not finding.ok:
            typer.echo(f"      to do: {finding.advice}")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, or tab-separated lines when nobody looks."""
    if not sys.stdout.isatty():
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(cell(value) for value in row))
        return
    lines = [[cell(value) for value in row] for row in rows]
    # A cell holds what callers and customers wrote, so nothing in it is markup.
    console = Console(markup=False, highlight=False)
    widths = (max(map(cell_len, column)) for column in zip(columns, *lines, strict=True))
    if sum(width + _FRAME for width in widths) + 1 > console.width:
        _show_records(columns, lines)
        return
    table = Table(*columns)
    for line in lines:
        table.add_row(*line)
    console.print(table)


def _show_records(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print one value a line: in a table that is too wide, numbers and ids would be cut."""
    width = max(map(len, columns))
    for number, line in enumerate(lines):
        if number:
            typer.echo("")
        for column, value in zip(columns, line, strict=True):
            typer.echo(f"{column:{width}}  {value}")


def addresses(emails: Iterable[EmailAddress]) -> str:
    """Return e-mail addresses as a person reads them."""
    return ", ".join(map(str, emails))


def cell(value: object) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value) or "-"
    text = str(value)
    # What came in a SIP message or a CSV file must not steer the terminal.
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def time_text(at_ms: int | None) -> str | None:
    """Return a time in ms since 1970 as ISO 8601 in UTC, with milliseconds; the number where that is not a date."""
    return None if at_ms is None else moment_text(at_ms) or str(at_ms)


def write_file(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file for a person; one that is there already is replaced only if `replace`.

    Raises:
        OperatorError: it is there, or cannot be written.
    """
    try:
        with path.open("wb" if replace else "xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise OperatorError(f"{path} exists already: give --force to replace it") from error
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from error


_AGE = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?", re.ASCII
)
HELP = "RFC 3339 such as 2026-01-31T09:30:00Z, a day (UTC) such as 2026-01-31, or ago: 90m, 2h, 3d"


def read_moment(option: str, text: str, now_ms: int) -> int:
    """Return a time in ms since 1970 UTC: RFC 3339 §5.6, a day, which begins at 0:00 UTC, or an age such as `2h`.

    Units of an age are `s`, `m` (minutes), `h`, `d` and `w`. Anything else ends the command.
    """
    age = _AGE.fullmatch(text)
    if age is not None:
        return now_ms - int(age[1]) * _UNITS_MS[age[2]]
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(_for_python(text))
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        usage_error(f"{option}: {text[:40]!r} is not a time: give {HELP}")


COMING_HELP = "RFC 3339 such as 2027-01-31T09:30:00Z, a day (UTC) such as 2027-01-31, or from now: 12h, 90d"


def read_coming(option: str, text: str, now_ms: int) -> int:
    """Return a time in ms since 1970 UTC as `read_moment` does, but `2h` is two hours from now."""
    age = _AGE.fullmatch(text)
    return now_ms + int(age[1]) * _UNITS_MS[age[2]] if age is not None else read_moment(option, text, now_ms)


def read_span(since: str | None, until: str | None, now_ms: int) -> tuple[int | None, int | None]:
    """Return the values of `--since` and `--until` in ms since 1970 UTC; a span without an instant ends the command."""
    first = read_moment("--since", since, now_ms) if since is not None else None
    end = read_moment("--until", until, now_ms) if until is not None else None
    if first is not None and end is not None and end <= first:
        usage_error("--until is not later than --since: give a later one")
    return first, end


def _for_python(text: str) -> str:
    # Python 3.11 reads three or six digits of a second only.
    head, dot, rest = text.upper().partition(".")
    if not dot:
        return head
    digits = re.match("[0-9]*", rest)
    assert digits is not None
    return f"{head}.{digits[0][:6]:0<6}{rest[digits.end() :]}"


def actor_kind(actor: str | None) -> str:
    """Return how a change was made: by a key, by a user, or at the command line."""
    if actor is None:
        return "command line"
    return "user" if is_person_id(actor) else "key"


def actor_text(actor: str | None) -> str:
    """Return who made a change, with the id of the key or user."""
    return actor_kind(actor) + ("" if actor is None else f" {actor}")
