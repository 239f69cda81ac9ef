"""SIP messages as they come in datagrams, and the responses that go back (RFC 3261 §7, §8.2.6, §18.3, §20, §25.1).

Text is ISO 8859-1 here: every byte is one character, so that what is echoed is echoed byte for byte.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from renvoi.domain import name_addr
from renvoi.domain.name_addr import parse_parameters, tag_of

MAGIC_COOKIE = "z9hG4bK"
"""How a branch begins that is unique in space and time (RFC 3261 §8.1.1.7)."""
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[^\s/;,]+)\s+"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)(?:\s*:\s*(?P<port>[0-9]{1,5}))?\s*(?P<parameters>;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_EMPTY_RPORT = re.compile(r";\s*rport\s*(?=;|$)", re.IGNORECASE)
_RECEIVED = re.compile(r";\s*received\s*=[^;]*", re.IGNORECASE)
Field = tuple[str, str]
Key = tuple[str, str, str]
"""What tells one server transaction from another: branch, sent-by, method (RFC 3261 §17.2.3)."""

MAX_CSEQ = 2**31
"""RFC 3261 §8.1.1.5: a sequence number is less than this."""
_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(r"\n[ \t]+")
_METHOD = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_VERSION = re.compile(r"SIP/[0-9]{1,9}\.[0-9]{1,9}", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 +([1-6][0-9]{2})(?: .*)?", re.IGNORECASE)
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~-]+)")
_SINGLE = ("from", "to", "call-id", "cseq", "content-length", "content-type", "max-forwards")
_MANDATORY = ("from", "to", "call-id", "cseq")


@dataclass(frozen=True, slots=True)
class Via:
    """One Via element: as written, and what of it matters here."""

    text: str
    host: str
    port: int | None
    branch: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one element.

        Raises:
            ValueError: it is not `SIP/2.0/TRANSPORT host[:port][;parameters]`.
        """
        found = _VIA.fullmatch(text)
        if found is None:
            raise ValueError("malformed Via")
        branch = parse_parameters(found["parameters"] or "").get("branch", "")
        return cls(text, found["host"].lower(), int(found["port"]) if found["port"] else None, branch)

    def stamped(self, source: tuple[str, int]) -> str:
        """Return the element with `received` and `rport` telling where the request came from (RFC 3581 §4)."""
        text = _RECEIVED.sub("", self.text)
        stamped, asked = _EMPTY_RPORT.subn(f";rport={source[1]}", text, count=1)
        if asked or self.host.strip("[]") != source[0].lower():
            return f"{stamped};received={source[0]}"
        return stamped


_COMPACT = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
    "x": "session-expires",
}
"""RFC 3261 §7.3.3, RFC 4028 §4; others' compact forms are of no use here."""
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
"""What would end a Request-URI or its line."""


class Headers:
    """The header fields of one message: names in any case or compact, values as written, folded lines made one."""

    __slots__ = ("_values",)

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            key = name.lower()
            self._values.setdefault(_COMPACT.get(key, key), []).append(value)

    def all(self, name: str) -> list[str]:
        """Return the values of every field of that name (lower case, long form), topmost first."""
        return self._values.get(name, [])

    def get(self, name: str) -> str | None:
        """Return the topmost field's value, None when there is no such field. Any case will do."""
        values = self._values.get(name.lower())
        return values[0] if values else None

    def elements(self, name: str) -> list[str]:
        """Return the elements of all fields of that name, split at their commas, topmost first."""
        return [element for value in self.all(name) for element in split(value)]

    def tokens(self, name: str) -> set[str]:
        """Return the elements in lower case, where their order does not matter."""
        return {element.lower() for element in self.elements(name)}


def split(value: str) -> list[str]:
    """Split a header value at its commas, but for those within `"…"` and `<…>`; empty elements are dropped."""
    return [element for part in name_addr.split(value) if (element := part.strip())]


@dataclass(frozen=True, slots=True)
class Address:
    """A name-addr or addr-spec (RFC 3261 §20.10): the URI as written, the header's parameters with lower-case names."""

    uri: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, value: str) -> "Address":
        """Read one element of From, To, Contact or Record-Route.

        Raises:
            ValueError: it holds no URI.
        """
        quoted = _QUOTED.match(value)
        rest = value[quoted.end() :] if quoted else value
        _, opened, inner = rest.partition("<")
        if opened:
            uri, closed, parameters = inner.partition(">")
            if not closed:
                raise ValueError("a < without >")
        else:
            # Without <> everything after a semicolon is the header's (RFC 3261 §20).
            uri, semicolon, parameters = rest.partition(";")
            parameters = semicolon + parameters
        uri = uri.strip()
        if ":" not in uri or _UNSAFE.search(uri):
            raise ValueError("no URI")
        return cls(uri, parse_parameters(parameters) if ";" in parameters else {})


def scheme(uri: str) -> str:
    return uri.partition(":")[0].lower()


class Unreadable(ValueError):
    """A datagram is not a SIP message, or a request that no response could find back from."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `fault` says what is wrong with its mandatory parts, None when they are sound."""

    method: str
    uri: str
    version: str
    headers: Headers
    body: bytes
    via: Via
    call_id: str
    cseq: int
    from_tag: str
    to_tag: str
    fault: str | None

    def key(self, method: str | None = None) -> Key:
        """Return the transaction's key, or that of the `method` which this ACK or CANCEL is about."""
        branch = self.via.branch
        if not branch.startswith(MAGIC_COOKIE):
            # Not unique by itself (RFC 3261 §17.2.3, for clients of RFC 2543).
            branch = "\n".join((branch, self.call_id, self.from_tag, str(self.cseq)))
        return branch, f"{self.via.host}:{self.via.port or 5060}", method or self.method

    @property
    def dialog(self) -> tuple[str, str, str]:
        """The dialog that it belongs to, as we see it: Call-ID, our tag, the peer's tag (RFC 3261 §12)."""
        return self.call_id, self.to_tag, self.from_tag


