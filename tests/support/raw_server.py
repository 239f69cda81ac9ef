"""A TCP server that answers each connection with the bytes, and at the pace, that a test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.ports import listen_unused

Answer = Callable[[socket.socket, bytes], None]
"""What is done with a connection whose request's head and body have come."""


def plain(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return an HTTP answer as it goes over the wire."""
    head = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def sends(content: bytes) -> Answer:
    """Return what sends `content` and closes."""
    return lambda connection, _: connection.sendall(content)


class RawServer:
    """The server at `url`; `requests` are those that came, `answers` what the next ones get, the last one again."""

    def __init__(self, listener: socket.socket, answers: list[Answer]) -> None:
        self.requests: list[bytes] = []
        self._answers = answers
        self._listener = listener
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            request = _request_of(connection)
            self.requests.append(request)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            answer(connection, request)


def _request_of(connection: socket.socket) -> bytes:
    content = b""
    while b"\r\n\r\n" not in content:
        piece = connection.recv(65536)
        if not piece:
            return content
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def raw_server(*answers: Answer) -> Iterator[RawServer]:
    """Run a server on a free port of loopback."""
    listener = listen_unused()
    server = RawServer(listener, list(answers))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # Wakes the thread that accepts.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
