"""Calls as lines of CSV (RFC 4180), safe to be opened by a spreadsheet."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

COLUMNS = (
    "id",
    "number",
    "from",
    "withheld",
    "decision",
    "reason",
    "target",
    "trunk",
    "status",
    "cause",
    "hung_up_by",
    "missed",
    "started_at",
    "ringing_at",
    "answered_at",
    "ended_at",
    "duration_s",
    "revision",
    "diversions",
    "sip_call_id",
)
"""The first line."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = re.compile(r"\+[0-9]{1,15}( \+[0-9]{1,15})*", re.ASCII)


def csv_line(values: Sequence[object]) -> str:
    """Return a line of CSV, with its end; None is empty, truths are `true` and `false`."""
    line = io.StringIO()
    csv.writer(line).writerow([cell(value) for value in values])
    return line.getvalue()


def row(fields: Mapping[str, object]) -> str:
    """Return the line of a call with these fields."""
    return csv_line([fields[name] for name in COLUMNS])


def cell(value: object) -> str:
    """Return a value as a cell.

    What callers wrote must not become a formula: a text that begins like one gets an apostrophe in front. Phone numbers
    are left as they are, and so are numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if text.startswith(_FORMULA) and not _NUMBERS.fullmatch(text):
        return "'" + text
    return text
