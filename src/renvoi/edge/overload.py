"""Staying useful under too many calls: some are refused at once, so that the others are answered in time.

The measure is what waits in the receive queue of our UDP socket, which is there before any process of ours has spent
time on it. The control is the usual one for shared queues: up fast while the queue is long, down slowly when it is not.
"""

import os
import socket
import struct
from pathlib import Path

FULL = 1000
"""The refused share is counted in thousandths."""
LONG_QUEUE_BYTES = 96 * 1024
"""A queue (kernel's bookkeeping included) that means some tens of milliseconds of waiting."""
SHORT_QUEUE_BYTES = LONG_QUEUE_BYTES // 4
RISE, FALL = 60, 10
"""By how much the share grows on a long queue of just that length, and shrinks on a short one, for each step."""
MAX_REFUSED = 950
"""Even then some calls are tried, so that the share can find its way down."""


_SO_MEMINFO = 55
"""Socket option of Linux 4.12 and later: how much memory a socket has taken, as nine 32-bit numbers."""


class ReceiveQueue:
    """How many bytes wait to be read from the UDP socket bound to `port`, which this process has inherited."""

    def __init__(self, port: int) -> None:
        inherited = [_inherited(entry.name) for entry in Path("/proc/self/fd").iterdir()]
        self._sockets = [sock for sock in inherited if sock is not None and _is_udp(sock, port)]

    def waiting(self) -> int:
        """Return the bytes that wait now, the kernel's bookkeeping included."""
        return sum(int(_RECEIVED.unpack_from(_memory(found))[0]) for found in self._sockets)


_RECEIVED = struct.Struct("I")


def _memory(sock: socket.socket) -> bytes:
    return sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 9 * _RECEIVED.size)


def _inherited(descriptor: str) -> socket.socket | None:
    """Return a socket object of its own for the descriptor, None when it is no socket."""
    try:
        return socket.socket(fileno=os.dup(int(descriptor)))
    except OSError:
        return None


def _is_udp(sock: socket.socket, port: int) -> bool:
    if sock.family not in (socket.AF_INET, socket.AF_INET6) or sock.type != socket.SOCK_DGRAM:
        return False
    return bool(sock.getsockname()[1] == port)


class Governor:
    """Finds the share of new calls to refuse, in thousandths."""

    def __init__(self, queue: ReceiveQueue) -> None:
        self._queue = queue
        self._was_long = False

    def step(self, share: int) -> int:
        """Return the share for the next step, given the present one."""
        waiting = self._queue.waiting()
        was_long, self._was_long = self._was_long, waiting > LONG_QUEUE_BYTES
        if self._was_long:
            if not was_long:
                # A burst that the next step finds gone was no overload.
                return share
            return min(MAX_REFUSED, share + RISE * min(4, waiting // LONG_QUEUE_BYTES))
        if waiting < SHORT_QUEUE_BYTES:
            return max(0, share - FALL)
        return share
