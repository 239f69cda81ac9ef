"""Digest authentication (RFC 3261 §22, RFC 7616): challenges, answers, our nonces and our users.

We answer MD5 and SHA-256 (RFC 8760), and challenge with MD5.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from renvoi.domain.shared_key import ID_BYTES, KeyRing

MAX_BYTES = 4096
"""Of a header that is read; what is longer answers nothing."""
MAX_PARAMETERS = 32
NONCE_S = 60
"""For how long a nonce of ours can be answered."""
SALT_BYTES = 8
"""Bytes that make a nonce another one than all others of its second."""
_SCHEME = re.compile(rb"digest[ \t]+", re.IGNORECASE)
_PARAMETER = re.compile(
    rb'([A-Za-z0-9*_-]{1,32})[ \t]*=[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^ \t",]+))[ \t]*(?:,[ \t,]*|\Z)', re.DOTALL
)
_RESPONSE = re.compile(rb"[0-9a-f]{32}", re.IGNORECASE)
_COUNT = re.compile(rb"[0-9a-f]{8}", re.IGNORECASE)
_AUTH = b"auth"
_MD5, _SHA_256 = b"MD5", b"SHA-256"
_PURPOSE = "challenge"
_VERSION = b"\x01"
_MAC_BYTES = 16
_HEAD = 1 + ID_BYTES + 4


def parameters_of(header: bytes) -> Mapping[str, bytes] | None:
    """Return the parameters of a digest header's value by their names in lower case, quoted ones without the quotes.

    None for another scheme, for anything malformed, and for a parameter that is there twice.
    """
    value = header.strip()
    scheme = _SCHEME.match(value)
    if scheme is None or len(value) > MAX_BYTES:
        return None
    found: dict[str, bytes] = {}
    at = scheme.end()
    while at < len(value):
        parameter = _PARAMETER.match(value, at)
        if parameter is None:
            return None
        name = parameter[1].decode("ascii").lower()
        if name in found or len(found) == MAX_PARAMETERS:
            return None
        found[name] = parameter[3] if parameter[2] is None else parameter[2]
        at = parameter.end()
    return found


def ha1(user: str, realm: str, password: str) -> str:
    """Return what stands for a password where one realm is asked for (RFC 7616 §3.4.2): 32 hexadecimal digits."""
    return _hash(_MD5, f"{user}:{realm}:{password}".encode())


@dataclass(frozen=True, slots=True)
class DigestAnswer:
    """What somebody answered to a challenge. `count` and `client_nonce` are empty without `qop=auth`."""

    user: str
    realm: bytes
    nonce: bytes
    uri: bytes
    response: bytes
    count: bytes = b""
    client_nonce: bytes = b""

    @classmethod
    def parse(cls, header: bytes) -> Self | None:
        """Read the value of Authorization or Proxy-Authorization; None for what answers no challenge with MD5."""
        found = parameters_of(header)
        if found is None or _algorithm(found) != _MD5:
            return None
        try:
            count, client_nonce = (found["nc"], found["cnonce"]) if "qop" in found else (b"", b"")
            user = found["username"].decode("latin-1")
            answer = cls(user, found["realm"], found["nonce"], found["uri"], found["response"], count, client_nonce)
        except KeyError:
            return None
        if "qop" in found and not (found["qop"].lower() == _AUTH and _COUNT.fullmatch(count) and client_nonce):
            return None
        return answer if _RESPONSE.fullmatch(answer.response) else None

    def proves(self, secret: str, method: str) -> bool:
        """Tell whether it was made with the password that `secret` stands for (`ha1`), for a request of that method."""
        right = _response(_MD5, secret, method, self.uri, self.nonce, self.count, self.client_nonce)
        return hmac.compare_digest(right, self.response.decode("ascii").lower())


def answer_to(
    challenge: Mapping[str, bytes], user: str, password: str, method: str, uri: str, client_nonce: str
) -> str | None:
    """Return the value that answers a challenge with these parameters; None where it wants what we cannot give.

    What is repeated of the challenge is repeated byte for byte: it is text of UTF-8 with `surrogateescape`.
    """
    if not is_answerable(challenge):
        return None
    realm, nonce = challenge.get("realm", b""), challenge["nonce"]
    count, own = (b"00000001", client_nonce.encode()) if "qop" in challenge else (b"", b"")
    algorithm = _algorithm(challenge)
    secret = _hash(algorithm, b":".join((user.encode(), realm, password.encode())))
    response = _response(algorithm, secret, method, uri.encode("utf-8", "surrogateescape"), nonce, count, own)
    parts = [f'username="{user}"', f'realm="{_text(realm)}"', f'nonce="{_text(nonce)}"', f'uri="{uri}"']
    parts += [f'response="{response}"', f"algorithm={algorithm.decode()}"]
    if count:
        parts += ["qop=auth", f"nc={count.decode()}", f'cnonce="{client_nonce}"']
    if "opaque" in challenge:
        parts.append(f'opaque="{_text(challenge["opaque"])}"')
    return "Digest " + ", ".join(parts)


def is_answerable(challenge: Mapping[str, bytes]) -> bool:
    """Tell whether a challenge with these parameters wants MD5 or SHA-256, without `qop` or with `auth`."""
    offered = [each.strip() for each in challenge.get("qop", _AUTH).lower().split(b",")]
    return _algorithm(challenge) in (_MD5, _SHA_256) and bool(challenge.get("nonce")) and _AUTH in offered


def wants_md5(challenge: Mapping[str, bytes]) -> bool:
    """Tell whether a challenge can be answered with MD5, as Kamailio answers registrars."""
    return _algorithm(challenge) == _MD5 and is_answerable(challenge)


def is_stale(challenge: Mapping[str, bytes]) -> bool:
    """Tell whether nothing but the nonce before was wrong."""
    return challenge.get("stale", b"").lower() == b"true"


def plain_challenge(challenge: Mapping[str, bytes]) -> bytes | None:
    """Return a challenge that wants MD5 as every reader takes it: `qop="auth"` alone, nothing that is not needed.

    None where it has a quote or no realm, of which that cannot be said.
    """
    kept = [(name, challenge[name]) for name in ("realm", "nonce", "opaque") if challenge.get(name)]
    if not challenge.get("realm") or any(b"\\" in value for _, value in kept):
        return None
    parts = [name.encode() + b'="' + value + b'"' for name, value in kept]
    parts += [b"algorithm=MD5"]
    parts += [b"stale=true"] if is_stale(challenge) else []
    parts += [b'qop="auth"'] if "qop" in challenge else []
    return b"Digest " + b", ".join(parts)


def make_nonce(ring: KeyRing, now_ms: int, source: str, salt: bytes) -> str:
    """Return a nonce that can be answered from the address `source`, at any node, for `NONCE_S` seconds."""
    key = ring.signing(now_ms)
    body = _VERSION + bytes.fromhex(key.id) + (now_ms // 1000).to_bytes(4, "big") + salt
    mac = key.sign(_PURPOSE, body, source)[:_MAC_BYTES]
    return base64.urlsafe_b64encode(body + mac).decode("ascii").rstrip("=")


def nonce_made_at_s(nonce: bytes, ring: KeyRing, source: str) -> int | None:
    """Return when a nonce was made for `source`, in seconds since 1970-01-01 UTC; None for one that was not."""
    try:
        data = base64.b64decode(nonce + b"=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    if len(body) != _HEAD + SALT_BYTES or body[:1] != _VERSION:
        return None
    key = ring.get(body[1 : 1 + ID_BYTES].hex())
    if key is None or not hmac.compare_digest(key.sign(_PURPOSE, body, source)[:_MAC_BYTES], mac):
        return None
    return int.from_bytes(body[1 + ID_BYTES : _HEAD], "big")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _algorithm(parameters: Mapping[str, bytes]) -> bytes:
    return parameters.get("algorithm", _MD5).upper()


def _response(
    algorithm: bytes, secret: str, method: str, uri: bytes, nonce: bytes, count: bytes, client_nonce: bytes
) -> str:
    middle = b":".join((nonce, count, client_nonce, _AUTH)) if count else nonce
    asked = _hash(algorithm, method.encode() + b":" + uri)
    return _hash(algorithm, b":".join((secret.encode(), middle, asked.encode())))


def _hash(algorithm: bytes, data: bytes) -> str:
    if algorithm == _SHA_256:
        return hashlib.sha256(data).hexdigest()
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


_USER = re.compile(r"[!#-\[\]-~]{1,128}")
_REALM = re.compile(r"[ !#-\[\]-~]{1,128}")
"""What stands between quotes in a header as it is: printable ASCII but for the two that would need an escape."""


class CredentialsInvalid(ValueError):
    """A user or realm cannot be one; the text says why, and what can, as `french` does."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.french = french


