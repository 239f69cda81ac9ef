"""Certificates and keys as they are set."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from renvoi.domain.trunks.certificate_names import CertificateNames
from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.tls.certificates import make_own, names_of, read_authorities, read_key, read_own
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
        (lambda: read_authorities(OWN.certificate.encode()), "of no authority"),
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
