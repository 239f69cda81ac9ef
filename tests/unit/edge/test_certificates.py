"""Certificates of callers' identity: chains, uses of keys, and the numbers that they speak for."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from renvoi.domain.identity.verification import Fault
from renvoi.edge.identity.certificates import CallerCertificate, CertificateInvalid, read_certificates
from renvoi.edge.identity.files import (
    STALE_S,
    FetchedCertificates,
    KeyInvalid,
    Requests,
    SigningKey,
    load_key,
    load_trusted,
    name_of,
)
from renvoi.edge.identity.number_list import NumberList, NumberListInvalid
from tests.support.identity import (
    CALLED,
    CALLER,
    URL,
    Authority,
    as_pem,
    der,
    new_key,
    number_range,
    one,
    provider,
)

AUTHORITY = Authority()
TRUSTED = read_certificates(AUTHORITY.trusted)
NOW = int(AUTHORITY.now.timestamp())
KEY = new_key()
PUBLIC = KEY.public_key()


def usage(**uses: bool) -> x509.KeyUsage:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    names += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: uses.get(name, False) for name in names})


def below(issuing: x509.Certificate, issuing_key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a leaf that this authority has issued, with its chain."""
    return as_pem(AUTHORITY.certificate("s", PUBLIC, "other", issuing_key), issuing)


def leaf(**changes: object) -> bytes:
    made = AUTHORITY.certificate("s", PUBLIC, "issuing", AUTHORITY.issuing_key, **changes)  # type: ignore[arg-type]  # any of them
    return as_pem(made, AUTHORITY.issuing)


def other_issuer(**changes: object) -> bytes:
    key = new_key()
    issuing = AUTHORITY.certificate("other", key.public_key(), "root", AUTHORITY.root_key, **changes)  # type: ignore[arg-type]  # see above
    return below(issuing, key)


def long_chain(depth: int) -> bytes:
    chain, name, key = [], "root", AUTHORITY.root_key
    for number in range(depth):
        own = new_key()
        chain.append(AUTHORITY.certificate(f"a{number}", own.public_key(), name, key, authority=True))
        name, key = f"a{number}", own
    return as_pem(AUTHORITY.certificate("s", PUBLIC, name, key), *reversed(chain))


def in_a_circle() -> bytes:
    first, second = new_key(), new_key()
    a = AUTHORITY.certificate("a", first.public_key(), "b", second, authority=True)
    b = AUTHORITY.certificate("b", second.public_key(), "a", first, authority=True)
    return as_pem(AUTHORITY.certificate("s", PUBLIC, "a", first), a, b, a, b)


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (leaf, None),
        (lambda: leaf(usage=usage(digital_signature=True)), None),
        (lambda: leaf(usage=usage(key_agreement=True)), Fault.UNTRUSTED),
        (lambda: leaf(authority=True), Fault.UNTRUSTED),
        (lambda: leaf(critical=True), Fault.UNTRUSTED),
        (lambda: leaf(valid=(timedelta(days=-2), timedelta(seconds=-1))), Fault.EXPIRED),
        (lambda: leaf(valid=(timedelta(days=1), timedelta(days=2))), Fault.NOT_YET_VALID),
        (lambda: other_issuer(authority=True), None),
        (lambda: other_issuer(authority=True, path_length=0), None),
        (lambda: other_issuer(authority=False), Fault.UNTRUSTED),
        (lambda: other_issuer(authority=True, usage=usage(key_cert_sign=True)), None),
        (lambda: other_issuer(authority=True, usage=usage(digital_signature=True)), Fault.UNTRUSTED),
        (lambda: other_issuer(authority=True, critical=True), Fault.UNTRUSTED),
        (
            lambda: other_issuer(authority=True, valid=(timedelta(days=-2), timedelta(seconds=-1))),
            Fault.EXPIRED,
        ),
        (lambda: long_chain(1), None),
        (lambda: long_chain(4), None),
        (lambda: long_chain(5), Fault.UNTRUSTED),
        (in_a_circle, Fault.UNTRUSTED),
        (lambda: as_pem(AUTHORITY.certificate("s", PUBLIC, "issuing", AUTHORITY.issuing_key)), Fault.UNTRUSTED),
        (lambda: as_pem(AUTHORITY.certificate("s", PUBLIC, "root", KEY)), Fault.UNTRUSTED),
        (lambda: Authority().signer().pem, Fault.UNTRUSTED),
    ],
)
def test_whether_a_certificate_is_trusted(made: Callable[[], bytes], fault: Fault | None) -> None:
    assert CallerCertificate(made(), TRUSTED).fault(NOW) is fault


