"""Which SMTP server takes our mails, as an operator writes it: one URL."""

import ssl
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote_to_bytes, urlsplit

from renvoi.domain.hosts import host_and_port

_FORMS = "give smtp://HOST, smtps://USER:PASSWORD@HOST or smtp+starttls://USER:PASSWORD@HOST"


class SmtpUrlInvalid(ValueError):
    """The URL names no server that mails may be sent to; the text says what to do and holds no password."""


class Security(Enum):
    """How the connection is kept from others, by the URL's scheme."""

    NONE = "smtp"
    TLS = "smtps"
    """From the first byte (RFC 8314 §3.3)."""
    STARTTLS = "smtp+starttls"
    """Begun by command and required: without it no mail is sent (RFC 3207)."""


_PORTS = {Security.NONE: 25, Security.TLS: 465, Security.STARTTLS: 587}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a server knows us by."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes mails for everybody."""

    host: str
    port: int
    security: Security
    credentials: Credentials | None = None
    ca: Path | None = None
    """Certificates of the only authorities that are trusted, in PEM; None: those that this machine trusts."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `SCHEME://[USER:PASSWORD@]HOST[:PORT][?ca=PATH]`; user and password are percent-encoded.

        The schemes are `smtp` (port 25, no TLS), `smtps` (465) and `smtp+starttls` (587).

        Raises:
            SmtpUrlInvalid: it is none of these forms, or would send a password over a network in the clear.
        """
        parts = _split(url)
        security = _security(parts)
        _refuse_path(parts)
        server = cls(
            host=_host(parts),
            port=_port(parts, security),
            security=security,
            credentials=_credentials(parts),
            ca=_ca(parts, security),
        )
        if security is Security.NONE and server.credentials and not _is_loopback(server.host):
            raise SmtpUrlInvalid(
                f"the password for {server.host} would cross the network in the clear: "
                "give smtps:// or smtp+starttls:// in place of smtp://"
            )
        return server

    def tls_context(self) -> ssl.SSLContext:
        """Return how certificates of this server are verified: its chain, and its name.

        Raises:
            SmtpUrlInvalid: the certificates of `ca` cannot be read.
        """
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise SmtpUrlInvalid(
                f"ca={self.ca}: no certificates can be read ({error.strerror or error}): give a file in PEM"
            ) from error

    def __str__(self) -> str:
        return host_and_port(self.host, self.port)


def _split(url: str) -> SplitResult:
    if not url.isprintable() or " " in url:
        raise SmtpUrlInvalid("a URL has no spaces and no control characters: write a space as %20")
    try:
        return urlsplit(url)
    except ValueError as error:
        # Its text may quote the URL, and so the password.
        raise SmtpUrlInvalid(f"this is not a URL: {_FORMS}") from error


def _refuse_path(parts: SplitResult) -> None:
    if parts.path not in ("", "/") or parts.fragment:
        raise SmtpUrlInvalid(
            "nothing may follow the host but :PORT and ?ca=PATH: write #, / and ? in a password as %23, %2F and %3F"
        )


def _security(parts: SplitResult) -> Security:
    try:
        return Security(parts.scheme)
    except ValueError as error:
        raise SmtpUrlInvalid(f"the URL begins with none of smtp://, smtps:// and smtp+starttls://: {_FORMS}") from error


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise SmtpUrlInvalid(f"the URL has no host: {_FORMS}")
    return parts.hostname


def _port(parts: SplitResult, security: Security) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise SmtpUrlInvalid(
            "the port is not a number from 1 to 65535; write : and @ in a password as %3A and %40"
        ) from error
    if port == 0:
        raise SmtpUrlInvalid("the port is not a number from 1 to 65535")
    return port or _PORTS[security]


def _credentials(parts: SplitResult) -> Credentials | None:
    if parts.username is None:
        return None
    if not parts.username or not parts.password:
        raise SmtpUrlInvalid("a user and a password go together: give USER:PASSWORD@HOST, or HOST alone")
    return Credentials(_decoded(parts.username), _decoded(parts.password))


def _decoded(text: str) -> str:
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        # Not chained: the cause holds the octets of the password.
        raise SmtpUrlInvalid("the user and the password are percent-encoded UTF-8: encode them as such") from None
    if "\0" in decoded:
        raise SmtpUrlInvalid("neither user nor password can hold a NUL character (RFC 4616 §2)")
    return decoded


def _ca(parts: SplitResult, security: Security) -> Path | None:
    query = parse_qs(parts.query, keep_blank_values=True)
    if not query:
        return None
    if set(query) != {"ca"} or len(query["ca"]) != 1 or not query["ca"][0]:
        raise SmtpUrlInvalid("the only option is ?ca=PATH, a file of certificates in PEM")
    if security is Security.NONE:
        raise SmtpUrlInvalid("ca= is of no use without TLS: give smtps:// or smtp+starttls://")
    return Path(query["ca"][0])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
