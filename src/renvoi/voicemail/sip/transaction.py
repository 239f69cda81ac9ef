"""Transactions over UDP: server (RFC 3261 §17.2, RFC 6026) and, for BYE, client (RFC 3261 §17.1.2)."""

from collections.abc import Callable, Iterable

from renvoi.voicemail.sip.endpoint import Endpoint, Peer
from renvoi.voicemail.sip.message import Field, Request, response

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
        self._repeating: Repeating | None = None
        self._trying = endpoint.timers.at(now + TRYING_AFTER, self._try) if request.method == "INVITE" else None

    def repeat(self) -> None:
        """Heed that the request came again: send the last response again (RFC 3261 §17.2.1, §17.2.2)."""
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
        fields = (*fields, ("Server", self._endpoint.product))
        self._last = response(self.request, self.source, status, phrase, self.tag, fields, body)
        if self._trying is None:
            self._endpoint.send(self._last, self.source)
            self._end_at(now + TIMEOUT)
            return
        self._trying.cancel()
        self._repeating = Repeating(
            self._endpoint, self._last, self.source, now, lambda now: self._silent(on_silence, now)
        )

    def acknowledge(self, now: float) -> None:
        """Heed the ACK; copies of it and of the INVITE may still be under way (timers I and L)."""
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
        self._endpoint.timers.at(when, lambda _now: self._on_end(self))


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
        """Take a response's status."""
        if status < 200:
            self._repeating.slow_down()
            return
        self._repeating.stop()
        self._finish(status, now)

    def _finish(self, status: int | None, now: float) -> None:
        del self._endpoint.clients[self._branch]
        self._on_final(status, now)
