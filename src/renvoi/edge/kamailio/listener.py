"""The addresses that calls come to, and those that peers are told."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from renvoi.domain.hosts import bracketed


@dataclass(frozen=True, slots=True)
class Listener:
    """An IP address of this machine that calls come to.

    Peers are told to answer to `advertised`, by default that address, at `port`, by default the one of all listeners.
    """

    host: str
    advertised: str | None = None
    port: int | None = None

    @property
    def version(self) -> int:
        """The version of IP: 4 or 6."""
        return ip_address(self.host).version

    @property
    def public_host(self) -> str:
        """The host that peers are told, in brackets for IPv6."""
        host = primary_address(self.host) if ip_address(self.host).is_unspecified else self.host
        return bracketed(self.advertised or host)

    def public_address(self, port: int) -> str:
        """Return host and port that peers are told, where calls come to `port`."""
        return f"{self.public_host}:{self.port or port}"

    def reaches(self, host: str) -> bool:
        """Tell whether it can send to the IP address `host`: what is bound to loopback reaches no other machine."""
        ours, theirs = ip_address(self.host), ip_address(host)
        return ours.version == theirs.version and (theirs.is_loopback or not ours.is_loopback)


def primary_address(unspecified: str) -> str:
    """Return the address that this machine sends from; peers must be told one, and 0.0.0.0 is none."""
    return source_towards("2001:db8::1" if ":" in unspecified else "192.0.2.1")


def source_towards(host: str) -> str:
    """Return the address that this machine sends from to `host`, that of loopback where there is no way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])
