"""SIP messages as they come in datagrams, and the responses that go back (RFC 3261 §7, §8.2.6, §18.3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from renvoi.domain.calls.name_addr import tag_of
from renvoi.voicemail.sip.headers import MAGIC_COOKIE, Address, Headers, Via, split

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
