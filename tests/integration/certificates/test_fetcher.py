"""Certificates are fetched from addresses that strangers chose: servers are slow, huge, lead elsewhere, or lie."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme

from renvoi.adapters.certificate_fetcher import (
    FRESH_S,
    KEPT_S,
    MAX_BODY,
    MOST_WAITING,
    PORTS,
    REFUSED_S,
    Client,
    Fetcher,
    FetchFailed,
)
from renvoi.domain.hosts import Address, is_public
from renvoi.edge.identity.certificates import read_certificates
from renvoi.edge.identity.files import FETCHED, REQUESTS, FetchedCertificates, Requests, name_of
from renvoi.node.entrypoints.certificates import serve_requests
from renvoi.node.parts.watchdog import HeartbeatSender
from tests.support.identity import Authority
from tests.support.ports import listen_unused
from tests.support.waiting import wait_for

HOST = "certificates.example"
PEM = Authority().signer().pem
WEB = trustme.CA()
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers)
        writer.write("\r\n".join((*lines, "", "")).encode() + body)

    return answer


def raw(*pieces: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return answer


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drop_by_drop(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)  # how slow it is


async def without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"A" * 4096 + b"\r\n")
        await writer.drain()


class Server:
    """An https server; `asked` are the requests that it got."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[bytes] = []
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            await self.answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass  # it has had enough
        finally:
            writer.transport.abort()


@asynccontextmanager
async def serving(answer: Answer, name: str = HOST, authority: trustme.CA = WEB) -> AsyncIterator[Server]:
    server = Server(answer)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    listening = await asyncio.start_server(server.talk, sock=listen_unused(), ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


async def here(_host: str, _port: int) -> Collection[Address]:
    return [ip_address("127.0.0.1")]


def client(server: Server, *, is_allowed: Callable[[Address], bool] = lambda _: True, time_s: float = 5.0) -> Client:
    tls = ssl.create_default_context()
    WEB.configure_trust(tls)
    return Client((HOST,), tls, {server.port}, is_allowed, here, time_s)


def url(server: Server, rest: str = "/a.pem") -> str:
    return f"https://{HOST}:{server.port}{rest}"


def fetched(answer: Answer, **how: object) -> bytes:
    async def work() -> bytes:
        async with serving(answer) as server:
            return await client(server, **how).fetch(url(server))  # type: ignore[arg-type]  # any of them

    return asyncio.run(work())


def test_a_certificate_is_fetched_from_the_address_that_was_looked_at() -> None:
    async def work() -> None:
        async with serving(http(PEM)) as server:
            assert await client(server).fetch(url(server, "/a/b.pem?c=d")) == PEM
            head = b"GET /a/b.pem?c=d HTTP/1.1\r\nHost: certificates.example:%d\r\n" % server.port
            assert server.asked == [head + b"Accept: */*\r\nConnection: close\r\n\r\n"]

    asyncio.run(work())


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n" % len(PEM) + PEM + b"\r\n0\r\n\r\n"),
        raw(b"HTTP/1.0 200 OK\r\n\r\n", PEM),
        http(PEM + b"A" * (MAX_BODY - len(PEM))),
    ],
)
def test_answers_of_other_forms(answer: Answer) -> None:
    assert fetched(answer).startswith(PEM)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http(b"", "302 Found", "Location: https://127.0.0.1/a.pem"), "the answer is 302; no redirect is followed"),
        (http(b"", "301 Moved", f"Location: https://{HOST}/b.pem"), "the answer is 301"),
        (http(PEM, "404 Not Found"), "the answer is 404"),
        (http(b"", "204 No Content"), "the answer is 204"),
        (http(PEM, length=len(PEM) + 1), "cut off"),
        (http(b"A" * (MAX_BODY + 1)), "longer than 32768 bytes"),
        (http(b"", length=10**15), "cut off"),
        (without_end, "longer than 32768 bytes"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000), "longer than"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"), "longer than"),
        (raw(b"A" * 100_000), "not HTTP"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), "not HTTP"),
        (raw(), "cut off"),
    ],
)
def test_what_is_no_answer_is_refused(answer: Answer, why: str) -> None:
    with pytest.raises(FetchFailed, match=why):
        fetched(answer)


@pytest.mark.parametrize("answer", [silence, drop_by_drop])
def test_a_slow_server_is_left(answer: Answer) -> None:
    with pytest.raises(FetchFailed, match=r"longer than (0.3 s|8192 bytes)"):
        fetched(answer, time_s=0.3)


def test_the_inner_network_is_never_reached() -> None:
    """Not even by a name that is allowed."""

    async def work() -> None:
        async with serving(http(PEM)) as server:
            with pytest.raises(FetchFailed, match=f"{HOST} is at 127.0.0.1, which is not a public address"):
                await client(server, is_allowed=is_public).fetch(url(server))
            assert server.asked == []

    asyncio.run(work())


