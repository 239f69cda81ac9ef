"""IP addresses and hosts as texts: one way to read and to write them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?P<last>{_LABEL})")
_NUMBER = re.compile(r"[0-9]+")
_LONGEST_NAME = 253
_NAT64 = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48")))
_INNER = tuple(
    map(
        ip_network,
        # Addresses inside of clouds that are not private ones, and what this Python's list does not have.
        ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "5f00::/16", "3fff::/20", "2001::/23"),
    )
)

Address = IPv4Address | IPv6Address


def is_ip_address(text: str) -> bool:
    """Tell whether `text` is an IP address; one of IPv6 without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_name(text: str) -> bool:
    """Tell whether `text` is the name of a host, as DNS has it (RFC 1123 §2.1): its last part is not a number."""
    found = _NAME.fullmatch(text) if len(text) <= _LONGEST_NAME else None
    return found is not None and _NUMBER.fullmatch(found["last"]) is None


def can_be_a_peer(text: str) -> bool:
    """Tell whether an IP address can be that of another program: 0.0.0.0, multicast and broadcast cannot."""
    address = ip_address(text)
    return not (address.is_unspecified or address.is_multicast or text == "255.255.255.255")


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address; of a mapped one (`::ffff:192.0.2.1`, as a socket for both kinds shows it) the IPv4 address.

    Raises:
        ValueError: it is none.
    """
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped if mapped is not None else address


def bracketed(host: str) -> str:
    """Return `host` as it stands in a URI (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host


def host_and_port(host: str, port: int | str) -> str:
    """Return `host:port`, an address of IPv6 in brackets."""
    return f"{bracketed(host)}:{port}"


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the internet, and stands for no other one inside."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and any(address in network for network in _NAT64):
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local or address.scope_id is not None:
            return False
    if any(address.version == network.version and address in network for network in _INNER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
