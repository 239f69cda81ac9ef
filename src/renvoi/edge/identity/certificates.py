"""Certificates that callers' identity is signed with (RFC 8226): chain, time, and the numbers that they speak for.

The chain is walked by hand: that of `cryptography` is one for web servers, which wants names and uses of a key that
these certificates do not have.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

# `ec` would load it at the first signature, when Kamailio's user may not be able to read it.
import cryptography.hazmat.backends.openssl.backend  # noqa: F401 - see above
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from renvoi.domain.identity.verification import SIGNATURE_BYTES, Fault
from renvoi.edge.identity.number_list import NumberList, NumberListInvalid

MAX_FILE = 32 * 1024
"""Bytes of a certificate with its chain."""
MAX_CERTIFICATES = 8
"""Certificates that are read of one file of a stranger."""
MAX_DEPTH = 4
"""Certificates between one and the trusted one that is the end of its chain."""
NUMBERS = ObjectIdentifier("1.3.6.1.5.5.7.1.26")
"""The extension TNAuthList (RFC 8226 §9)."""
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        NUMBERS,
    }
)
"""Extensions that may be critical (RFC 5280 §4.2)."""
T = TypeVar("T", bound=x509.ExtensionType)
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


class CertificateInvalid(ValueError):
    """A file is not a certificate that can be used; the text says why."""


def read_certificates(pem: bytes, most: int | None = None) -> Sequence[x509.Certificate]:
    """Read certificates of a PEM file.

    Raises:
        CertificateInvalid: there is none, one cannot be read, or there are more than `most`.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise CertificateInvalid("it holds no certificates in PEM form") from error
    if most is not None and len(found) > most:
        raise CertificateInvalid(f"it holds more than {most} certificates")
    return found


class CallerCertificate:
    """A certificate with the chain that came with it; see `domain.identity.verification.Certificate`."""

    def __init__(self, pem: bytes, trusted: Sequence[x509.Certificate]) -> None:
        """Read it; `trusted` are the ends of chains that count.

        Raises:
            CertificateInvalid: it is none, has another key than one of P-256, or cannot be read whole.
        """
        leaf, *others = read_certificates(pem, MAX_CERTIFICATES)
        try:
            key, self._numbers = leaf.public_key(), _numbers(leaf)
            path = _path(leaf, others, trusted) if _may_sign(leaf) else None
        except (ValueError, NumberListInvalid, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
            raise CertificateInvalid(f"it cannot be read: {error}") from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise CertificateInvalid("its key is not on the curve P-256, which ES256 needs")
        self._key = key
        self._is_trusted = path is not None
        whole = path or [leaf]
        self.not_before_s = max(_seconds(each.not_valid_before_utc) for each in whole)
        self.not_after_s = min(_seconds(each.not_valid_after_utc) for each in whole)
        self.serial = leaf.serial_number

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._key

    @property
    def is_trusted(self) -> bool:
        """Whether its chain ends at one that counts."""
        return self._is_trusted

    def fault(self, at_s: int) -> Fault | None:
        if not self._is_trusted:
            return Fault.UNTRUSTED
        if at_s > self.not_after_s:
            return Fault.EXPIRED
        return Fault.NOT_YET_VALID if at_s < self.not_before_s else None

    def covers(self, number: str) -> bool:
        # Without a list it is up to who is trusted for which numbers certificates are given out.
        return self._numbers is None or self._numbers.covers(number)

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        half = SIGNATURE_BYTES // 2
        r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
        try:
            self._key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())


def _path(
    leaf: x509.Certificate, others: Iterable[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> list[x509.Certificate] | None:
    """Return the certificates from `leaf` to one of `trusted`, None when no way leads there."""
    path, waiting = [leaf], list(others)
    while len(path) <= MAX_DEPTH + 1:
        last = path[-1]
        if last in trusted:
            return path
        below = len(path) - 1
        if (end := next(_issuers(last, trusted, below), None)) is not None:
            return [*path, end]
        issuer = next(_issuers(last, waiting, below), None)
        if issuer is None:
            return None
        waiting.remove(issuer)
        path.append(issuer)
    return None


def _issuers(
    certificate: x509.Certificate, among: Iterable[x509.Certificate], below: int
) -> Iterator[x509.Certificate]:
    """Yield who has issued a certificate and may, with so many other issuers below (RFC 5280 §6.1.4)."""
    if not isinstance(certificate.signature_hash_algorithm, _HASHES):
        return
    for each in among:
        if each.subject == certificate.issuer and _may_issue(each, below):
            try:
                certificate.verify_directly_issued_by(each)
            except (ValueError, TypeError, InvalidSignature):
                continue
            yield each


def _may_issue(certificate: x509.Certificate, below: int) -> bool:
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca or not _is_understood(certificate):
        return False
    usage = _extension(certificate, x509.KeyUsage)
    deep_enough = constraints.path_length is None or constraints.path_length >= below
    return deep_enough and (usage is None or usage.key_cert_sign)


def _may_sign(certificate: x509.Certificate) -> bool:
    constraints, usage = _extension(certificate, x509.BasicConstraints), _extension(certificate, x509.KeyUsage)
    is_authority = constraints is not None and constraints.ca
    return not is_authority and (usage is None or usage.digital_signature) and _is_understood(certificate)


def _is_understood(certificate: x509.Certificate) -> bool:
    return all(not each.critical or each.oid in _UNDERSTOOD for each in certificate.extensions)


def _extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _numbers(certificate: x509.Certificate) -> NumberList | None:
    for each in certificate.extensions:
        if each.oid == NUMBERS:
            return NumberList.parse(each.value.public_bytes())
    return None
