"""Callers who leave messages, many at once: SIP here, audio by `rtp`. Times of answers are the kernel's."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.rtp import FRAME_S, Rtp
from tests.support.sip import Call, Phone
from tests.support.sip_message import Address, SipMessage

FIRST_CALLER = 33_600_000_000
STRIDE = 17
"""The clip's frames between the beginnings of one call and the next."""
PATIENCE_S = 10.0
"""How long an answer may take before the call has failed."""
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")


@dataclass
class Outcome:
    """The outcome of a call. Times are nanoseconds since 1970."""

    caller: str
    start: int
    """The clip's frame that it began with."""
    fault: str = "no answer"
    """Empty when all went well."""
    sent: int = 0
    """Packets sent in all."""
    sent_at_beep: int = 0
    hung_up_ns: int = 0
    bye_ms: float = 0.0
    """How long the answer to BYE took."""


class _Phone(Phone):
    """A phone that reads when something has arrived, and knows when that was."""

    def __init__(self) -> None:
        super().__init__()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def arrived(self) -> tuple[SipMessage, int] | None:
        """Return the next message and its time in nanoseconds, None when there is none."""
        try:
            data, ancillary, _, source = self._socket.recvmsg(65535, 64)
        except BlockingIOError:
            return None
        seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
        return SipMessage.parse(data, source), seconds * 1_000_000_000 + nanoseconds


@dataclass
class _Placed:
    """A call in progress."""

    call: Call
    outcome: Outcome
    over: asyncio.Future[None]
    slot: int | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass
class Callers:
    """Places calls of `packets` packets each to `numbers` in turn. Belongs to the event loop that it is made in."""

    edge: Address
    numbers: list[str]
    rtp: Rtp
    packets: int
    prompt: int
    """Packets of the greeting and the beep."""
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._phone = _Phone()
        self._calls: dict[str, _Placed] = {}
        self._loop.add_reader(self._phone.fileno(), self._read)

    def close(self) -> None:
        """Release the phone."""
        self._loop.remove_reader(self._phone.fileno())
        self._phone.close()

    async def place(self, rate: float, seconds: float) -> None:
        """Place calls at `rate` a second for so long, and wait for the end of all."""
        began, waiting = self._loop.time(), []
        for index in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + index / rate - self._loop.time()))
            waiting.append(self._start(len(self.outcomes)))
        await asyncio.wait(waiting)

    def _start(self, index: int) -> asyncio.Future[None]:
        caller = f"+{FIRST_CALLER + index}"
        call = Call(self._phone, self.edge, self.numbers[index % len(self.numbers)], caller)
        audio = f"m=audio {self.rtp.port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        call.invite.body = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{audio}".encode()
        placed = _Placed(call, Outcome(caller, index * STRIDE), self._loop.create_future())
        self._calls[call.call_id] = placed
        self.outcomes.append(placed.outcome)
        placed.timer = self._loop.call_later(PATIENCE_S, self._end, placed, "no answer to INVITE")
        call.start()
        return placed.over

    def _read(self) -> None:
        while (arrived := self._phone.arrived()) is not None:
            message, at_ns = arrived
            placed = self._calls.get(message["Call-ID"])
            if message.status is None:
                self._phone.send(message.answer(200), message.source)
                if placed is not None:
                    self._end(placed, f"the voicemail sent {message.method}")
            elif placed is not None and message.status >= 200:
                self._take_answer(placed, message, at_ns)

    def _take_answer(self, placed: _Placed, answer: SipMessage, at_ns: int) -> None:
        if answer.status != 200:
            self._end(placed, f"{answer.start_line} to {answer.method}")
        elif answer.method == "BYE":
            placed.outcome.bye_ms = (at_ns - placed.outcome.hung_up_ns) / 1e6
            self._end(placed, "")
        else:
            self._talk(placed, answer)

    def _talk(self, placed: _Placed, answer: SipMessage) -> None:
        """Acknowledge the answer to the INVITE; when it is the first one, begin to talk."""
        placed.call.answer = answer
        placed.call.ack()
        if placed.slot is not None:
            return
        port = int(answer.body.decode().partition("m=audio ")[2].split()[0])
        placed.slot = self.rtp.begin(port, placed.outcome.start, self.packets, self.prompt)
        self._in(placed, (self.packets + 1) * FRAME_S, self._hang_up)

    def _in(self, placed: _Placed, seconds: float, step: Callable[[_Placed], None]) -> None:
        if placed.timer is not None:
            placed.timer.cancel()
        placed.timer = self._loop.call_later(seconds, step, placed)

    def _hang_up(self, placed: _Placed) -> None:
        assert placed.slot is not None
        if self.rtp.audio(placed.slot).sent < self.packets:
            self._in(placed, FRAME_S, self._hang_up)
            return
        self._in(placed, PATIENCE_S, self._miss)
        placed.outcome.hung_up_ns = time.time_ns()
        placed.call.send("BYE")

    def _miss(self, placed: _Placed) -> None:
        self._end(placed, "no answer to BYE")

    def _end(self, placed: _Placed, fault: str) -> None:
        self._calls.pop(placed.call.call_id, None)
        if placed.timer is not None:
            placed.timer.cancel()
        if placed.slot is not None:
            audio = self.rtp.end(placed.slot)
            placed.outcome.sent, placed.outcome.sent_at_beep = audio.sent, audio.sent_at_beep
            placed.slot = None
        placed.outcome.fault = fault
        if not placed.over.done():
            placed.over.set_result(None)
