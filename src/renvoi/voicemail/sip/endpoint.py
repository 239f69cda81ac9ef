"""One SIP endpoint: its address, timers and queues, the events that it emits, and its transactions over UDP.

Transactions are those of a server (RFC 3261 §17.2, RFC 6026) and, for BYE, a client (RFC 3261 §17.1.2).
"""

import heapq
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from renvoi.domain.hosts import host_and_port
from renvoi.voicemail.sip.message import Field, Headers, Request, response
from renvoi.voicemail.sip.sdp import SessionDescription

Action = Callable[[float], None]
T1 = 0.5
"""Seconds that a round trip is taken for (RFC 3261 §17.1.1.1)."""
T2 = 4.0
"""Seconds between retransmissions at most."""
T4 = 5.0
"""Seconds that a datagram may stay in the network."""
TIMEOUT = 64 * T1
"""Seconds after which the peer is taken for gone: timers B, F, H, J and L."""
TRYING_AFTER = 0.2
"""Seconds after which an INVITE without an answer gets 100 (RFC 3261 §17.2.1)."""


class Why(StrEnum):
    """Why a call ended without the caller's hanging up first."""

    HUNG_UP = "hung up"
    """Our BYE was answered, or refused, which comes to the same."""
    CROSSED = "crossed"
    """The caller hung up while our own hanging up was under way."""
    NO_REPLY = "no reply"
    """Nobody answered our BYE within 64·T1."""
    NO_ACK = "no ACK"
    """Nobody acknowledged our 200 within 64·T1 (RFC 3261 §13.3.1.4)."""
    SESSION_EXPIRED = "session expired"
    """The caller did not refresh the session in time (RFC 4028 §10)."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A new call waits for `accept` or `reject`.

    `user` is the user part of the Request-URI (clean text), `headers` are those of the INVITE (ISO 8859-1 text as it
    came); `call_id` and `from_tag` are bounded (`identifier`); without an `offer` the call is to be accepted with an
    offer of ours, and `Confirmed` brings the answer.
    """

    call: int
    user: str
    headers: Headers
    call_id: str
    from_tag: str
    offer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The ACK of an accepted INVITE or re-INVITE came.

    `answer` is there when the offer was ours and the caller answered it legibly.
    """

    call: int
    answer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Reoffered:
    """A re-INVITE or UPDATE waits for `accept` or `reject`; without an `offer` it is for us to offer."""

    call: int
    offer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key, a digit, `*`, `#`, or `A` to `D`, and its phone told so by INFO."""

    call: int
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The caller is at another address from now on, which it told without a new offer."""

    call: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller gave up before the call was accepted: it is over."""

    call: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller hung up, and waits for `accept_bye`."""

    call: int


@dataclass(frozen=True, slots=True)
class Ended:
    """An accepted call is over."""

    call: int
    why: Why


Event = Invited | Confirmed | Reoffered | Pressed | Moved | Cancelled | HungUp | Ended


class Timer:
    """One action at one time."""

    __slots__ = ("_action",)

    def __init__(self, action: Action) -> None:
        self._action: Action | None = action

    @property
    def pending(self) -> bool:
        return self._action is not None

    def cancel(self) -> None:
        """Do not run the action; does nothing when it has run already."""
        self._action = None

    def fire(self, now: float) -> None:
        """Run the action, once."""
        action, self._action = self._action, None
        if action is not None:
            action(now)


class Timers:
    """Timers in the order in which they are due; times in seconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def at(self, when: float, action: Action) -> Timer:
        """Have `action(now)` run at the first `run` that is not before `when`."""
        timer = Timer(action)
        heapq.heappush(self._heap, (when, next(self._order), timer))
        return timer

    def next(self) -> float | None:
        """Return when the next timer is due, None when there is none."""
        while self._heap and not self._heap[0][2].pending:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: float) -> None:
        """Run what is due, earliest first."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2].fire(now)


Peer = tuple[str, int]
"""An IP address and a UDP port."""

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO"
SUPPORTED = "timer, 100rel"
"""Option tags that a request may require. 100rel costs nothing where no provisional response is sent but 100."""


class Client(Protocol):
    """A request of ours that waits for its response."""

    def receive(self, status: int, now: float) -> None:
        """Take a response's status."""


