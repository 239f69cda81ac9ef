"""The parties of a call: who may send requests inside it, and where those may go."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from typing import Protocol

from renvoi.domain.calls.call_mark import PROVEN_AT, WORKER, CallMark, NextHop, Towards
from renvoi.domain.hosts import plain_address
from renvoi.domain.name_addr import NameAddr
from renvoi.edge.router.trunk_table import TrunkTable

PARAMETER = "rv"
"""The parameter of our Record-Route that is the mark."""
_MARK = re.compile(rf";{PARAMETER}=([A-Za-z0-9_-]+)")
MOST_MARKS = 8
"""Marks of one request that are looked at: of two, where the transport changes, one counts."""
_Address = IPv4Address | IPv6Address


class Seen(Protocol):
    """Facts that the processes of the edge share, each forgotten after the longest call."""

    def note(self, fact: str) -> None:
        """Keep a fact."""

    def has(self, fact: str) -> bool:
        """Tell whether it was noted."""


@dataclass(frozen=True, slots=True)
class Parties:
    """What is known of the peers now: `trunks` as they are configured, `seen` as they turned out to be."""

    trunks: TrunkTable
    seen: Seen

    def may_send(self, mark: CallMark, source: str) -> bool:
        """Tell whether the address `source` belongs to the side that sends what has this mark."""
        address = _plain(source)
        if mark.towards is Towards.CALLEE:
            return self._is_inbound(mark.inbound, address)
        return self._is_outbound(mark.outbound, address)

    def may_reach(self, mark: CallMark, uri: str, call: str) -> bool:
        """Tell whether what has this mark may go to `uri`, the next hop of the call with that Call-ID and tag."""
        hop = NextHop.of(uri)
        if hop is None:
            return False
        if hop.digest() == mark.hop or self.seen.has(_moved(call, mark.towards, hop)):
            return True
        if mark.towards is Towards.CALLER:
            return hop.address is not None and self._is_inbound(mark.inbound, hop.address)
        return self._is_at_outbound(mark.outbound, hop)

    def note_contact(self, mark: CallMark, by: Towards, uri: str, call: str) -> None:
        """Take the Contact that the side `by` gave in the middle of the call (RFC 3261 §12.2)."""
        hop = NextHop.of(uri)
        if hop is not None and not self.may_reach(CallMark(by, mark.inbound, mark.outbound, 0), uri, call):
            self.seen.note(_moved(call, by, hop))

    def note_answer(self, mark: CallMark, source: str) -> None:
        """Note that `source` answered a call that was sent to the called side."""
        address = _plain(source)
        if not self._is_outbound(mark.outbound, address):
            self.seen.note(_answered(mark.outbound, address))

    def is_natted(self, name: str) -> bool:
        """Tell whether callers of an inbound trunk are behind NAT."""
        trunk = self.trunks.inbound.get(name)
        return trunk is not None and trunk.nat

    def _is_inbound(self, name: str, address: _Address) -> bool:
        name, _, proven_at = name.partition(PROVEN_AT)
        trunk = self.trunks.inbound.get(name)
        if trunk is None:
            return False
        if proven_at:
            return bool(trunk.inbound_user or trunk.certificate) and _plain(proven_at) == address
        return _within(address, trunk.networks)

    def _is_outbound(self, name: str, address: _Address) -> bool:
        if name.startswith(WORKER):
            host = NextHop.of(f"sip:{name.removeprefix(WORKER)}")
            return host is not None and host.address == address
        own = self.trunks.addresses.get(name, ())
        if address in own or self.seen.has(_answered(name, address)):
            return name in self.trunks.outbound
        # A carrier that calls come from as well: its inbound trunk says which networks are its own.
        kin = (each.networks for each in self.trunks.inbound.values() if any(_within(at, each.networks) for at in own))
        return any(_within(address, networks) for networks in kin)

    def _is_at_outbound(self, name: str, hop: NextHop) -> bool:
        if hop.maddr:
            return False
        if name.startswith(WORKER):
            worker = NextHop.of(f"sip:{name.removeprefix(WORKER)}")
            return worker is not None and (hop.host, hop.port) == (worker.host, worker.port)
        trunk = self.trunks.outbound.get(name)
        if trunk is not None and hop.host == trunk.address.host.lower():
            return True
        return hop.address is not None and self._is_outbound(name, hop.address)


def hop_of(record_route: str, contact: str) -> str:
    """Return the URI of the next hop towards whoever sent a message with this Record-Route and Contact.

    Its proxies are between us and that side, the topmost next to us.
    """
    for value in (record_route, contact):
        for entry in NameAddr.parse_list(value):
            return entry.uri
    return ""


def marks_in(record_route: str) -> Iterator[tuple[str, str]]:
    """Yield each mark in the Record-Route of an answer, and the URI of the proxy next to it on the called side.

    In an answer the proxy next to the called side is the topmost; the second text is empty where there is none.
    """
    last = ""
    for entry in NameAddr.parse_list(record_route):
        if (found := _MARK.search(entry.uri)) is not None:
            yield found[1], last
        last = entry.uri


def marks_of(route: str) -> Iterator[str]:
    """Yield the marks in the Route of a request."""
    return (found[1] for found in islice(_MARK.finditer(route), MOST_MARKS))


def same_place(address: str, source: str) -> bool:
    """Tell whether two texts are one IP address; an empty one is none."""
    return bool(address and source) and _plain(address) == _plain(source)


def _within(address: _Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=1024)
def _plain(source: str) -> _Address:
    return plain_address(source.strip("[]"))


def _moved(call: str, towards: Towards, hop: NextHop) -> str:
    return f"moved {towards.value} {hop.digest().hex()} {call}"


def _answered(name: str, address: _Address) -> str:
    return f"answered {name} {address}"