def test_a_path_length_bounds_how_many_follow() -> None:
    outer, inner = new_key(), new_key()
    short = AUTHORITY.certificate(
        "outer", outer.public_key(), "root", AUTHORITY.root_key, authority=True, path_length=0
    )
    deep = AUTHORITY.certificate("inner", inner.public_key(), "outer", outer, authority=True)
    pem = as_pem(AUTHORITY.certificate("s", PUBLIC, "inner", inner), deep, short)
    assert CallerCertificate(pem, TRUSTED).fault(NOW) is Fault.UNTRUSTED


def test_one_that_is_trusted_itself_needs_no_chain() -> None:
    own = AUTHORITY.certificate("s", PUBLIC, "s", KEY)
    assert CallerCertificate(as_pem(own), [own]).fault(NOW) is None


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"<html>",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        AUTHORITY.trusted[:200],
        as_pem(*[AUTHORITY.root] * 9),
        as_pem(
            AUTHORITY.certificate("s", rsa.generate_private_key(65537, 2048).public_key(), "root", AUTHORITY.root_key)
        ),
        as_pem(
            AUTHORITY.certificate("s", ec.generate_private_key(ec.SECP384R1()).public_key(), "root", AUTHORITY.root_key)
        ),
        leaf(numbers=b"\x30\x00"),
        leaf(numbers=b"\x30\x03\xa9\x01\x00"),
    ],
)
def test_what_is_no_certificate_for_this_is_refused(pem: bytes) -> None:
    with pytest.raises(CertificateInvalid):
        CallerCertificate(pem, TRUSTED)


@pytest.mark.parametrize(
    ("entries", "number", "covered"),
    [
        ([provider("1001")], CALLER, True),
        ([one(CALLER)], CALLER, True),
        ([one(CALLER)], CALLED, False),
        ([one("3314000000")], CALLER, False),
        ([number_range(CALLER, 2)], "33140000002", True),
        ([number_range(CALLER, 2)], "33140000003", False),
        ([number_range(CALLER, 2)], "33140000000", False),
        ([number_range("331", 3)], "33140000001", False),
        ([number_range("33100000000", 100_000_000)], CALLER, True),
        ([number_range("1", 10), one("2"), one(CALLER)], CALLER, True),
        ([one("3" * 15)] * 100, CALLER, False),
    ],
)
def test_the_numbers_of_a_certificate(entries: list[bytes], number: str, covered: bool) -> None:
    assert CallerCertificate(AUTHORITY.signer(*entries).pem, TRUSTED).covers(number) is covered


def test_without_a_list_the_authority_answers_for_the_numbers() -> None:
    assert CallerCertificate(leaf(), TRUSTED).covers(CALLER)


GOOD = der(0x30, one(CALLER) + number_range(CALLED, 1000) + provider("12AB"))


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_list_that_is_cut_off_is_none(length: int) -> None:
    with pytest.raises(NumberListInvalid):
        NumberList.parse(GOOD[:length])


