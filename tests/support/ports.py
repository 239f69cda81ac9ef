"""Ports of this machine."""

import secrets
import socket

_PORTS = range(10_000, 20_000)
"""Below those that the kernel gives to whoever connects (ip(7), ip_local_port_range), and those of calls' audio: so a
port is still free when a program that was told of it starts, and when it starts again."""


def free_port() -> int:
    """Return a port that is free now for both UDP and TCP on 127.0.0.1."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
