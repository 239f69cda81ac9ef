"""What is done with a message that Kamailio cannot read, or that is refused for its form: never silence for a peer.

The answer is made of the bytes that came, as Kamailio answers nothing that it cannot read.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from renvoi.call_records.spool import Spool
from renvoi.domain.calls.call_record import CallKey, Decided, identifier
from renvoi.domain.calls.caller import CallerHeaders, read_caller
from renvoi.domain.name_addr import MAX_VALUE, NameAddr, uri_user
from renvoi.domain.text import clean_text
from renvoi.edge.router import header_forms, sip_responses
from renvoi.edge.router.invite_parser import KamailioMessage, clean_header

_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_ANY_LINE_END = re.compile(rb"\r?\n")
_LINE_END = re.compile(rb"\r?\n(?![ \t])")
"""Of a line with its folds."""
_TO_COLON = re.compile(rb"[^:\r\n]*:")
_HEADER = re.compile(rb"([A-Za-z0-9!%*_+`'~.-]{1,256}+)[ \t]*+:[ \t]*+([^\r\n\0]*+)")
"""A header line (RFC 3261 §7.3.1). With NUL or CR in it Kamailio reads one line, and others may read two or none."""
_METHOD = re.compile(rb"[A-Za-z0-9.!%*_+`'~-]{1,32}")
_STATUS = re.compile(rb"SIP/2\.0 ([0-9]{3})", re.IGNORECASE)
_STATUS_START = re.compile(r"SIP/2\.0 [1-6][0-9]{2}")
_NO_STATUS = b"500 Invalid Status"
"""What an invalid status (outside RFC 3261 §7.2: 100 to 699) counts as: a failure of its sender."""
_VERSION = re.compile(rb"SIP/([0-9]{1,3}\.[0-9]{1,3})", re.IGNORECASE)
_CSEQ = re.compile(rb"([0-9]{1,10})[ \t]+\S+")
_ONCE = ("\r\nFrom:", "\r\nTo:", "\r\nCall-ID:", "\r\nCSeq:")
_AT_MOST_ONCE = ("\r\nMax-Forwards:", "\r\nContent-Length:")
_COMPACT = {b"f": b"from", b"t": b"to", b"i": b"call-id", b"v": b"via", b"l": b"content-length", b"m": b"contact"}
_OTHER_SPELLING = r"(?i:f|t|i|v|l|via|from|to|call-id|cseq|content-length|max-forwards|retry-after)[ \t:]"
"""Of headers that a message must have once, or that few have; such messages are read as a whole."""
_READ_FIRST = (
    rf"Via:{header_forms.VIA}|To:{header_forms.TO}|CSeq:{header_forms.SEQUENCE}|Content-Length:{header_forms.DIGITS}"
    rf"|From:{header_forms.TO}"
)
_FIT = re.compile(
    rf"(?>(?:(?>(?:(?:{_READ_FIRST})(?=\r)|Call-ID:|Max-Forwards:"
    rf"|(?!{_OTHER_SPELLING}){header_forms.NAME_CHARACTER}++[ \t]*+:)[^\r\n\0]*+\r\n))+)"
)
"""Header lines, each one that Kamailio reads. A line is read in one way, whatever comes behind it."""
_NEEDED = (b"via", b"from", b"to", b"call-id", b"cseq")
_NOT_NEEDED = b"retry-after"
"""A header that Kamailio reads with those that it needs. Who calls has no use for one that cannot be read."""
_SINGLE = frozenset({*_NEEDED[1:], b"content-length", b"max-forwards"})
REPLY = "SIP"
"""Stands for the method of a response; no method in use is called so."""
MAX_CSEQ = 2**31
"""RFC 3261 §8.1.1.5: a sequence number is less than this."""
MAX_ECHO = 4096
"""Bytes of a line that an answer repeats; without a longer one the peer cannot have been meant to match it."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A message, as far as it can be read. `headers` have names in lower case, long form.

    `method` is `REPLY` for a response; `version` that of SIP, empty when the start line is malformed. `cleaned` is the
    message without what stands before it and without the lines that are not headers, names in one line with their
    colons, a response with a status that there is; `dropped` how many lines were left out or written again; `early`
    says that Kamailio would meet one before it has what it needs to begin. `whole` says that the headers have an end;
    `malformed` is what Kamailio cannot read first: the name of a header, or the start line.
    """

    method: str
    uri: bytes
    version: str
    headers: tuple[tuple[bytes, bytes], ...]
    cleaned: bytes
    dropped: int
    early: bool
    whole: bool
    malformed: str

    def get(self, name: bytes) -> bytes:
        """Return the value of the first header of that name, empty when there is none."""
        return next((value for key, value in self.headers if key == name), b"")

    def all(self, name: bytes) -> bytes:
        """Return the values of all headers of that name as one list."""
        return b", ".join(value for key, value in self.headers if key == name)

    @property
    def fault(self) -> str | None:
        """Why it must be refused though all its lines are headers; None when nothing is known against it."""
        if not self.whole:
            return "the headers have no end"
        names = [name for name, _ in self.headers]
        for name in _NEEDED:
            if not self.get(name):
                return f"{name.decode()} is missing"
        for name in _SINGLE:
            if names.count(name) > 1:
                return f"{name.decode()} is there more than once"
        if self.all(b"via").count(b",") >= header_forms.MOST_VIAS:
            return f"via is there more than {header_forms.MOST_VIAS} times"
        if self.malformed:
            return f"{self.malformed} is malformed"
        # A reply of any method is read; of a request Kamailio would tell in its log.
        if self.method != REPLY and self.get(b"cseq").split()[-1] != self.method.encode():
            return "cseq is of another method"
        return None if self.version == "2.0" else "the start line does not end with SIP/2.0"

    @property
    def cseq(self) -> int:
        """The sequence number, 0 when there is none."""
        found = _CSEQ.fullmatch(self.get(b"cseq"))
        return int(found[1]) if found is not None and int(found[1]) < MAX_CSEQ else 0

    def answer(self, status: int, phrase: str, headers: str = "", tag_begins: str = "") -> bytes:
        """Return a response (RFC 3261 §8.2.6); `headers` are more lines of it, each with its end.

        The tag is made of the request, so that a request that comes again gets the same one (§8.2.7), and begins with
        `tag_begins`, by which its ACK can be told.
        """
        lines = [f"SIP/2.0 {status} {phrase}".encode()]
        written = {b"via": b"Via", b"from": b"From", b"to": b"To", b"call-id": b"Call-ID", b"cseq": b"CSeq"}
        seen: set[bytes] = set()
        for name, value in self.headers:
            if name not in written or len(value) > MAX_ECHO or (name in seen and name != b"via"):
                continue
            seen.add(name)
            tag = b""
            if name == b"to" and not re.search(rb"(?i);\s*tag\s*=", value):
                identity = b"\n".join((self.get(b"via"), self.get(b"call-id"), self.get(b"cseq")))
                tag = b";tag=" + tag_begins.encode() + hashlib.sha256(identity).hexdigest()[:16].encode()
            lines.append(written[name] + b": " + value + tag)
        lines += [line.encode() for line in headers.split("\r\n") if line]
        return b"\r\n".join([*lines, b"Content-Length: 0", b"", b""])


def is_fit(message: str) -> bool:
    """Tell quickly whether Kamailio can read a message; of one that has an uncommon form it may say no.

    Takes some microseconds, as every message passes here.
    """
    end = message.find("\r\n\r\n") + 2
    if end < 2:
        return False
    start = message.find("\r\n") + 2
    # For Kamailio a line ends at a line feed alone, too: what one hides may be there twice.
    if "\n" in message[: start - 2]:
        return False
    head = message[start - 2 : end]
    if message.endswith(" SIP/2.0\r\n", 0, start):
        method, sequence = message[: message.find(" ")], head.find("\r\nCSeq:") + 2
        if not head.endswith(f" {method}", sequence, head.find("\r\n", sequence)):
            return False
    elif not _STATUS_START.match(message, 0, start):
        return False
    for name in _ONCE:
        if head.count(name) != 1:
            return False
    for name in _AT_MOST_ONCE:
        if head.count(name) > 1:
            return False
    return 0 < head.count("\r\nVia:") <= header_forms.MOST_ELEMENTS and _FIT.fullmatch(head, 2) is not None


def salvage(message: bytes) -> Salvaged | None:
    """Read a message as it came; None when it is not a SIP message."""
    data = message.lstrip(b"\r\n \t\0")
    end = _END.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end is not None else (data, b"")
    start, *lines = _LINE_END.split(head)
    start, *folds = _ANY_LINE_END.split(start)
    first = _start(start)
    if first is None:
        return None
    readable = _readable(start)
    headers, kept, missing, early = [], [], set(_NEEDED), False
    malformed = "the start line" if folds else ""
    dropped = (data != message) + (readable != start)
    for line in lines:
        header = _HEADER.fullmatch(_unfolded(line))
        name = _long_form(header[1]) if header is not None else b""
        as_it_came = line.partition(b":")[2]
        fits = header is not None and header_forms.has_form(name, header[2], as_it_came)
        if header is None or (name == _NOT_NEEDED and not fits):
            early = early or bool(missing)
            dropped += 1
            continue
        if not _TO_COLON.match(line):
            early = early or bool(missing)
            dropped += 1
            kept.append(header[1] + b":" + as_it_came)
        else:
            kept.append(line)
        if not fits:
            malformed = malformed or name.decode()
        missing.discard(name)
        headers.append((name, header[2].strip()))
    if not first[2] and not {b"via", b"call-id"}.isdisjoint(missing):
        return None
    cleaned = b"\r\n".join([readable, *kept, b"", body])
    return Salvaged(*first, tuple(headers), cleaned, dropped, early, end is not None, malformed)


def _unfolded(line: bytes) -> bytes:
    return _FOLDED.sub(b" ", line)


def _long_form(name: bytes) -> bytes:
    name = name.lower()
    return _COMPACT.get(name, name)


def _readable(start: bytes) -> bytes:
    """Return a start line, that of a response with a status that there is."""
    found = _STATUS.match(start)
    return start if found is None or 100 <= int(found[1]) <= 699 else b"SIP/2.0 " + _NO_STATUS


def _start(line: bytes) -> tuple[str, bytes, str] | None:
    """Return method, Request-URI and version of a start line; None when it is not one."""
    if _STATUS.match(line):
        return REPLY, b"", "2.0"
    method, _, rest = line.partition(b" ")
    uri, _, protocol = rest.rstrip(b" ").rpartition(b" ")
    if not _METHOD.fullmatch(method):
        return None
    version = _VERSION.fullmatch(protocol)
    return method.decode(), uri.strip(), version[1].decode() if version is not None else ""


UNDERSTOOD = frozenset({"privacy"})
"""Option tags of Proxy-Require that the edge understands: Privacy is obeyed and passed on (RFC 3323 §5)."""
FIT, CLEANED, UNFIT = 1, 2, 3
"""Kamailio can read a message; it can read what was put into a variable; it could read neither."""
DONE, NOTHING = 1, 2
"""There is an answer in a variable; there is none."""
RECEIVED = "rcv(buf)"
"""The message as it came, before Kamailio has begun to read it."""
WARN_EVERY_S = 1.0
"""Seconds between two lines of the log about such messages, in each process."""

_EARLY = "a line before the headers that it needs is not one"
_SCHEME = re.compile(rb"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_UNDERSTOOD_SCHEME = re.compile(rb"(?:sip|tel):", re.IGNORECASE)

_log = logging.getLogger("renvoi.edge")


class MalformedRequests:
    """Reads again, answers and records. One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any, spool: Spool, now_ms: Callable[[], int]) -> None:
        self._ksr = ksr
        self._message = KamailioMessage(ksr)
        self._spool = spool
        self._now_ms = now_ms
        self._warned_at = float("-inf")

    def look(self) -> int:
        """Look at a message that has just come: say whether Kamailio can read it, or what is to be done about it.

        Puts into a variable what it shall read instead, without the lines that are not headers.
        """
        try:
            if is_fit(self._ksr.pv.gete(f"${RECEIVED}")):
                return FIT
        except UnicodeDecodeError:
            pass
        content = self._message.content(RECEIVED)
        found = salvage(content)
        if found is None:
            # It may be no SIP at all, of which Kamailio makes nothing.
            return FIT
        if found.fault is not None or found.early:
            if found.method == REPLY:
                self._warn(f"dropped an answer, as Kamailio cannot read it: {found.fault or _EARLY}")
            return UNFIT
        if not found.dropped:
            return FIT
        put_bytes(self._ksr, "message", found.cleaned)
        return CLEANED

    def refuse(self, what: str, region: str, variable: str = "mb") -> int:
        """Put the answer to the request into a variable, and note the refusal if it is a call.

        `what` is a key of `sip_responses.UNREADABLE`; callers' numbers are read as written in `region`.
        `variable` is the one that has the request.
        """
        request = salvage(self._message.content(variable))
        if request is None or request.method in ("ACK", REPLY):
            return NOTHING
        if request.version not in ("2.0", ""):
            what = "version"
        elif what == "malformed" and _SCHEME.match(request.uri) and not _UNDERSTOOD_SCHEME.match(request.uri):
            what = "scheme"
        answer, reason = sip_responses.UNREADABLE[what]
        fault = request.fault or reason
        self._warn(f"refused a request for its form: {fault}")
        headers = answer.headers
        if what == "extension":
            headers += f"Unsupported: {_not_understood(request)}\r\n"
        put_bytes(self._ksr, "answer", request.answer(answer.status, answer.phrase, headers))
        if request.method == "INVITE" and not parameter_of(request, b"to", "tag"):
            self._note(request, answer, reason, region)
        return DONE

    def record(self, what: str, region: str) -> None:
        """Note the refusal of a call that Kamailio answers itself."""
        request = salvage(self._message.content())
        if request is not None:
            self._note(request, *sip_responses.UNREADABLE[what], region)

    def _note(self, request: Salvaged, answer: sip_responses.SipResponse, reason: str, region: str) -> None:
        if not request.get(b"call-id"):
            return
        headers = CallerHeaders(
            clean_header(request.get(b"from")),
            clean_header(request.all(b"p-asserted-identity")),
            clean_header(request.all(b"remote-party-id")),
            clean_header(request.all(b"p-preferred-identity")),
            clean_header(request.all(b"privacy")),
        )
        caller, uri = read_caller(headers, region), clean_header(request.uri)
        tag = parameter_of(request, b"from", "tag").encode()
        event = Decided(
            key=CallKey(identifier(request.get(b"call-id")), identifier(tag), request.cseq),
            at_ms=self._now_ms(),
            caller=caller.text,
            called=uri_user(uri) or clean_text(uri, MAX_VALUE),
            number=None,
            revision=None,
            decision="reject",
            reason=reason,
            status=answer.status,
            cause=answer.cause,
            withheld=caller.withheld,
        )
        self._spool.append(event)

    def _warn(self, text: str) -> None:
        now = time.monotonic()
        if now - self._warned_at >= WARN_EVERY_S:
            self._warned_at = now
            _log.warning("%s", text)


def put_bytes(ksr: Any, name: str, value: bytes) -> None:
    """Put bytes into the variable `name`, or as hexadecimal digits into `name` + `_hex` when they are not text."""
    text, digits = "", ""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        digits = value.hex()
    if "\0" in text:
        text, digits = "", value.hex()
    ksr.pv.sets(f"$var({name})", text)
    ksr.pv.sets(f"$var({name}_hex)", digits)


def parameter_of(request: Salvaged, header: bytes, name: str) -> str:
    """Return a parameter of the first value of a header, empty when there is none."""
    elements = NameAddr.parse_list(clean_header(request.get(header)))
    return elements[0].parameters.get(name, "") if elements else ""


def _not_understood(request: Salvaged) -> str:
    tags = [tag.strip() for tag in clean_header(request.all(b"proxy-require"), 1024).split(",")]
    return ", ".join(tag for tag in tags if tag and tag.isascii() and tag.lower() not in UNDERSTOOD)
