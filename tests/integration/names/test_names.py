"""Where a trunk is, as asked of a real DNS server (RFC 3263)."""

import asyncio
import time
from collections.abc import Iterator

import dns.asyncresolver
import pytest

from renvoi.adapters.names import LOOKUP_S, MOST_DESTINATIONS, look_up
from renvoi.domain.trunks.address import NameNotFound, TrunkAddress
from tests.support.dns import DnsServer, Mood


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """Run a DNS server, and have this process ask it."""
    with DnsServer() as running:

        class Ours(dns.asyncresolver.Resolver):
            def __init__(self) -> None:
                super().__init__(configure=False)
                self.nameservers, self.port = [running.host], running.port

        monkeypatch.setattr(dns.asyncresolver, "Resolver", Ours)
        yield running


def found(uri: str, *kinds: bool) -> list[tuple[str, str]]:
    """Return where a trunk is found, and where its large requests go."""
    address = TrunkAddress.parse(uri)
    assert address is not None
    return [(each.uri, each.stream_uri) for each in asyncio.run(look_up(address, kinds or (False,)))]


def test_an_address_needs_no_dns(server: DnsServer) -> None:
    assert found("sip:192.0.2.1") == [("sip:192.0.2.1:5060", "sip:192.0.2.1:5060")]
    assert found("sip:[::1]:5070;transport=tcp") == [("sip:[::1]:5070;transport=tcp", "")]
    assert found("sip:192.0.2.1;transport=udp") == [("sip:192.0.2.1:5060", "")]
    assert not server.asked


def test_a_name_of_this_machine_needs_no_dns(server: DnsServer) -> None:
    assert found("sip:localhost") == [("sip:127.0.0.1:5060", "sip:127.0.0.1:5060")]
    assert not server.asked


def test_a_name_with_a_port_has_all_its_addresses(server: DnsServer) -> None:
    server.put("t.example", "A", "192.0.2.9", "192.0.2.8")
    server.put("_sip._udp.t.example", "SRV", "1 1 5099 elsewhere.example.")
    for transport, stream in (("", True), (";transport=udp", False)):
        expected = [f"sip:192.0.2.{last}:5070" for last in (8, 9)]
        assert found(f"sip:t.example:5070{transport}") == [(uri, uri if stream else "") for uri in expected]


def test_a_name_without_service_records_is_at_port_5060(server: DnsServer) -> None:
    server.put("t.example", "A", "192.0.2.9")
    server.put("t.example", "AAAA", "2001:db8::9")
    assert found("sip:t.example") == [("sip:192.0.2.9:5060", "sip:192.0.2.9:5060")]
    assert found("sip:t.example;transport=tcp", True) == [("sip:[2001:db8::9]:5060;transport=tcp", "")]


def test_addresses_of_both_kinds_are_found_the_preferred_one_first(server: DnsServer) -> None:
    """And one kind does where there is no other."""
    server.put("t.example", "A", "192.0.2.9")
    server.put("t.example", "AAAA", "2001:db8::9")
    server.put("old.example", "A", "192.0.2.8")
    ipv4, ipv6 = "sip:192.0.2.9:5070", "sip:[2001:db8::9]:5070"
    assert [uri for uri, _ in found("sip:t.example:5070", True, False)] == [ipv6, ipv4]
    assert [uri for uri, _ in found("sip:t.example:5070", False, True)] == [ipv4, ipv6]
    assert [uri for uri, _ in found("sip:old.example", True, False)] == ["sip:192.0.2.8:5060"]
    with pytest.raises(NameNotFound, match=r"new\.example has no IPv6 address"):
        found("sip:new.example", True, False)


def test_services_are_tried_by_priority_and_weight(server: DnsServer) -> None:
    server.put(
        "_sip._udp.t.example",
        "SRV",
        "20 5 5061 c.example.",
        "10 1 5062 b.example.",
        "10 9 5063 a.example.",
        "0 0 0 .",
    )
    server.put("_sip._tcp.t.example", "SRV", "1 1 5073 a.example.")
    for last, host in enumerate("abc", 1):
        server.put(f"{host}.example", "A", f"192.0.2.{last}")
    assert found("sip:t.example") == [
        ("sip:192.0.2.1:5063", "sip:192.0.2.1:5073"),
        ("sip:192.0.2.2:5062", ""),
        ("sip:192.0.2.3:5061", ""),
    ]
    assert found("sip:t.example;transport=tcp") == [("sip:192.0.2.1:5073;transport=tcp", "")]


