"""The mark that the edge puts into its Record-Route: what the call was, said so that nobody else can say it.

Requests inside a dialog bring it back in their Route (RFC 3261 §12.2.1.1). So any node of one store can tell who may
send them and where they may go, and no node needs to remember the call. Part of the mark is where the next hop's URI
leads, as far as two URIs that lead to one place must be recognised (RFC 3261 §16.6, step 7).
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self
from urllib.parse import unquote

from renvoi.domain.shared_key import ID_BYTES, KeyRing, SharedKey

DIGEST_BYTES = 9
_DECISIVE = frozenset({"transport", "maddr"})
"""Parameters that change where a URI leads."""
_URI = re.compile(
    r"(?P<scheme>sips?):(?:[^@?\s<>\"\\]*@)?(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<parameters>;[^@?\s<>\"\\]*)?",
    re.IGNORECASE,
)
WORKER = "@"
"""How the name of a called side begins that is a worker of the voicemail: its address follows. No trunk has it."""
PROVEN_AT = "@"
"""What stands between an inbound trunk and the address at which a caller has proven that a call is of that trunk."""
_PURPOSE = "record-route"
_VERSION = 1
_MAC_BYTES = 16
_NO_HOP = bytes(DIGEST_BYTES)
_RELAYED, _RAISES_CSEQ = 2, 4
"""In the byte of the direction: what the mark says of these names."""
_WAYS = 8
"""Values that this byte may have."""
_HEAD = 2 + ID_BYTES + 4
_SEALED = "calling side"
MAX_ALIAS_URI = 255
"""Characters of the longest URI that an `Alias` carries."""


@dataclass(frozen=True, slots=True)
class NextHop:
    """A host (lower case, no brackets), a port (None where none is written), a transport, and `maddr` if any."""

    scheme: str
    host: str
    port: int | None
    transport: str
    maddr: str

    @classmethod
    def of(cls, uri: str) -> Self | None:
        """Read a URI; None for anything that two readers could read differently, and so for headers and a second @."""
        found = _URI.fullmatch(uri)
        if found is None:
            return None
        parameters: dict[str, str] = {}
        # All of them count, however many there are: the one that matters may be the last.
        for parameter in (found["parameters"] or "").split(";"):
            name, _, value = parameter.partition("=")
            name = unquote(name).lower()
            if name not in _DECISIVE:
                continue
            if name in parameters:
                return None
            parameters[name] = value.lower()
        return cls(
            found["scheme"].lower(),
            found["host"].strip("[]").lower(),
            int(found["port"]) if found["port"] else None,
            parameters.get("transport", ""),
            parameters.get("maddr", ""),
        )

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The IP address that it is for certain; None for a name, and for a URI that overrides its host by `maddr`."""
        if self.maddr:
            return None
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    def digest(self) -> bytes:
        """Return some bytes that no other hop has."""
        parts = (self.scheme, self.host, str(self.port or ""), self.transport, self.maddr)
        return hashlib.sha256("\n".join(parts).encode()).digest()[:DIGEST_BYTES]


@lru_cache(maxsize=1024)
def hop_digest(uri: str) -> bytes:
    """Return the digest of the next hop that a URI leads to, zeros for a URI that is none.

    Remembered: the hops of a carrier are few.
    """
    hop = NextHop.of(uri)
    return hop.digest() if hop is not None else _NO_HOP


class Towards(IntEnum):
    """Which of the two sides requests with a mark go to."""

    CALLER = 0
    CALLEE = 1


class MarkInvalid(ValueError):
    """It is not a mark of this call, or not valid any more; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What a side calls the calling one, where the two sides know it by different names.

    `uri` is the one in its From or To, empty where it is too long or odd. `contact_user` is the user part of the
    calling side's Contact, empty for none, and None where both sides know the same Contact.
    """

    uri: str
    contact_user: str | None = None

    def __str__(self) -> str:
        return self.uri if self.contact_user is None else f"{self.uri}\n{self.contact_user}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Return what `str` made a text of."""
        uri, more, user = text.partition("\n")
        return cls(uri, user if more else None)


