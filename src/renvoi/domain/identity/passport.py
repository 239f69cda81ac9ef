"""PASSporTs (RFC 8225) as they stand in Identity headers (RFC 8224): read from what strangers wrote, and built.

Signatures are the business of `Signer` and of who verifies; here is only what is signed, and how it is written.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol

from renvoi.domain.name_addr import split

MAX_TOKEN = 8192
"""Characters of one Identity header that are read: of a token, three times what five diversions need."""
MAX_PARAMETERS = 4
"""Parameters that a header may have; info, alg and ppt are what they all have."""
MAX_DESTINATIONS = 32
"""Numbers in one `dest` that are read."""
MAX_CLAIM = 64
"""Characters of a number in a token."""
MAX_URL = 512
"""Characters of the address of a certificate."""
KEPT = 8
"""Headers that are remembered as they were read last: those of one call."""
SHAKEN, DIV = "shaken", "div"
"""RFC 8588 and RFC 8946."""
ALGORITHM = "ES256"

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_NAME = re.compile(r"[a-z0-9_-]+")
_BARE = re.compile(r"[^\"<>\s]*")
_MARKS = {'"': '"', "<": ">"}
"""What a value may stand in."""
_SEPARATOR = re.compile(r'[;"<]')
_PORTED, _PORTED_DIGITS, _ROUTING_DIGITS = "33", 16, 5
"""A French number behind the routing prefix of a ported one: one digit more than E.164 has."""


class TokenInvalid(ValueError):
    """An Identity header cannot be read; the text says why."""


class Signer(Protocol):
    """Signs for some numbers by a certificate that others can fetch."""

    @property
    def url(self) -> str:
        """Where the certificate is (`x5u`)."""

    def covers(self, number: str) -> bool:
        """Tell whether the certificate speaks for a number (digits only)."""

    def sign(self, signed: bytes) -> bytes:
        """Return the signature of these bytes, ES256 as JWS has it: r and s, 64 bytes (RFC 7518 §3.4)."""


@dataclass(frozen=True, slots=True)
class IdentityHeader:
    """An Identity header in its parts, without any judgement on them.

    `header` and `claims` are the two JSON objects of the token; `signed` the bytes that `signature` is about, which
    stands in the message as `signature_text`; `parameters` those of the SIP header, with lower-case names, and without
    the brackets of `info`.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes
    signature_text: str
    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, value: str) -> "IdentityHeader":
        """Read the value of one Identity header.

        Raises:
            TokenInvalid: it has not the form of RFC 8224 §4, is too long, or its JSON is none. The compact form, which
                leaves out what the receiver has to guess (RFC 8225 §7), counts as such: no token in use has it.
        """
        return _read(value)

    @property
    def kind(self) -> str:
        """The kind of token that the SIP header says it is, in lower case; empty when it does not."""
        return self.parameters.get("ppt", "").lower()

    @property
    def url(self) -> str:
        """Where the token says that its certificate is; empty when it does not."""
        return _text(self.header.get("x5u"), MAX_URL)

    @property
    def origin(self) -> str:
        """The calling number as the token has it, in canonical form; empty when there is none."""
        orig = self.claims.get("orig")
        return _number(orig.get("tn")) if isinstance(orig, dict) else ""

    @property
    def destinations(self) -> tuple[str, ...]:
        """The called numbers as the token has them, in canonical form."""
        dest = self.claims.get("dest")
        listed = dest.get("tn") if isinstance(dest, dict) else None
        # Old implementations write one number without the list.
        numbers = listed if isinstance(listed, list) else [listed]
        return tuple(filter(None, map(_number, numbers[:MAX_DESTINATIONS])))

    @property
    def diverting(self) -> str:
        """The number that diverted the call, of a `div` token; empty when there is none."""
        div = self.claims.get("div")
        return _number(div.get("tn")) if isinstance(div, dict) else ""

    @property
    def issued_at_s(self) -> int | None:
        """When it was signed, seconds since 1970; None when it does not say so."""
        found = self.claims.get("iat")
        # Some write a string.
        if isinstance(found, str) and len(found) <= 12 and found.isascii() and found.isdigit():
            return int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    @property
    def attestation(self) -> str:
        """How sure the signer is of the caller: A, B or C of a `shaken` token; empty when it says nothing of these."""
        found = self.claims.get("attest")
        return found if found in ("A", "B", "C") else ""


