"""The Diversion header: by whom and why a call was diverted before (RFC 5806)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

from renvoi.domain.calls.name_addr import MAX_ELEMENTS, NameAddr, uri_host, uri_number
from renvoi.domain.numbers.number import E164

MAX_COUNTER = 1000
"""A counter above it counts as this; RFC 5806 §4.2 sets no limit, and no honest call comes near it."""


@dataclass(frozen=True, slots=True)
class Diversion:
    """One diversion: the URI that diverted, why, and how many diversions the entry stands for.

    `ours` says that this service wrote it, which the host of its URI tells.
    """

    uri: str
    number: E164 | None
    reason: str = "unconditional"
    counter: int = 1
    privacy: str = "off"
    ours: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, number: E164, domain: str, reason: str = "unconditional") -> Self:
        """Return the entry that this service adds for a number of its own; `domain` is the host part of its URI."""
        return cls(f"sip:{number}@{domain}", number, reason, ours=True)

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
