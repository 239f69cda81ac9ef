"""DKIM signatures, verified by dkimpy with a DNS of our own."""

import base64
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # dkimpy has no type hints
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from renvoi.adapters.mail.dkim import DkimInvalid, DkimSigner
from renvoi.adapters.mail.message import Composer
from tests.support.voicemail_mail import MAIL_FROM, notice

DOMAIN, SELECTOR = "renvoi.example", "mail"


@pytest.fixture(name="key", scope="module")
def key_() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey, form: serialization.PrivateFormat, passphrase: bytes | None = None) -> bytes:
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, hidden)


def verified(content: bytes, key: rsa.RSAPrivateKey) -> bool:
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    asked = f"{SELECTOR}._domainkey.{DOMAIN}.".encode()
    result: bool = dkim.verify(content, dnsfunc=lambda name, timeout=5: record if name == asked else b"")  # noqa: ARG005 - dkimpy gives both
    return result


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_signed_mail_is_verified(
    audio: Path, tmp_path: Path, key: rsa.RSAPrivateKey, form: serialization.PrivateFormat, locale: str
) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(key, form))
    composer = Composer(MAIL_FROM, sign=DkimSigner.load(path, SELECTOR, DOMAIN))
    content = composer.compose(notice(audio, locale=locale)).content
    header = content.partition(b"\r\nFrom:")[0].decode()
    tags = dict(tag.split("=", 1) for tag in "".join(header.removeprefix("DKIM-Signature:").split()).split(";"))
    assert (tags["a"], tags["c"], tags["d"], tags["s"]) == ("rsa-sha256", "relaxed/relaxed", DOMAIN, SELECTOR)
    signed = tags["h"].split(":")
    assert {"to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"} < set(signed)
    assert signed.count("from") == 2
    assert verified(content, key)
    for changed in (
        content.replace(b"Subject: ", b"Subject: x", 1),
        content.replace(b"From: ", b"From: x@example.com\r\nFrom: ", 1),
        content.replace(b"=_1_018f3c7e5b2a--", b"=_1_018f3c7e5b2a--x", 1),
    ):
        assert changed != content
        assert not verified(changed, key)


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n", b"\xff\0"]
)
def test_a_faulty_key_is_told_at_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(content)
    with pytest.raises(DkimInvalid, match=r"the DKIM key .*dkim\.pem .*an RSA key in PEM"):
        DkimSigner.load(path, SELECTOR, DOMAIN)


def test_keys_that_sign_nothing_are_told_at_the_start(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(key, serialization.PrivateFormat.PKCS8, b"passphrase"))
    with pytest.raises(DkimInvalid, match="without a passphrase"):
        DkimSigner.load(path, SELECTOR, DOMAIN)
    with pytest.raises(DkimInvalid, match="missing cannot be read: No such file"):
        DkimSigner.load(tmp_path / "missing", SELECTOR, DOMAIN)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(public)
    with pytest.raises(DkimInvalid, match="cannot sign"):
        DkimSigner.load(path, SELECTOR, DOMAIN)


@pytest.mark.parametrize(
    ("selector", "domain"), [("", DOMAIN), ("a;b", DOMAIN), (SELECTOR, "renvoi..example"), (SELECTOR, "x\r\ny")]
)
def test_names_that_are_none_of_the_dns(tmp_path: Path, key: rsa.RSAPrivateKey, selector: str, domain: str) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(key, serialization.PrivateFormat.PKCS8))
    with pytest.raises(DkimInvalid, match="is not a DNS name"):
        DkimSigner.load(path, selector, domain)


def test_the_key_is_shown_nowhere(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(key, serialization.PrivateFormat.PKCS8))
    assert "PRIVATE" not in repr(DkimSigner.load(path, SELECTOR, DOMAIN))
