"""IP addresses and hosts as texts: one way to read and to write them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?P<last>{_LABEL})")
_NUMBER = re.compile(r"[0-9]+")
_LONGEST_NAME = 253


def is_ip_address(text: str) -> bool:
    """Tell whether `text` is an IP address; one of IPv6 without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_name(text: str) -> bool:
    """Tell whether `text` is the name of a host, as DNS has it (RFC 1123 §2.1): its last part is no number."""
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