@pytest.mark.parametrize(
    ("name", "authority"), [("other.example", WEB), (HOST, trustme.CA())], ids=["another name", "another authority"]
)
def test_a_server_that_is_another_one_is_refused(name: str, authority: trustme.CA) -> None:
    async def work() -> None:
        async with serving(http(PEM), name, authority) as server:
            with pytest.raises(FetchFailed, match="TLS failed"):
                await client(server).fetch(url(server))

    asyncio.run(work())


@pytest.mark.parametrize(
    "address",
    [
        "http://certificates.example/a.pem",
        "ftp://certificates.example/a.pem",
        "file:///etc/passwd",
        "https://other.example/a.pem",
        "https://certificates.example.other.example/a.pem",
        "https://other.example\\@certificates.example/a.pem",
        "https://user:secret@certificates.example/a.pem",
        "https://certificates.example@other.example/a.pem",
        "https://certificates.example:22/a.pem",
        "https://certificates.example:99999/a.pem",
        "https://certificates.example/a.pem#b",
        "https://certificates.example/a b",
        "https://certificates.example/a\r\nX: y",
        "https://certificates.example/é",
        "https://[::1",
        "https://127.0.0.1/a.pem",
        "https:///a.pem",
        "//certificates.example/a.pem",
        "",
        "https://certificates.example/" + "a" * 512,
        "https://below.example/a.pem",
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(address: str) -> None:
    with pytest.raises(FetchFailed):
        Client((HOST, "*.below.example")).check(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://certificates.example/a.pem",
        "https://certificates.example:8443/a.pem",
        "https://Certificates.Example",
        "https://a.below.example/b?c=d",
    ],
)
def test_addresses_that_may_be_fetched(address: str) -> None:
    assert Client((HOST, "*.below.example")).check(address).scheme == "https"
    assert Client((HOST,)).ports == PORTS == {443, 8443}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("192.0.2.1", False),
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("2a00:1450::1", True),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def test_what_could_not_be_had_is_not_tried_again_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        clock = Clock()
        async with serving(http(b"<html>")) as server:
            fetcher = Fetcher(client(server), tmp_path, name_of, read_certificates, clock)

            async def ask() -> int:
                fetcher.request(url(server))
                await fetcher.settle()
                return len(server.asked)

            assert await ask() == 1
            assert await ask() == 1
            assert not list(tmp_path.iterdir())
            clock.now_s += REFUSED_S
            server.answer = http(PEM)
            assert await ask() == 2
            assert (tmp_path / name_of(url(server))).read_bytes() == PEM
            assert await ask() == 2
            clock.now_s += FRESH_S
            server.answer = http(PEM, "500 Broken")
            assert await ask() == 3
            assert (tmp_path / name_of(url(server))).read_bytes() == PEM, "the last good one serves on"
            clock.now_s += KEPT_S
            fetcher.prune()
            assert not list(tmp_path.iterdir())

    asyncio.run(work())


def test_a_flood_of_addresses_is_bounded(tmp_path: Path) -> None:
    async def work() -> None:
        async with serving(http(PEM)) as server:
            fetcher = Fetcher(client(server), tmp_path, name_of, read_certificates)
            for number in range(500):
                fetcher.request(url(server, f"/{number}"))
                fetcher.request(f"https://other.example/{number}")
            await fetcher.settle()
            assert len(server.asked) <= MOST_WAITING
            for number in range(2000):
                fetcher.request(f"https://other.example/{number}")
                await fetcher.settle()
            assert len(fetcher._failed_at_s) <= 1000

    asyncio.run(work())


def test_the_edge_asks_and_finds_it(tmp_path: Path) -> None:
    """The whole way between the edge's processes and a server: a datagram there, a file back."""

    async def work() -> None:
        async with serving(http(PEM)) as server:
            stop = asyncio.Event()
            task = asyncio.create_task(serve_requests(client(server), tmp_path, None, stop, HeartbeatSender(None)))
            await asyncio.to_thread(wait_for, (tmp_path / REQUESTS).exists, "the socket")
            assert (tmp_path / REQUESTS).stat().st_mode & 0o077 == 0
            requests = Requests(tmp_path / REQUESTS)
            known = FetchedCertificates(tmp_path / FETCHED, (), requests.ask)
            requests.ask("x" * 5000)
            requests.ask("\udcff")
            await asyncio.to_thread(wait_for, lambda: known.find(url(server)) is not None, "the certificate")
            assert len(server.asked) == 1
            requests.close()
            stop.set()
            await task
            assert not (tmp_path / REQUESTS).exists()
            assert [path.name for path in (tmp_path / FETCHED).iterdir()] == [name_of(url(server))]

    asyncio.run(work())