@dataclass(frozen=True, slots=True)
class Credentials:
    """A digest user and its password, which may be shown to `realm` alone; to any where that is empty."""

    user: str
    realm: str
    password: str = field(repr=False)


def check_user(user: str) -> None:
    """Check that `user` can be a digest user, or none when it is empty.

    Raises:
        CredentialsInvalid: it has a space, a quote, a backslash, or what is beyond ASCII; or is too long.
    """
    if user and not _USER.fullmatch(user):
        raise CredentialsInvalid(
            f'{user!r} is not a user: give up to 128 ASCII characters, no spaces, " or \\',
            f'{user!r} n’est pas un utilisateur\u00a0: donnez jusqu’à 128 caractères ASCII, sans espace, " ni \\',
        )


def check_realm(realm: str) -> None:
    """Check that `realm` can be one that challenges us, or any when it is empty.

    Raises:
        CredentialsInvalid: it has a quote, a backslash, or what is beyond ASCII; or is too long.
    """
    if realm and not _REALM.fullmatch(realm):
        raise CredentialsInvalid(
            f'{realm!r} is not a realm: give up to 128 ASCII characters but " and \\',
            f'{realm!r} n’est pas un domaine\u00a0: donnez jusqu’à 128 caractères ASCII, sauf " et \\',
        )
