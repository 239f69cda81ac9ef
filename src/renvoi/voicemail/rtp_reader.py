"""The sockets that audio comes to, looked at together: one question to the kernel for the packets of all calls."""

import select
import socket
from collections.abc import Callable

ROUNDS = 64
"""Packets of one call that are read in one go; what more there is waits in its socket.

A caller sends one or two each time; the rest is room for strangers, whose junk must not crowd out what is said.
"""


class RtpReader:
    """Knows which sockets have something to read.

    Asking for all of them each 20 ms costs half of being woken for each packet, and audio for a recording has time.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[float], None]] = {}

    def add(self, rtp: socket.socket, read: Callable[[float], None]) -> None:
        """Have `read` called with the time whenever `rtp` has a packet, for one packet each time."""
        self._readers[rtp.fileno()] = read
        self._epoll.register(rtp, select.EPOLLIN)

    def remove(self, rtp: socket.socket) -> None:
        """Leave `rtp` alone from now on; nothing happens when it was not there."""
        if self._readers.pop(rtp.fileno(), None) is not None:
            self._epoll.unregister(rtp)

    def read(self, now: float) -> None:
        """Have everything read that has arrived, a packet of each call at a time."""
        for _ in range(ROUNDS):
            if not self._readers:
                return
            ready = self._epoll.poll(0, len(self._readers))
            if not ready:
                return
            for fd, _events in ready:
                # One that was ready may have been removed by what another one brought.
                read = self._readers.get(fd)
                if read is not None:
                    read(now)

    def close(self) -> None:
        """Release what it holds; the sockets stay open."""
        self._epoll.close()
