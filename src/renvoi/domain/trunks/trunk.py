"""Trunks: the SIP peers that calls come from (inbound) and are forwarded through (outbound), and where they are."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import phonenumbers

from renvoi.domain.numbers.number import E164, is_region

DEFAULT_PORT = 5060
UDP, TCP = "udp", "tcp"
_URI = re.compile(
    r"sip:(?P<place>(?P<host>\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::(?P<port>[0-9]{1,5}))?)"
    r"(?:;transport=(?P<transport>udp|tcp))?"
)
MIN_PRIORITY, MAX_PRIORITY = 0, 100
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class NameNotFound(Exception):
    """The name of a trunk leads to no address now; the text says why."""


@dataclass(frozen=True, slots=True)
class TrunkAddress:
    """A trunk's URI in its parts.

    `host` is a name or an IP address without brackets; `port` and `transport` are None when the URI leaves them open
    (RFC 3263 §4); `place` is host and port as the URI writes them.
    """

    host: str
    port: int | None
    transport: str | None
    place: str

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, uri: str) -> "TrunkAddress | None":
        """Read `sip:HOST[:PORT][;transport=udp|tcp]`; None when it is something else."""
        found = _URI.fullmatch(uri)
        if found is None or not 0 < int(found["port"] or DEFAULT_PORT) < 65536:
            return None
        port = int(found["port"]) if found["port"] else None
        return cls(found["host"].strip("[]"), port, found["transport"], found["place"])

    @property
    def is_name(self) -> bool:
        """Whether the host has to be looked up."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False

    def at(self, address: str, port: int | None = None) -> "Destination":
        """Return the destination at an IP address of this host."""
        port = port or self.port or DEFAULT_PORT
        return Destination(address, port, self.transport or UDP, port if self.transport is None else None)


@dataclass(frozen=True, slots=True)
class Destination:
    """One IP address of a trunk.

    `stream_port` is the TCP port for requests that are too large for UDP, None where the trunk takes no TCP or takes
    everything by it.
    """

    address: str
    port: int
    transport: str = UDP
    stream_port: int | None = None

    @property
    def uri(self) -> str:
        """The destination as a SIP URI; it names the destination wherever its state is kept."""
        return self._uri(self.port) + (f";transport={TCP}" if self.transport == TCP else "")

    @property
    def stream_uri(self) -> str:
        """Where large requests go by TCP, empty for nowhere."""
        return self._uri(self.stream_port) if self.stream_port is not None else ""

    def _uri(self, port: int) -> str:
        return f"sip:[{self.address}]:{port}" if ":" in self.address else f"sip:{self.address}:{port}"


class TrunkInvalid(ValueError):
    """A setting of a trunk is wrong; the text says which one and how to fix it."""


class CalledNumberFrom(StrEnum):
    """Where an inbound trunk writes the called number (`docs/calls.md §2`, step 4)."""

    REQUEST_URI = "request-uri"
    P_CALLED_PARTY_ID = "p-called-party-id"
    TO = "to"


class NumberFormat(StrEnum):
    """How an outbound trunk wants the target in the Request-URI."""

    E164 = "e164"
    PLAIN = "plain"
    INTERNATIONAL = "international"
    NATIONAL = "national"


class DiversionHeaders(StrEnum):
    """Which headers tell an outbound trunk that the call was diverted."""

    BOTH = "both"
    DIVERSION = "diversion"
    HISTORY_INFO = "history-info"
    NONE = "none"


class CallerIdPolicy(StrEnum):
    """Which caller an outbound trunk is shown (`docs/calls.md §3`)."""

    PASSTHROUGH = "passthrough"


@dataclass(frozen=True, slots=True)
class InboundTrunk:
    """A peer that may send us calls, known by the addresses it sends from.

    `region` is the one whose national form its called numbers are read in.
    """

    name: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    region: str = "FR"
    called_from: CalledNumberFrom = CalledNumberFrom.REQUEST_URI

    def __post_init__(self) -> None:
        check_trunk_name(self.name)
        if not self.networks:
            raise TrunkInvalid("an inbound trunk needs at least one network, such as 192.0.2.0/24")
        if not is_region(self.region):
            raise TrunkInvalid(f"unknown region {self.region!r}: use an ISO 3166-1 code such as FR")


