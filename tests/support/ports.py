"""Ports for programs that are told theirs before they bind it, and for sockets of the tests.

A port that is free now may be given to a neighbour before its program has started, or while it is restarted. And what
was meant for a socket that is closed reaches the next one on its port: an edge sends the answer of a call again for 32
seconds, a node delivers what was not taken. So each test process takes its ports from one registry for all test
processes of this user, and keeps them until it ends: one file, whose byte number N is locked by the process that has
port N (fcntl(2), "Advisory record locking"). The system drops the locks of a process that ends, by whatever death.
"""

import errno
import fcntl
import os
import random
import socket
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path

_RANGES = (range(10_000, 20_000), range(30_000, 32_768), range(61_000, 65_001))
"""Outside those that the kernel gives to whoever asks for any port (ip(7), ip_local_port_range: 32768-60999) and those
of calls' audio (RENVOI_RTP_PORTS: 20000-29999), and up to what RENVOI_VOICEMAIL_PORT takes (65000)."""

_EPHEMERAL = range(32_768, 61_000)

_random = random.Random()
"""Of its own: tests may seed the shared one."""
_given: set[int] = set()
_turns = deque(_random.sample(_EPHEMERAL, len(_EPHEMERAL)))
"""The ports of sockets, the one that was used the longest time ago first."""


def free_port() -> int:
    """Return a port that is free for UDP and TCP on every address, and this process's own until it ends."""
    return free_ports(1)[0]


def free_ports(count: int) -> range:
    """Return so many ports in a row, which begin with an even one if there are several, as `free_port` does."""
    step = 1 if count == 1 else 2
    for first in _shuffled(step, count):
        ports = range(first, first + count)
        # A process's locks never stand in its own way.
        if _given.isdisjoint(ports) and _lock(ports):
            _given.update(ports)
            if all(map(_is_free, ports)):
                return ports
    raise AssertionError(f"no {count} ports in a row are free: end the test processes that are left over")


def bind_unused(sock: socket.socket, host: str = "127.0.0.1") -> int:
    """Bind a socket to a port that no other test process has had, and this one the longest time ago; return it."""
    for _ in range(len(_turns)):
        port = _turns[0]
        _turns.rotate(-1)
        if _lock(range(port, port + 1)):
            try:
                sock.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
    raise AssertionError("all ports are used: end the test processes that are left over")


def listen_unused(host: str = "127.0.0.1") -> socket.socket:
    """Return a socket that listens at a port of `bind_unused`."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bind_unused(listener, host)
    listener.listen()
    return listener


@contextmanager
def fixed_port(port: int) -> Iterator[int]:
    """Wait until no other test process uses this port, whose number is written down somewhere; hold it meanwhile."""
    registry = _registry()
    fcntl.lockf(registry, fcntl.LOCK_EX, 1, port)
    try:
        yield port
    finally:
        fcntl.lockf(registry, fcntl.LOCK_UN, 1, port)


def _shuffled(step: int, count: int) -> list[int]:
    """Return where `count` ports can begin, in random order: one that was just closed is not taken again at once."""
    starts = [first for ports in _RANGES for first in ports[: len(ports) - count + 1 : step]]
    _random.shuffle(starts)
    return starts


@cache
def _registry() -> int:
    """Open the file whose locks are the ports; it is never closed, as that would drop all of them."""
    path = Path(tempfile.gettempdir()) / f"renvoi-test-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(ports: range) -> bool:
    try:
        fcntl.lockf(_registry(), fcntl.LOCK_EX | fcntl.LOCK_NB, len(ports), ports[0])
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        return False
    return True


def _is_free(port: int) -> bool:
    """Tell whether nobody has the port, of this user's test processes or others."""
    for family, kind in product((socket.AF_INET, socket.AF_INET6), (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
        try:
            with socket.socket(family, kind) as probe:
                if family is socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(("", port))
        except OSError as error:
            # A machine may have no IPv6.
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                return False
    return True
