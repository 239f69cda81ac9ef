"""Certificates and keys as they are set."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.tls.certificates import CertificateNames, make_own, names_of, read_authorities, read_key, read_own
from tests.support.tls import Authority

AUTHORITY = Authority("test")
OWN = AUTHORITY.issue("a.example", "192.0.2.1", uri="sip:b.example", common="c.example")


def _sealed() -> bytes:
    key = load_pem_private_key(OWN.key.encode(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def test_the_names_of_a_certificate_are_read() -> None:
    names = names_of(x509.load_pem_x509_certificate(OWN.certificate.encode()))
    assert str(names) == "sip:b.example, a.example, 192.0.2.1"
    assert names.common == ("c.example",)
    alone = names_of(x509.load_pem_x509_certificate(AUTHORITY.issue(common="c.example").certificate.encode()))
    assert alone == CertificateNames(common=("c.example",))


def test_a_key_beside_a_certificate_is_not_stored_with_it() -> None:
    chain = OWN.certificate + AUTHORITY.pem
    assert read_own(f"# ours\n{OWN.certificate}{OWN.key}{AUTHORITY.pem}".encode()) == chain
    assert read_key(OWN.key.encode(), chain) == OWN.key
    assert read_authorities(AUTHORITY.pem.replace("\n", "\r\n").encode()) == AUTHORITY.pem


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (lambda: read_own(b"nonsense"), "no certificates"),
        (lambda: read_own(OWN.key.encode()), "no certificates"),
        (lambda: read_authorities(OWN.certificate.encode()), "not of an authority"),
        (lambda: read_key(b"nonsense", OWN.certificate), "no private key"),
        (lambda: read_key(OWN.certificate.encode(), OWN.certificate), "no private key"),
        (lambda: read_key(AUTHORITY.issue("a.example").key.encode(), OWN.certificate), "another certificate"),
        (lambda: read_key(_sealed(), OWN.certificate), "pass phrase"),
        (lambda: read_authorities(Authority("old", until=timedelta(hours=-1)).pem.encode()), "has ended on"),
    ],
)
def test_what_cannot_be_used_is_refused(read: Callable[[], str], why: str) -> None:
    with pytest.raises(CertificateInvalid, match=why) as refused:
        read()
    assert "BEGIN" not in str(refused.value)


def test_a_certificate_of_our_own_making_has_its_key() -> None:
    certificate, key = make_own("192.0.2.1")
    assert read_key(key.encode(), certificate) == key


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
