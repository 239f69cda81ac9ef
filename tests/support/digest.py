"""Digest authentication (RFC 2617, RFC 7616) from the challenger's side, written without the code under test."""

import hashlib
import re
from collections.abc import Iterable

from tests.support.sip_message import Header, SipMessage

NAMES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


def challenge(
    status: int, nonce: str, realm: str = "carrier.example", *, stale: bool = False, more: str = ', qop="auth"'
) -> Header:
    """Return the header by which a request is challenged; `more` are further parameters."""
    return NAMES[status][
        0
    ], f'Digest realm="{realm}", nonce="{nonce}", algorithm=MD5{", stale=true" if stale else ""}{more}'


def parameters(header: str) -> dict[str, str]:
    """Return the parameters of a digest header."""
    assert header.lower().startswith("digest ")
    found = re.findall(r'([a-z]+) *= *(?:"([^"]*)"|([^ ,"]+))', header[7:])
    return {name.lower(): quoted or plain for name, quoted, plain in found}


def proves(
    request: SipMessage,
    status: int,
    user: str,
    password: str,
    nonce: str,
    realm: str = "carrier.example",
    algorithm: str = "MD5",
) -> bool:
    """Tell whether a request has the one right answer to a challenge of that status."""
    answers = request.all(NAMES[status][1])
    others: Iterable[str] = request.all(NAMES[401 if status == 407 else 407][1])
    if len(answers) != 1 or others:
        return False
    found = parameters(answers[0])
    if (found["username"], found["realm"], found["nonce"], found["uri"]) != (user, realm, nonce, request.uri):
        return False
    if found.get("algorithm", "MD5") != algorithm:
        return False
    digest = _md5 if algorithm == "MD5" else _sha_256
    secret = digest(f"{user}:{realm}:{password}")
    what = digest(f"{request.method}:{found['uri']}")
    middle = f"{nonce}:{found['nc']}:{found['cnonce']}:{found['qop']}" if "qop" in found else nonce
    return found["response"] == digest(f"{secret}:{middle}:{what}")


def credentials(
    asked: str,
    user: str,
    password: str,
    uri: str,
    *,
    method: str = "INVITE",
    count: str = "00000001",
    realm: str | None = None,
    **changed: str | None,
) -> Header:
    """Return the header that answers the value of a Proxy-Authenticate; `changed` has parameters to write otherwise."""
    found = parameters(asked)
    realm = found["realm"] if realm is None else realm
    secret, what = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    values: dict[str, str | None] = {"username": user, "realm": realm, "nonce": found["nonce"], "uri": uri}
    values["response"] = _md5(f"{secret}:{found['nonce']}:{count}:c1:auth:{what}")
    text = [f'{name}="{value}"' for name, value in {**values, "cnonce": "c1", **changed}.items() if value is not None]
    return "Proxy-Authorization", f"Digest {', '.join(text)}, qop=auth, nc={count}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape")).hexdigest()


def _sha_256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
