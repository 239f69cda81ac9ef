"""A test phone: SIP over UDP or TCP, just enough to play a carrier, a trunk or a stranger, and to say what was seen.

Nothing here runs by itself: a test sends, and waits for what shall come with a deadline.
"""

import itertools
import re
import secrets
import select
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Self

from renvoi.domain.hosts import host_and_port
from tests.support.ports import bind_unused
from tests.support.sip_message import Address, Header, SipMessage, uri_in
from tests.support.waiting import PATIENCE_S

TIMEOUT_S = PATIENCE_S
"""How long a phone waits for what is expected, by default."""
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
_CALL_ID = re.compile(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*([!-~]+)")


class Phone:
    """One SIP address of this machine; UDP, or TCP with a connection for each peer."""

    def __init__(self, transport: str = "udp", host: str = "127.0.0.1", port: int = 0) -> None:
        self.transport = transport
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
        if transport != "udp":
            # Its last connections may not have been forgotten. By UDP, two phones that set this may share a port.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if port == 0:
                bind_unused(self._socket, host)
            else:
                self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._streams: dict[Address, socket.socket] = {}
        self._buffers: dict[Address, bytes] = {}
        if transport != "udp":
            self._socket.listen()
        self.host: str
        self.port: int
        self.host, self.port = self._socket.getsockname()[:2]
        self.place = host_and_port(self.host, self.port)
        """Its address as it stands in URIs."""
        self.seen: list[SipMessage] = []
        self._past: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the address."""
        for stream in self._streams.values():
            stream.close()
        self._socket.close()

    def address_towards(self, peer: Address) -> Address:
        """Return the address that `peer` sees this phone's messages come from."""
        if self.transport == "udp":
            return self.host, self.port
        host, port = self._streams[peer].getsockname()[:2]
        return host, port

    @property
    def uri(self) -> str:
        """The phone's address as a trunk's URI."""
        return f"sip:{self.place}" + (f";transport={self.transport}" if self.transport != "udp" else "")

    def via(self, branch: str | None = None) -> str:
        """Return a Via of this phone with a new branch, or the given one."""
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        return f"SIP/2.0/{self.transport.upper()} {self.place};branch={branch}"

    def send(self, message: SipMessage | bytes, to: Address) -> None:
        """Send a message, or bytes that need not be one."""
        data = message if isinstance(message, bytes) else message.encode()
        if self.transport == "udp":
            self._socket.sendto(data, to)
            return
        if to not in self._streams:
            self._streams[to] = self._connect(to)
        self._streams[to].sendall(data)

    def _connect(self, to: Address) -> socket.socket:
        return socket.create_connection(to, TIMEOUT_S, source_address=(self.host, 0))

    def receive(self, timeout_s: float = TIMEOUT_S) -> SipMessage:
        """Return the next message.

        A provisional answer that comes behind the final one is passed over, as clients do (RFC 3261 §17.1.1.2): an edge
        sends answers from several processes, so the two may come in either order.

        Raises:
            TimeoutError: none came in time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            if (message := self._complete()) is not None:
                if message.get("Call-ID") in self._past:
                    continue
                overtaken = self._was_overtaken(message)
                self.seen.append(message)
                if not overtaken:
                    return message
                continue
            remaining = max(0.0, deadline - time.monotonic())
            readable, _, _ = select.select([self._socket, *self._streams.values()], [], [], remaining)
            if not readable:
                raise TimeoutError(f"nothing came; seen so far: {[message.start_line for message in self.seen]}")
            for ready in readable:
                self._read(ready)

    def _was_overtaken(self, message: SipMessage) -> bool:
        """Return whether this provisional answer is of a request whose final answer has come."""
        return (
            message.status is not None
            and message.status < 200
            and any(
                earlier.status is not None and earlier.status >= 200 and earlier.transaction == message.transaction
                for earlier in self.seen
            )
        )

    def expect(
        self, what: str | int, timeout_s: float = TIMEOUT_S, *, skip: Iterable[str | int] = (100,)
    ) -> SipMessage:
        """Return the next message, which must be a request of method `what` or a response of status `what`.

        Messages named in `skip` may come before it, and so may what an edge sends only because this phone was held up:
        messages that came before, and probes, by which it asks a trunk that was slow whether it is there.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.receive(max(0.0, deadline - time.monotonic()))
            kind = message.status if message.status is not None else message.method
            if kind == what:
                return message
            assert kind in (*skip, "OPTIONS") or message in self.seen[:-1], f"expected {what}, got {message.start_line}"

    def expect_new(
        self, method: str, timeout_s: float = TIMEOUT_S, *, skip: Iterable[str | int] = (100,)
    ) -> SipMessage:
        """Return the next request of a method, as `expect` does, that is not a copy of one that came before."""
        deadline = time.monotonic() + timeout_s
        while True:
            request = self.expect(method, max(0.0, deadline - time.monotonic()), skip=skip)
            if request not in self.seen[:-1]:
                return request

    def receive_now(self) -> SipMessage | None:
        """Return the next message that has arrived already, None when there is none."""
        with suppress(TimeoutError):
            return self.receive(0)
        return None

    def forget(self) -> None:
        """Drop whatever has arrived, and what may yet come of those calls: a peer sends again what was not answered."""
        while select.select([self._socket], [], [], 0)[0]:
            self._read(self._socket)
        self._past.update(found.decode() for found in _CALL_ID.findall(b"\r\n".join(self._buffers.values())))
        self._past.update(message.get("Call-ID") or "" for message in self.seen)
        self._buffers.clear()
        self.seen.clear()

    def drop_copies(self, edge: Address) -> None:
        """Pass over what was sent again before the edge, which has had all that was sent to it, knew that it came."""
        options(self, edge)
        while (message := self.receive_now()) is not None:
            assert message in self.seen[:-1], f"expected copies, got {message.start_line}"

    def expect_silence(self, timeout_s: float = 0.3) -> None:
        """Check that nothing comes for that long but what this phone's slowness brings: see `expect`.

        That are probes, and copies of requests. An answer that comes twice is something.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                message = self.receive(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                return
            is_copy = message.status is None and message in self.seen[:-1]
            assert is_copy or message.method == "OPTIONS", f"expected nothing, got {message.start_line}"

    def _read(self, ready: socket.socket) -> None:
        if ready is self._socket and self.transport != "udp":
            stream, source = self._socket.accept()
            peer = source[:2]
            self._streams[peer] = stream
        elif ready is self._socket:
            data, source = self._socket.recvfrom(65536)
            peer = source[:2]
            self._buffers[peer] = self._buffers.get(peer, b"") + data
        else:
            # Not asked of the socket: one that was reset does not know.
            peer = next(peer for peer, stream in self._streams.items() if stream is ready)
            data = b""
            with suppress(ConnectionResetError):
                data = ready.recv(65536)
            self._buffers[peer] = self._buffers.get(peer, b"") + data
            if not data:
                del self._streams[peer]
                ready.close()

    def _complete(self) -> SipMessage | None:
        """Take one whole message out of what was read."""
        for peer, data in self._buffers.items():
            head, end, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
            found = re.search(rb"(?im)^(?:content-length|l)\s*:\s*([0-9]+)", head)
            length = int(found[1]) if found else 0
            if not end or len(rest) < length:
                continue
            self._buffers[peer] = rest[length:]
            return SipMessage.parse(head + end + rest[:length], peer)
        return None


class Call:
    """A call that a phone makes. It holds the dialog's state; the test says what happens when."""

    _numbers = itertools.count(1)

    def __init__(
        self, phone: Phone, edge: Address, called: str, caller: str = "+33612345678", headers: Iterable[Header] = ()
    ) -> None:
        self.phone, self.edge = phone, edge
        self.call_id = f"call-{next(self._numbers)}-{secrets.token_hex(6)}"
        self.tag = secrets.token_hex(4)
        self.cseq = 1
        uri = called if ":" in called else f"sip:{called}@{host_and_port(*edge)}"
        parameters = f";transport={phone.transport}" if phone.transport != "udp" else ""
        self.contact = f"<sip:{caller}@{phone.place}{parameters}>"
        self.invite = SipMessage(
            f"INVITE {uri} SIP/2.0",
            [
                ("Via", phone.via()),
                ("Max-Forwards", "70"),
                ("From", f'"Alice" <sip:{caller}@carrier.example>;tag={self.tag}'),
                ("To", f"<{uri}>"),
                ("Call-ID", self.call_id),
                ("CSeq", "1 INVITE"),
                ("Contact", self.contact),
                ("Content-Type", "application/sdp"),
                *headers,
            ],
            SDP.encode(),
        )
        self.answer: SipMessage | None = None

    def start(self) -> Self:
        """Send the INVITE."""
        self.phone.send(self.invite, self.edge)
        return self

    def expect(self, status: int, timeout_s: float = TIMEOUT_S, *, skip: Iterable[str | int] = (100,)) -> SipMessage:
        """Wait for a response to the INVITE; a final one that is not a success is acknowledged, as the RFC wants.

        Copies of what came for other calls are passed over: they are sent again when this phone was held up.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self.phone.expect(status, max(0.0, deadline - time.monotonic()), skip=skip)
            if answer["Call-ID"] == self.call_id:
                break
            assert answer in self.phone.seen[:-1], f"{answer.start_line} is of another call: {answer['Call-ID']}"
        if status >= 200:
            self.answer = answer
        if status >= 300:
            self._acknowledge(answer)
        return answer

    def _acknowledge(self, answer: SipMessage) -> None:
        headers = [header for header in self.invite.headers if header[0] in ("Via", "From", "Call-ID")]
        headers += [("To", answer["To"]), ("CSeq", f"{self.cseq} ACK"), ("Max-Forwards", "70")]
        self.phone.send(SipMessage(f"ACK {self.invite.uri} SIP/2.0", headers), self.edge)

    def expect_cancelled(self) -> None:
        """Wait for the 200 of the CANCEL and the 487 of the INVITE, in whatever order."""
        waiting = {200, 487}
        while waiting:
            answer = self.phone.receive()
            assert answer.status in (100, 180, *waiting), f"got {answer.start_line}"
            waiting -= {answer.status}
            if answer.status == 487:
                self._acknowledge(answer)

    def cancel(self) -> None:
        """Hang up while it rings."""
        headers = [header for header in self.invite.headers if header[0] in ("Via", "From", "To", "Call-ID")]
        headers += [("CSeq", f"{self.cseq} CANCEL"), ("Max-Forwards", "70")]
        self.phone.send(SipMessage(f"CANCEL {self.invite.uri} SIP/2.0", headers), self.edge)

    def ack(self) -> None:
        """Acknowledge the answer."""
        self.phone.send(self.request("ACK", self.cseq), self.edge)

    def request(
        self, method: str, cseq: int | None = None, headers: Iterable[Header] = (), body: str = ""
    ) -> SipMessage:
        """Make a request inside the dialog that the last answer set up."""
        assert self.answer is not None
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        routes = [("Route", value) for value in reversed(self.answer.all("Record-Route"))]
        return SipMessage(
            f"{method} {uri_in(self.answer['Contact'])} SIP/2.0",
            [
                ("Via", self.phone.via()),
                ("Max-Forwards", "70"),
                ("From", self.invite["From"]),
                ("To", self.answer["To"]),
                ("Call-ID", self.call_id),
                ("CSeq", f"{cseq} {method}"),
                ("Contact", self.contact),
                *routes,
                *headers,
            ],
            body.encode(),
        )

    def send(self, method: str, headers: Iterable[Header] = (), body: str = "") -> None:
        """Send a request inside the dialog."""
        self.phone.send(self.request(method, headers=headers, body=body), self.edge)


class Incoming:
    """A call that a phone received."""

    def __init__(self, phone: Phone, invite: SipMessage) -> None:
        self.phone, self.invite = phone, invite
        self.tag = secrets.token_hex(4)
        parameters = f";transport={phone.transport}" if phone.transport != "udp" else ""
        self.contact = f"<sip:callee@{phone.place}{parameters}>"
        self.cseq = 100

    @classmethod
    def wait(cls, phone: Phone, timeout_s: float = TIMEOUT_S) -> Self:
        """Wait for an INVITE that has not come yet: of one that was answered late a copy is on its way already."""
        return cls(phone, phone.expect_new("INVITE", timeout_s, skip=("ACK",)))

    def reply(self, status: int, phrase: str = "Test", *, headers: Iterable[Header] = (), body: str = "") -> None:
        """Answer the INVITE."""
        tag = self.tag if status > 100 else ""
        contact = [("Contact", self.contact)] if status < 300 else []
        answer = self.invite.answer(status, phrase, tag=tag, headers=[*contact, *headers], body=body)
        self.phone.send(answer, self.invite.source)

    def answer(self, request: SipMessage, status: int = 200) -> None:
        """Answer another request of the call."""
        answer = request.answer(status, "OK", tag=self.tag, headers=[("Contact", self.contact)])
        self.phone.send(answer, request.source)

    def send(self, method: str, headers: Iterable[Header] = (), body: str = "") -> SipMessage:
        """Send a request inside the dialog, from the called side."""
        self.cseq += 1
        request = SipMessage(
            f"{method} {uri_in(self.invite['Contact'])} SIP/2.0",
            [
                ("Via", self.phone.via()),
                ("Max-Forwards", "70"),
                ("From", f"{self.invite['To']};tag={self.tag}"),
                ("To", self.invite["From"]),
                ("Call-ID", self.invite["Call-ID"]),
                ("CSeq", f"{self.cseq} {method}"),
                ("Contact", self.contact),
                *(("Route", value) for value in self.invite.all("Record-Route")),
                *headers,
            ],
            body.encode(),
        )
        self.phone.send(request, self.invite.source)
        return request


def options(phone: Phone, edge: Address, timeout_s: float = TIMEOUT_S) -> SipMessage:
    """Ask the edge whether it is there, and return its answer."""
    call_id = f"options-{secrets.token_hex(6)}"
    to = host_and_port(*edge)
    parties = [("From", f"<sip:test@{phone.place}>;tag={secrets.token_hex(4)}"), ("To", f"<sip:{to}>")]
    headers = [("Via", phone.via()), ("Max-Forwards", "70"), *parties, ("Call-ID", call_id), ("CSeq", "1 OPTIONS")]
    request = SipMessage(f"OPTIONS sip:{to} SIP/2.0", headers)
    phone.send(request, edge)
    deadline = time.monotonic() + timeout_s
    while True:
        answer = phone.receive(max(0.0, deadline - time.monotonic()))
        if answer.get("Call-ID") == call_id:
            return answer