@dataclass(frozen=True, slots=True)
class CallMark:
    """What a mark says.

    `inbound` is the trunk that the call came from, with `PROVEN_AT` and the caller's address where it was known by a
    password and not by its network; `outbound` the one that it went to, or `WORKER` and an address.
    Requests go `towards` one of the two until `ends_at_s`, seconds since 1970-01-01 UTC. `hop` is the digest of the
    next hop there, as it was when the mark was made. `alias` is what that side calls the calling one, None where both
    call it the same; the mark carries it sealed, as the other side is not to know it. `relayed`: its audio goes through
    the media relay, which has to know of changes and of its end. `raises_cseq`: the called side counts the caller's
    requests by a CSeq of its own (docs/decisions/0054).
    """

    towards: Towards
    inbound: str
    outbound: str
    ends_at_s: int
    hop: bytes = _NO_HOP
    alias: Alias | None = None
    relayed: bool = False
    raises_cseq: bool = False

    @property
    def inbound_trunk(self) -> str:
        """The name of the trunk that the call came from."""
        return self.inbound.partition(PROVEN_AT)[0]

    @property
    def proven_at(self) -> str:
        """The address at which the caller has given a password, empty where its network was known."""
        return self.inbound.partition(PROVEN_AT)[2]

    def encode(self, ring: KeyRing, now_ms: int, call_id: str | bytes, caller_tag: str | bytes) -> str:
        """Return the mark of the call with this Call-ID and From tag: letters, digits, `-` and `_`."""
        key = ring.signing(now_ms)
        way = self.towards | (_RELAYED if self.relayed else 0) | (_RAISES_CSEQ if self.raises_cseq else 0)
        head = bytes((_VERSION, way)) + bytes.fromhex(key.id) + self.ends_at_s.to_bytes(4, "big")
        body = head + _sized(self.inbound) + _sized(self.outbound) + self.hop
        if self.alias is not None:
            body += key.seal(_SEALED, str(self.alias), _bytes(call_id), _bytes(caller_tag))
        mac = key.sign(_PURPOSE, body, call_id, caller_tag)[:_MAC_BYTES]
        return base64.urlsafe_b64encode(body + mac).decode("ascii").rstrip("=")

    @classmethod
    def decode(cls, text: str, ring: KeyRing, now_ms: int, call_id: str | bytes, caller_tag: str | bytes) -> Self:
        """Read the mark of the call with this Call-ID and From tag.

        Raises:
            MarkInvalid: nobody with one of these keys wrote it for that call, or its time is over.
        """
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise MarkInvalid("it is something else") from error
        body, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        if len(body) < _HEAD + 2 + DIGEST_BYTES or body[0] != _VERSION or body[1] >= _WAYS:
            raise MarkInvalid("it is something else")
        key = ring.get(body[2 : 2 + ID_BYTES].hex())
        if key is None:
            raise MarkInvalid("its key is unknown")
        if not hmac.compare_digest(key.sign(_PURPOSE, body, call_id, caller_tag)[:_MAC_BYTES], mac):
            raise MarkInvalid("it was not made for this call")
        mark = cls._read(body, key, call_id, caller_tag)
        if now_ms >= mark.ends_at_s * 1000:
            raise MarkInvalid("its time is over")
        return mark

    @classmethod
    def recall(cls, text: str, ring: KeyRing, call_id: str | bytes, caller_tag: str | bytes) -> Self:
        """Read what `encode` returned, which the caller has kept where no peer can change it: nothing is verified.

        Raises:
            MarkInvalid: its key is not known any more; or it has an alias, and was made for another call.
        """
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:-_MAC_BYTES]
        return cls._read(body, ring.get(body[2 : 2 + ID_BYTES].hex()), call_id, caller_tag)

    @classmethod
    def _read(cls, body: bytes, key: SharedKey | None, call_id: str | bytes, caller_tag: str | bytes) -> Self:
        """Read a body that is our own writing."""
        ends_at_s = int.from_bytes(body[2 + ID_BYTES : _HEAD], "big")
        inbound, rest = _cut(body[_HEAD:])
        outbound, rest = _cut(rest)
        hop, sealed = rest[:DIGEST_BYTES], rest[DIGEST_BYTES:]
        alias = None
        if sealed:
            if key is None:
                raise MarkInvalid("its key is unknown")
            try:
                alias = Alias.of(key.unseal(_SEALED, sealed, _bytes(call_id), _bytes(caller_tag)))
            except ValueError as error:
                # Of an answer to that call, as its branch says, which has another Call-ID or tag.
                raise MarkInvalid("it was not made for this call") from error
        towards, relayed, raises_cseq = Towards(body[1] & 1), bool(body[1] & _RELAYED), bool(body[1] & _RAISES_CSEQ)
        return cls(towards, inbound, outbound, ends_at_s, hop, alias, relayed, raises_cseq)


def _bytes(identifier: str | bytes) -> bytes:
    return identifier.encode() if isinstance(identifier, str) else identifier


def _sized(text: str) -> bytes:
    data = text.encode("ascii")
    return bytes((len(data),)) + data


def _cut(data: bytes) -> tuple[str, bytes]:
    end = 1 + data[0]
    return data[1:end].decode("ascii"), data[end:]