@dataclass(frozen=True, slots=True)
class OutboundTrunk:
    """A peer that takes our forwarded calls.

    The trunk with the highest `priority` (0 to 100) is tried first; `region` is what `NumberFormat.NATIONAL` means.
    """

    name: str
    uri: str
    priority: int = 50
    number_format: NumberFormat = NumberFormat.E164
    region: str = "FR"
    diversion_headers: DiversionHeaders = DiversionHeaders.BOTH
    caller_id: CallerIdPolicy = CallerIdPolicy.PASSTHROUGH

    def __post_init__(self) -> None:
        check_trunk_name(self.name)
        if TrunkAddress.parse(self.uri) is None:
            raise TrunkInvalid(
                f"{self.uri!r} is not a trunk address: write sip:HOST, sip:HOST:PORT or sip:HOST:PORT;transport=tcp"
            )
        if not MIN_PRIORITY <= self.priority <= MAX_PRIORITY:
            raise TrunkInvalid(f"priority {self.priority} is out of range: give 0 to 100, the highest is tried first")
        if not is_region(self.region):
            raise TrunkInvalid(f"unknown region {self.region!r}: use an ISO 3166-1 code such as FR")

    @property
    def address(self) -> TrunkAddress:
        found = TrunkAddress.parse(self.uri)
        assert found is not None
        return found

    def dial(self, target: E164) -> str:
        """Return `target` as this trunk wants it in the user part of the Request-URI."""
        if self.number_format is NumberFormat.E164:
            return target.value
        if self.number_format is NumberFormat.PLAIN:
            return target.value[1:]
        parsed = phonenumbers.parse(target.value)
        if self.number_format is NumberFormat.NATIONAL and phonenumbers.region_code_for_number(parsed) == self.region:
            written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
            return re.sub(r"[^0-9]", "", written)
        return "00" + target.value[1:]


def in_order(trunks: Iterable[OutboundTrunk]) -> list[OutboundTrunk]:
    """Return `trunks` in the order in which they are tried."""
    return sorted(trunks, key=lambda trunk: (-trunk.priority, trunk.name))


def trunk_values(trunk: InboundTrunk | OutboundTrunk) -> dict[str, Any]:
    """Return a trunk as plain values, for people, files and databases; `trunk_of` reads them."""
    if isinstance(trunk, InboundTrunk):
        return {
            "name": trunk.name,
            "kind": "inbound",
            "networks": [str(network) for network in trunk.networks],
            "region": trunk.region,
            "called_number": trunk.called_from.value,
        }
    return {
        "name": trunk.name,
        "kind": "outbound",
        "uri": trunk.uri,
        "priority": trunk.priority,
        "region": trunk.region,
        "number_format": trunk.number_format.value,
        "diversion_headers": trunk.diversion_headers.value,
        "caller_id": trunk.caller_id.value,
    }


def trunk_of(values: Mapping[str, Any]) -> InboundTrunk | OutboundTrunk:
    """Return the trunk that `trunk_values` gave these values of; others are ignored.

    Raises:
        KeyError: one is missing.
        ValueError: one is not what it should be.
    """
    if values["kind"] == "inbound":
        networks = tuple(parse_network(text) for text in values["networks"])
        return InboundTrunk(values["name"], networks, values["region"], CalledNumberFrom(values["called_number"]))
    return OutboundTrunk(
        values["name"],
        values["uri"],
        values["priority"],
        NumberFormat(values["number_format"]),
        values["region"],
        DiversionHeaders(values["diversion_headers"]),
        CallerIdPolicy(values["caller_id"]),
    )


def check_trunk_name(name: str) -> None:
    """Check that `name` can name a trunk.

    Raises:
        TrunkInvalid: it is not 1 to 32 lower-case letters, digits, `-` or `_`.
    """
    if not _NAME.fullmatch(name):
        raise TrunkInvalid(f"{name!r} is not a trunk name: give 1 to 32 lower-case letters, digits, - or _")


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Read one address or CIDR block.

    Raises:
        TrunkInvalid: it is neither, or has bits set behind the prefix.
    """
    try:
        return ip_network(text)
    except ValueError as error:
        raise TrunkInvalid(
            f"{text!r} is not a network: {error}; write it like 192.0.2.0/24 or 2001:db8::/32"
        ) from error
