"""Trunks: the SIP peers that calls come from (inbound) and are forwarded through (outbound)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

import phonenumbers

from renvoi.domain.numbers.number import E164, is_region
from renvoi.domain.trunks.trunk_address import TrunkAddress

MIN_PRIORITY, MAX_PRIORITY = 0, 100
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


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
        """Where it is."""
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
