"""Digest authentication (RFC 3261 §22, RFC 7616) with MD5: challenges, what answers them, and the nonces of our own."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from renvoi.domain.access.shared_key import ID_BYTES, KeyRing

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
    return _md5(f"{user}:{realm}:{password}".encode())


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
        if found is None or found.get("algorithm", b"MD5").upper() != b"MD5":
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
        right = _response(secret, method, self.uri, self.nonce, self.count, self.client_nonce)
        return hmac.compare_digest(right, self.response.decode("ascii").lower())


def answer_to(
    challenge: Mapping[str, bytes], user: str, password: str, method: str, uri: str, client_nonce: str
) -> str | None:
    """Return the value that answers a challenge with these parameters; None where it wants what we cannot give."""
    offered = [each.strip() for each in challenge.get("qop", b"").lower().split(b",")]
    if challenge.get("algorithm", b"MD5").upper() != b"MD5" or not challenge.get("nonce"):
        return None
    if "qop" in challenge and _AUTH not in offered:
        return None
    realm = challenge.get("realm", b"").decode("utf-8", "replace")
    nonce = challenge["nonce"]
    count, own = (b"00000001", client_nonce.encode()) if "qop" in challenge else (b"", b"")
    response = _response(ha1(user, realm, password), method, uri.encode(), nonce, count, own)
    parts = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce.decode("latin-1")}"', f'uri="{uri}"']
    parts += [f'response="{response}"', "algorithm=MD5"]
    if count:
        parts += ["qop=auth", f"nc={count.decode()}", f'cnonce="{client_nonce}"']
    if "opaque" in challenge:
        parts.append(f'opaque="{challenge["opaque"].decode("latin-1")}"')
    return "Digest " + ", ".join(parts)


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


def _response(secret: str, method: str, uri: bytes, nonce: bytes, count: bytes, client_nonce: bytes) -> str:
    middle = b":".join((nonce, count, client_nonce, _AUTH)) if count else nonce
    asked = _md5(method.encode() + b":" + uri)
    return _md5(b":".join((secret.encode(), middle, asked.encode())))


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
