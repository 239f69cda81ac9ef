"""Whom a certificate is for (RFC 5922 §7)."""

from ipaddress import ip_address

import pytest

from renvoi.domain.trunks.certificate_names import CertificateNames

_V4, _V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")


@pytest.mark.parametrize(
    ("names", "host", "has"),
    [
        (CertificateNames(uris=("sip:a.example",)), "a.example", True),
        (CertificateNames(uris=("sips:a.example;x=1",)), "A.Example", True),
        (CertificateNames(uris=("sip:bob@a.example",)), "a.example", False),
        (CertificateNames(uris=("https://a.example",)), "a.example", False),
        (CertificateNames(hosts=("b.example", "a.example")), "a.example", True),
        (CertificateNames(hosts=("a.example",)), "sip.a.example", False),
        (CertificateNames(hosts=("*.a.example",)), "sip.a.example", True),
        (CertificateNames(hosts=("*.a.example",)), "x.sip.a.example", False),
        (CertificateNames(hosts=("*.a.example",)), "a.example", False),
        (CertificateNames(hosts=("*.example",)), "a.example", False),
        (CertificateNames(hosts=("*",)), "example", False),
        (CertificateNames(hosts=("s*.a.example",)), "sip.a.example", False),
        (CertificateNames(common=("a.example",)), "a.example", True),
        # It counts where there is nothing else only.
        (CertificateNames(hosts=("b.example",), common=("a.example",)), "a.example", False),
        (CertificateNames(addresses=(_V4,), common=("a.example",)), "a.example", False),
        (CertificateNames(addresses=(_V4, _V6)), "2001:DB8:0::1", True),
        (CertificateNames(addresses=(_V4,)), "192.0.2.2", False),
        (CertificateNames(common=("192.0.2.1",)), "192.0.2.1", False),
        (CertificateNames(hosts=("192.0.2.1",)), "192.0.2.1", False),
        (CertificateNames(), "a.example", False),
    ],
)
def test_the_name_that_was_asked_for_counts(names: CertificateNames, host: str, has: bool) -> None:
    assert names.has(host) is has


def test_names_are_shown() -> None:
    shown = CertificateNames(("sip:a.example",), ("b.example",), (_V4,), ("c.example",))
    assert str(shown) == "sip:a.example, b.example, 192.0.2.1"
    assert (str(CertificateNames(common=("c.example",))), str(CertificateNames())) == ("c.example", "nobody")
