"""How often somebody may be wrong who signs in: by network, and by the address that is tried.

Each count is one time, that of the next free attempt if all were made one after the other (a leaky bucket, as GCRA has
it), so a count is one row. Rows are of fixed names: many attempts make no more of them than there are. Nobody is locked
out for ever: attempts come back with time, a person is let in from the networks of earlier sign-ins whatever strangers
do, and by the mail of a reset at any time. Only passwords can be guessed: a good key is let in always, and wrong ones
are counted so that who tries many is answered so.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network

from renvoi.domain.hosts import is_ip_address, plain_address

SLOTS = 1 << 16
"""Names of each kind; two of them share a count about once in so many."""
_IPV4_BITS, _IPV6_BITS = 24, 48
"""What of an address one customer of a network may have at will."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many attempts at once, and another one each `interval_ms`."""

    kind: str
    burst: int
    interval_ms: int


NETWORK = Allowance("n", 30, 60_000)
"""Of one network, whoever it tries to be."""
STRANGER = Allowance("s", 10, 5 * 60_000)
"""For one e-mail address, from networks that it has not signed in from."""
FRIEND = Allowance("f", 10, 5 * 60_000)
"""For one e-mail address from one network that it has signed in from."""
RESET = Allowance("r", 3, 20 * 60_000)
"""Mails to one e-mail address that did not ask for any."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, as it is counted under a name."""

    name: str
    allowance: Allowance


def attempt(allowance: Allowance, of: str) -> Attempt:
    """Return an attempt of what `of` names; it does not tell the name."""
    digest = hashlib.sha256(f"{allowance.kind} {of}".encode(errors="replace")).digest()
    return Attempt(f"{allowance.kind}{int.from_bytes(digest[:8], 'big') % SLOTS:04x}", allowance)


def network_of(source: str) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6; what is not an address is its own."""
    if not is_ip_address(source):
        return source
    address = plain_address(source.partition("%")[0])
    bits = _IPV4_BITS if isinstance(address, IPv4Address) else _IPV6_BITS
    return str(ip_network(f"{address}/{bits}", strict=False))
