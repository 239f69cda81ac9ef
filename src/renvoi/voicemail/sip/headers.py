"""Header fields of a SIP message and the grammar that they share (RFC 3261 §7.3, §20, §25.1).

Text is ISO 8859-1 here: every byte is one character, so that what is echoed is echoed byte for byte.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from renvoi.domain.calls import name_addr
from renvoi.domain.calls.name_addr import parse_parameters

MAGIC_COOKIE = "z9hG4bK"
"""How a branch begins that is unique in space and time (RFC 3261 §8.1.1.7)."""
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[^\s/;,]+)\s+"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)(?:\s*:\s*(?P<port>[0-9]{1,5}))?\s*(?P<parameters>;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_EMPTY_RPORT = re.compile(r";\s*rport\s*(?=;|$)", re.IGNORECASE)
_RECEIVED = re.compile(r";\s*received\s*=[^;]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Via:
    """One Via element: as written, and what of it matters here."""

    text: str
    host: str
    port: int | None
    branch: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one element.

        Raises:
            ValueError: it is not `SIP/2.0/TRANSPORT host[:port][;parameters]`.
        """
        found = _VIA.fullmatch(text)
        if found is None:
            raise ValueError("malformed Via")
        branch = parse_parameters(found["parameters"] or "").get("branch", "")
        return cls(text, found["host"].lower(), int(found["port"]) if found["port"] else None, branch)

    def stamped(self, source: tuple[str, int]) -> str:
        """Return the element with `received` and `rport` telling where the request came from (RFC 3581 §4)."""
        text = _RECEIVED.sub("", self.text)
        stamped, asked = _EMPTY_RPORT.subn(f";rport={source[1]}", text, count=1)
        if asked or self.host.strip("[]") != source[0].lower():
            return f"{stamped};received={source[0]}"
        return stamped


_COMPACT = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
    "x": "session-expires",
}
"""RFC 3261 §7.3.3, RFC 4028 §4; others' compact forms are of no use here."""
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
"""What would end a Request-URI or its line."""


class Headers:
    """The header fields of one message: names in any case or compact, values as written, folded lines made one."""

    __slots__ = ("_values",)

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            key = name.lower()
            self._values.setdefault(_COMPACT.get(key, key), []).append(value)

    def all(self, name: str) -> list[str]:
        """Return the values of every field of that name (lower case, long form), topmost first."""
        return self._values.get(name, [])

    def get(self, name: str) -> str | None:
        """Return the topmost field's value, None when there is no such field. Any case will do."""
        values = self._values.get(name.lower())
        return values[0] if values else None

    def elements(self, name: str) -> list[str]:
        """Return the elements of all fields of that name, split at their commas, topmost first."""
        return [element for value in self.all(name) for element in split(value)]

    def tokens(self, name: str) -> set[str]:
        """Return the elements in lower case, where their order does not matter."""
        return {element.lower() for element in self.elements(name)}


def split(value: str) -> list[str]:
    """Split a header value at its commas, but for those within `"…"` and `<…>`; empty elements are dropped."""
    return [element for part in name_addr.split(value) if (element := part.strip())]


@dataclass(frozen=True, slots=True)
class Address:
    """A name-addr or addr-spec (RFC 3261 §20.10): the URI as written, the header's parameters with lower-case names."""

    uri: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, value: str) -> "Address":
        """Read one element of From, To, Contact or Record-Route.

        Raises:
            ValueError: it holds no URI.
        """
        quoted = _QUOTED.match(value)
        rest = value[quoted.end() :] if quoted else value
        _, opened, inner = rest.partition("<")
        if opened:
            uri, closed, parameters = inner.partition(">")
            if not closed:
                raise ValueError("a < without >")
        else:
            # Without <> everything after a semicolon is the header's (RFC 3261 §20).
            uri, semicolon, parameters = rest.partition(";")
            parameters = semicolon + parameters
        uri = uri.strip()
        if ":" not in uri or _UNSAFE.search(uri):
            raise ValueError("no URI")
        return cls(uri, parse_parameters(parameters) if ";" in parameters else {})


def scheme(uri: str) -> str:
    """Return the scheme of a URI in lower case."""
    return uri.partition(":")[0].lower()
