"""What is done with a message that Kamailio cannot read, or that is refused for its form: never silence for a peer.

The answer is made of the bytes that came, as Kamailio answers nothing that it cannot read.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from renvoi.domain.caller import CallerHeaders, read_caller
from renvoi.domain.callevent import Decided
from renvoi.domain.callrecord import CallKey
from renvoi.domain.identifier import identifier
from renvoi.domain.nameaddr import MAX_VALUE, NameAddr, uri_user
from renvoi.domain.text import clean_text
from renvoi.edge import answers
from renvoi.edge.facts import Message, clean_header
from renvoi.edge.salvage import REPLY, Salvaged, is_fit, salvage
from renvoi.spool.writer import Spool

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

_SCHEME = re.compile(rb"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_UNDERSTOOD_SCHEME = re.compile(rb"(?:sip|tel):", re.IGNORECASE)

_log = logging.getLogger("renvoi.edge")


class Unreadable:
    """Reads again, answers and records. One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any, spool: Spool, now_ms: Callable[[], int]) -> None:
        self._ksr = ksr
        self._message = Message(ksr)
        self._spool = spool
        self._now_ms = now_ms
        self._warned_at = float("-inf")

    def look(self) -> int:
        """Look at a message that has just come: say whether Kamailio can read it, or what is to be done about it.

        Puts into a variable what it shall read instead, without the lines that are no headers.
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
            return UNFIT
        if not found.dropped:
            return FIT
        self._put_bytes("message", found.cleaned)
        return CLEANED

    def refuse(self, what: str, region: str, variable: str = "mb") -> int:
        """Put the answer to the request into a variable, and note the refusal if it is a call.

        `what` is a key of `answers.UNREADABLE`; callers' numbers are read as written in `region`.
        `variable` is the one that has the request.
        """
        request = salvage(self._message.content(variable))
        if request is None or request.method in ("ACK", REPLY):
            return NOTHING
        if request.version not in ("2.0", ""):
            what = "version"
        elif what == "malformed" and _SCHEME.match(request.uri) and not _UNDERSTOOD_SCHEME.match(request.uri):
            what = "scheme"
        answer, reason = answers.UNREADABLE[what]
        fault = request.fault or reason
        self._warn(fault)
        headers = answer.headers
        if what == "extension":
            headers += f"Unsupported: {_not_understood(request)}\r\n"
        self._put_bytes("answer", request.answer(answer.status, answer.phrase, headers))
        if request.method == "INVITE" and not _parameter(request, b"to", "tag"):
            self._note(request, answer, reason, region)
        return DONE

    def record(self, what: str, region: str) -> None:
        """Note the refusal of a call that Kamailio answers itself."""
        request = salvage(self._message.content())
        if request is not None:
            self._note(request, *answers.UNREADABLE[what], region)

    def _note(self, request: Salvaged, answer: answers.Answer, reason: str, region: str) -> None:
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
        tag = _parameter(request, b"from", "tag").encode()
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

    def _put_bytes(self, name: str, value: bytes) -> None:
        """Put bytes into the variable `name`, or as hexadecimal digits into `name` + `_hex` when they are no text."""
        text, digits = "", ""
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            digits = value.hex()
        if "\0" in text:
            text, digits = "", value.hex()
        self._ksr.pv.sets(f"$var({name})", text)
        self._ksr.pv.sets(f"$var({name}_hex)", digits)

    def _warn(self, fault: str) -> None:
        now = time.monotonic()
        if now - self._warned_at >= WARN_EVERY_S:
            self._warned_at = now
            _log.warning("refused a request for its form: %s", fault)


def _parameter(request: Salvaged, header: bytes, name: str) -> str:
    elements = NameAddr.parse_list(clean_header(request.get(header)))
    return elements[0].parameters.get(name, "") if elements else ""


def _not_understood(request: Salvaged) -> str:
    tags = [tag.strip() for tag in clean_header(request.all(b"proxy-require"), 1024).split(",")]
    return ", ".join(tag for tag in tags if tag and tag.isascii() and tag.lower() not in UNDERSTOOD)
