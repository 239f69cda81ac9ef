"""The files of signed identity in the edge's directory: what its processes find there, and how they ask for more.

One is the key that diversions are signed with, which knows where others find its certificate.
"""

import hashlib
import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from renvoi.domain.identity.verification import SIGNATURE_BYTES
from renvoi.edge.identity.certificates import MAX_FILE, CallerCertificate, CertificateInvalid, read_certificates


class KeyInvalid(ValueError):
    """The key cannot be used; the text says why, and how to fix it."""


class SigningKey:
    """See `domain.identity.passport.Signer`. Belongs to one process: load it after the fork."""

    def __init__(self, pem: bytes, url: str, certificate: bytes | None = None) -> None:
        """Load a private key; `certificate` is that of the address `url`, where it is known.

        Raises:
            KeyInvalid: it is not a key on the curve P-256, or not that of the certificate.
            CertificateInvalid: the certificate cannot be read.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyInvalid("it is not a private key in PEM form without a password") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyInvalid(
                "it is not a key on the curve P-256: make one with 'openssl ecparam -name prime256v1 -genkey'"
            )
        self._key = key
        self._url = url
        self._certificate = CallerCertificate(certificate, ()) if certificate is not None else None
        if self._certificate is not None and self._certificate.public_key != key.public_key():
            raise KeyInvalid("it is not the key of the certificate: give the two that belong together")

    @property
    def url(self) -> str:
        return self._url

    def covers(self, number: str) -> bool:
        return self._certificate is None or self._certificate.covers(number)

    def sign(self, signed: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        half = SIGNATURE_BYTES // 2
        return r.to_bytes(half) + s.to_bytes(half)


KEY, CERTIFICATE, TRUSTED = "identity-key.pem", "identity-certificate.pem", "identity-trusted.pem"
"""Copies of what the settings name, for the edge's user to read."""
FETCHED = "certificates"
"""The directory of certificates that were fetched; each is called by a hash of its address."""
REQUESTS = "certificates.sock"
"""Where certificates are asked for: each datagram is an address."""
MOST_KNOWN = 256
"""Certificates that a process keeps in memory."""
STALE_S = 12 * 3600.0
"""Age after which a certificate is asked for again, and serves on meanwhile: it may have been replaced."""

_Version = tuple[int, int, int]


def name_of(url: str) -> str:
    """Return the name of the file that has the certificate of an address."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest() + ".pem"


class FetchedCertificates:
    """Certificates as files; see `domain.identity.verification.Certificates`. Belongs to one process.

    What is missing, or old, is asked for by `ask`, and found once it is there.
    """

    def __init__(
        self,
        directory: Path,
        trusted: Sequence[x509.Certificate],
        ask: Callable[[str], None],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._trusted = trusted
        self._ask = ask
        self._now_s = now_s
        self._known: dict[str, tuple[_Version, CallerCertificate | None]] = {}

    def find(self, url: str) -> CallerCertificate | None:
        path = os.path.join(self._directory, name_of(url))  # noqa: PTH118 - for each token: a third of what Path takes
        try:
            found = os.stat(path)  # noqa: PTH116 - see above
        except OSError:
            self._known.pop(url, None)
            self._ask(url)
            return None
        if self._now_s() - found.st_mtime > STALE_S:
            self._ask(url)
        version = found.st_ino, found.st_mtime_ns, found.st_size
        known = self._known.get(url)
        if known is None or known[0] != version:
            known = self._known[url] = version, self._read(path)
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return known[1]

    def _read(self, path: str) -> CallerCertificate | None:
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - see above
                return CallerCertificate(file.read(MAX_FILE), self._trusted)
        except (OSError, CertificateInvalid):
            return None


class Requests:
    """Asks for certificates; never waits, and asks nobody where nobody listens. Belongs to one process."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ask(self, url: str) -> None:
        """Ask for the certificate of an address."""
        try:
            self._socket.sendto(url.encode("utf-8", "replace"), self._path)
        except OSError:
            return  # it is asked for again by the next call

    def close(self) -> None:
        self._socket.close()


def load_trusted(directory: Path) -> Sequence[x509.Certificate]:
    """Return the trusted ends of chains; none where none are set.

    Raises:
        CertificateInvalid: they cannot be read.
    """
    try:
        return read_certificates((directory / TRUSTED).read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CertificateInvalid(f"{TRUSTED} cannot be read: {error.strerror}") from error


def load_key(directory: Path, url: str | None) -> SigningKey | None:
    """Return the key to sign with, whose certificate is at `url`; None where none is set.

    Raises:
        KeyInvalid: it cannot be used.
        CertificateInvalid: nor can its certificate.
    """
    if url is None:
        return None
    try:
        key = (directory / KEY).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyInvalid(f"{KEY} cannot be read: {error.strerror}") from error
    try:
        certificate = (directory / CERTIFICATE).read_bytes()
    except FileNotFoundError:
        certificate = None
    return SigningKey(key, url, certificate)
