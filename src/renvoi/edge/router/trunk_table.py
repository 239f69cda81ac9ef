"""The trunks as the router knows them: a JSON file beside Kamailio's configuration, rewritten at each change."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from renvoi.domain.json_text import read_json
from renvoi.domain.trunks.trunk import (
    CalledNumberFrom,
    CallerIdPolicy,
    DiversionHeaders,
    InboundTrunk,
    NumberFormat,
    OutboundTrunk,
    in_order,
)


@dataclass(frozen=True, slots=True)
class TrunkTable:
    """Trunks by name, as of `revision`, the outbound ones in the order in which they are tried.

    `addresses` are those that they were found at.
    """

    revision: int = 0
    inbound: dict[str, InboundTrunk] = field(default_factory=dict)
    outbound: dict[str, OutboundTrunk] = field(default_factory=dict)
    addresses: dict[str, tuple[IPv4Address | IPv6Address, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        revision: int,
        inbound: Iterable[InboundTrunk],
        outbound: Iterable[OutboundTrunk],
        addresses: Mapping[str, Iterable[str]] | None = None,
    ) -> "TrunkTable":
        """Make a table of these trunks; `addresses` has the IP addresses of outbound ones by name."""
        return cls(
            revision,
            {trunk.name: trunk for trunk in inbound},
            {trunk.name: trunk for trunk in in_order(outbound)},
            {name: tuple(map(ip_address, listed)) for name, listed in (addresses or {}).items()},
        )

    @classmethod
    def load(cls, path: Path) -> "TrunkTable":
        """Read a table that `dump` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not such a table.
        """
        stored = read_json(path.read_text("utf-8"))
        return cls.of(
            stored["revision"],
            [
                InboundTrunk(
                    trunk["name"],
                    tuple(ip_network(network) for network in trunk["networks"]),
                    trunk["region"],
                    CalledNumberFrom(trunk["called_from"]),
                )
                for trunk in stored["inbound"]
            ],
            [
                OutboundTrunk(
                    trunk["name"],
                    trunk["uri"],
                    trunk["priority"],
                    NumberFormat(trunk["number_format"]),
                    trunk["region"],
                    DiversionHeaders(trunk["diversion_headers"]),
                    CallerIdPolicy(trunk["caller_id"]),
                )
                for trunk in stored["outbound"]
            ],
            stored["addresses"],
        )

    def dump(self) -> str:
        """Return the table as JSON."""
        return json.dumps(
            {
                "revision": self.revision,
                "inbound": [
                    {
                        "name": trunk.name,
                        "networks": [str(network) for network in trunk.networks],
                        "region": trunk.region,
                        "called_from": trunk.called_from,
                    }
                    for trunk in self.inbound.values()
                ],
                "outbound": [
                    {
                        "name": trunk.name,
                        "uri": trunk.uri,
                        "priority": trunk.priority,
                        "number_format": trunk.number_format,
                        "region": trunk.region,
                        "diversion_headers": trunk.diversion_headers,
                        "caller_id": trunk.caller_id,
                    }
                    for trunk in self.outbound.values()
                ],
                "addresses": {name: list(map(str, listed)) for name, listed in self.addresses.items()},
            },
            indent=1,
        )
