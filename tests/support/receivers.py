"""Receivers of webhooks: they note what comes, prove signatures by a package that is not ours, and answer as told."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from tests.support.ports import listen_unused

SECRET = "whsec_" + "c2VjcmV0" * 4
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Received:
    """One request."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    def is_signed_by(self, secret: str) -> bool:
        """Tell whether the independent verifier takes it."""
        with suppress(Exception):
            Webhook(secret).verify(self.body.decode(), self.headers)
            return True
        return False


Answer = bytes | Callable[[Received, asyncio.StreamWriter], Awaitable[None]]
"""What is written, or what answers by itself."""


@dataclass
class Receiver:
    """An HTTP server for one request a connection."""

    answer: Answer = OK
    received: list[Received] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?x=1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a request and answer it."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            request = Received(first.split()[1], headers, body)
            self.received.append(request)
            if callable(self.answer):
                await self.answer(request, writer)
            else:
                writer.write(self.answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    answer: Answer = OK, *, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Receiver]:
    """Serve a receiver on the loopback."""
    sock = listen_unused() if port == 0 else socket.create_server(("127.0.0.1", port))
    receiver = Receiver(answer, scheme="https" if tls is not None else "http")
    with _quiet():
        server = await asyncio.start_server(receiver.serve, sock=sock, ssl=tls)
        receiver.port = server.sockets[0].getsockname()[1]
        try:
            yield receiver
        finally:
            server.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep handshakes that fail on purpose off the screen."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
