"""One call: its dialog as the called side sees it (RFC 3261 §12), from the INVITE to its end (§13.3, §14.2, §15)."""

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Self

from renvoi.domain.text import read_json
from renvoi.voicemail.sip.checks import SDP, Refused, contact, description, key_of, session_interval
from renvoi.voicemail.sip.endpoint import (
    ALLOW,
    SUPPORTED,
    Cancelled,
    ClientTransaction,
    Confirmed,
    Ended,
    Endpoint,
    HungUp,
    Moved,
    Peer,
    Pressed,
    Reoffered,
    ServerTransaction,
    Timer,
    Why,
)
from renvoi.voicemail.sip.message import MAGIC_COOKIE, Field, Request, encode

_LOOSE = re.compile(r";\s*lr(?=[\s;=>?]|$)", re.IGNORECASE)
GONE = (481, "Call/Transaction Does Not Exist")
TERMINATED = (487, "Request Terminated")
_EXPIRY_MARGIN_S = 32
"""Seconds before the end of a session interval at which to give up, or a third of it if less (RFC 4028 §10)."""


class DialogInvalid(ValueError):
    """The text is not a dialog's state as written by `dump`."""


@dataclass(frozen=True, slots=True)
class DialogState:
    """What a BYE needs to know: `local` and `remote` are the values of its From and To, `target` is its Request-URI.

    `edge` is where it goes, through the proxies of `routes`; `cseq` is the number of the last request of ours.
    """

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    edge: Peer
    cseq: int

    def dump(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, text: bytes) -> Self:
        """Read what `dump` returned.

        Raises:
            DialogInvalid: it is something else.
        """
        try:
            values = read_json(text)
            texts = [values[name] for name in ("call_id", "local", "remote", "target")]
            routes, (host, port), cseq = tuple(values["routes"]), values["edge"], int(values["cseq"])
            if not all(isinstance(each, str) for each in (*texts, *routes, host)) or not 0 < int(port) < 65536:
                raise TypeError("a text is none")
            call_id, local, remote, target = texts
            return cls(call_id, local, remote, target, routes, (host, int(port)), cseq)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise DialogInvalid(f"{error!r} in {text[:200]!r}") from error

    def bye(self, endpoint: Endpoint, branch: str, reason: str | None) -> bytes:
        """Return the next BYE (RFC 3261 §12.2.1.1, §15.1.1); `reason` is the value of its Reason header (RFC 3326)."""
        uri, routes = self.target, self.routes
        if routes and not _LOOSE.search(routes[0]):
            # The next hop is a strict router: it expects itself in the Request-URI and the target as the last route.
            uri, routes = _uri(routes[0]), (*routes[1:], f"<{self.target}>")
        fields: list[Field] = [
            ("Via", f"SIP/2.0/UDP {endpoint.sent_by};branch={branch};rport"),
            *(("Route", route) for route in routes),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq + 1} BYE"),
            ("User-Agent", endpoint.product),
            *((("Reason", reason),) if reason else ()),
        ]
        return encode(f"BYE {uri} SIP/2.0", fields)


class Dialog:
    """The state that requests inside a call need: identifiers, route set, remote target, sequence numbers."""

    __slots__ = ("_state", "first_cseq", "key", "remote_cseq")

    def __init__(self, invite: Request, tag: str, target: str, edge: Peer) -> None:
        """Begin with the INVITE, our tag, the URI of its Contact, and the address that it came from."""
        self.key = (invite.call_id, tag, invite.from_tag)
        self.first_cseq = self.remote_cseq = invite.cseq
        headers = invite.headers
        self._state = DialogState(
            call_id=invite.call_id,
            local=f"{headers.get('to')};tag={tag}",
            remote=headers.get("from") or "",
            target=target,
            routes=tuple(headers.elements("record-route")),
            edge=edge,
            cseq=0,
        )

    @property
    def edge(self) -> Peer:
        """Where our requests go: the edge stands between us and everybody."""
        return self._state.edge

    @property
    def left(self) -> DialogState:
        """What another process needs to end the call, in case that this one dies: its BYE may follow one of ours."""
        return replace(self._state, cseq=self._state.cseq + 1)

    def refresh(self, target: str) -> None:
        """Take the URI of the Contact of an accepted re-INVITE or UPDATE (RFC 3261 §12.2.2)."""
        self._state = replace(self._state, target=target)

    def bye(self, endpoint: Endpoint, branch: str, reason: str | None) -> bytes:
        """Return the next BYE; `reason` is the value of its Reason header (RFC 3326)."""
        bye = self._state.bye(endpoint, branch, reason)
        self._state = replace(self._state, cseq=self._state.cseq + 1)
        return bye


