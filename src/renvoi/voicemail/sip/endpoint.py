"""What the parts of one user agent share: its address, its timers, and its two queues."""

from collections.abc import Callable
from typing import Protocol

from renvoi.voicemail.sip.events import Event
from renvoi.voicemail.sip.timers import Timers

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