@pytest.mark.parametrize(
    "entries",
    [
        b"",
        b"\xa2\x80",
        b"\xa2\x84\1\1\1\1",
        der(0x80, b"1"),
        der(0xA2, b""),
        der(0xA2, der(0x0C, b"1")),
        der(0xA2, der(0x16, b"\xff")),
        der(0xA1, der(0x30, der(0x16, b"1"))),
        der(0xA1, der(0x30, der(0x16, b"1") + der(2, b""))),
        der(0xA1, der(0x30, der(0x16, b"x") + der(2, b"\1"))),
        der(0xA1, der(0x30, der(0x16, b"1") + der(2, b"\1" * 9))),
    ],
)
def test_a_malformed_list_is_refused(entries: bytes) -> None:
    with pytest.raises(NumberListInvalid):
        NumberList.parse(der(0x30, entries))


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def test_what_is_signed_can_be_verified() -> None:
    signer = AUTHORITY.signer(one(CALLED))
    key = SigningKey(signer.key_pem, URL, signer.pem)
    signature = key.sign(b"text")
    certificate = CallerCertificate(signer.pem, TRUSTED)
    assert len(signature) == 64
    assert certificate.verifies(signature, b"text")
    assert not certificate.verifies(signature, b"other")
    assert not certificate.verifies(bytes(64), b"text")
    assert not certificate.verifies(b"\xff" * 64, b"text")
    assert (key.covers(CALLED), key.covers(CALLER)) == (True, False)
    assert SigningKey(signer.key_pem, URL).covers(CALLER)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"key",
        pem_of(KEY, b"secret"),
        pem_of(rsa.generate_private_key(65537, 2048)),
        pem_of(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(KeyInvalid):
        SigningKey(pem, URL)


def test_a_key_and_a_certificate_must_belong_together(tmp_path: Path) -> None:
    with pytest.raises(KeyInvalid, match="give the two that belong together"):
        SigningKey(pem_of(new_key()), URL, AUTHORITY.signer().pem)
    assert load_key(tmp_path, URL) is None
    assert load_key(tmp_path, None) is None
    assert load_trusted(tmp_path) == ()


def test_certificates_are_files_that_are_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []
    signer = AUTHORITY.signer()
    known = FetchedCertificates(tmp_path, TRUSTED, asked.append)
    assert known.find(URL) is None
    assert asked == [URL]
    path = tmp_path / name_of(URL)
    path.write_bytes(signer.pem)
    found = known.find(URL)
    assert found is not None
    assert found.public_key == signer.key.public_key()
    assert known.find(URL) is found
    assert asked == [URL]
    # Another one in its place.
    other = AUTHORITY.signer()
    (tmp_path / "new").write_bytes(other.pem)
    (tmp_path / "new").replace(path)
    replaced = known.find(URL)
    assert replaced is not None
    assert replaced.public_key == other.key.public_key()
    old = path.stat().st_mtime - STALE_S - 60
    os.utime(path, (old, old))
    assert known.find(URL) is not None
    assert asked == [URL, URL]
    path.write_bytes(b"<html>")
    assert known.find(URL) is None
    path.unlink()
    assert known.find(URL) is None


def test_nobody_who_listens_is_no_fault(tmp_path: Path) -> None:
    requests = Requests(tmp_path / "certificates.sock")
    for url in (URL, "\ud800", "x" * 300_000):
        requests.ask(url)
    requests.close()


def test_work_with_keys_loads_no_more_modules(tmp_path: Path) -> None:
    """Kamailio loads them as root, and gives its rights up then: its user need not be able to read ours."""
    signer = AUTHORITY.signer()
    (tmp_path / "key.pem").write_bytes(signer.key_pem)
    (tmp_path / "chain.pem").write_bytes(signer.pem)
    (tmp_path / "trusted.pem").write_bytes(AUTHORITY.trusted)
    script = """
import sys
from pathlib import Path
from renvoi.edge.identity.certificates import CallerCertificate, read_certificates
from renvoi.edge.identity.files import SigningKey
chain = Path("chain.pem").read_bytes()
trusted = Path("trusted.pem").read_bytes()
key = Path("key.pem").read_bytes()
before = set(sys.modules)
certificate = CallerCertificate(chain, read_certificates(trusted))
assert certificate.verifies(SigningKey(key, "https://x.example/y", chain).sign(b"signed"), b"signed")
assert certificate.is_trusted
print(sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "[]\n")
