"""What the parts of one user agent share: its address, its timers, its two queues, and the events that it emits."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from renvoi.voicemail.sip.message import Headers
from renvoi.voicemail.sip.sdp import SessionDescription

Action = Callable[[float], None]


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
        """Say whether the action is still to come."""
        return self._action is not None

    def cancel(self) -> None:
        """See to it that the action is not run; that it has been run already does no harm."""
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
    """The address of the user agent and what waits for its owner: datagrams to send, events to heed, timers to set."""

    def __init__(self, address: Peer, new_token: Callable[[], str], product: str) -> None:
        host, port = address
        self.sent_by = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
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
