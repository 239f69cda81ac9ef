"""The ladder of a call as plain text, to be copied into a mail or a ticket."""

import textwrap
from collections.abc import Iterator, Sequence

from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.calls.reason_text import why
from renvoi.domain.calls.step_text import ExplainedStep
from renvoi.domain.moment import shown_moment
from renvoi.domain.text import clean_text
from renvoi.http.dashboard.ladder_picture import seconds

_WIDTH = 100
_INDENT = 14
_MOST = 1000
"""Characters of one line that are written; header lines have up to 512."""


def ladder_text(
    record: CallRecord,
    caller: str,
    steps: Sequence[ExplainedStep],
    language: str,
    *,
    shows_headers: bool,
    shows_addresses: bool,
) -> str:
    """Return a call as lines of text; `caller` is who it says called.

    Header lines may tell who a withheld caller is, addresses where the trunks are: each is for who may see it.
    """
    return "\n".join(_lines(record, caller, steps, language, shows_headers, shows_addresses)) + "\n"


def _lines(
    record: CallRecord,
    caller: str,
    steps: Sequence[ExplainedStep],
    language: str,
    shows_headers: bool,
    shows_addresses: bool,
) -> Iterator[str]:
    began = shown_moment(record.setup_at_ms)
    when = "" if began is None else f"{began:%Y-%m-%d %H:%M:%S} UTC"
    yield _clean(f"{caller} → {record.number or record.called}  {when}")
    yield _clean(f"Call-ID {record.key.call_id}")
    yield ""
    for each in steps:
        yield f"{seconds(each, record.setup_at_ms):>12}  " + _clean(f"{each.sender} → {each.receiver}  {each.what}")
        yield from _wrapped(each.why)
        if shows_addresses and each.step.destination:
            yield from _wrapped(each.step.destination)
        if shows_headers:
            for line in each.step.headers:
                yield from _wrapped(line)
    yield ""
    yield from textwrap.wrap(_clean(why(record, language)), _WIDTH)


def _wrapped(text: str) -> list[str]:
    space = " " * _INDENT
    return textwrap.wrap(_clean(text), _WIDTH, initial_indent=space, subsequent_indent=space + "  ")


def _clean(text: str) -> str:
    return clean_text(text, _MOST)
