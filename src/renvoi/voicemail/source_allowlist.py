"""Whom a worker takes SIP from: by UDP anybody may send, and what comes with a call is believed."""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.1/32"),)
TELL_PERIOD_S = 60.0
"""Seconds between two log lines about unknown sources, at least."""
_MOST_KNOWN = 1024
"""Addresses whose verdict is kept; strangers can make up any number of them."""


class SourceAllowlist:
    """The networks that SIP is taken from; `tell` is called with an unknown source's address now and then."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network], tell: Callable[[str], None]) -> None:
        self._networks = tuple(networks)
        self._tell = tell
        self._tell_from: float | None = None
        self._known: dict[str, bool] = {}

    def allow(self, host: str, now: float) -> bool:
        """Tell whether SIP is taken from `host`, an IP address, at `now`, seconds of any clock that does not jump."""
        allowed = self._known.get(host)
        if allowed is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            allowed = self._known[host] = self._judge(host)
        if not allowed and (self._tell_from is None or now >= self._tell_from):
            self._tell_from = now + TELL_PERIOD_S
            self._tell(host)
        return allowed

    def _judge(self, host: str) -> bool:
        address = ip_address(host)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            # How a socket for both kinds shows an IPv4 address.
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
