"""The topmost Via of a request: its transaction, and the way back for responses (RFC 3261 §18.2, RFC 3581)."""

import re
from dataclasses import dataclass
from typing import Self

from renvoi.domain.nameaddr import parse_parameters

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
