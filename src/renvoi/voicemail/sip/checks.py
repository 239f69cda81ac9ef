"""What a request must pass before it is handled (RFC 3261 §8.2), and what its fields and body ask for."""

import re

from renvoi.domain.name_addr import parse_parameters
from renvoi.voicemail.sip.endpoint import ALLOW, SUPPORTED
from renvoi.voicemail.sip.message import Address, Field, Request, Unreadable, divide, scheme
from renvoi.voicemail.sip.sdp import SdpInvalid, SessionDescription

SDP = "application/sdp"
MIN_SE = 90
"""Seconds: the shortest session interval that there may be (RFC 4028 §4)."""
_OURS = frozenset(ALLOW.split(", "))
_KNOWN = _OURS | {"MESSAGE", "NOTIFY", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE"}
_UNDERSTOOD = frozenset(SUPPORTED.split(", "))
_SCHEMES = frozenset({"sip", "sips", "tel"})
_INTERVAL = re.compile(r"([0-9]{1,9})[ \t]*(;.*)?", re.DOTALL)

DTMF_RELAY, DTMF_PLAIN = "application/dtmf-relay", "application/dtmf"
"""Bodies of INFO with a key, which no RFC describes and many phones send."""
_ACCEPT_KEYS = ("Accept", f"{DTMF_RELAY}, {DTMF_PLAIN}")
_SIGNAL = re.compile(rb"^[ \t]*Signal[ \t]*=[ \t]*(\S{1,2})[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_CODES = {b"10": "*", b"11": "#", b"12": "A", b"13": "B", b"14": "C", b"15": "D"}
"""Some name keys by their event codes (RFC 4733 §3.2); codes under ten are the digits themselves."""
_NO_KEY = frozenset({b"16", b"!"})
"""The hook flash."""
_KEYS = b"0123456789*#ABCD"
_MAX_KEY_BYTES = 1024


class Refused(Exception):
    """A request gets this final response, of a class from 400 on."""

    def __init__(self, status: int, phrase: str, *fields: Field) -> None:
        super().__init__(f"{status} {phrase}")
        self.status, self.phrase, self.fields = status, phrase, fields


def inspect(request: Request) -> None:
    """Check the request as far as the dialog does not matter.

    Raises:
        Refused: 400, 405, 416, 420, 501 or 505.
    """
    if request.version != "SIP/2.0":
        raise Refused(505, "Version Not Supported")
    if request.fault is not None:
        raise Refused(400, f"Bad Request ({request.fault})")
    if request.method not in _OURS:
        if request.method in _KNOWN:
            raise Refused(405, "Method Not Allowed", ("Allow", ALLOW))
        raise Refused(501, "Not Implemented", ("Allow", ALLOW))
    if scheme(request.uri) not in _SCHEMES:
        raise Refused(416, "Unsupported URI Scheme")
    # A CANCEL requires nothing (RFC 3261 §8.2.2.3).
    if request.method != "CANCEL" and (unknown := request.headers.tokens("require") - _UNDERSTOOD):
        raise Refused(420, "Bad Extension", ("Unsupported", ", ".join(sorted(unknown))))


def contact(request: Request) -> str:
    """Return the URI of the Contact, without headers (RFC 3261 §12.1.1, §19.1.5).

    Raises:
        Refused: 400, it has not exactly one, or none that a request could be sent to.
    """
    contacts = request.headers.elements("contact")
    try:
        (uri,) = (Address.parse(each).uri for each in contacts)
    except ValueError as error:
        raise Refused(400, "Bad Request (Contact)") from error
    if scheme(uri) not in ("sip", "sips"):
        raise Refused(400, "Bad Request (Contact: not a SIP URI)")
    return uri.partition("?")[0]


def description(request: Request) -> SessionDescription | None:
    """Return the session description in the body, None when there is no body.

    Raises:
        Refused: 415, the body is something else; 400, it is not legible.
    """
    if not request.body:
        return None
    encoding = request.headers.get("content-encoding") or "identity"
    if encoding.lower() != "identity":
        raise Refused(415, "Unsupported Media Type", ("Accept", SDP), ("Accept-Encoding", "identity"))
    kind = request.headers.get("content-type") or ""
    media_type = kind.partition(";")[0].strip().lower()
    body: bytes | None = request.body if media_type == SDP else None
    if media_type.startswith("multipart/"):
        body = _part(kind, request.body)
    if body is None:
        disposition = parse_parameters(request.headers.get("content-disposition") or "")
        if disposition.get("handling", "").lower() == "optional":
            return None
        raise Refused(415, "Unsupported Media Type", ("Accept", SDP))
    try:
        return SessionDescription.parse(body)
    except SdpInvalid as error:
        raise Refused(400, "Bad Request (session description)", ("Warning", f'399 renvoi "{error}"')) from error


def _part(content_type: str, body: bytes) -> bytes | None:
    """Return the session description among the parts (RFC 2046 §5.1.1, RFC 5621 §3.1), not in parts of parts."""
    boundary = parse_parameters(content_type).get("boundary")
    if not boundary:
        return None
    # What comes before the first boundary is not a part.
    for part in body.split(b"--" + boundary.encode("latin-1"))[1:]:
        try:
            # The rest of the boundary's line stands where a message has its start line.
            _, headers, content = divide(b"-" + part)
        except Unreadable:
            continue
        if (headers.get("content-type") or "").partition(";")[0].strip().lower() == SDP:
            return content
    return None


def session_interval(request: Request) -> int | None:
    """Return the seconds within which the caller promises to refresh the session, None when it does not (RFC 4028 §9).

    We never refresh: where that would fall to us there is no session timer. No message is long enough to need one.

    Raises:
        Refused: 422, the interval is too short.
    """
    value = request.headers.get("session-expires")
    found = _INTERVAL.fullmatch(value) if value is not None else None
    if found is None or "timer" not in request.headers.tokens("supported") | request.headers.tokens("require"):
        return None
    if parse_parameters(found[2] or "").get("refresher", "").lower() == "uas":
        return None
    if int(found[1]) < MIN_SE:
        raise Refused(422, "Session Interval Too Small", ("Min-SE", str(MIN_SE)))
    return int(found[1])


def key_of(request: Request) -> str | None:
    """Return the key that an INFO brings; None when it brings nothing, which is how some ask whether we are there.

    Raises:
        Refused: 415, the body is something else; 400, it names no key; 469, it is of a package that nobody asked for.
    """
    if not request.body:
        if request.headers.get("info-package") is not None:
            # RFC 6086 §4.2.2: with what we would take, which is nothing.
            raise Refused(469, "Bad Info Package", ("Recv-Info", ""))
        return None
    kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind not in (DTMF_RELAY, DTMF_PLAIN):
        if request.headers.get("info-package") is not None:
            raise Refused(469, "Bad Info Package", ("Recv-Info", ""))
        handling = parse_parameters(request.headers.get("content-disposition") or "").get("handling", "")
        if handling.lower() == "optional":
            return None
        raise Refused(415, "Unsupported Media Type", _ACCEPT_KEYS)
    body = request.body[:_MAX_KEY_BYTES]
    found = _SIGNAL.search(body)
    signal = found[1] if found is not None else body.strip() if kind == DTMF_PLAIN else b""
    signal = signal.upper()
    if signal in _NO_KEY:
        return None
    if signal in _CODES:
        return _CODES[signal]
    if len(signal) != 1 or signal not in _KEYS:
        raise Refused(400, "Bad Request (no key)")
    return signal.decode("ascii")
