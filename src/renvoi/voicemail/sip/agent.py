"""The user-agent server: one SIP address, many calls (RFC 3261 §8.2), without I/O, clock or randomness.

Its owner feeds datagrams and the time, and empties the two queues after each step::

    agent.receive(datagram, source, now)      # or agent.handle_timer(now), or a command such as agent.accept(…)
    for event in agent.events(): …
    for datagram, peer in agent.datagrams_to_send(): …
    agent.next_timer()                        # when handle_timer has to be called, at the latest
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from renvoi.domain.calls.call_record import identifier
from renvoi.domain.name_addr import uri_user
from renvoi.voicemail.sip.checks import SDP, Refused, description, inspect, session_interval
from renvoi.voicemail.sip.endpoint import (
    ALLOW,
    SUPPORTED,
    ClientTransaction,
    Endpoint,
    Event,
    Invited,
    Peer,
    ServerTransaction,
)
from renvoi.voicemail.sip.message import Field, Key, Reply, Request, Unreadable, parse
from renvoi.voicemail.sip.session import GONE, DialogState, SipSession, new_branch


@dataclass(frozen=True, slots=True)
class OptionsAnswer:
    """What OPTIONS gets: the status that an INVITE would get (RFC 3261 §11.2), and a body with its type."""

    status: int = 200
    phrase: str = "OK"
    content_type: str = ""
    body: bytes = b""


class UserAgent:
    """A user-agent server at `address` (IP address and port, as others reach it).

    `new_token` gives a new unguessable token each time, of letters and digits; `options` says what OPTIONS is answered.
    Commands name a call by the number that `Invited` gave it. Events and commands may cross: a command does nothing
    when the call is over or has nothing to answer.
    """

    def __init__(
        self,
        address: Peer,
        new_token: Callable[[], str],
        *,
        product: str = "renvoi",
        options: Callable[[], OptionsAnswer] = OptionsAnswer,
    ) -> None:
        self._endpoint = Endpoint(address, new_token, product)
        self._options = options
        self._numbers = itertools.count(1)
        self._transactions: dict[Key, ServerTransaction] = {}
        self._firsts: dict[tuple[str, str, int], ServerTransaction] = {}
        """INVITEs without a To tag, by Call-ID, From tag and CSeq: what merged requests share (RFC 3261 §8.2.2.2)."""
        self._sessions: dict[int, SipSession] = {}
        self._dialogs: dict[tuple[str, str, str], SipSession] = {}

    @property
    def calls(self) -> int:
        """Return how many calls there are, those included whose BYE is not answered yet."""
        return len(self._sessions)

    @property
    def idle(self) -> bool:
        """Say whether nothing is kept: no call, and no transaction of one that was."""
        return not (self._sessions or self._dialogs or self._transactions or self._endpoint.clients or self._firsts)

    # What comes in

    def receive(self, datagram: bytes, source: Peer, now: float) -> None:
        """Handle a datagram from `source`; what is not a SIP message is ignored."""
        try:
            message = parse(datagram)
        except Unreadable:
            return
        if isinstance(message, Reply):
            self._receive_reply(message, now)
        elif message.method == "ACK":
            self._receive_ack(message, now)
        elif (known := self._transactions.get(message.key())) is not None:
            known.repeat()
        else:
            self._receive_request(message, source, now)

    def handle_timer(self, now: float) -> None:
        """Do what is due."""
        self._endpoint.timers.run(now)

    # What goes out

    def next_timer(self) -> float | None:
        """Return when `handle_timer` has to be called next, on the clock of `now`; None when nothing is to come."""
        return self._endpoint.timers.next()

    def datagrams_to_send(self) -> list[tuple[bytes, Peer]]:
        """Return what is to be sent, each with its destination, once."""
        return self._endpoint.take_datagrams()

    def events(self) -> list[Event]:
        """Return what happened, in order, once."""
        return self._endpoint.take_events()

    # Commands

    def accept(self, call: int, sdp: str, now: float) -> None:
        """Answer 200 to the INVITE, re-INVITE or UPDATE that waits, with the session description `sdp`."""
        if (session := self._sessions.get(call)) is not None:
            session.accept(sdp, now)

    def reject(self, call: int, status: int, phrase: str, now: float, fields: tuple[Field, ...] = ()) -> None:
        """Answer the INVITE, re-INVITE or UPDATE that waits with a failure, 400 to 699; a new call is over then."""
        if (session := self._sessions.get(call)) is not None:
            session.reject(status, phrase, fields, now)

    def accept_bye(self, call: int, now: float) -> None:
        """Answer 200 to the caller's BYE; the call is over then."""
        if (session := self._sessions.get(call)) is not None:
            session.accept_bye(now)

    def hang_up(self, call: int, now: float, reason: str = "") -> None:
        """End the call, once its ACK has come; `reason` is the value of a Reason header (RFC 3326). `Ended` follows.

        A call that was not accepted yet gets 480, a caller's BYE that waits gets its 200.
        """
        if (session := self._sessions.get(call)) is not None:
            session.hang_up(reason, now)

    def left(self, call: int) -> DialogState | None:
        """Return what another process needs to hang up; None when the call is over."""
        session = self._sessions.get(call)
        return None if session is None else session.dialog.left

    def hang_up_left(self, state: DialogState, now: float, reason: str, on_end: Callable[[], None]) -> None:
        """End a call of a process that died; `on_end` is called when that is answered, or nobody answers."""
        branch = new_branch(self._endpoint)
        bye = state.bye(self._endpoint, branch, reason)
        ClientTransaction(self._endpoint, branch, bye, state.edge, now, lambda _status, _now: on_end())

    # Requests and replies

    def _receive_reply(self, reply: Reply, now: float) -> None:
        client = self._endpoint.clients.get(reply.branch)
        if client is not None:
            client.receive(reply.status, now)

    def _receive_ack(self, request: Request, now: float) -> None:
        invite = self._transactions.get(request.key("INVITE"))
        if invite is not None and (invite.status or 0) >= 300:
            invite.acknowledge(now)
        elif request.fault is None and (session := self._dialogs.get(request.dialog)) is not None:
            session.acknowledge(request, now)

    def _receive_request(self, request: Request, source: Peer, now: float) -> None:
        transaction = ServerTransaction(self._endpoint, request, source, now, self._forget)
        self._transactions[request.key()] = transaction
        try:
            inspect(request)
            self._dispatch(transaction, now)
        except Refused as refused:
            transaction.respond(now, refused.status, refused.phrase, refused.fields)

    def _dispatch(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        if request.method == "CANCEL":
            self._cancel(transaction, now)
        elif request.to_tag:
            session = self._dialogs.get(request.dialog)
            if session is None:
                raise Refused(*GONE)
            if request.method == "OPTIONS":
                self._answer_options(transaction, now)
            else:
                session.receive(transaction, now)
        elif request.method == "OPTIONS":
            self._answer_options(transaction, now)
        elif request.method == "INVITE":
            self._invite(transaction, now)
        else:
            raise Refused(*GONE)

    def _invite(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        merge = (request.call_id, request.from_tag, request.cseq)
        first = self._firsts.get(merge)
        if first is not None and (first.status or 0) < 300:
            if first.status is None or (request.call_id, first.tag, request.from_tag) not in self._dialogs:
                raise Refused(482, "Loop Detected (merged)")
            # The edge that asked was killed, and the next one has got the INVITE again. Nobody else asks us.
            transaction.respond_as(first, now)
            return
        offer = description(request)
        session_interval(request)
        session = SipSession(next(self._numbers), self._endpoint, transaction, offer is not None, self._drop)
        self._firsts[merge] = transaction
        self._sessions[session.call] = self._dialogs[session.dialog.key] = session
        user = uri_user(request.uri)
        # From here on they name the call in recordings, records and logs, as the edge does.
        call_id, from_tag = (identifier(text.encode("latin-1")) for text in (request.call_id, request.from_tag))
        self._endpoint.emit(Invited(session.call, user, request.headers, call_id, from_tag, offer))

    def _cancel(self, transaction: ServerTransaction, now: float) -> None:
        invite = self._transactions.get(transaction.request.key("INVITE"))
        if invite is None:
            raise Refused(*GONE)
        transaction.tag = invite.tag
        transaction.respond(now, 200, "OK")
        session = self._dialogs.get((invite.request.call_id, invite.tag, invite.request.from_tag))
        if session is not None:
            session.cancel(invite, now)

    def _answer_options(self, transaction: ServerTransaction, now: float) -> None:
        answer = self._options()
        fields: list[Field] = [
            ("Contact", self._endpoint.contact),
            ("Allow", ALLOW),
            ("Accept", SDP),
            ("Supported", SUPPORTED),
        ]
        if answer.body:
            fields.append(("Content-Type", answer.content_type))
        transaction.respond(now, answer.status, answer.phrase, fields, answer.body)

    # Forgetting

    def _forget(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        self._transactions.pop(request.key(), None)
        merge = (request.call_id, request.from_tag, request.cseq)
        if self._firsts.get(merge) is transaction:
            del self._firsts[merge]

    def _drop(self, session: SipSession) -> None:
        self._sessions.pop(session.call, None)
        self._dialogs.pop(session.dialog.key, None)
