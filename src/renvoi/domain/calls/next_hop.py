"""Where a SIP URI leads, as far as two URIs that lead to one place must be recognised (RFC 3261 §16.6, step 7)."""

import hashlib
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self
from urllib.parse import unquote

DIGEST_BYTES = 9
_DECISIVE = frozenset({"transport", "maddr"})
"""Parameters that change where a URI leads."""
_URI = re.compile(
    r"(?P<scheme>sips?):(?:[^@?\s<>\"\\]*@)?(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<parameters>;[^@?\s<>\"\\]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NextHop:
    """A host (lower case, no brackets), a port (None where none is written), a transport, and `maddr` if any."""

    scheme: str
    host: str
    port: int | None
    transport: str
    maddr: str

    @classmethod
    def of(cls, uri: str) -> Self | None:
        """Read a URI; None for anything that two readers could read differently, and so for headers and a second @."""
        found = _URI.fullmatch(uri)
        if found is None:
            return None
        parameters: dict[str, str] = {}
        # All of them count, however many there are: the one that matters may be the last.
        for parameter in (found["parameters"] or "").split(";"):
            name, _, value = parameter.partition("=")
            name = unquote(name).lower()
            if name not in _DECISIVE:
                continue
            if name in parameters:
                return None
            parameters[name] = value.lower()
        return cls(
            found["scheme"].lower(),
            found["host"].strip("[]").lower(),
            int(found["port"]) if found["port"] else None,
            parameters.get("transport", ""),
            parameters.get("maddr", ""),
        )

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The IP address that it is for certain; None for a name, and for a URI that overrides its host by `maddr`."""
        if self.maddr:
            return None
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    def digest(self) -> bytes:
        """Return some bytes that no other hop has."""
        parts = (self.scheme, self.host, str(self.port or ""), self.transport, self.maddr)
        return hashlib.sha256("\n".join(parts).encode()).digest()[:DIGEST_BYTES]
