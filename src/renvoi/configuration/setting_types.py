"""What settings may be: each value is read, refused with what is allowed, or put into one form."""

import math
import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.hosts import can_be_a_peer, host_and_port, is_ip_address, is_name
from renvoi.domain.numbers.number import is_region

SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
N = TypeVar("N", int, float)
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
_USER = re.compile(r"[a-z_][a-z0-9_-]*")
_WHOLE = re.compile(r"-?[0-9]{1,40}")
_NUMBER = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[Ee][+-]?[0-9]{1,3})?|inf|nan)")
"""What `str` writes of a number in renvoi.toml is among these."""
_PORTS = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_PORT = re.compile(r"[0-9]{1,5}")
_PLACE = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_HEP_URL = re.compile(
    r"udp://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{1,5}))?"
)
_HEP_KEY = re.compile(r"[!-~]{1,255}")
HEP_PORT = 9060
_KEYS = re.compile(r"[0-9*#]+")
_EHLO = re.compile(
    r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})+|\[[0-9]{1,3}(\.[0-9]{1,3}){3}\]|\[IPv6:[0-9A-Fa-f:.]{2,45}\]"
)
"""RFC 5321 §4.1.1.1 and §4.1.3."""
_CERTIFICATE_URL = re.compile(r"[!#-;=?-~]{1,512}")
"""What can stand between `<` and `>`."""
_HOST_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+")
API, EDGE, VOICEMAIL = "api", "edge", "voicemail"
PARTS = (API, EDGE, VOICEMAIL)
"""What a node may do; it does all of them unless told otherwise."""

Reader = Callable[[object], Any]
"""Reads a value of a setting; raises ValueError with what is allowed."""
SECRETS = frozenset(
    {
        "database_url",
        "edge_database_url",
        "smtp_url",
        "dkim_key_file",
        "hep_key",
        "hep_key_file",
        "identity_key_file",
        "secrets_key_file",
        "sip_tls_key_file",
    }
)
"""Settings that hold, or lead to, a secret."""


def text(value: object) -> str:
    """Take any text."""
    found = _string(value)
    try:
        found.encode()
    except UnicodeEncodeError:
        # So Python shows bytes of an environment. Its own error repeats the value, which may hold a password.
        raise ValueError("it should be UTF-8") from None
    return found


def path(value: object) -> Path:
    """Take the name of a file or a directory, which may be of any bytes."""
    return value if isinstance(value, Path) else Path(_string(value))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it should be a valid string")  # noqa: TRY004 - a value from outside, refused as any other
    return value


def whole(least: int | None = None, most: int | None = None) -> Callable[[object], int]:
    """Return what takes a whole number from `least` to `most`, None for no limit."""
    return lambda value: _limited(value, int, _WHOLE, "integer", least, most)


def number(least: float, most: float | None = None) -> Callable[[object], float]:
    """Return what takes a finite number from `least` to `most`."""
    return lambda value: _limited(value, float, _NUMBER, "number", least, most)


def _limited(value: object, kind: type[N], form: re.Pattern[str], called: str, least: N | None, most: N | None) -> N:
    text = str(value).strip(" \t\r\n")
    # Python reads more as a number than people write: 1_000, +80, digits of other scripts.
    if not form.fullmatch(text):
        raise ValueError(f"it should be a valid {called}")
    found = kind(text)
    if isinstance(found, float) and not math.isfinite(found):
        raise ValueError("it should be a finite number")
    if least is not None and found < least:
        raise ValueError(f"it should be greater than or equal to {least}")
    if most is not None and found > most:
        raise ValueError(f"it should be less than or equal to {most}")
    return found


def one_of(*names: str) -> Callable[[object], str]:
    """Return what takes one of these names."""

    def read(value: object) -> str:
        if value not in names:
            raise ValueError(f"it should be {', '.join(map(repr, names[:-1]))} or {names[-1]!r}")
        return str(value)

    return read


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not pattern.fullmatch(text(value)):
            raise ValueError(f"it should match pattern {pattern.pattern!r}")
        return text(value)

    return read


host = _matching(_HOST)
hep_key = _matching(_HEP_KEY)
user = _matching(_USER)
keys = _matching(_KEYS)


def _of_text(read: Callable[[str], str]) -> Callable[[object], str]:
    return lambda value: read(text(value))


@_of_text
def region(text: str) -> str:
    if not is_region(text):
        raise ValueError("use an ISO 3166-1 code such as FR")
    return text


