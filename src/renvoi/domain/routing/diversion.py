"""By whom and why a call was diverted before: the headers Diversion (RFC 5806) and History-Info (RFC 7044)."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

from renvoi.domain.name_addr import MAX_ELEMENTS, NameAddr, parse_parameters, uri_host, uri_number
from renvoi.domain.numbers.number import E164

MAX_COUNTER = 1000
"""A counter above it counts as this; RFC 5806 §4.2 sets no limit, and no honest call comes near it."""
UNCONDITIONAL, DEFLECTION = "unconditional", "deflection"
CAUSES: Mapping[str, int] = {
    UNCONDITIONAL: 302,
    "user-busy": 486,
    "no-answer": 408,
    DEFLECTION: 480,
    "unavailable": 404,
}
"""The `cause` (RFC 4458 §2) of each reason (RFC 5806 §4.2) that has one (RFC 7544 §7.1)."""

_INDEX = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_CAUSE_IN_REASON = re.compile(r"cause(?:=|%3d)([0-9]{3})")


@dataclass(frozen=True, slots=True)
class Diversion:
    """One diversion: the URI that diverted, why, and how many diversions the entry stands for.

    `ours` says that this service wrote it, which the host of its URI tells.
    """

    uri: str
    number: E164 | None
    reason: str = UNCONDITIONAL
    counter: int = 1
    privacy: str = "off"
    ours: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, number: E164, domain: str, reason: str = UNCONDITIONAL, *, written: str = "", counter: int = 1) -> Self:
        """Return the entry that this service adds for a number of its own; `domain` is the host part of its URI.

        `written` is the number as its reader wants it, empty for E.164.
        """
        return cls(f"sip:{written or number}@{domain}", number, reason, counter, ours=True)

    @classmethod
    def parse_all(cls, values: Iterable[str], region: str, hosts: Collection[str] = ()) -> tuple[Self, ...]:
        """Read header values, topmost first, up to `MAX_ELEMENTS`; local numbers are read as written in `region`.

        `hosts` are those of URIs of our own, as `uri_host` gives them.
        """
        elements = (element for value in values for element in NameAddr.parse_list(value))
        return tuple(
            cls(
                element.uri,
                uri_number(element.uri, region),
                element.parameters.get("reason", "unknown"),
                _counter(element.parameters.get("counter", "")),
                element.parameters.get("privacy", "off"),
                uri_host(element.uri) in hosts,
            )
            for element in islice(elements, MAX_ELEMENTS)
        )

    def __str__(self) -> str:
        return f"<{self.uri}>;reason={self.reason};counter={self.counter};privacy={self.privacy}"


def _counter(text: str) -> int:
    # Without a counter an entry stands for one diversion (RFC 5806 §4.2); nonsense never counts less than that.
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_COUNTER)):
        return 1 if not text.isdigit() else MAX_COUNTER
    return min(max(int(text), 1), MAX_COUNTER)


@dataclass(frozen=True, slots=True)
class Redirection:
    """A number that is not ours sent a call on, which a trunk told us; `reason` is one of `CAUSES`."""

    by: E164
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One hi-entry: a target URI, its place in the tree of targets, and the entry it was mapped from.

    `cause` is the URI parameter of RFC 4458 (None when the target was not diverted to), `mapped_from` the `mp`
    parameter; `ours` says that this service wrote it, which the host of its URI tells.
    """

    uri: str
    number: E164 | None
    index: str
    cause: int | None = None
    mapped_from: str | None = None
    ours: bool = field(default=False, compare=False)

    @classmethod
    def parse_all(cls, values: Iterable[str], region: str, hosts: Collection[str] = ()) -> tuple[Self, ...]:
        """Read header values in order, up to `MAX_ELEMENTS`; local numbers are read as written in `region`.

        `hosts` are those of URIs of our own, as `uri_host` gives them.
        """
        elements = (element for value in values for element in NameAddr.parse_list(value))
        return tuple(
            cls(
                element.uri,
                uri_number(element.uri, region),
                element.parameters.get("index", ""),
                _cause(element.uri),
                element.parameters.get("mp"),
                uri_host(element.uri) in hosts,
            )
            for element in islice(elements, MAX_ELEMENTS)
        )

    def __str__(self) -> str:
        mapped = f";mp={self.mapped_from}" if self.mapped_from else ""
        return f"<{self.uri}>;index={self.index}{mapped}"


def _cause(uri: str) -> int | None:
    """Return the diversion's cause: the URI parameter of RFC 4458, or the older Reason header in the URI (RFC 4244)."""
    address, _, headers = uri.partition("?")
    text = parse_parameters(address.rpartition("@")[2]).get("cause", "")
    if not text:
        text = next(_causes(headers), "")
    return int(text) if re.fullmatch("[0-9]{3}", text) else None


def _causes(headers: str) -> Iterator[str]:
    for header in headers.lower().split("&"):
        name, _, value = header.partition("=")
        if name == "reason" and (found := _CAUSE_IN_REASON.search(value)) is not None:
            yield found[1]


def extend(
    history: Sequence[HistoryEntry],
    diverting: Sequence[E164],
    target: E164,
    domain: str,
    reasons: Sequence[str] = (),
    write: Callable[[E164], str] = str,
) -> tuple[HistoryEntry, ...]:
    """Return the entries to add after `history` when `diverting`, in order, send the call on to `target`.

    `reasons` say why the last ones of `diverting` did so, all before them unconditionally; each is one of `CAUSES`.
    `write` gives a number as its reader wants it.

    The first diverting number is the request's present target; it gets an entry only when the last one is not it
    already (RFC 7044 §9.1). Each later target is a child of the entry that it was mapped from (§9.2).
    """
    added: list[HistoryEntry] = []
    last = history[-1] if history else None
    if last is None or last.number != diverting[0]:
        index = _child(last.index) if last and _INDEX.fullmatch(last.index) else "1"
        added.append(HistoryEntry(f"sip:{write(diverting[0])}@{domain}", diverting[0], index, ours=True))
        parent = index
    else:
        parent = last.index if _INDEX.fullmatch(last.index) else "1"
    why = (*(UNCONDITIONAL,) * (len(diverting) - len(reasons)), *reasons)
    for number, reason in zip((*diverting[1:], target), why, strict=True):
        index, cause = _child(parent), CAUSES[reason]
        uri = f"sip:{write(number)}@{domain};cause={cause}"
        added.append(HistoryEntry(uri, number, index, cause, parent, ours=True))
        parent = index
    return tuple(added)


def _child(index: str) -> str:
    return f"{index}.1"


def diverted_before(history: Sequence[HistoryEntry], number: E164, *, by_us: bool = False) -> bool:
    """Tell whether the call already left `number` for another target; `by_us`: whether it was we who sent it there.

    An upstream that keeps history has entered the present target last; such entries are not diversions. We sent a call
    on from an entry that we wrote, or that an entry of ours was mapped from.
    """
    end = len(history)
    while end and history[end - 1].number == number:
        end -= 1
    sent_on = {entry.mapped_from for entry in history if entry.ours}
    return any(
        entry.number == number and (not by_us or entry.ours or entry.index in sent_on) for entry in history[:end]
    )


def diversions(history: Sequence[HistoryEntry]) -> int:
    """Count the diversions in `history`: its entries with a cause (TS 24.604 §4.5.2.6.1).

    A history so long that it was not read to its end counts as nothing but diversions.
    """
    if len(history) >= MAX_ELEMENTS:
        return len(history)
    return sum(entry.cause is not None for entry in history)
