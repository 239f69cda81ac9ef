"""An authority for the certificates of callers' identity, and signers with tokens of every kind, right and wrong."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from tests.support.sip import Call

NUMBERS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")
URL = "https://certificates.example/a.pem"
CALLER, CALLED, NEXT = "33140000001", "33199001234", "33612345678"


def der(tag: int, content: bytes) -> bytes:
    """Return one element of DER."""
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2)
    return bytes([tag]) + head + content


def provider(code: str) -> bytes:
    """Return the entry of TNAuthList for a provider."""
    return der(0xA0, der(0x16, code.encode()))


def one(number: str) -> bytes:
    """Return the entry of TNAuthList for one number."""
    return der(0xA2, der(0x16, number.encode()))


def number_range(first: str, count: int) -> bytes:
    """Return the entry of TNAuthList for a range."""
    size = count.bit_length() // 8 + 1
    return der(0xA1, der(0x30, der(0x16, first.encode()) + der(0x02, count.to_bytes(size))))


@dataclass
class Signer:
    """A key with its certificate (PEM, its chain behind it) at the address `url`."""

    key: ec.EllipticCurvePrivateKey
    pem: bytes
    url: str = URL

    @property
    def key_pem(self) -> bytes:
        """The private key as a file."""
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    def covers(self, number: str) -> bool:  # noqa: ARG002 - see `domain.identity.passport.Signer`
        """Sign for every number."""
        return True

    def sign(self, signed: bytes) -> bytes:
        """Return the signature of a JWS."""
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def header(self, token: "Token") -> str:
        """Return the value of an Identity header."""
        signed = f"{encoded(token.whole_header(self.url))}.{encoded(token.whole_claims)}"
        signature = base64.urlsafe_b64encode(self.sign(signed.encode())).rstrip(b"=").decode()
        parameters = {"info": f"<{self.url}>", "alg": "ES256", "ppt": token.kind, **token.parameters}
        shown = "".join(f";{name}={value}" for name, value in parameters.items() if value is not None)
        return f"{signed}.{token.signature or signature}{shown}"


@dataclass
class Token:
    """A token to be signed: of `kind`, issued at `iat`, with changes of its parts; None leaves one out."""

    iat: Any
    kind: str = "shaken"
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    signature: str = ""

    def whole_header(self, url: str) -> dict[str, Any]:
        """Return the JWS header."""
        return with_changes({"alg": "ES256", "ppt": self.kind, "typ": "passport", "x5u": url}, self.header)

    @property
    def whole_claims(self) -> dict[str, Any]:
        """The claims."""
        claims: dict[str, Any] = {"dest": {"tn": [CALLED]}, "iat": self.iat, "orig": {"tn": CALLER}}
        if self.kind == "shaken":
            claims |= {"attest": "A", "origid": "de305d54-75b4-431b-adb2-eb6b9e546014"}
        return with_changes(claims, self.claims)


def diversion(iat: Any, diverting: str, target: str, **changes: Any) -> Token:
    """Return the `div` token by which a number sends the call on."""
    return Token(iat, "div", claims={"div": {"tn": diverting}, "dest": {"tn": [target]}}, **changes)


def with_changes(whole: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def encoded(value: Any) -> str:
    """Return JSON as a part of a JWS."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


class Authority:
    """A root with an issuing authority below it."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.root_key, self.issuing_key = new_key(), new_key()
        self.root = self.certificate("root", self.root_key.public_key(), "root", self.root_key, authority=True)
        self.issuing = self.certificate("issuing", self.issuing_key.public_key(), "root", self.root_key, authority=True)

    @property
    def trusted(self) -> bytes:
        """The trust list."""
        return as_pem(self.root)

    def signer(self, *numbers: bytes, url: str = URL, chain: Sequence[x509.Certificate] | None = None) -> Signer:
        """Return a signer whose certificate has these entries of TNAuthList, or none at all."""
        key = new_key()
        listed = der(0x30, b"".join(numbers)) if numbers else None
        leaf = self.certificate("signer", key.public_key(), "issuing", self.issuing_key, numbers=listed)
        return Signer(key, as_pem(leaf, *([self.issuing] if chain is None else chain)), url)

    def certificate(
        self,
        name: str,
        key: Any,
        issuer: str,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        numbers: bytes | None = None,
        authority: bool = False,
        valid: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=30)),
        path_length: int | None = None,
        usage: x509.KeyUsage | None = None,
        critical: bool = False,
    ) -> x509.Certificate:
        """Issue a certificate; `valid` is from when to when, counted from now."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + valid[0])
            .not_valid_after(self.now + valid[1])
            .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        if numbers is not None:
            builder = builder.add_extension(x509.UnrecognizedExtension(NUMBERS, numbers), critical=False)
        if critical:
            strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
            builder = builder.add_extension(strange, critical=True)
        return builder.sign(issuer_key, hashes.SHA256())


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def as_pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def with_headers(call: Call, headers: bytes) -> bytes:
    """Return the call's INVITE with these header lines before its Contact."""
    return call.invite.encode().replace(b"Contact:", headers + b"Contact:", 1)
