"""A service manager as a node sees it: the datagram socket of sd_notify(3)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.waiting import wait_for


class Manager:
    """Keeps what it is told, the oldest first; `address` is what `NOTIFY_SOCKET` says.

    It reads when it is asked, and in between if it `reads_along`: the socket holds ten messages or so.
    """

    def __init__(self, told: socket.socket, address: str) -> None:
        self._socket = told
        self.address = address
        self.messages: list[dict[str, str]] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @contextmanager
    def reads_along(self) -> Iterator[None]:
        thread = threading.Thread(target=self._keep_reading)
        thread.start()
        try:
            yield
        finally:
            self._closed.set()
            thread.join()

    def _keep_reading(self) -> None:
        while not self._closed.wait(0.1):
            self.read()

    def read(self) -> list[dict[str, str]]:
        """Return all that was told so far."""
        with self._lock, suppress(BlockingIOError):
            while datagram := self._socket.recv(4096):
                self.messages.append(dict(line.split("=", 1) for line in datagram.decode().split("\n")))
        return self.messages

    def wait(self, name: str, value: str | None = None, *, after: int = 0, timeout_s: float = 60) -> int:
        """Wait for a message with `name` (and that `value`) after the first `after` ones; return its place."""

        def found() -> list[int]:
            messages = self.read()
            places = range(after, len(messages))
            return [i for i in places if name in messages[i] and value in (None, messages[i][name])]

        places: list[int] = wait_for(found, lambda: f"{name}={value} among {self.messages[after:]}", timeout_s)
        return places[0]


@contextmanager
def manager_at(address: str) -> Iterator[Manager]:
    """Listen at `address`; with `@` before it, it is an abstract one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind("\0" + address[1:] if address.startswith("@") else address)
        told.setblocking(False)
        try:
            yield Manager(told, address)
        finally:
            if not address.startswith("@"):
                Path(address).unlink()
