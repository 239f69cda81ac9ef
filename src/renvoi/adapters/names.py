"""Looking up where a trunk is: NAPTR, SRV and A/AAAA records as RFC 3263 §4 wants, without blocking anybody."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from renvoi.domain.hosts import can_be_a_peer, is_ip_address
from renvoi.domain.trunks.address import TCP, TLS, UDP, Destination, NameNotFound, TrunkAddress

LOOKUP_S = 2.0
"""How long one question may take; a look-up asks up to three, one after the other."""
MOST_DESTINATIONS = 8
"""Addresses that are taken of one trunk."""
_HOSTS = Path("/etc/hosts")
_SERVICES = {"sip+d2u": UDP, "sip+d2t": TCP}


async def look_up(address: TrunkAddress, kinds: Sequence[bool]) -> tuple[Destination, ...]:
    """Return where a trunk is, the address to try first in front: IPv6 addresses for True, IPv4 ones for False.

    Raises:
        NameNotFound: it leads nowhere, or DNS does not answer.
    """
    found: list[Destination] = []
    faults = []
    for ipv6 in kinds:
        try:
            found += await _look_up(address, ipv6)
        except NameNotFound as error:
            faults.append(error)
    if not found:
        raise faults[0]
    return tuple(dict.fromkeys(found))[:MOST_DESTINATIONS]


async def _look_up(address: TrunkAddress, ipv6: bool) -> tuple[Destination, ...]:
    if not address.is_name:
        return (address.at(address.host),)
    if address.port is not None or await _hosts(address.host, ipv6):
        return tuple(address.at(found) for found in await _addresses(address.host, ipv6))[:MOST_DESTINATIONS]
    services = await _services(address)
    if not services:
        return tuple(address.at(found) for found in await _addresses(address.host, ipv6))[:MOST_DESTINATIONS]
    transport = next(iter(services))
    streams = {host: port for host, port in services.get(TCP, ()) if transport == UDP}
    found: list[Destination] = []
    for host, port in services[transport]:
        try:
            addresses = await _addresses(host, ipv6)
        except NameNotFound:
            if host == services[transport][-1][0] and not found:
                raise
            continue
        found += [Destination(each, port, transport, streams.get(host)) for each in addresses]
    return tuple(dict.fromkeys(found))[:MOST_DESTINATIONS]


async def host_addresses(host: str, *, ipv6: bool) -> list[str]:
    """Return the addresses of a host, IPv6 ones or IPv4 ones; of an IP address itself.

    Raises:
        NameNotFound: it has none, or DNS does not answer.
    """
    return [host] if is_ip_address(host) else await _addresses(host, ipv6)


async def first_addresses(host: str, kinds: Sequence[bool]) -> list[str]:
    """Return the addresses of a host of the first kind that it has, see `look_up`.

    Raises:
        NameNotFound: it has none of them, or DNS does not answer.
    """
    for ipv6 in kinds[:-1]:
        with suppress(NameNotFound):
            return await host_addresses(host, ipv6=ipv6)
    return await host_addresses(host, ipv6=kinds[-1])


async def _services(address: TrunkAddress) -> dict[str, Sequence[tuple[str, int]]]:
    """Return hosts and ports by transport, the preferred transport first; none when the name has no such records."""
    host = address.host
    if address.transport is not None:
        service = "_sips._tcp" if address.transport == TLS else f"_sip._{address.transport}"
        names = {address.transport: f"{service}.{host}"}
    else:
        pointers = sorted(
            (record.order, record.preference, _SERVICES[record.service.decode().lower()], record.replacement.to_text())
            for record in await _ask(host, "NAPTR")
            if record.service.decode("ascii", "replace").lower() in _SERVICES and record.flags.lower() == b"s"
        )
        names = {}
        for _, _, transport, name in pointers:
            names.setdefault(transport, name)
        names = names or {transport: f"_sip._{transport}.{host}" for transport in (UDP, TCP)}
    answers = await asyncio.gather(*(_ask(name, "SRV") for name in names.values()))
    ordered: dict[str, Sequence[tuple[str, int]]] = {}
    for transport, records in zip(names, answers, strict=True):
        listed = sorted(records, key=lambda record: (record.priority, -record.weight, record.target, record.port))
        # A target of "." says that there is no such service (RFC 2782).
        places = [(record.target.to_text(omit_final_dot=True), record.port) for record in listed]
        places = [(name, port) for name, port in places if name not in ("", ".") and port]
        if places:
            ordered[transport] = places
    return ordered


async def _addresses(host: str, ipv6: bool) -> list[str]:
    """Return the addresses of a host, sorted, so that the same ones come in the same order each time."""
    found = await _hosts(host, ipv6)
    if not found:
        found = [record.address for record in await _ask(host, "AAAA" if ipv6 else "A")]
    usable = sorted({address for address in found if can_be_a_peer(address)})
    if not usable:
        kind = "IPv6" if ipv6 else "IPv4"
        raise NameNotFound(f"{host} has no usable {kind} address" if found else f"{host} has no {kind} address in DNS")
    return usable


async def _hosts(host: str, ipv6: bool) -> list[str]:
    """Return what this machine's own table says of a name."""
    text = await asyncio.to_thread(_read, _HOSTS)
    found = []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or ("",)
        if host.lower() in map(str.lower, names) and (":" in address) == ipv6:
            found.append(address)
    return [address for address in found if is_ip_address(address)]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


async def _ask(name: str, kind: str) -> Sequence[Any]:
    """Return a name's records of a kind, none when DNS says that there are none.

    Raises:
        NameNotFound: DNS does not answer, or fails.
    """
    try:
        # Made for each question, as /etc/resolv.conf may have changed.
        resolver = dns.asyncresolver.Resolver()
        resolver.lifetime = LOOKUP_S
        answer = await resolver.resolve(name, kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except dns.resolver.LifetimeTimeout as error:
        raise NameNotFound(f"DNS does not answer for {name} ({kind})") from error
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise NameNotFound(f"DNS fails for {name} ({kind}): {' '.join(str(error).split())[:200]}") from error
    return tuple(answer)
