"""Keys by INFO: `application/dtmf-relay` and `application/dtmf`, which no RFC describes and many phones send."""

import re

from renvoi.domain.calls.name_addr import parse_parameters
from renvoi.voicemail.sip.checks import Refused
from renvoi.voicemail.sip.message import Request

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
_ACCEPT = ("Accept", f"{RELAY}, {PLAIN}")
_SIGNAL = re.compile(rb"^[ \t]*Signal[ \t]*=[ \t]*(\S{1,2})[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_CODES = {b"10": "*", b"11": "#", b"12": "A", b"13": "B", b"14": "C", b"15": "D"}
"""Some name keys by their event codes (RFC 4733 §3.2); codes under ten are the digits themselves."""
_NO_KEY = frozenset({b"16", b"!"})
"""The hook flash."""
_KEYS = b"0123456789*#ABCD"
_LONGEST = 1024


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
    if kind not in (RELAY, PLAIN):
        if request.headers.get("info-package") is not None:
            raise Refused(469, "Bad Info Package", ("Recv-Info", ""))
        handling = parse_parameters(request.headers.get("content-disposition") or "").get("handling", "")
        if handling.lower() == "optional":
            return None
        raise Refused(415, "Unsupported Media Type", _ACCEPT)
    body = request.body[:_LONGEST]
    found = _SIGNAL.search(body)
    signal = found[1] if found is not None else body.strip() if kind == PLAIN else b""
    signal = signal.upper()
    if signal in _NO_KEY:
        return None
    if signal in _CODES:
        return _CODES[signal]
    if len(signal) != 1 or signal not in _KEYS:
        raise Refused(400, "Bad Request (no key)")
    return signal.decode("ascii")
