"""Where peers are told to answer to: a host, with a port or without."""

import pytest

from renvoi.configuration.settings import ValueRefused, read_settings


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip.example.net", "sip.example.net", None),
        ("sip.example.net:15060", "sip.example.net", 15060),
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("renvoi_edge:1", "renvoi_edge", 1),
        ("2001:db8::1", "2001:db8::1", None),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:15060", "2001:db8::1", 15060),
    ],
)
def test_an_advertised_place_has_a_host_and_maybe_a_port(text: str, host: str, port: int | None) -> None:
    assert read_settings({"sip_advertised": text}).sip_advertised_of("::1" if ":" in host else "10.0.0.1") == (
        host,
        port,
    )


@pytest.mark.parametrize(
    "text",
    [
        *("192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:", ":5060", "[192.0.2.x]:1", "[::1", "-a"),
        *(
            "0.0.0.0",
            "[::]:5060",
            "::",
            "224.0.0.1",
            "255.255.255.255:1",
            "192.0.2.300",
            "a..b",
            "a" * 64,
            "[192.0.2.1]",
        ),
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match=r"give a host, with a port or without: sip\.example\.com"):
        read_settings({"sip_advertised": text})


def test_without_one_it_is_the_sip_address() -> None:
    assert read_settings({}).sip_advertised_of("10.0.0.1") == (None, None)


def test_each_kind_of_address_is_advertised_by_its_own() -> None:
    """A name stands for both."""
    both = {"sip_host": "::1,10.0.0.1", "sip_advertised": "192.0.2.1:15060, 2001:db8::1"}
    settings = read_settings(both)
    assert settings.sip_hosts == settings.rtp_hosts == ("::1", "10.0.0.1")
    assert settings.sip_advertised_of("10.0.0.1") == ("192.0.2.1", 15060)
    assert settings.sip_advertised_of("::1") == ("2001:db8::1", None)
    assert [settings.rtp_advertised_of(host) for host in settings.rtp_hosts] == ["2001:db8::1", "192.0.2.1"]
    named = read_settings({"sip_advertised": "sip.example.net", "rtp_advertised": "192.0.2.2"})
    assert [named.sip_advertised_of(host) for host in ("::1", "10.0.0.1")] == [("sip.example.net", None)] * 2
    assert [named.rtp_advertised_of(host) for host in ("::1", "10.0.0.1")] == [None, "192.0.2.2"]


@pytest.mark.parametrize("text", ["10.0.0.1, 10.0.0.2", "::1, ::2", "::1, 10.0.0.1, ::2"])
def test_two_addresses_are_of_two_kinds(text: str) -> None:
    with pytest.raises(ValueRefused, match="one of IPv4 and one of IPv6"):
        read_settings({"sip_host": text})