def test_a_service_by_tcp_alone_is_by_tcp(server: DnsServer) -> None:
    server.put("_sip._tcp.t.example", "SRV", "1 1 5073 a.example.")
    server.put("a.example", "A", "192.0.2.1")
    assert found("sip:t.example") == [("sip:192.0.2.1:5073;transport=tcp", "")]


def test_a_service_by_tls_has_records_of_its_own(server: DnsServer) -> None:
    server.put("_sip._udp.t.example", "SRV", "1 1 5071 a.example.")
    server.put("_sips._tcp.t.example", "SRV", "1 1 5073 a.example.")
    server.put("a.example", "A", "192.0.2.9")
    server.put("b.example", "A", "192.0.2.8")
    assert found("sips:t.example") == [("sip:192.0.2.9:5073;transport=tls", "")]
    assert found("sips:b.example") == [("sip:192.0.2.8:5061;transport=tls", "")]


def test_naptr_chooses_the_transport(server: DnsServer) -> None:
    server.put(
        "t.example",
        "NAPTR",
        '20 1 "s" "SIP+D2U" "" _sip._udp.t.example.',
        '10 1 "s" "SIP+D2T" "" _x._tcp.t.example.',
        '5 1 "s" "SIPS+D2T" "" _sips._tcp.t.example.',
    )
    server.put("_x._tcp.t.example", "SRV", "1 1 5073 a.example.")
    server.put("_sip._udp.t.example", "SRV", "1 1 5074 a.example.")
    server.put("a.example", "A", "192.0.2.1")
    assert found("sip:t.example") == [("sip:192.0.2.1:5073;transport=tcp", "")]


def test_a_service_whose_host_is_gone_is_passed_over(server: DnsServer) -> None:
    server.put("_sip._udp.t.example", "SRV", "10 1 5062 gone.example.", "20 1 5063 a.example.")
    server.put("a.example", "A", "192.0.2.1")
    assert found("sip:t.example") == [("sip:192.0.2.1:5063", "")]
    server.put("a.example", "A")
    with pytest.raises(NameNotFound, match=r"a\.example has no IPv4 address"):
        found("sip:t.example")


def test_addresses_that_nobody_has_are_none(server: DnsServer) -> None:
    server.put("t.example", "A", "0.0.0.0", "224.0.0.1", "255.255.255.255")
    with pytest.raises(NameNotFound, match="no usable IPv4 address"):
        found("sip:t.example:5060")
    server.put("t.example", "A", "0.0.0.0", "192.0.2.1")
    assert [uri for uri, _ in found("sip:t.example:5060")] == ["sip:192.0.2.1:5060"]


def test_so_many_addresses_are_taken(server: DnsServer) -> None:
    server.put("t.example", "A", *(f"192.0.2.{last}" for last in range(30)))
    assert len(found("sip:t.example:5060")) == MOST_DESTINATIONS


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (Mood.FAIL, "DNS fails"),
        (Mood.REFUSE, "DNS fails"),
        (Mood.DENY, "has no IPv4 address"),
        (Mood.SILENT, "DNS does not answer"),
        (Mood.BABBLE, "DNS"),
    ],
)
@pytest.mark.parametrize("uri", ["sip:t.example", "sip:t.example:5060"])
def test_dns_that_fails_is_told_of_in_time(server: DnsServer, mood: Mood, reason: str, uri: str) -> None:
    server.put("t.example", "A", "192.0.2.1")
    server.mood = mood
    started = time.monotonic()
    with pytest.raises(NameNotFound, match=reason):
        found(uri)
    assert time.monotonic() - started < 3 * LOOKUP_S + 5
    server.mood = Mood.ANSWER
    assert found("sip:t.example:5060")
