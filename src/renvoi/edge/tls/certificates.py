"""Certificates of TLS: read, checked when they are set, and asked whom they are for (RFC 5922 §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from renvoi.edge.identity.certificates import CertificateInvalid, read_certificates

_SIP = ("sip:", "sips:")


@dataclass(frozen=True, slots=True)
class CertificateNames:
    """What a certificate says its subject is: URIs, names and addresses of hosts, and common names."""

    uris: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[IPv4Address | IPv6Address, ...] = ()
    common: tuple[str, ...] = ()

    def __str__(self) -> str:
        """All of them, as people read them."""
        return ", ".join((*self.uris, *self.hosts, *map(str, self.addresses))) or ", ".join(self.common) or "nobody"

    def has(self, host: str) -> bool:
        """Tell whether it is for `host`, a name or an IP address without brackets.

        A common name counts where there is no other one (§7.1). `*` stands for the first label: §7.2 forbids that, but
        carriers have one such certificate for the names of all their customers.
        """
        try:
            return ip_address(host) in self.addresses
        except ValueError:
            pass
        domains = [uri.partition(":")[2].partition(";")[0] for uri in self.uris if uri.lower().startswith(_SIP)]
        # One with a user is for that user alone.
        names = [domain for domain in domains if "@" not in domain] + list(self.hosts)
        return any(_is_same(each, host) for each in names or (self.common if not self.addresses else ()))


def _is_same(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == host
    label, dot, rest = host.partition(".")
    return bool(label and dot) and rest == pattern[2:] and "." in rest


_OWN_LASTS = timedelta(days=3650)


def names_of(certificate: x509.Certificate) -> CertificateNames:
    """Return whom a certificate is for; nobody where that cannot be read."""
    try:
        common = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except ValueError:
        common = []
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return CertificateNames(common=tuple(common))
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return CertificateNames()
    return CertificateNames(
        tuple(found.get_values_for_type(x509.UniformResourceIdentifier)),
        tuple(found.get_values_for_type(x509.DNSName)),
        # A network is for name constraints, and no subject.
        tuple(each for each in found.get_values_for_type(x509.IPAddress) if not hasattr(each, "netmask")),
        tuple(common),
    )


def issuer_of(certificate: x509.Certificate) -> str:
    return certificate.issuer.rfc4514_string()


def is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Tell whether an authority has signed a certificate itself."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def read_own(pem: bytes) -> str:
    """Return the certificates of a file in PEM form, and nothing else that is in it.

    Raises:
        CertificateInvalid: there is none, or one cannot be read.
    """
    return _written(read_certificates(pem))


def read_authorities(pem: bytes) -> str:
    """Return the certificates of authorities of a file, as `read_own` does.

    Raises:
        CertificateInvalid: see `read_own`; or one is of no authority, or has ended.
    """
    found = read_certificates(pem)
    for each in found:
        if not _is_authority(each):
            raise CertificateInvalid(
                f"the certificate of {each.subject.rfc4514_string()} is not of an authority: give the one "
                "that signed it"
            )
        if ended := end_of(each, datetime.now(UTC)):
            raise CertificateInvalid(f"the certificate of {each.subject.rfc4514_string()} {ended}")
    return _written(found)


def read_key(pem: bytes, certificate: str) -> str:
    """Return the private key of a file in PEM form; `certificate` is what it has to belong to.

    Raises:
        CertificateInvalid: it is not such a key, is sealed with a pass phrase, or belongs to another certificate.
    """
    try:
        key = load_pem_private_key(pem, None)
    except TypeError as error:
        raise CertificateInvalid("the key needs a pass phrase: take that off with openssl pkey") from error
    except (ValueError, UnsupportedAlgorithm):
        # Not chained: it may have parts of the key.
        raise CertificateInvalid("it holds no private key in PEM form") from None
    leaf = x509.load_pem_x509_certificate(certificate.encode())
    if _public(key) != leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise CertificateInvalid("the key belongs to another certificate")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def make_own(host: str) -> tuple[str, str]:
    """Return a certificate for a host that nobody but itself has signed, and its key: for who shows one to nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + _OWN_LASTS)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def end_of(certificate: x509.Certificate, now: datetime) -> str:
    """Return in words that a certificate does not count at `now`; empty when it does."""
    if now > certificate.not_valid_after_utc:
        return f"has ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        return f"counts from {certificate.not_valid_before_utc:%Y-%m-%d} on"
    return ""


def _public(key: PrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        # The first version of certificates has no extensions, and old authorities of their own have such ones.
        return certificate.version is x509.Version.v1 and certificate.subject == certificate.issuer
    except (ValueError, x509.DuplicateExtension):
        return False


def _written(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)
