"""Fetches certificates from addresses that strangers have chosen: they stand in signed tokens (RFC 8225, `x5u`).

So an address leads to hosts that the operator has named only, by https, to no inner network whatever DNS says, and
nowhere else from there; and an answer is short and comes soon.
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httptools
import structlog

from renvoi.domain.hosts import Address, is_public
from renvoi.files import sync_directory

MAX_URL = 512
MAX_BODY, MAX_HEAD = 32 * 1024, 8 * 1024
"""Bytes of an answer."""
TIME_S = 2.0
"""How long all of it may take, the name's look-up included."""
REFUSED_S = 60.0
"""How long nobody tries again after a failure."""
FRESH_S = 3600.0
"""Age up to which a certificate is not fetched again, whoever asks."""
KEPT_S = 7 * 86_400.0
"""How long one is kept that cannot be fetched again."""
MOST_AT_ONCE, MOST_WAITING, MOST_FAILURES, MOST_FILES = 8, 64, 1000, 1000
PORTS = frozenset({443, 8443})
"""Where certificates of callers' identity are served (ATIS-1000074 §5.3.1)."""
log = structlog.get_logger("certificates")


class FetchFailed(Exception):
    """There is no certificate to be had; the text says why."""


async def resolve(host: str, port: int) -> Collection[Address]:
    """Return the addresses of a host.

    Raises:
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)


@dataclass(frozen=True, slots=True)
class Client:
    """What may be fetched, and how. `hosts` are names, or `*.` and a name for all below it."""

    hosts: Collection[str]
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    ports: Collection[int] = PORTS
    is_allowed: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], Awaitable[Collection[Address]]] = resolve
    time_s: float = TIME_S

    async def fetch(self, url: str) -> bytes:
        """Return what is at `url`.

        Raises:
            FetchFailed: it leads to where it may not, or there is nothing, too much, or not soon enough.
        """
        parts = self.check(url)
        try:
            async with asyncio.timeout(self.time_s):
                return await self._fetch(parts)
        except TimeoutError as error:
            raise FetchFailed(f"it took longer than {self.time_s:g} s") from error
        except ssl.SSLError as error:
            raise FetchFailed(f"TLS failed: {error.reason or error}") from error
        except OSError as error:
            raise FetchFailed(f"it cannot be reached: {error.strerror or error}") from error
        except ValueError as error:  # of what TLS and asyncio make of odd names
            raise FetchFailed(f"it cannot be reached: {error}") from error

    def check(self, url: str) -> SplitResult:
        """Return the parts of an address.

        Raises:
            FetchFailed: it may not be fetched.
        """
        if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise FetchFailed(f"it is not an address of up to {MAX_URL} printable ASCII characters")
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as error:
            raise FetchFailed("it is not an address") from error
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise FetchFailed("it is not https://HOST/PATH")
        if port not in self.ports:
            raise FetchFailed(f"port {port} is not one of {', '.join(map(str, sorted(self.ports)))}")
        if not self._is_named(parts.hostname):
            raise FetchFailed(f"{parts.hostname} is not named in RENVOI_IDENTITY_HOSTS")
        return parts

    def _is_named(self, host: str) -> bool:
        return any(host == each or (each.startswith("*.") and host.endswith(each[1:])) for each in self.hosts)

    async def _fetch(self, parts: SplitResult) -> bytes:
        host, port = str(parts.hostname), parts.port or 443
        addresses = await self.resolve(host, port)
        # One that leads inside is not a slip: nothing of it is trusted.
        inside = [str(each) for each in addresses if not self.is_allowed(each)]
        if inside or not addresses:
            raise FetchFailed(f"{host} is at {', '.join(inside) or 'no address'}, which is not a public address")
        # The very address that was looked at: another look-up could find another one.
        reader, writer = await asyncio.open_connection(
            str(next(iter(addresses))), port, ssl=self.tls, server_hostname=host, limit=MAX_HEAD
        )
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = (f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: */*", "Connection: close")
            writer.write("\r\n".join((*lines, "", "")).encode("ascii"))
            return await _body(reader)
        finally:
            writer.transport.abort()


class _Answer:
    """What httptools calls: collects an answer as far as it is short."""

    def __init__(self) -> None:
        self.head = 0
        self.body = bytearray()
        self.is_complete = False
        self.is_framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.is_framed = self.is_framed or name.lower() in (b"content-length", b"transfer-encoding")
        self.head += len(name) + len(value)
        if self.head > MAX_HEAD:
            raise FetchFailed(f"its headers are longer than {MAX_HEAD} bytes")

    def on_body(self, body: bytes) -> None:
        self.body += body
        if len(self.body) > MAX_BODY:
            raise FetchFailed(f"it is longer than {MAX_BODY} bytes")

    def on_message_complete(self) -> None:
        self.is_complete = True


async def _body(reader: asyncio.StreamReader) -> bytes:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    read = 0
    while not answer.is_complete and (data := await reader.read(MAX_HEAD)):
        read += len(data)
        if read > MAX_BODY + 2 * MAX_HEAD:
            raise FetchFailed(f"it is longer than {MAX_BODY} bytes")
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, FetchFailed):
                raise error.__context__ from None
            raise FetchFailed("the answer is not HTTP") from error
        if answer.head and parser.get_status_code() != 200:
            raise FetchFailed(f"the answer is {parser.get_status_code()}; no redirect is followed")
    # Only where nothing says how long it is does it end with the connection (RFC 9112 §6.3).
    if not answer.is_complete and (answer.is_framed or not answer.body):
        raise FetchFailed("the answer is cut off")
    return bytes(answer.body)


class Fetcher:
    """Keeps a directory of certificates; `name_of` names their files, `check` refuses (ValueError) what is none.

    Belongs to one event loop. Times are seconds since 1970, as those of files are.
    """

    def __init__(
        self,
        client: Client,
        directory: Path,
        name_of: Callable[[str], str],
        check: Callable[[bytes], object],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._directory = directory
        self._name_of = name_of
        self._check = check
        self._now_s = now_s
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failed_at_s: dict[str, float] = {}
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    def request(self, url: str) -> None:
        """Fetch a certificate soon, unless it is there, or could not be had a moment ago."""
        now_s = self._now_s()
        if url in self._running or len(self._running) >= MOST_WAITING:
            return
        if now_s - self._failed_at_s.get(url, float("-inf")) < REFUSED_S:
            return
        with suppress(OSError):
            if now_s - self._path(url).stat().st_mtime < FRESH_S:
                return
        self._running[url] = asyncio.create_task(self._fetch(url))

    async def settle(self) -> None:
        """Wait until nothing is being fetched."""
        while self._running:
            await asyncio.wait(self._running.values())

    def close(self) -> None:
        """Fetch no more."""
        for task in self._running.values():
            task.cancel()

    def _path(self, url: str) -> Path:
        return self._directory / self._name_of(url)

    async def _fetch(self, url: str) -> None:
        try:
            async with self._room:
                pem = await self._client.fetch(url)
            self._check(pem)
            await asyncio.to_thread(self._keep, url, pem)
        except (FetchFailed, ValueError, OSError) as error:
            self._note_failure(url, str(error))
        else:
            self._failed_at_s.pop(url, None)
            log.info("a certificate is fetched", url=url)
        finally:
            self._running.pop(url, None)

    def _note_failure(self, url: str, why: str) -> None:
        now_s = self._now_s()
        if len(self._failed_at_s) >= MOST_FAILURES:
            over = [each for each, at_s in self._failed_at_s.items() if now_s - at_s >= REFUSED_S]
            for each in over or [next(iter(self._failed_at_s))]:
                del self._failed_at_s[each]
        self._failed_at_s[url] = now_s
        log.warning("a certificate cannot be fetched", url=url[:MAX_URL], reason=why)

    def _keep(self, url: str, pem: bytes) -> None:
        path = self._path(url)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(pem)
        temporary.chmod(0o644)
        os.utime(temporary, (self._now_s(), self._now_s()))
        temporary.replace(path)
        sync_directory(self._directory)
        self.prune()

    def prune(self) -> None:
        """Remove what is too old, and what is too much, the oldest first."""
        found = sorted(self._ages())
        old = [path for at_s, path in found if self._now_s() - at_s > KEPT_S]
        for path in dict.fromkeys((*old, *(path for _, path in found[:-MOST_FILES]))):
            path.unlink(missing_ok=True)

    def _ages(self) -> Iterable[tuple[float, Path]]:
        for path in self._directory.glob("*.pem"):
            with suppress(OSError):
                yield path.stat().st_mtime, path
