"""Times as people give them to `--since` and `--until`."""

import re
from datetime import UTC, datetime

from renvoi.cli.base import usage_error

_AGE = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?", re.ASCII
)
HELP = "RFC 3339 such as 2026-01-31T09:30:00Z, a day (UTC) such as 2026-01-31, or ago: 90m, 2h, 3d"


def read_moment(option: str, text: str, now_ms: int) -> int:
    """Return a time in ms since 1970 UTC: RFC 3339 §5.6, a day, which begins at 0:00 UTC, or an age such as `2h`.

    Units of an age are `s`, `m` (minutes), `h`, `d` and `w`. What is none of them ends the command.
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
        usage_error(f"{option}: {text[:40]!r} is no time: give {HELP}")


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
