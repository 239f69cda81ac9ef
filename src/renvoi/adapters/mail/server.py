"""Which SMTP server takes our mails, as an operator writes it: one URL."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote_to_bytes, urlsplit

from renvoi.domain.hosts import host_and_port

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 §2.1: `b64token`."""
_LONGEST_TOKEN = 16_384
"""Bytes; the longest in use have some 4,000."""
_FORMS = "give smtp://HOST, smtps://USER:PASSWORD@HOST or smtp+starttls://USER:PASSWORD@HOST"


class SmtpUrlInvalid(ValueError):
    """The URL names no server that mails may be sent to; the text says what to do and holds no password."""


class TokenUnreadable(ValueError):
    """The file with the access token holds none that may be used; the text says what to do and holds no token."""


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
    """What a server knows us by: a password, or an access token of OAuth 2 that a file has (`SmtpServer.ready`)."""

    user: str
    password: str = field(repr=False)
    """The token, once it was read, in its place."""
    token_file: Path | None = None


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

        With `token=PATH` as an option there is a user without a password.

        The schemes are `smtp` (port 25, no TLS), `smtps` (465) and `smtp+starttls` (587).

        Raises:
            SmtpUrlInvalid: it is none of these forms, or would send a password over a network in the clear.
        """
        parts = _split(url)
        security = _security(parts)
        _refuse_path(parts)
        options = _options(parts)
        server = cls(
            host=_host(parts),
            port=_port(parts, security),
            security=security,
            credentials=_credentials(parts, options.get("token")),
            ca=_ca(options, security),
        )
        if security is Security.NONE and server.credentials and not _is_loopback(server.host):
            raise SmtpUrlInvalid(
                f"the {_secret(server.credentials)} for {server.host} would cross the network in the clear: "
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

    def ready(self) -> "SmtpServer":
        """Return the server with the token that is in its file now, which something else keeps fresh.

        Raises:
            TokenUnreadable: there is none that may be used.
        """
        credentials = self.credentials
        if credentials is None or credentials.token_file is None:
            return self
        return replace(self, credentials=replace(credentials, password=_token(credentials.token_file)))

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
            "nothing may follow the host but :PORT, ?ca=PATH and ?token=PATH: "
            "write #, / and ? in a password as %23, %2F and %3F"
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


def _credentials(parts: SplitResult, token: str | None) -> Credentials | None:
    if token is not None:
        if not parts.username or parts.password is not None:
            raise SmtpUrlInvalid("token=PATH takes a user and no password: give USER@HOST")
        return Credentials(_decoded(parts.username), "", Path(token))
    if parts.username is None:
        return None
    if not parts.username or not parts.password:
        raise SmtpUrlInvalid("a user and a password go together: give USER:PASSWORD@HOST, or HOST alone")
    return Credentials(_decoded(parts.username), _decoded(parts.password))


def _secret(credentials: Credentials) -> str:
    return "password" if credentials.token_file is None else "token"


def _token(file: Path) -> str:
    """Return the access token in a file, which has nothing else in it but the end of the line."""
    advice = "have what fetches tokens write one line to it, for the user of the mailer to read"
    try:
        with file.open("rb") as opened:
            others = os.fstat(opened.fileno()).st_mode & 0o007
            content = opened.read(_LONGEST_TOKEN + 1)
    except OSError as error:
        raise TokenUnreadable(f"token={file}: {error.strerror or error}: {advice}") from error
    if others:
        raise TokenUnreadable(f"token={file}: everybody may read or change it: chmod o= {file}")
    text = content.decode("latin-1").strip()
    if len(content) > _LONGEST_TOKEN or not _TOKEN.fullmatch(text):
        raise TokenUnreadable(f"token={file}: this is not an access token (RFC 6750 §2.1): {advice}")
    return text


def _decoded(text: str) -> str:
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        # Not chained: the cause holds the octets of the password.
        raise SmtpUrlInvalid("the user and the password are percent-encoded UTF-8: encode them as such") from None
    if "\0" in decoded:
        raise SmtpUrlInvalid("neither user nor password can hold a NUL character (RFC 4616 §2)")
    return decoded


def _options(parts: SplitResult) -> dict[str, str]:
    query = parse_qs(parts.query, keep_blank_values=True)
    if not query.keys() <= {"ca", "token"} or any(len(values) != 1 or not values[0] for values in query.values()):
        raise SmtpUrlInvalid(
            "the only options are ca=PATH, a file of certificates in PEM, and token=PATH, one with an access token, "
            "each once: ?ca=PATH&token=PATH"
        )
    return {name: values[0] for name, values in query.items()}


def _ca(options: Mapping[str, str], security: Security) -> Path | None:
    if "ca" not in options:
        return None
    if security is Security.NONE:
        raise SmtpUrlInvalid("ca= is of no use without TLS: give smtps:// or smtp+starttls://")
    return Path(options["ca"])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
