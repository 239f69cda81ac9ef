"""The SIP answers that the edge gives of itself: the one place that maps a domain reason to a status and a cause.

`CallerTransaction` sends them to the caller of the INVITE at hand, and notes that it has its final answer.
"""

from dataclasses import dataclass
from typing import Any

from renvoi.domain.identity.verification import Fault
from renvoi.domain.routing.routing import Reason
from renvoi.edge.router.invite_parser import KamailioMessage


@dataclass(frozen=True, slots=True)
class SipResponse:
    """A final SIP answer: status and phrase (RFC 3261 §21), Q.850 cause (RFC 3326), seconds of Retry-After if any."""

    status: int
    phrase: str
    cause: int | None = None
    retry_after_s: int | None = None

    @property
    def headers(self) -> str:
        """The header lines to add to the answer, each with its line end; empty when there are none."""
        reason = f"Reason: Q.850;cause={self.cause}\r\n" if self.cause is not None else ""
        retry = f"Retry-After: {self.retry_after_s}\r\n" if self.retry_after_s is not None else ""
        return reason + retry


REJECTIONS: dict[Reason, SipResponse] = {
    Reason.UNKNOWN: SipResponse(404, "Not Found", 1),
    Reason.DEACTIVATED: SipResponse(404, "Not Found", 1),
    Reason.NOT_ENABLED: SipResponse(480, "Temporarily Unavailable", 20),
    Reason.DISABLED: SipResponse(480, "Temporarily Unavailable", 20),
    Reason.CLOSED: SipResponse(480, "Temporarily Unavailable", 20),
    # RFC 5079 §5. Cause 21: call rejected.
    Reason.ANONYMOUS: SipResponse(433, "Anonymity Disallowed", 21),
    Reason.BLOCKED: SipResponse(603, "Decline", 21),
    # Cause 25, exchange routing error: what RFC 3398 §8.2.6.1 makes of a 482.
    Reason.LOOP: SipResponse(482, "Loop Detected", 25),
    Reason.TOO_MANY_DIVERSIONS: SipResponse(480, "Temporarily Unavailable", 25),
    Reason.LIMIT_CALLS: SipResponse(486, "Busy Here", 17),
    Reason.LIMIT_RATE: SipResponse(486, "Busy Here", 17),
    Reason.LIMIT_MINUTES: SipResponse(480, "Temporarily Unavailable", 20),
    Reason.LIMIT_SPEND: SipResponse(480, "Temporarily Unavailable", 20),
    Reason.COOLING_OFF: SipResponse(480, "Temporarily Unavailable", 20),
    # Not 403, by which carriers understand that they themselves were refused. Cause 21: call rejected.
    Reason.DESTINATION_REFUSED: SipResponse(480, "Temporarily Unavailable", 21),
}

VOICEMAIL_ABSENT = SipResponse(480, "Temporarily Unavailable", 20)
"""This edge has no voicemail."""
VOICEMAIL_SILENT = SipResponse(480, "Temporarily Unavailable", 41)
"""No worker of the voicemail takes the call: they are all down, or broken."""
VOICEMAIL_FULL = SipResponse(486, "Busy Here", 17)
"""The workers of the voicemail have as many calls as they can take."""
MALFORMED = SipResponse(400, "Bad Request", 111)
"""The request cannot be read, or what it needs is not there."""
FORBIDDEN = SipResponse(403, "Forbidden", 21)
"""The address that the request came from belongs to no inbound trunk."""
WHO_ARE_YOU = SipResponse(407, "Proxy Authentication Required")
"""The address is none of a trunk's, but a trunk has a digest user (RFC 3261 §22.3)."""
MERGED = SipResponse(482, "Request Merged", 25)
"""A second copy of a call that is being handled already (RFC 3261 §8.2.2.2)."""
STORE_UNAVAILABLE = SipResponse(503, "Service Unavailable", 41, retry_after_s=2)
"""The rule could not be read; another node may be able to."""
BROKEN = SipResponse(500, "Server Internal Error", 41)
"""A fault of our own; the log says which."""
REFUSED_FOR_NOW = SipResponse(503, "Service Unavailable", 42, retry_after_s=2)
"""More calls than the edge can handle, or it is being shut down."""
NO_TRUNK = SipResponse(503, "Service Unavailable", 38)
"""No outbound trunk is set up, or none of them answered."""
TRUNKS_FULL = SipResponse(503, "Service Unavailable", 34)
"""Every outbound trunk has as many calls as it may. Cause 34: no circuit/channel available."""
NO_RELAY = SipResponse(503, "Service Unavailable", 47)
"""The media relay, which the call needs, is not there. Cause 47: resource unavailable."""
TOO_LARGE = SipResponse(513, "Message Too Large", 127)
"""More than the edge takes, or than a trunk can be sent. Cause 127: what RFC 3398 §8.2.6.1 makes of a 513."""
RING_TIMEOUT = SipResponse(480, "Temporarily Unavailable", 19)
"""The target rang for as long as the rule allows."""

UNREADABLE: dict[str, tuple[SipResponse, str]] = {
    "malformed": (MALFORMED, "malformed"),
    "hops": (SipResponse(483, "Too Many Hops", 25), "too-many-hops"),
    "scheme": (SipResponse(416, "Unsupported URI Scheme", 127), "unsupported-scheme"),
    "extension": (SipResponse(420, "Bad Extension", 127), "unsupported-extension"),
    "version": (SipResponse(505, "Version Not Supported", 127), "unsupported-version"),
}
"""Why a request is refused for its form, as Kamailio's route says it: the answer, and the record's reason."""

GIVEN_UP: dict[str, tuple[SipResponse, str | None]] = {
    "no-trunk": (NO_TRUNK, None),
    "trunk-limit": (TRUNKS_FULL, "trunk-limit"),
    "no-relay": (NO_RELAY, "relay-absent"),
    "too-large": (TOO_LARGE, "too-large"),
    "ring-timeout": (RING_TIMEOUT, None),
    "voicemail-absent": (VOICEMAIL_SILENT, "voicemail-absent"),
    "voicemail-full": (VOICEMAIL_FULL, "voicemail-full"),
}
"""Why the edge ends a call that it has sent on, as Kamailio's route says it: the answer, and the record's reason."""


def unproven(fault: Fault) -> SipResponse:
    """Return the answer of a call whose signed identity has this fault. Cause 21: it is refused."""
    return SipResponse(fault.status, fault.phrase, 21)


FORWARD = 1
"""Kamailio shall send the call on, with what was put into its variables."""
ANSWERED = 2
"""The request has its final answer."""
VOICEMAIL = 3
"""Kamailio shall send the call to a worker of the voicemail, with what was put into its variables."""
FAILED = -1
"""Nothing was answered: Kamailio's own route answers 500."""

ONGOING_TABLE = "ongoing"
"""Kamailio's table of the calls that have no final answer yet, by what copies of one INVITE share."""


class CallerTransaction:
    """Answers the INVITE at hand."""

    def __init__(self, ksr: Any, message: KamailioMessage) -> None:
        self._ksr = ksr
        self._message = message

    def end(self) -> None:
        """Let the same INVITE be a new attempt from now on, as this one has its final answer."""
        self._ksr.htable.sht_rm(ONGOING_TABLE, self._message.text("avp(copy)"))

    def answer(self, answer: SipResponse) -> int:
        self.end()
        headers = answer.headers + self._message.verbatim("avp(stir)")
        if headers:
            self._ksr.hdr.append_to_reply(headers)
        return ANSWERED if self._ksr.tm.t_reply(answer.status, answer.phrase) > 0 else FAILED
