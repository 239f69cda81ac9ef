"""Where trunks are: their URIs, and the IP addresses that these lead to."""

import re
from dataclasses import dataclass
from functools import lru_cache

from renvoi.domain.hosts import can_be_a_peer, is_ip_address, is_name

DEFAULT_PORT, DEFAULT_TLS_PORT = 5060, 5061
UDP, TCP, TLS = "udp", "tcp", "tls"
_HOST = r"(?P<host>\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)"
_PLACE = re.compile(_HOST + r"(?::(?P<port>[0-9]{1,5}))?")
_URI = re.compile(
    r"(?P<scheme>sips?):(?P<place>" + _HOST + r"(?::(?P<port>[0-9]{1,5}))?)(?:;transport=(?P<transport>udp|tcp|tls))?"
)


def is_place(text: str) -> bool:
    """Tell whether `text` is a name or an IP address, with a port or without."""
    found = _PLACE.fullmatch(text)
    return found is not None and _is_host(found["host"]) and _is_port(found["port"])


def _is_host(written: str) -> bool:
    """Tell whether this is the name of a host or its address, of IPv6 in brackets."""
    host = written.strip("[]")
    if not is_ip_address(host):
        return is_name(written)
    return (":" in host) == written.startswith("[") and can_be_a_peer(host)


def _is_port(text: str | None) -> bool:
    return text is None or 0 < int(text) < 65536


class NameNotFound(Exception):
    """The name of a trunk leads to no address now; the text says why."""


@dataclass(frozen=True, slots=True)
class TrunkAddress:
    """A trunk's URI in its parts.

    `host` is a name or an IP address without brackets; `port` and `transport` are None when the URI leaves them open
    (RFC 3263 §4); `place` is host and port as the URI writes them.
    """

    host: str
    port: int | None
    transport: str | None
    place: str

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, uri: str) -> "TrunkAddress | None":
        """Read `sip:HOST[:PORT][;transport=udp|tcp|tls]`; None when it is something else.

        `sips:` is TLS as well (RFC 3261 §26.2.2), over which TCP is the only transport that there is.
        """
        found = _URI.fullmatch(uri)
        if found is None or not (_is_host(found["host"]) and _is_port(found["port"])):
            return None
        transport = found["transport"]
        if found["scheme"] == "sips":
            if transport == UDP:
                return None
            transport = TLS
        port = int(found["port"]) if found["port"] else None
        return cls(found["host"].strip("[]"), port, transport, found["place"])

    @property
    def is_name(self) -> bool:
        """Whether the host has to be looked up."""
        return not is_ip_address(self.host)

    def at(self, address: str, port: int | None = None) -> "Destination":
        """Return the destination at an IP address of this host."""
        port = port or self.port or (DEFAULT_TLS_PORT if self.is_tls else DEFAULT_PORT)
        return Destination(address, port, self.transport or UDP, port if self.transport is None else None)

    @property
    def is_tls(self) -> bool:
        return self.transport == TLS


@dataclass(frozen=True, slots=True)
class Destination:
    """One IP address of a trunk.

    `stream_port` is the TCP port for requests that are too large for UDP, None where the trunk takes no TCP or takes
    everything by it.
    """

    address: str
    port: int
    transport: str = UDP
    stream_port: int | None = None

    @property
    def uri(self) -> str:
        """The destination as a SIP URI; it names the destination wherever its state is kept."""
        return self._uri(self.port) + (f";transport={self.transport}" if self.transport != UDP else "")

    @property
    def stream_uri(self) -> str:
        """Where large requests go by TCP, empty for nowhere."""
        return self._uri(self.stream_port) if self.stream_port is not None else ""

    def _uri(self, port: int) -> str:
        return f"sip:[{self.address}]:{port}" if ":" in self.address else f"sip:{self.address}:{port}"