class Endpoint:
    """The address of the user agent, and what waits for its owner: datagrams to send, events, timers."""

    def __init__(self, address: Peer, new_token: Callable[[], str], product: str) -> None:
        host, port = address
        self.sent_by = host_and_port(host, port)
        self.contact = f"<sip:voicemail@{self.sent_by}>"
        self.product = product
        self.new_token = new_token
        self.timers = Timers()
        self.clients: dict[str, Client] = {}
        """By branch, each until its final response."""
        self._datagrams: list[tuple[bytes, Peer]] = []
        self._events: list[Event] = []

    def send(self, datagram: bytes, peer: Peer) -> None:
        """Queue a datagram."""
        self._datagrams.append((datagram, peer))

    def emit(self, event: Event) -> None:
        """Queue an event."""
        self._events.append(event)

    def take_datagrams(self) -> list[tuple[bytes, Peer]]:
        """Return the datagrams queued, and queue them no longer."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """Return the events queued, and queue them no longer."""
        taken, self._events = self._events, []
        return taken


class Repeating:
    """Sends a datagram, and again after T1, 2·T1 … at most T2, until it is stopped or 64·T1 have passed."""

    def __init__(
        self, endpoint: Endpoint, datagram: bytes, peer: Peer, now: float, on_timeout: Callable[[float], None]
    ) -> None:
        self._endpoint = endpoint
        self._datagram, self._peer = datagram, peer
        self._interval = T1
        self._again = endpoint.timers.at(now + T1, self._repeat)
        self._timeout = endpoint.timers.at(now + TIMEOUT, lambda now: self._give_up(on_timeout, now))
        endpoint.send(datagram, peer)

    def stop(self) -> None:
        """Send no more, and never time out."""
        self._again.cancel()
        self._timeout.cancel()

    def slow_down(self) -> None:
        """Wait for T2 from the next time on: the peer has the datagram (RFC 3261 §17.1.2.2)."""
        self._interval = T2

    def _repeat(self, now: float) -> None:
        self._endpoint.send(self._datagram, self._peer)
        self._interval = min(2 * self._interval, T2)
        self._again = self._endpoint.timers.at(now + self._interval, self._repeat)

    def _give_up(self, on_timeout: Callable[[float], None], now: float) -> None:
        self.stop()
        on_timeout(now)


class ServerTransaction:
    """One request and its responses. `on_end` is called when the request cannot come again."""

    def __init__(
        self,
        endpoint: Endpoint,
        request: Request,
        source: Peer,
        now: float,
        on_end: Callable[["ServerTransaction"], None],
    ) -> None:
        self.request, self.source = request, source
        self.tag = request.to_tag or endpoint.new_token()
        self.status: int | None = None
        """The final status, None as long as there is none."""
        self._endpoint, self._on_end = endpoint, on_end
        self._last: bytes | None = None
        self.final: tuple[int, str, tuple[Field, ...], bytes] | None = None
        """What the final response says: status, phrase, fields and body."""
        self._repeating: Repeating | None = None
        self._trying = endpoint.timers.at(now + TRYING_AFTER, self._try) if request.method == "INVITE" else None

    def repeat(self) -> None:
        """Handle a retransmission: send the last response again (RFC 3261 §17.2.1, §17.2.2)."""
        if self._last is not None:
            self._endpoint.send(self._last, self.source)

    def respond(
        self,
        now: float,
        status: int,
        phrase: str,
        fields: Iterable[Field] = (),
        body: bytes = b"",
        on_silence: Callable[[float], None] | None = None,
    ) -> None:
        """Send the final response, once.

        That of an INVITE is repeated until its ACK (RFC 3261 §13.3.1.4, §17.2.1); `on_silence` is called when none
        comes within 64·T1.
        """
        self.status = status
        ours = (*fields, ("Server", self._endpoint.product))
        self.final = status, phrase, ours, body
        self._last = response(self.request, self.source, status, phrase, self.tag, ours, body)
        if self._trying is None:
            self._endpoint.send(self._last, self.source)
            self._end_at(now + TIMEOUT)
            return
        self._trying.cancel()
        self._repeating = Repeating(
            self._endpoint, self._last, self.source, now, lambda now: self._silent(on_silence, now)
        )

    def respond_as(self, first: "ServerTransaction", now: float) -> None:
        """Send the final response that `first` has, which repeats it until its ACK: this is the same request."""
        assert first.final is not None, "it has one"
        status, phrase, fields, body = first.final
        self.tag, self.status = first.tag, status
        self._last = response(self.request, self.source, status, phrase, self.tag, fields, body)
        if self._trying is not None:
            self._trying.cancel()
        self._endpoint.send(self._last, self.source)
        self._end_at(now + TIMEOUT)

    def acknowledge(self, now: float) -> None:
        """Handle the ACK; copies of it and of the INVITE may still be under way (timers I and L)."""
        if self._repeating is not None:
            self._repeating.stop()
            self._repeating = None
            success = self.status is not None and self.status < 300
            self._end_at(now + (TIMEOUT if success else T4))

    def _try(self, _now: float) -> None:
        self._last = response(self.request, self.source, 100, "Trying")
        self._endpoint.send(self._last, self.source)

    def _silent(self, on_silence: Callable[[float], None] | None, now: float) -> None:
        self._repeating = None
        self._on_end(self)
        if on_silence is not None:
            on_silence(now)

    def _end_at(self, when: float) -> None:
        # Nobody waits for it. A worker without calls is woken up by these ends, so they come together with what else
        # happens at full seconds (`wakeups`).
        self._endpoint.timers.at(math.ceil(when), lambda _now: self._on_end(self))


class ClientTransaction:
    """A request of ours other than INVITE. `on_final` gets the status, or None when nothing came within 64·T1."""

    def __init__(
        self,
        endpoint: Endpoint,
        branch: str,
        datagram: bytes,
        peer: Peer,
        now: float,
        on_final: Callable[[int | None, float], None],
    ) -> None:
        self._endpoint, self._branch, self._on_final = endpoint, branch, on_final
        self._repeating = Repeating(endpoint, datagram, peer, now, lambda now: self._finish(None, now))
        endpoint.clients[branch] = self

    def receive(self, status: int, now: float) -> None:
        if status < 200:
            self._repeating.slow_down()
            return
        self._repeating.stop()
        self._finish(status, now)

    def _finish(self, status: int | None, now: float) -> None:
        del self._endpoint.clients[self._branch]
        self._on_final(status, now)
