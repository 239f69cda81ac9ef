"""What the parts of one user agent share: its address, its timers, and its two queues."""

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

from renvoi.voicemail.sip.events import Event

Action = Callable[[float], None]


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
