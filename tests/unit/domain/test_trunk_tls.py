"""Trunks by TLS: their addresses, and what their options may be."""

from ipaddress import ip_network

import pytest

from renvoi.domain.trunks.address import TrunkAddress
from renvoi.domain.trunks.faults import TrunkInvalid
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.support.tls import Authority

PEM = Authority("test").pem
SECURE = "sip:a.example;transport=tls"


@pytest.mark.parametrize(
    ("uri", "at"),
    [
        ("sip:a.example;transport=tls", "sip:192.0.2.1:5061;transport=tls"),
        ("sip:a.example:5071;transport=tls", "sip:192.0.2.1:5071;transport=tls"),
        ("sips:a.example", "sip:192.0.2.1:5061;transport=tls"),
        ("sips:a.example:5071;transport=tcp", "sip:192.0.2.1:5071;transport=tls"),
        ("sips:a.example;transport=tls", "sip:192.0.2.1:5061;transport=tls"),
        ("sip:a.example;transport=tcp", "sip:192.0.2.1:5060;transport=tcp"),
    ],
)
def test_an_address_says_how_it_is_reached(uri: str, at: str) -> None:
    address = TrunkAddress.parse(uri)
    assert address is not None
    assert address.at("192.0.2.1").uri == at
    assert address.is_tls == at.endswith("tls")
    # What is large goes by it as well.
    assert address.at("192.0.2.1").stream_uri == ""


@pytest.mark.parametrize(
    "uri", ["sips:a.example;transport=udp", "sip:a.example;transport=sctp", "sips:", "SIPS:a.example"]
)
def test_what_is_no_address_is_none(uri: str) -> None:
    assert TrunkAddress.parse(uri) is None


@pytest.mark.parametrize(
    ("uri", "options", "why"),
    [
        ("sip:a.example", {"ca": PEM}, "ca is for trunks by TLS"),
        ("sip:a.example;transport=tcp", {"client_cert": PEM}, "client-cert is for trunks by TLS"),
        (SECURE, {"ca": "nonsense"}, "ca is not up to 64 KiB of certificates"),
        (SECURE, {"ca": PEM + "x"}, "ca is not up to 64 KiB of certificates"),
        (SECURE, {"client_cert": PEM * 200}, "client-cert is not up to 64 KiB of certificates"),
        (SECURE, {"registrar": "sips:b.example", "user": "u", "register": True}, "a registrar by TLS is the trunk"),
    ],
)
def test_options_of_calls_to_it_that_do_not_fit_are_refused(uri: str, options: dict[str, str], why: str) -> None:
    with pytest.raises(TrunkInvalid, match=why):
        OutboundTrunk("a", uri, **options)  # type: ignore[arg-type]  # of several types, which mypy cannot tell
    assert OutboundTrunk("a", SECURE, ca=PEM, client_cert=PEM + PEM).address.is_tls


@pytest.mark.parametrize(
    ("certificate", "ca", "why"),
    [
        ("a.example", "", "give the authority's own one"),
        ("", PEM, "give the name in it"),
        ("a b", PEM, "not the name of a certificate"),
        ("a.example", "nonsense", "ca is not up to 64 KiB"),
    ],
)
def test_options_of_its_calls_that_do_not_fit_are_refused(certificate: str, ca: str, why: str) -> None:
    with pytest.raises(TrunkInvalid, match=why):
        InboundTrunk("a", (ip_network("192.0.2.0/24"),), certificate=certificate, ca=ca)
    assert not InboundTrunk("a", (), certificate="a.example", ca=PEM).networks
