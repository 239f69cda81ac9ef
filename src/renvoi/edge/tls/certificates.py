"""Certificates of TLS: read, checked when they are set, and asked whom they are for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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

from renvoi.domain.trunks.certificate_names import CertificateNames
from renvoi.edge.identity.certificates import CertificateInvalid, read_certificates

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
                f"the certificate of {each.subject.rfc4514_string()} is of no authority: give the one that signed it"
            )
        if ended := end_of(each, datetime.now(UTC)):
            raise CertificateInvalid(f"the certificate of {each.subject.rfc4514_string()} {ended}")
    return _written(found)


def read_key(pem: bytes, certificate: str) -> str:
    """Return the private key of a file in PEM form; `certificate` is what it has to belong to.

    Raises:
        CertificateInvalid: it is no such key, is sealed with a pass phrase, or belongs to another certificate.
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
