"""Addresses of endpoints: read strictly, as whoever writes one chooses where this server connects to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from renvoi.domain.hosts import bracketed, is_ip_address, is_name

MAX_URL = 1000
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_UNSAFE = r'" < > \ ^ ` { | }'
"""What else of ASCII no URL holds as it is (RFC 3986 §2)."""
_ESCAPES = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NUMERIC = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")
"""The last part of a host that many programs take for an address: 127.1, 0x7f.1, 2130706433 (WHATWG URL §3.5)."""
_WELL_KNOWN = 1024


class EndpointUrlInvalid(ValueError):
    """No endpoint can have this address; the text says why, in English and French by `text`."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self._texts = {"en": en, "fr": fr}

    def text(self, language: str) -> str:
        return self._texts[language]


@dataclass(frozen=True, slots=True)
class EndpointUrl:
    """Where an endpoint is. `host` is a name in ASCII or an IP address, `target` path and query as they are sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The value of `Host`."""
        usual = 443 if self.is_secure else 80
        return bracketed(self.host) if self.port == usual else f"{bracketed(self.host)}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


@lru_cache(1024)
def read_url(text: str, *, allow_http: bool) -> EndpointUrl:
    """Read the address of an endpoint.

    Raises:
        EndpointUrlInvalid: it is none, or one that nothing is sent to.
    """
    text = _with_ascii_host(text)
    if len(text) > MAX_URL or not _CHARACTERS.fullmatch(text) or _ESCAPES.search(text):
        raise EndpointUrlInvalid(
            f"it has to be a URL of at most {MAX_URL} characters, all ASCII, without spaces and any of {_UNSAFE}; "
            "write these as %XX, such as %20 for a space",
            f"ce doit être une URL d’au plus {MAX_URL} caractères, tous ASCII, sans espaces ni aucun de {_UNSAFE} ; "
            "écrivez-les comme %XX, par exemple %20 pour une espace",
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise EndpointUrlInvalid("it is not a URL", "ce n’est pas une URL") from error
    if parts.scheme not in (("https", "http") if allow_http else ("https",)):
        raise EndpointUrlInvalid(
            "it has to begin with https://" + (" or http://" if allow_http else ""),
            "elle doit commencer par https://" + (" ou http://" if allow_http else ""),
        )
    if "@" in parts.netloc or "#" in text:
        raise EndpointUrlInvalid(
            "it may have no user, password or fragment: signatures prove who sends",
            "elle ne peut avoir ni utilisateur, ni mot de passe, ni fragment : les signatures prouvent qui envoie",
        )
    host = _host(parts.hostname or "")
    usual = 443 if parts.scheme == "https" else 80
    port = usual if port is None else port
    if port != usual and not _WELL_KNOWN <= port <= 65535:
        raise EndpointUrlInvalid(
            f"its port has to be {usual}, or from {_WELL_KNOWN} to 65535",
            f"son port doit être {usual}, ou de {_WELL_KNOWN} à 65535",
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return EndpointUrl(parts.scheme, host, port, target)


def _with_ascii_host(text: str) -> str:
    """Put a host in other letters into the form that DNS has (IDNA 2008, mapped as UTS 46 says)."""
    scheme, separator, rest = text.partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0] if separator else ""
    if len(text) > MAX_URL or authority.isascii():
        return text
    # Loaded late: its tables are large, and few hosts need them.
    import idna  # noqa: PLC0415

    host, colon, port = authority.partition(":")
    try:
        written = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise EndpointUrlInvalid(
            "its host is not the name of one: write it in the letters of DNS (xn--…)",
            "son hôte n’est pas un nom d’hôte : écrivez-le dans les lettres du DNS (xn--…)",
        ) from error
    return f"{scheme}://{written}{colon}{port}{rest[len(authority) :]}"


def _host(host: str) -> str:
    if is_ip_address(host) and "%" not in host:
        return str(ip_address(host))
    last = host.rpartition(".")[2]
    if not is_name(host) or _NUMERIC.fullmatch(last):
        raise EndpointUrlInvalid(
            "its host has to be a name such as hooks.example.com, or an address such as 192.0.2.1 or [2001:db8::1]",
            "son hôte doit être un nom tel que hooks.example.com, ou une adresse telle que 192.0.2.1 ou [2001:db8::1]",
        )
    return host
