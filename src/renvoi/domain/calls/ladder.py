"""The ladder of a call: where it was sent, one attempt after the other, and what each answered (`docs/calls.md §5`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from renvoi.domain.text import clean_text

MAX_LEGS = 32
"""Legs that are kept of a call, the last ones. Few calls have more than two."""
MAX_PHRASE = 128
"""Characters that are kept of a reason phrase."""
MAX_HEADER_LINES, MAX_HEADER_LINE = 32, 512
"""Header lines that are kept of a leg, and characters of each."""

FEW_LEGS, SHORT = 12, 48
"""Legs that `shortened` leaves, and characters of each text in them."""

ANSWERED, SILENT, RANG_OUT, UNSENT = "answered", "silent", "rang-out", "unsent"


@dataclass(frozen=True, slots=True)
class Leg:
    """One attempt to send a call to an address of a trunk or, where `trunk` is None, to a worker of the voicemail.

    `destination` and `request_uri` are SIP URIs; `headers` the header lines that were added or changed for it. `end` is
    None while nothing has come of it, `answered` (finally, with `status` and reason `phrase`), `silent` (no answer at
    all in time), `rang-out` (no final answer in time) or `unsent`. Times are ms since 1970-01-01 UTC.
    """

    destination: str
    request_uri: str
    sent_at_ms: int
    trunk: str | None = None
    headers: tuple[str, ...] = ()
    rang_at_ms: int | None = None
    end: str | None = None
    end_at_ms: int | None = None
    status: int | None = None
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The legs of a call, in the order of time. `damaged`: what the store has of them cannot be read."""

    legs: tuple[Leg, ...] = ()
    damaged: bool = False

    def since(self, at_ms: int) -> "Ladder":
        """Return what came at `at_ms` (ms since 1970-01-01 UTC) or later: an INVITE may come again after it failed."""
        return replace(self, legs=tuple(leg for leg in self.legs if leg.sent_at_ms >= at_ms))


def shown_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return header lines as a ladder keeps them: clean, and bounded."""
    return tuple([clean_text(line, MAX_HEADER_LINE) for line in lines[:MAX_HEADER_LINES]])


def shortened(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """Return the last legs, without headers and with the beginning of each text: 10 kB at the most as JSON."""
    return tuple(
        replace(
            leg,
            destination=clean_text(leg.destination, SHORT),
            request_uri=clean_text(leg.request_uri, SHORT),
            headers=(),
            phrase=clean_text(leg.phrase, SHORT),
        )
        for leg in legs[-FEW_LEGS:]
    )