@_of_text
def address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError("give an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from error


def one_or_two(read: Callable[[object], str]) -> Callable[[object], str]:
    """Return what takes one such value, or two that are not both of IPv4 or of IPv6."""

    def read_each(value: object) -> str:
        found = [read(part.strip()) for part in text(value).split(",")]
        if len(found) > 2 or (len(found) == 2 and len({":" in split_place(each)[0] for each in found}) == 1):
            raise ValueError("give one, or two with a comma between them: one of IPv4 and one of IPv6")
        return ", ".join(found)

    return read_each


@_of_text
def certificate_url(text: str) -> str:
    """Take where others fetch a certificate: it stands in SIP headers."""
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or not _CERTIFICATE_URL.fullmatch(text):
        raise ValueError("give an address such as https://certificates.example.com/renvoi.pem")
    return text


@_of_text
def host_patterns(text: str) -> str:
    """Take names of hosts, with `*.` before one for all below it."""
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not all(map(_HOST_PATTERN.fullmatch, names)):
        raise ValueError("give names of hosts such as certificates.example.com, *.example.net, separated by commas")
    return ", ".join(dict.fromkeys(names))


@_of_text
def networks(text: str) -> str:
    try:
        return ", ".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; give networks such as 127.0.0.1/32, separated by commas") from error


@_of_text
def smtp_url(text: str) -> str:
    if not text.startswith(("smtp://", "smtps://", "smtp+starttls://")):
        raise ValueError("give smtp://, smtps:// or smtp+starttls://user:password@host:port")
    return text


@_of_text
def email(text: str) -> str:
    try:
        # The default sender is at localhost, which the parser takes for no domain of the world.
        local, at, domain = text.rpartition("@")
        if domain == "localhost":
            return str(EmailAddress.parse(f"{local}{at}example.com")).removesuffix("example.com") + domain
        return str(EmailAddress.parse(text))
    except EmailInvalid as error:
        raise ValueError("give an e-mail address") from error


@_of_text
def ehlo_name(text: str) -> str:
    if not _EHLO.fullmatch(text) or len(text) > 255:
        raise ValueError("give a full name, such as node1.example.com, or an address, such as [192.0.2.1]")
    return text


@_of_text
def hep_url(text: str) -> str:
    found = _HEP_URL.fullmatch(text)
    port = int(found["port"] or HEP_PORT) if found is not None else 0
    if found is None or not 0 < port < 65536 or (found["address"] is not None and not is_ip_address(found["address"])):
        raise ValueError(f"give udp://HOST or udp://HOST:PORT; the port is {HEP_PORT} by default")
    return f"udp://{found['host']}:{port}"


@_of_text
def place(text: str) -> str:
    """Take a host, with a port or without; an IPv6 address needs brackets only before a port."""
    if ":" in text and is_ip_address(text) and can_be_a_peer(text):
        return text
    found = _PLACE.fullmatch(text)
    if found is not None and 0 < int(found["port"] or 1) < 65536:
        host, in_brackets = found["host"].strip("[]"), text.startswith("[")
        # Names of hosts have no underscore; those of containers may.
        is_known = can_be_a_peer(host) if is_ip_address(host) else is_name(host.replace("_", "-"))
        if is_known and (":" in host) == in_brackets:
            return host if in_brackets and not found["port"] else text
    raise ValueError("give a host, with a port or without: sip.example.com, 192.0.2.1:15060, [2001:db8::1]:15060")


def split_place(text: str) -> tuple[str, int | None]:
    """Return host (no brackets) and port of what `place` returned."""
    if ":" in text and is_ip_address(text):
        return text, None
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if host and _PORT.fullmatch(port) else (text, None)


@_of_text
def relay_url(text: str) -> str:
    """Take where a media relay is told what to do. No name: Kamailio would wait for DNS."""
    host, port = split_place(text.removeprefix("udp:"))
    if not text.startswith("udp:") or not is_ip_address(host) or port is None or not 0 < port < 65536:
        raise ValueError("give udp:ADDRESS:PORT, as rtpengine has it as --listen-ng, such as udp:127.0.0.1:2223")
    return text


@_of_text
def web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("give an address such as https://calls.example.com")
    return text.rstrip("/")


@_of_text
def ports(text: str) -> str:
    found = _PORTS.fullmatch(text)
    if found is None or not 1024 <= int(found[1]) < int(found[2]) < 65536:
        raise ValueError("give a range of ports between 1024 and 65535, such as 20000-29999")
    return text


@_of_text
def database_url(text: str) -> str:
    if text.startswith(SQLITE) and text != SQLITE:
        return text
    try:
        return postgresql_url(text)
    except ValueError as error:
        raise ValueError(f"give sqlite:///PATH or {str(error).removeprefix('give ')}, or leave it out") from error


@_of_text
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


@_of_text
def parts(text: str) -> str:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names or not set(names) <= set(PARTS):
        raise ValueError(f"give one or more of {', '.join(PARTS)}, separated by commas")
    return ",".join(name for name in PARTS if name in names)


@_of_text
def peers(text: str) -> str:
    peers = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = part.rpartition(":")
        try:
            address = ip_address(host.strip("[]"))
        except ValueError as error:
            raise ValueError("give IP addresses with ports, such as 10.0.0.5:5080, separated by commas") from error
        if not (_PORT.fullmatch(port) and 0 < int(port) < 65536):
            raise ValueError(f"{part} has no port: give one, such as 10.0.0.5:5080")
        peers.append(host_and_port(str(address), port))
    return ", ".join(peers)
