"""The trunks as the router knows them: a JSON file beside Kamailio's configuration, rewritten at each change."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from renvoi.documents.trunk_document import trunk_of, trunk_values
from renvoi.domain.text import read_json
from renvoi.domain.trunks.address import UDP, Destination
from renvoi.domain.trunks.branch_plan import in_order, in_turn
from renvoi.domain.trunks.choices import Redirects
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@dataclass(frozen=True, slots=True)
class SecuredPlace:
    """Where a trunk is reached by TLS: its name has to be `host`, and `profile` is how the connection is made.

    `digest` is another one when that profile is: a connection that was made before does not count then.
    """

    trunk: str
    host: str
    profile: str
    digest: str


@dataclass(frozen=True, slots=True)
class TrunkTable:
    """Trunks by name, the outbound ones in their order.

    `destinations` are those that they were found at; with any other trunks or addresses `revision` is another one.
    The rest follows from these: `addresses` has the IP addresses, `hops` what Kamailio needs of a trunk's
    destinations. `names_callers`: some trunk is not shown the caller as it came. `shares`: some have a weight.
    `secured` are the places where trunks are reached by TLS, by the URI of the destination.
    `follows`: the 3xx of some is followed. `tells_status`: some are told what was found out about a caller.
    """

    revision: int = 0
    inbound: dict[str, InboundTrunk] = field(default_factory=dict)
    outbound: dict[str, OutboundTrunk] = field(default_factory=dict)
    destinations: dict[str, tuple[Destination, ...]] = field(default_factory=dict)
    addresses: dict[str, tuple[IPv4Address | IPv6Address, ...]] = field(default_factory=dict)
    hops: dict[str, str] = field(default_factory=dict)
    names_callers: bool = False
    shares: bool = False
    secured: dict[str, SecuredPlace] = field(default_factory=dict)
    follows: bool = False
    tells_status: bool = False

    @classmethod
    def of(
        cls,
        revision: int,
        inbound: Iterable[InboundTrunk],
        outbound: Iterable[OutboundTrunk],
        found: Mapping[str, Sequence[Destination]] | None = None,
        secured: Mapping[str, SecuredPlace] | None = None,
    ) -> "TrunkTable":
        """Make a table of these trunks; `found` has the destinations of outbound ones by name."""
        ordered = in_order(outbound)
        destinations = {name: tuple(listed) for name, listed in (found or {}).items()}
        return cls(
            revision,
            {trunk.name: trunk for trunk in inbound},
            {trunk.name: trunk for trunk in ordered},
            destinations,
            {name: tuple(ip_address(each.address) for each in listed) for name, listed in destinations.items()},
            {name: "".join(map(_hop, listed)) for name, listed in destinations.items()},
            not all(trunk.keeps_caller for trunk in ordered),
            any(trunk.weight for trunk in ordered),
            dict(secured or {}),
            any(trunk.redirects is Redirects.FOLLOW for trunk in ordered),
            any(trunk.verstat for trunk in ordered),
        )

    @classmethod
    def load(cls, path: Path) -> "TrunkTable":
        """Read a table that `dump` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not such a table.
        """
        stored = read_json(path.read_text("utf-8"))
        trunks = [trunk_of(values) for values in stored["trunks"]]
        return cls.of(
            stored["revision"],
            [trunk for trunk in trunks if isinstance(trunk, InboundTrunk)],
            [trunk for trunk in trunks if isinstance(trunk, OutboundTrunk)],
            {name: [Destination(**each) for each in listed] for name, listed in stored["destinations"].items()},
            {uri: SecuredPlace(**place) for uri, place in stored["secured"].items()},
        )

    @property
    def credentials(self) -> bool:
        """Whether an outbound trunk may challenge us."""
        return any(trunk.user for trunk in self.outbound.values())

    @property
    def registers(self) -> bool:
        """Whether we register at a trunk."""
        return any(trunk.register for trunk in self.outbound.values())

    def turn(self, drawn: float) -> Sequence[OutboundTrunk]:
        """Return the outbound trunks as one call tries them; `drawn` is its random number (`in_turn`)."""
        ordered = list(self.outbound.values())
        return in_turn(ordered, drawn) if self.shares else ordered

    def only(self, name: str) -> "TrunkTable":
        """Return the table with this outbound trunk alone; its 3xx are not followed through others."""
        return replace(self, outbound={key: each for key, each in self.outbound.items() if key == name}, follows=False)

    @property
    def relays(self) -> bool:
        """Whether there is a trunk whose audio needs the media relay."""
        return any(trunk.relay for trunk in self.outbound.values()) or any(each.nat for each in self.inbound.values())

    def first_destination(self, name: str) -> str:
        """Return the URI at which an outbound trunk is tried first, if it is reached by UDP; else an empty text."""
        found = self.destinations.get(name)
        return found[0].uri if found and found[0].transport == UDP else ""

    def dump(self) -> str:
        return json.dumps(
            {
                "revision": self.revision,
                "trunks": [*map(trunk_values, self.inbound.values()), *map(trunk_values, self.outbound.values())],
                "destinations": {name: list(map(asdict, listed)) for name, listed in self.destinations.items()},
                "secured": {uri: asdict(place) for uri, place in self.secured.items()},
            },
            indent=1,
        )


def _hop(destination: Destination) -> str:
    """Return a destination as the route reads it (hops.cfg.j2): its URI, and where large requests go by TCP."""
    return f"{destination.uri} {destination.stream_uri},"
