"""The sockets that calls get their audio by: their ports, and one question to the kernel for the packets of all."""

import errno
import secrets
import select
import socket
from collections import deque
from collections.abc import Callable, Iterable

RECEIVE_BUFFER_BYTES = 256 * 1024
"""Audio of several seconds: what comes while the process is held up is not lost."""
ROUNDS = 64
"""Packets of one call that are read in one go; what more there is waits in its socket.

A caller sends one or two each time; the rest is room for strangers, whose junk must not crowd out what is said.
"""


class NoPortFree(Exception):
    """Every port of the range is in use."""


class RtpPorts:
    """Even UDP ports of one address (RFC 3550 §11), the one that was given back first is given out first.

    A port just given back may still be sent to by the peer of the call before. So it is after a crash too, therefore
    they begin anywhere.
    """

    def __init__(self, host: str, ports: Iterable[int]) -> None:
        self._host = host
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._free = deque(ports)
        self._free.rotate(secrets.randbelow(len(self._free) or 1))

    def take(self) -> socket.socket:
        """Return a bound, non-blocking socket.

        Raises:
            NoPortFree: there is none; ports that other programs hold are passed over.
        """
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                return self._bind(port)
            except OSError as error:
                self._free.append(port)
                if error.errno != errno.EADDRINUSE:
                    raise
        raise NoPortFree(f"no UDP port is free on {self._host}: widen RENVOI_RTP_PORTS")

    def _bind(self, port: int) -> socket.socket:
        rtp = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            rtp.setblocking(False)
            rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            rtp.bind((self._host, port))
        except OSError:
            rtp.close()
            raise
        return rtp

    def give_back(self, rtp: socket.socket) -> None:
        """Close a socket that `take` returned."""
        self._free.append(rtp.getsockname()[1])
        rtp.close()


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
