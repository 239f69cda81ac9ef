"""What the texts of settings may be: each is read, refused with what is allowed, or put into one form."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from renvoi.domain.messages.email_address import EmailAddress, EmailInvalid
from renvoi.domain.numbers.number import is_region

SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
_EHLO = re.compile(
    r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})+|\[[0-9]{1,3}(\.[0-9]{1,3}){3}\]|\[IPv6:[0-9A-Fa-f:.]{2,45}\]"
)
"""RFC 5321 §4.1.1.1 and §4.1.3."""
PARTS = ("api", "edge", "voicemail")
"""What a node may do; it does all of them unless told otherwise."""


def _region(text: str) -> str:
    if not is_region(text):
        raise ValueError("use an ISO 3166-1 code such as FR")
    return text


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError("give an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from error


def _networks(text: str) -> str:
    try:
        return ", ".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; give networks such as 127.0.0.1/32, separated by commas") from error


def _smtp(text: str) -> str:
    if not text.startswith(("smtp://", "smtps://", "smtp+starttls://")):
        raise ValueError("give smtp://, smtps:// or smtp+starttls://user:password@host:port")
    return text


def _email(text: str) -> str:
    try:
        # The default sender is at localhost, which the parser takes for no domain of the world.
        local, at, domain = text.rpartition("@")
        if domain == "localhost":
            return str(EmailAddress.parse(f"{local}{at}example.com")).removesuffix("example.com") + domain
        return str(EmailAddress.parse(text))
    except EmailInvalid as error:
        raise ValueError("give an e-mail address") from error


def _ehlo(text: str) -> str:
    if not _EHLO.fullmatch(text) or len(text) > 255:
        raise ValueError("give a full name, such as node1.example.com, or an address, such as [192.0.2.1]")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("give an address such as https://calls.example.com")
    return text.rstrip("/")


def _ports(text: str) -> str:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) < 65536):
        raise ValueError("give a range of ports between 1024 and 65535, such as 20000-29999")
    return text


def _database(text: str) -> str:
    if text.startswith(SQLITE) and text != SQLITE:
        return text
    try:
        return postgresql_url(text)
    except ValueError as error:
        raise ValueError(f"give sqlite:///PATH or {str(error).removeprefix('give ')}, or leave it out") from error


def postgresql_url(text: str) -> str:
    """Return the URL of a database on PostgreSQL as we write it.

    Raises:
        ValueError: it is not such a URL; the text says what to give.
    """
    if text.startswith("postgres://"):
        text = text.replace("postgres://", POSTGRESQL, 1)
    if not text.startswith(POSTGRESQL) or text == POSTGRESQL:
        raise ValueError("give postgresql://user:password@host/database")
    return text


def without_password(url: str) -> str:
    """Return a URL as it may be told: without the password, and what stands behind the path."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"


def _parts(text: str) -> str:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names or not set(names) <= set(PARTS):
        raise ValueError(f"give one or more of {', '.join(PARTS)}, separated by commas")
    return ",".join(name for name in PARTS if name in names)


def _peers(text: str) -> str:
    peers = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = part.rpartition(":")
        try:
            address = ip_address(host.strip("[]"))
        except ValueError as error:
            raise ValueError("give IP addresses with ports, such as 10.0.0.5:5080, separated by commas") from error
        if not (port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f"{part} has no port: give one, such as 10.0.0.5:5080")
        peers.append(f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}")
    return ", ".join(peers)


Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")]
Region = Annotated[str, AfterValidator(_region)]
Address = Annotated[str, AfterValidator(_address)]
Networks = Annotated[str, AfterValidator(_networks)]
SmtpUrl = Annotated[str, AfterValidator(_smtp)]
EhloName = Annotated[str, AfterValidator(_ehlo)]
Email = Annotated[str, AfterValidator(_email)]
WebUrl = Annotated[str, AfterValidator(_url)]
Ports = Annotated[str, AfterValidator(_ports)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
PostgresqlUrl = Annotated[str, AfterValidator(postgresql_url)]
Parts = Annotated[str, AfterValidator(_parts)]
Peers = Annotated[str, AfterValidator(_peers)]
