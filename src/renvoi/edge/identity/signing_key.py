"""The key that diversions are signed with, and where others find its certificate."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from renvoi.domain.identity.verification import SIGNATURE_BYTES
from renvoi.edge.identity.certificates import CallerCertificate


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
