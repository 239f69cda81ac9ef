"""The sockets that calls get their audio by."""

import errno
import secrets
import socket
from collections import deque
from collections.abc import Iterable

RECEIVE_BUFFER_BYTES = 256 * 1024
"""Audio of several seconds: what comes while the process is held up is not lost."""


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
