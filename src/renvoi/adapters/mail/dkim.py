"""Signs mails, so that their receivers can tell who sent them (DKIM, RFC 6376)."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import dkim  # type: ignore[import-untyped]  # dkimpy has no type hints

_SIGNED = (
    *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"),
    *(b"Auto-Submitted", b"Content-Language"),
    # Once more than it occurs: nobody can add a second one (RFC 6376 §8.15).
    b"From",
)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_SAMPLE = b"From: a@example.com\r\nSubject: x\r\n\r\nx\r\n"


class DkimInvalid(Exception):
    """No mail can be signed with these settings; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs as `domain`, whose public key is found in the DNS at `{selector}._domainkey.{domain}`."""

    domain: str
    selector: str
    key: bytes = field(repr=False)
    algorithm: bytes

    @classmethod
    def load(cls, path: Path, selector: str, domain: str) -> Self:
        """Read a private key and try it: RSA in PEM (PKCS #1 or #8), or 32 octets of Ed25519 in base64 (RFC 8463).

        Raises:
            DkimInvalid: the file cannot be read, holds no such key, or a name is not one of the DNS.
        """
        for what, name in (("selector", selector), ("domain", domain)):
            if not _NAME.fullmatch(name):
                raise DkimInvalid(f"the DKIM {what} {name!r} is not a DNS name: give one such as mail or example.com")
        try:
            key = path.read_bytes().strip()
        except OSError as error:
            raise DkimInvalid(f"the DKIM key {path} cannot be read: {error.strerror}") from error
        signer = cls(domain, selector, key, b"rsa-sha256" if key.startswith(b"-----BEGIN") else b"ed25519-sha256")
        signer._try(path)
        return signer

    def __call__(self, content: bytes) -> bytes:
        """Return the header field `DKIM-Signature` of a mail, with its CRLF."""
        present = {line.partition(b":")[0].lower() for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        signature: bytes = dkim.DKIM(content).sign(
            self.selector.encode(),
            self.domain.encode(),
            self.key,
            signature_algorithm=self.algorithm,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name for name in _SIGNED if name.lower() in present],
        )
        return signature

    def _try(self, path: Path) -> None:
        wanted = "give an RSA key in PEM (PKCS #1 or #8, without a passphrase), or an Ed25519 key in base64"
        try:
            self(_SAMPLE)
        except dkim.NaClNotFoundError as error:
            raise DkimInvalid(
                f"the DKIM key {path} is taken for an Ed25519 key, which needs the Python package PyNaCl: "
                f"install it, or {wanted.partition(',')[0]}"
            ) from error
        except Exception as error:
            # dkimpy lets whatever its parsers stumble over through, and only a key can make this sample fail.
            raise DkimInvalid(f"the DKIM key {path} cannot sign: {wanted}") from error
