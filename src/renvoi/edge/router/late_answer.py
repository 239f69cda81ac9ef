"""A leg of a call that was answered after the edge had given it up, and how to end it.

A target may answer in the instant in which its ring timeout ends, and a silent trunk or worker long after another one
has taken the call. The caller must hear one answer only, so the edge takes the caller's part for that leg: it
acknowledges the answer, without which the other side would repeat it for half a minute, and hangs up.
"""

import hashlib
from dataclasses import dataclass

from renvoi.domain.name_addr import NameAddr

MARK = "rv="
"""The parameter by which the edge knows its own entries in Record-Route."""


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """The dialog that a 2xx to an INVITE sets up (RFC 3261 §12.1.2), by the headers of that 2xx as written.

    `sent_by` is the transport and the address that we are answered at, such as `UDP 192.0.2.1:5060`.
    """

    sent_by: str
    caller: str
    callee: str
    call_id: str
    cseq: int
    contact: str
    record_route: str = ""

    @property
    def target(self) -> str:
        """The URI that requests go to: the Contact, or without one the called URI."""
        addresses = NameAddr.parse_list(self.contact) or NameAddr.parse_list(self.callee)
        return addresses[0].uri if addresses else "sip:unknown.invalid"

    def request(self, method: str, cseq: int) -> str:
        """Return a request of the dialog. The same one twice is a retransmission, not a second request."""
        mark = hashlib.sha256(f"{method} {self.call_id} {self.callee}".encode()).hexdigest()[:24]
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/{self.sent_by};branch=z9hG4bK{mark}",
            *(f"Route: <{uri}>" for uri in self._routes()),
            "Max-Forwards: 70",
            f"From: {self.caller}",
            f"To: {self.callee}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            "Content-Length: 0",
        ]
        return "".join(f"{line}\r\n" for line in lines) + "\r\n"

    def ending(self) -> tuple[str, str]:
        """Return the ACK of the answer and the BYE after it."""
        return self.request("ACK", self.cseq), self.request("BYE", self.cseq + 1)

    def _routes(self) -> list[str]:
        """Return the proxies between us and the callee: in an answer, the callee's own is the topmost."""
        beyond: list[str] = []
        for entry in NameAddr.parse_list(self.record_route):
            if MARK in entry.uri:
                break
            beyond.insert(0, entry.uri)
        return beyond
