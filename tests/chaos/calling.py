"""Calls to forwarded numbers: callers at every edge, and the trunk that they come out at, where decisions are seen."""

import asyncio
import random
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.domain.hosts import host_and_port
from tests.chaos.changing import pick
from tests.chaos.history import NEVER, Call, Decision, History
from tests.support.node import Node
from tests.support.sip import Call as Dialog
from tests.support.sip_message import Address, SipMessage

T1_S, T2_S = 0.5, 4.0
"""First and longest pause before a request is sent again (RFC 3261 §17.1.1.2)."""
PATIENCE_S = 6.0
"""How long a caller waits for a final answer, and for the next one after each provisional one."""
ANSWERED_SHARE = 0.25
"""Of the calls that reach the trunk; the others are busy."""
DISABLED_CAUSE = "cause=20"
_USER = re.compile(r"^sips?:([^@;]+)@")


@dataclass(frozen=True, slots=True)
class _Place:
    """What `sip.Call` wants to know of a phone: its address, and how a Via of it looks."""

    host: str
    port: int
    transport: str = "udp"

    @property
    def place(self) -> str:
        return host_and_port(self.host, self.port)

    def via(self, branch: str | None = None) -> str:
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        return f"SIP/2.0/UDP {self.place};branch={branch}"


class _Sip(asyncio.DatagramProtocol, ABC):
    """A SIP address that hands every message to `take`."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # it is one
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.take(SipMessage.parse(data, addr))

    @abstractmethod
    def take(self, message: SipMessage) -> None:
        """React to a message."""

    def send(self, message: SipMessage, to: Address) -> None:
        """Send a message."""
        assert self._transport is not None
        self._transport.sendto(message.encode(), to)

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return str(host), int(port)

    def close(self) -> None:
        """Release the address."""
        assert self._transport is not None
        self._transport.close()


class Trunk(_Sip):
    """The outbound trunk: notes where each call was sent, and is busy or answers."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.seen: dict[str, list[tuple[float, str]]] = {}
        """When which target was called, by Call-ID."""
        self._dice = dice
        self._answers: dict[str, SipMessage] = {}

    @classmethod
    async def open(cls, dice: random.Random) -> "Trunk":
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        _, trunk = await loop.create_datagram_endpoint(lambda: cls(dice), ("127.0.0.1", 0))
        return trunk

    def take(self, message: SipMessage) -> None:
        """Answer requests; the same one is answered alike."""
        if message.status is not None or message.method == "ACK":
            return
        if message.method != "INVITE":
            self.send(message.answer(200), message.source)
            return
        branch = message["Via"]
        if branch not in self._answers:
            self._answers[branch] = self._answer(message)
        self.send(self._answers[branch], message.source)

    def _answer(self, invite: SipMessage) -> SipMessage:
        user = _USER.match(invite.uri)
        self.seen.setdefault(invite["Call-ID"], []).append((time.monotonic(), user[1] if user else invite.uri))
        tag = secrets.token_hex(4)
        if self._dice.random() >= ANSWERED_SHARE:
            return invite.answer(486, "Busy Here", tag=tag)
        host, port = self.address
        return invite.answer(200, "OK", tag=tag, headers=[("Contact", f"<sip:callee@{host}:{port}>")])


class _Line:
    """The answers to one caller's requests."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[SipMessage] = asyncio.Queue()


class Callers(_Sip):
    """Calls numbers at random edges, and notes the outcome of each call."""

    def __init__(self, history: History, trunk: Trunk, edges: dict[str, Address], dice: random.Random) -> None:
        super().__init__()
        self._history = history
        self._trunk = trunk
        self._edges = edges
        self._dice = dice
        self._lines: dict[str, _Line] = {}

    @classmethod
    async def open(cls, history: History, trunk: Trunk, nodes: dict[str, Node], dice: random.Random) -> "Callers":
        """Get an address to call from."""
        edges = {name: node.edge for name, node in nodes.items()}
        loop = asyncio.get_running_loop()
        make = lambda: cls(history, trunk, edges, dice)  # noqa: E731 - what asyncio wants
        _, callers = await loop.create_datagram_endpoint(make, ("127.0.0.1", 0))
        return callers

    def take(self, message: SipMessage) -> None:
        """Hand an answer to whose it is."""
        line = self._lines.get(message.get("Call-ID") or "")
        if line is not None and message.status is not None:
            line.answers.put_nowait(message)

    async def run(self, stop: asyncio.Event, numbers: Sequence[str], lines: int, pause_s: float) -> None:
        """Call until `stop` is set, on so many lines."""
        async with asyncio.TaskGroup() as group:
            for _ in range(lines):
                group.create_task(self._keep_calling(stop, numbers, pause_s))

    async def _keep_calling(self, stop: asyncio.Event, numbers: Sequence[str], pause_s: float) -> None:
        while not stop.is_set():
            await self.call(pick(numbers, self._dice))
            await asyncio.sleep(self._dice.uniform(0, 2 * pause_s))

    async def call(self, number: str) -> None:
        """Make one call at any edge, to its end."""
        node = self._dice.choice(list(self._edges))
        edge = self._edges[node]
        dialog = Dialog(_Place(*self.address), edge, number)  # type: ignore[arg-type]  # all that it needs of a phone
        line = self._lines[dialog.call_id] = _Line()
        begun = time.monotonic()
        final = await self._ask(line, dialog.invite, edge)
        ended = time.monotonic() if final is not None else NEVER
        hung_up = False
        if final is not None and final.status is not None:
            dialog.answer = final
            if final.status < 300:
                self.send(dialog.request("ACK", dialog.cseq), edge)
                hung_up = await self._ask(line, dialog.request("BYE"), edge) is not None
            else:
                self.send(_ack(dialog.invite, final), edge)
        status = final.status if final is not None else None
        self._history.calls.append(Call(begun, ended, node, number, dialog.call_id, status, hung_up=hung_up))
        self._note_decisions(begun, node, number, dialog.call_id, final)
        del self._lines[dialog.call_id]

    def _note_decisions(self, begun: float, node: str, number: str, call_id: str, final: SipMessage | None) -> None:
        seen = self._trunk.seen.pop(call_id, [])
        if final is not None and final.status == 480 and DISABLED_CAUSE in (final.get("Reason") or ""):
            seen.append((time.monotonic(), ""))
        self._history.decisions += (Decision(begun, at, node, number, target, call_id) for at, target in seen)

    async def _ask(self, line: _Line, request: SipMessage, edge: Address) -> SipMessage | None:
        """Send a request until it is answered; return its final answer, None when none comes."""
        deadline, pause_s, heard = time.monotonic() + PATIENCE_S, T1_S, False
        self.send(request, edge)
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                answer = await asyncio.wait_for(line.answers.get(), remaining if heard else min(pause_s, remaining))
            except TimeoutError:
                if not heard:
                    self.send(request, edge)
                    pause_s = min(2 * pause_s, T2_S)
                continue
            if answer["CSeq"] != request["CSeq"] or answer.status is None:
                continue
            if answer.status >= 200:
                return answer
            heard = True
        return None


def _ack(invite: SipMessage, answer: SipMessage) -> SipMessage:
    """Return the ACK of a refusal, which is of the INVITE's own transaction (RFC 3261 §17.1.1.3)."""
    headers = [header for header in invite.headers if header[0] in ("Via", "From", "Call-ID", "Max-Forwards")]
    return SipMessage(f"ACK {invite.uri} SIP/2.0", [*headers, ("To", answer["To"]), ("CSeq", "1 ACK")])
