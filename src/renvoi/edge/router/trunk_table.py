"""The trunks as the router knows them: a JSON file beside Kamailio's configuration, rewritten at each change."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from renvoi.domain.text import read_json
from renvoi.domain.trunks.address import TCP
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, in_order
from renvoi.trunk_document import trunk_of, trunk_values


@dataclass(frozen=True, slots=True)
class TrunkTable:
    """Trunks by name, the outbound ones in the order in which they are tried.

    `addresses` are those that they were found at; with any other trunks or addresses `revision` is another one.
    `names_callers`: some trunk is not shown the caller as it came.
    """

    revision: int = 0
    inbound: dict[str, InboundTrunk] = field(default_factory=dict)
    outbound: dict[str, OutboundTrunk] = field(default_factory=dict)
    addresses: dict[str, tuple[IPv4Address | IPv6Address, ...]] = field(default_factory=dict)
    names_callers: bool = False

    @classmethod
    def of(
        cls,
        revision: int,
        inbound: Iterable[InboundTrunk],
        outbound: Iterable[OutboundTrunk],
        addresses: Mapping[str, Iterable[str]] | None = None,
    ) -> "TrunkTable":
        """Make a table of these trunks; `addresses` has the IP addresses of outbound ones by name."""
        ordered = in_order(outbound)
        return cls(
            revision,
            {trunk.name: trunk for trunk in inbound},
            {trunk.name: trunk for trunk in ordered},
            {name: tuple(map(ip_address, listed)) for name, listed in (addresses or {}).items()},
            not all(trunk.keeps_caller for trunk in ordered),
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
            stored["addresses"],
        )

    @property
    def credentials(self) -> bool:
        """Whether an outbound trunk may challenge us."""
        return any(trunk.user for trunk in self.outbound.values())

    @property
    def registers(self) -> bool:
        """Whether we register at a trunk."""
        return any(trunk.register for trunk in self.outbound.values())

    def first_destination(self, name: str) -> str:
        """Return the URI at which an outbound trunk is tried first, if it is reached by UDP; else an empty text."""
        where, found = self.outbound[name].address, self.addresses.get(name)
        return where.at(str(found[0])).uri if found and where.transport != TCP else ""

    def dump(self) -> str:
        return json.dumps(
            {
                "revision": self.revision,
                "trunks": [*map(trunk_values, self.inbound.values()), *map(trunk_values, self.outbound.values())],
                "addresses": {name: list(map(str, listed)) for name, listed in self.addresses.items()},
            },
            indent=1,
        )
