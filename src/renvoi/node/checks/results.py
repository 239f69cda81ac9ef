"""What the checks of a node found: `renvoi check`, `renvoi trunk test` and `renvoi try` show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.domain.calls.call_record import CallRecord

MOST_SHOWN = 5
"""Names that one finding has."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `renvoi check` looked at; `advice` says what to do when it is not `ok`.

    A finding that is not `needed` is a loss that the node can live with.
    """

    name: str
    ok: bool
    text: str
    advice: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outbound trunk answered to OPTIONS: its status line and how long it took (ms), or why it did not."""

    ok: bool
    text: str
    took_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One SIP message of a trial call: ms since its start, who sent it to whom, its first line, and some headers."""

    at_ms: float
    sender: str
    receiver: str
    line: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TrialCall:
    """A real call from loopback through the edge. `status` is what the caller was answered, `record` what was stored.

    `note` says what a reader should know, such as that the trunk's place was taken by somebody else.
    """

    call_id: str
    caller: str
    number: str
    messages: tuple[TracedMessage, ...]
    status: int | None
    record: CallRecord | None
    note: str = ""


def some_of(names: Sequence[str]) -> str:
    """Return the first of these names, and whether there are more."""
    return ", ".join(names[:MOST_SHOWN]) + (" …" if len(names) > MOST_SHOWN else "")
