"""Where peers are told to answer to: a host, with a port or without."""

import pytest

from renvoi.settings import ValueRefused, read_settings


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip.example.net", "sip.example.net", None),
        ("sip.example.net:15060", "sip.example.net", 15060),
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("2001:db8::1", "2001:db8::1", None),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:15060", "2001:db8::1", 15060),
    ],
)
def test_an_advertised_place_has_a_host_and_maybe_a_port(text: str, host: str, port: int | None) -> None:
    settings = read_settings({"sip_advertised": text})
    assert (settings.sip_advertised_host, settings.sip_advertised_port) == (host, port)


@pytest.mark.parametrize(
    "text", ["192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:", ":5060", "[192.0.2.x]:1", "[::1", "-a"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused, match=r"give a host, with a port or without: sip\.example\.com"):
        read_settings({"sip_advertised": text})


def test_without_one_it_is_the_sip_address() -> None:
    settings = read_settings({})
    assert settings.sip_advertised_host is None
    assert settings.sip_advertised_port is None