@dataclass(frozen=True, slots=True)
class Reply:
    """A response to a request of ours: of it, only the transaction and the status matter."""

    status: int
    branch: str


def parse(datagram: bytes) -> Request | Reply:
    """Read a datagram.

    Raises:
        Unreadable: it is not a SIP message, or has no Via.
    """
    start, headers, body = divide(datagram)
    vias = headers.elements("via")
    if not vias:
        raise Unreadable("no Via")
    if (status := _STATUS_LINE.fullmatch(start)) is not None:
        try:
            return Reply(int(status[1]), Via.parse(vias[0]).branch)
        except ValueError as error:
            raise Unreadable(str(error)) from error
    method, _, rest = start.strip(" ").partition(" ")
    uri, _, version = rest.rpartition(" ")
    if not uri.strip(" ") or not _METHOD.fullmatch(method) or not _VERSION.fullmatch(version):
        raise Unreadable("no start line")
    return _request(method, uri.strip(" "), version.upper(), headers, body, vias[0])


def divide(datagram: bytes) -> tuple[str, Headers, bytes]:
    """Return the start line, the headers and whatever follows them.

    Raises:
        Unreadable: no empty line ends the headers.
    """
    data = datagram.lstrip(b"\r\n")
    end = _END.search(data)
    if end is None:
        raise Unreadable("no end of the headers")
    head = data[: end.start()].decode("latin-1").replace("\r\n", "\n").replace("\r", " ").replace("\0", " ")
    start, *lines = _FOLDED.sub(" ", head).split("\n")
    parts = (line.partition(":") for line in lines)
    # A line without a colon is not a header; what is not needed is not missed (RFC 3261 §8.2.2).
    headers = Headers((name.rstrip(" \t"), value.strip(" \t")) for name, colon, value in parts if colon)
    return start, headers, data[end.end() :]


def _request(method: str, uri: str, version: str, headers: Headers, body: bytes, topmost: str) -> Request:
    faults = [f"{name}: not one" for name in _SINGLE if len(headers.all(name)) > 1]
    faults += [f"{name}: missing" for name in _MANDATORY if not headers.get(name)]
    if " " in uri or "\t" in uri:
        faults.append("Request-URI: white space")
    try:
        via = Via.parse(topmost)
    except ValueError as error:
        via = Via(topmost, "", None, "")
        faults.append(str(error))
    number, fault = _sequence(headers.get("cseq") or "", method)
    body, short = _cut(body, headers.get("content-length"))
    from_tag, from_fault = _tag(headers, "from")
    to_tag, to_fault = _tag(headers, "to")
    faults += [each for each in (fault, short, from_fault, to_fault) if each]
    call_id = headers.get("call-id") or ""
    return Request(
        method, uri, version, headers, body, via, call_id, number, from_tag, to_tag, faults[0] if faults else None
    )


def _sequence(value: str, method: str) -> tuple[int, str | None]:
    found = _CSEQ.fullmatch(value)
    if found is None or int(found[1]) >= MAX_CSEQ:
        return 0, "CSeq: malformed"
    return int(found[1]), None if found[2] == method else "CSeq: another method"


def _cut(body: bytes, length: str | None) -> tuple[bytes, str | None]:
    """Apply Content-Length (RFC 3261 §18.3): without one the body is the rest of the datagram."""
    if length is None:
        return body, None
    if not (length.isascii() and length.isdigit()) or len(length) > 9:
        return b"", "Content-Length: malformed"
    if int(length) > len(body):
        return b"", "Content-Length: more than came"
    return body[: int(length)], None


def _tag(headers: Headers, name: str) -> tuple[str, str | None]:
    # Without a tag the peer is of RFC 2543, and its tag is null (RFC 3261 §12.1.1).
    value = headers.get(name) or ""
    try:
        Address.parse(value)
    except ValueError:
        return "", f"{name}: malformed"
    try:
        return tag_of(value), None
    except ValueError as error:
        return "", f"{name}: {error}"


def encode(start: str, fields: Iterable[Field], body: bytes = b"") -> bytes:
    """Write a message, with its Content-Length."""
    lines = [start, *(f"{name}: {value}" for name, value in fields), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def response(
    request: Request,
    source: tuple[str, int],
    status: int,
    phrase: str,
    to_tag: str = "",
    fields: Iterable[Field] = (),
    body: bytes = b"",
) -> bytes:
    """Write the response to a request that came from `source` (RFC 3261 §8.2.6.2); `to_tag` where it has none yet."""
    headers = request.headers
    first, *others = headers.all("via")
    echoed = [("Via", via) for via in (request.via.stamped(source), *split(first)[1:], *others)]
    if status == 100:
        echoed += [("Timestamp", value) for value in headers.all("timestamp")[:1]]
    to = headers.get("to")
    if to is not None and to_tag and not request.to_tag:
        to = f"{to};tag={to_tag}"
    core = (
        ("From", headers.get("from")),
        ("To", to),
        ("Call-ID", headers.get("call-id")),
        ("CSeq", headers.get("cseq")),
    )
    echoed += [(name, value) for name, value in core if value is not None]
    return encode(f"SIP/2.0 {status} {phrase}", [*echoed, *fields], body)