def new_branch(endpoint: Endpoint) -> str:
    """Return a branch that no transaction had before."""
    return MAGIC_COOKIE + endpoint.new_token()


def _uri(route: str) -> str:
    return route.partition("<")[2].partition(">")[0].partition("?")[0]


class SipSession:
    """A call from its INVITE on, which `offered` or left that to us; `over` is called when nothing is left to do."""

    def __init__(
        self,
        call: int,
        endpoint: Endpoint,
        invite: ServerTransaction,
        offered: bool,
        over: Callable[["SipSession"], None],
    ) -> None:
        self.call = call
        self.dialog = Dialog(invite.request, invite.tag, contact(invite.request), invite.source)
        self._endpoint = endpoint
        self._over = over
        self._accepted = False
        self._pending: ServerTransaction | None = invite
        """The INVITE, re-INVITE or UPDATE that the owner has to answer."""
        self._offered = offered
        """Whether that one has an offer; if not, the offer is ours."""
        self._unacknowledged: dict[int, tuple[ServerTransaction, bool]] = {}
        """Accepted INVITEs by CSeq, and whether the offer was ours: then their ACK brings the answer."""
        self._byes: list[ServerTransaction] = []
        """The caller's BYE, and rarely one more: answered when the owner says so."""
        self._expiry: Timer | None = None
        self._leaving: str | None = None
        """The Reason of our BYE from when it was asked for; empty without one."""
        self._bye_sent = False
        self._ended = False
        """Nothing more is said to the owner."""

    # Requests inside the dialog

    def receive(self, transaction: ServerTransaction, now: float) -> None:
        """Handle a re-INVITE, UPDATE, INFO, BYE or PRACK.

        Raises:
            Refused: it gets that response.
        """
        request = transaction.request
        if not self._accepted:
            raise Refused(*GONE)
        last = self.dialog.remote_cseq
        # Equal numbers are out of order too (§12.2.1.1), but a caller who counts badly may hang up all the same.
        if request.cseq < last or (request.cseq == last and request.method != "BYE"):
            raise Refused(500, "Server Internal Error (CSeq out of order)")
        self.dialog.remote_cseq = request.cseq
        if request.method == "BYE":
            self._receive_bye(transaction, now)
        elif self._leaving is not None or self._byes or request.method == "PRACK":
            # After a BYE there is no dialog; and we send nothing that a PRACK could be for (RFC 3262 §3).
            raise Refused(*GONE)
        elif request.method == "INFO":
            self._receive_info(transaction, now)
        else:
            self._receive_offer(transaction, now)

    def _receive_info(self, transaction: ServerTransaction, now: float) -> None:
        key = key_of(transaction.request)
        transaction.respond(now, 200, "OK")
        if key is not None:
            self._endpoint.emit(Pressed(self.call, key))

    def _receive_offer(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        if self._pending is not None:
            # RFC 3261 §14.2, RFC 3311 §5.2: after a random time from 0 to 10 s.
            wait = zlib.crc32(self._endpoint.new_token().encode()) % 11
            raise Refused(500, "Server Internal Error (another offer waits)", ("Retry-After", str(wait)))
        offer = description(request)
        if request.headers.all("contact"):
            contact(request)
        session_interval(request)
        if request.method == "UPDATE" and offer is None:
            before = self.dialog.left
            self._succeed(transaction, "", now)
            if self.dialog.left != before:
                self._endpoint.emit(Moved(self.call))
            return
        if any(ours for _, ours in self._unacknowledged.values()):
            raise Refused(491, "Request Pending")
        self._pending, self._offered = transaction, offer is not None
        self._endpoint.emit(Reoffered(self.call, offer))

    def _receive_bye(self, transaction: ServerTransaction, now: float) -> None:
        self._abandon(now)
        if self._leaving is not None:
            transaction.respond(now, 200, "OK")
            self._end(Why.CROSSED)
            if not self._bye_sent:
                self._over(self)
            return
        self._byes.append(transaction)
        if len(self._byes) == 1:
            self._endpoint.emit(HungUp(self.call))

    def acknowledge(self, request: Request, now: float) -> None:
        """Handle the ACK of an accepted INVITE; copies are passed over."""
        transaction, ours = self._unacknowledged.pop(request.cseq, (None, False))
        if transaction is None:
            return
        transaction.acknowledge(now)
        answer = None
        if ours:
            try:
                answer = description(request)
            except Refused:
                # An ACK cannot be refused; the owner sees that there is no answer.
                answer = None
        self._endpoint.emit(Confirmed(self.call, answer))
        if self._leaving is not None:
            self._send_bye(now)

    def cancel(self, invite: ServerTransaction, now: float) -> None:
        """Handle a CANCEL of an INVITE or re-INVITE that has no final response yet (RFC 3261 §9.2)."""
        if invite is not self._pending:
            return
        self._pending = None
        invite.respond(now, *TERMINATED)
        if not self._accepted:
            self._endpoint.emit(Cancelled(self.call))
            self._over(self)

    # The owner's commands

    def accept(self, sdp: str, now: float) -> None:
        """Answer 200 to what waits, with this session description."""
        transaction, self._pending = self._pending, None
        if transaction is None:
            return
        self._accepted = True
        self._succeed(transaction, sdp, now)

    def reject(self, status: int, phrase: str, fields: tuple[Field, ...], now: float) -> None:
        """Refuse what waits; a call not accepted yet is over with that."""
        transaction, self._pending = self._pending, None
        if transaction is None:
            return
        transaction.respond(now, status, phrase, fields)
        if not self._accepted:
            self._over(self)

    def accept_bye(self, now: float) -> None:
        for bye in self._byes:
            bye.respond(now, 200, "OK")
        if self._byes:
            self._over(self)

    def hang_up(self, reason: str, now: float) -> None:
        """End the call in whatever state it is; `Ended` follows."""
        if self._leaving is not None:
            return
        if not self._accepted:
            self.reject(480, "Temporarily Unavailable", (), now)
            self._end(Why.HUNG_UP)
        elif self._byes:
            self.accept_bye(now)
            self._end(Why.CROSSED)
        else:
            self._leaving = reason
            self._stop_expiry()
            # A BYE must not overtake the ACK of the call's first 200 (RFC 3261 §15).
            if self.dialog.first_cseq not in self._unacknowledged:
                self._send_bye(now)

    # What follows

    def _succeed(self, transaction: ServerTransaction, sdp: str, now: float) -> None:
        request = transaction.request
        fields: list[Field] = [
            ("Contact", self._endpoint.contact),
            ("Allow", ALLOW),
            ("Supported", SUPPORTED),
            *self._session_timer(request, now),
        ]
        if request.method == "INVITE":
            fields = [*(("Record-Route", each) for each in request.headers.all("record-route")), *fields]
            self._unacknowledged[request.cseq] = transaction, not self._offered
        if sdp:
            fields.append(("Content-Type", SDP))
        if request.headers.all("contact"):
            self.dialog.refresh(contact(request))
        transaction.respond(now, 200, "OK", fields, sdp.encode(), lambda now: self._never_acknowledged(request, now))

    def _session_timer(self, request: Request, now: float) -> list[Field]:
        """Restart or stop the session timer, as the request wants it (RFC 4028 §9)."""
        self._stop_expiry()
        seconds = session_interval(request)
        if seconds is None:
            return []
        margin = min(_EXPIRY_MARGIN_S, seconds / 3)
        self._expiry = self._endpoint.timers.at(now + seconds - margin, self._expire)
        return [("Require", "timer"), ("Session-Expires", f"{seconds};refresher=uac")]

    def _stop_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()

    def _expire(self, now: float) -> None:
        self._end(Why.SESSION_EXPIRED)
        self.hang_up('SIP;cause=408;text="session expired"', now)

    def _never_acknowledged(self, request: Request, now: float) -> None:
        del self._unacknowledged[request.cseq]
        self._end(Why.NO_ACK)
        if self._leaving is not None:
            self._send_bye(now)
        else:
            self.hang_up('SIP;cause=408;text="no ACK"', now)

    def _send_bye(self, now: float) -> None:
        self._abandon(now)
        self._bye_sent = True
        branch = new_branch(self._endpoint)
        bye = self.dialog.bye(self._endpoint, branch, self._leaving)
        ClientTransaction(self._endpoint, branch, bye, self.dialog.edge, now, self._bye_done)

    def _bye_done(self, status: int | None, _now: float) -> None:
        self._end(Why.NO_REPLY if status is None else Why.HUNG_UP)
        self._over(self)

    def _abandon(self, now: float) -> None:
        """Drop what a BYE makes void: an unanswered offer gets 487 (RFC 3261 §15.1.2), a 200 is repeated no more."""
        self._stop_expiry()
        if self._pending is not None:
            self._pending.respond(now, *TERMINATED)
            self._pending = None
        for transaction, _ in self._unacknowledged.values():
            transaction.acknowledge(now)
        self._unacknowledged.clear()

    def _end(self, why: Why) -> None:
        if not self._ended:
            self._ended = True
            self._endpoint.emit(Ended(self.call, why))
