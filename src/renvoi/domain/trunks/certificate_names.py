"""Whom a certificate of SIP is for (RFC 5922 §7)."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

_SIP = ("sip:", "sips:")


@dataclass(frozen=True, slots=True)
class CertificateNames:
    """What a certificate says its subject is: URIs, names and addresses of hosts, and common names."""

    uris: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[IPv4Address | IPv6Address, ...] = ()
    common: tuple[str, ...] = ()

    def __str__(self) -> str:
        """All of them, as people read them."""
        return ", ".join((*self.uris, *self.hosts, *map(str, self.addresses))) or ", ".join(self.common) or "nobody"

    def has(self, host: str) -> bool:
        """Tell whether it is for `host`, a name or an IP address without brackets.

        A common name counts where there is no other one (§7.1). `*` stands for the first label: §7.2 forbids that, but
        carriers have one such certificate for the names of all their customers.
        """
        try:
            return ip_address(host) in self.addresses
        except ValueError:
            pass
        domains = [uri.partition(":")[2].partition(";")[0] for uri in self.uris if uri.lower().startswith(_SIP)]
        # One with a user is for that user alone.
        names = [domain for domain in domains if "@" not in domain] + list(self.hosts)
        return any(_is_same(each, host) for each in names or (self.common if not self.addresses else ()))


def _is_same(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == host
    label, dot, rest = host.partition(".")
    return bool(label and dot) and rest == pattern[2:] and "." in rest
