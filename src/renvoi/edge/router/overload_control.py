"""Staying useful under too many calls: some are refused at once, so that the others are answered in time.

The measure is what waits in the receive queue of our UDP socket, which is there before any process of ours has spent
time on it. The control is the usual one for shared queues: up fast while the queue is long, down slowly when it is not.

So it is when calls take nearly all of Kamailio's memory: new ones are refused, so that the others can end. A call takes
memory from its INVITE until 5 s after its final answer, however it ends. Where there is none left, an INVITE gets no
answer, and no route runs when a trunk has refused a call: it goes to no other one, and leaves no record.
"""

import json
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REFUSED_SHARE = "refuse"
"""Kamailio's shared variable of the share of new calls that is refused."""
FULL = 1000
"""The refused share is counted in thousandths."""
LONG_QUEUE_BYTES = 128 * 1024
"""A queue (the kernel's bookkeeping included) that means some tens of messages: a third of what Linux allows."""
SHORT_QUEUE_BYTES = LONG_QUEUE_BYTES // 4
PATIENCE = 8
"""Steps that a queue must be long before anything is refused: a process that did not run for a while is not load."""
RISE, FALL = 30, 12
"""By how much the share grows on a long queue, and shrinks on a short one, for each step."""
MAX_REFUSED = 950
"""Even then some calls are tried, so that the share can find its way down."""
_SO_MEMINFO = 55
"""Socket option of Linux 4.12 and later: the memory that a socket has taken, for received messages first."""
_RECEIVED = struct.Struct("I")


class ReceiveQueue:
    """How many bytes wait to be read from the UDP socket bound to `port`, which this process has inherited."""

    def __init__(self, port: int) -> None:
        self._sockets = [sock for sock in _inherited_sockets() if _is_udp(sock, port)]
        self._poll = select.poll()
        for sock in self._sockets:
            self._poll.register(sock, select.POLLIN)

    def wait(self, seconds: float) -> None:
        """Wait until something is in the queue, but no longer than so many seconds."""
        self._poll.poll(seconds * 1000)

    def waiting(self) -> int:
        """Return the bytes that wait now, the kernel's bookkeeping included."""
        options = (sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _RECEIVED.size) for sock in self._sockets)
        return sum(int(_RECEIVED.unpack(option)[0]) for option in options)

    def close(self) -> None:
        """Release what was taken to look at the socket; the socket itself is not ours."""
        for sock in self._sockets:
            sock.close()


def _inherited_sockets() -> Iterator[socket.socket]:
    """Return an object for each socket that this process has open."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        try:
            yield socket.socket(fileno=os.dup(int(entry.name)))
        except OSError:
            continue


def _is_udp(sock: socket.socket, port: int) -> bool:
    """Tell whether `sock` is that one; close it when it is not."""
    is_udp = sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_DGRAM
    if is_udp and sock.getsockname()[1] == port:
        return True
    sock.close()
    return False


class LoadShedder:
    """Finds the share of new calls to refuse, in thousandths."""

    def __init__(self, queue: ReceiveQueue) -> None:
        self._queue = queue
        self._long_for = 0

    def rest(self, share: int, seconds: float) -> None:
        """Let a step that would change nothing come when something arrives, but after so many seconds at the latest."""
        if share == 0 and self._long_for == 0:
            self._queue.wait(seconds)

    def step(self, share: int) -> int:
        """Return the share for the next step, given the present one."""
        waiting = self._queue.waiting()
        self._long_for = self._long_for + 1 if waiting > LONG_QUEUE_BYTES else 0
        if self._long_for >= (PATIENCE if share == 0 else 1):
            return min(MAX_REFUSED, share + RISE)
        if waiting < SHORT_QUEUE_BYTES:
            return max(0, share - FALL)
        return share


RESERVE = 8
"""One part in so many of the memory is kept for what has begun."""
LOW = 4
"""When less than one part in so many is free it is measured all the time; else when something arrives."""
FEW = 100
"""So many transactions there may be in any case: it is something else that takes the memory then."""

MEMORY_SHORT = "memory_short"
"""Kamailio's shared variable that is 1 while new calls are refused."""
MEASURE, COUNT = "core.shmmem", "tm.stats"
"""What Kamailio is asked: how much memory is free, and how many transactions there are. Its statistics of both lag
behind by a second and more."""


class MemoryKeeper:
    """Finds out whether memory is short, for which `ask` has a method of Kamailio's RPC executed."""

    def __init__(self, ask: Callable[[str], dict[str, Any]]) -> None:
        self._ask = ask
        self.is_low = False
        """Whether it is to be measured again soon."""

    def is_short(self) -> bool:
        """Measure; tell whether new calls are to be refused."""
        found = self._ask(MEASURE)
        total, free = int(found["total"]), int(found["free"])
        self.is_low = free < total // LOW
        return free < total // RESERVE and int(self._ask(COUNT)["current"]) > FEW


def asker(ksr: Any) -> Callable[[str], dict[str, Any]]:
    """Return what has a method executed in this process of Kamailio's."""

    def ask(method: str) -> dict[str, Any]:
        ksr.jsonrpcs.exec(json.dumps({"jsonrpc": "2.0", "method": method, "id": 1}))
        found: dict[str, Any] = json.loads(ksr.pv.get("$jsonrpl(body)"))["result"]
        return found

    return ask