@lru_cache(maxsize=KEPT)
def _read(value: str) -> IdentityHeader:
    """See `IdentityHeader.parse`: whoever verifies the tokens of a call and goes on from them reads each twice."""
    if len(value) > MAX_TOKEN:
        raise TokenInvalid(f"it is longer than {MAX_TOKEN} characters")
    token, *others = islice(_parts(value), MAX_PARAMETERS + 2)
    found = _TOKEN.fullmatch(token.strip())
    if found is None:
        raise TokenInvalid("it is not a signed token in three parts")
    header, claims, signature = found.groups()
    if len(others) > MAX_PARAMETERS:
        raise TokenInvalid(f"it has more than {MAX_PARAMETERS} parameters")
    signed = f"{header}.{claims}".encode("ascii")
    return IdentityHeader(_object(header), _object(claims), signed, _decoded(signature), signature, _parameters(others))


def split_headers(value: str, most: int) -> tuple[str, ...]:
    """Return the values of the first `most` Identity headers, which stand in `value` as one list."""
    return tuple(each.strip() for each in islice(split(value), most)) if value else ()


def canonical(number: str) -> str:
    """Return a number as tokens have it (RFC 8224 §8.3): its digits, without the routing prefix of a ported one.

    Empty when it is none.
    """
    digits = number.removeprefix("+")
    if not digits or len(digits) > MAX_CLAIM or not (digits.isascii() and digits.isdigit()):
        return ""
    if len(digits) == _PORTED_DIGITS and digits.startswith(_PORTED):
        return _PORTED + digits[len(_PORTED) + _ROUTING_DIGITS :]
    return digits


def build_shaken(signer: Signer, origin: str, target: str, attestation: str, origid: str, now_s: int) -> str:
    """Return the Identity header's value for a call that nobody has signed (RFC 8588 §4)."""
    claims = {
        "attest": attestation,
        "dest": {"tn": [target]},
        "iat": now_s,
        "orig": {"tn": origin},
        "origid": origid,
    }
    return _built(signer, SHAKEN, claims)


def build_div(signer: Signer, orig: Any, diverting: str, target: str, now_s: int) -> str:
    """Return the Identity header's value by which `diverting` says that it sends a call on to `target` (RFC 8946 §3).

    `orig` is that of the token before, copied as it is.
    """
    claims = {"dest": {"tn": [target]}, "div": {"tn": diverting}, "iat": now_s, "orig": orig}
    return _built(signer, DIV, claims)


def _built(signer: Signer, kind: str, claims: Mapping[str, Any]) -> str:
    header = {"alg": ALGORITHM, "ppt": kind, "typ": "passport", "x5u": signer.url}
    signed = b".".join(_encoded(_canonical_json(each)) for each in (header, claims))
    token = b".".join((signed, _encoded(signer.sign(signed)))).decode("ascii")
    return f"{token};info=<{signer.url}>;alg={ALGORITHM};ppt={kind}"


def _canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON without white space, its keys in order (RFC 8225 §9)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _encoded(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise TokenInvalid("a part of it is not base64url") from error


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = _decode(_decoded(text).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise TokenInvalid("a part of it is not a JSON object") from error
    if not isinstance(found, dict):
        raise TokenInvalid("a part of it is not a JSON object")
    return found


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of two claims with one name each reader could take another one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenInvalid("a claim is there twice")
    return found


_decode = json.JSONDecoder(object_pairs_hook=_without_doubles).decode


def _parts(value: str) -> Iterator[str]:
    """Yield what stands between the semicolons of a header value, except for those in `"…"` and `<…>`."""
    start = position = 0
    while (found := _SEPARATOR.search(value, position)) is not None:
        mark, position = found.group(), found.end()
        if mark == ";":
            yield value[start : found.start()]
            start = position
        else:
            closed = value.find(">" if mark == "<" else '"', position)
            if closed < 0:
                break
            position = closed + 1
    yield value[start:]


def _parameters(parts: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        if not part.strip():
            continue
        name, _, value = (each.strip() for each in part.partition("="))
        name = name.lower()
        if not _NAME.fullmatch(name):
            raise TokenInvalid("a parameter of it is malformed")
        if name in found:
            raise TokenInvalid(f"the parameter {name} is there twice")
        found[name] = _value(value)
    return found


def _value(text: str) -> str:
    closing = _MARKS.get(text[:1])
    inner = text[1:-1] if closing is not None and len(text) > 1 and text.endswith(closing) else text
    if not _BARE.fullmatch(inner):
        raise TokenInvalid("a parameter of it is malformed")
    return inner


def _text(value: Any, limit: int) -> str:
    return value if isinstance(value, str) and len(value) <= limit else ""


def _number(value: Any) -> str:
    return canonical(_text(value, MAX_CLAIM))
