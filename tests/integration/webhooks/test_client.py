"""The client of webhooks against endpoints that are slow, huge, lead elsewhere, or lie."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import trustme

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.endpoint_client import MAX_HEAD, HttpEndpointClient
from renvoi.application.ports.webhooks import Answer
from renvoi.domain.events.webhook import MAX_SHOWN
from renvoi.domain.hosts import Address
from tests.support.http_api import FixedClock
from tests.support.ports import free_port
from tests.support.receivers import OK, Received, Receiver, receiving

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "hooks.example.com"
WEB = trustme.CA()


def at(*addresses: str) -> Callable[[str], Awaitable[Collection[Address]]]:
    """Return a look-up that finds these addresses."""

    async def resolve(_: str) -> Collection[Address]:
        return [ip_address(each) for each in addresses]

    return resolve


def client(**changes: Any) -> HttpEndpointClient:
    """Return a client that may send to this machine."""
    return HttpEndpointClient(SystemClock(), **{"allow_http": True, "networks": LOOPBACK, **changes})


async def post(receiver: Receiver, **changes: Any) -> Answer:
    """Send something to a receiver."""
    return await client(**changes).post(receiver.url, {"webhook-id": "evt_1"}, b'{"a":1}')


def server_tls(name: str) -> ssl.SSLContext:
    """Return what a server with a certificate for a name shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    WEB.issue_cert(name).configure_cert(context)
    return context


def client_tls() -> ssl.SSLContext:
    """Return what believes the authority of these tests."""
    context = ssl.create_default_context()
    WEB.configure_trust(context)
    return context


def test_an_event_is_posted() -> None:
    async def main() -> None:
        async with receiving() as receiver:
            assert await post(receiver) == Answer(200, "", "ok")
        (got,) = receiver.received
        assert (got.target, got.body) == ("/hook?x=1", b'{"a":1}')
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert (got.headers["webhook-id"], got.headers["content-length"]) == ("evt_1", "7")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "status", "note", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", ""),
        (b"HTTP/1.1 299 X\r\n\r\nuntil the end", 299, "", "until the end"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\n\xff\0a", 500, "HTTP 500", "\ufffd\ufffda"),
        (b"HTTP/1.1 301 No\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 301, "HTTP 301: redirects are not", ""),
        (b"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 100 X\r\n\r\n" + OK, 200, "", "ok"),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxyz", 101, "HTTP 101", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", 200, "", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nZZ", 200, "", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-", None, "closed without an answer", ""),
        (b"", None, "closed without an answer", ""),
        (b"SSH-2.0-x\r\n", None, "not HTTP", ""),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * MAX_HEAD, None, "headers of its answer are longer", ""),
        (b"HTTP/1.1 100 X\r\n\r\n" * 3000, None, "headers of its answer are longer", ""),
    ],
)
def test_each_answer_is_read(answer: bytes, status: int | None, note: str, body: str) -> None:
    async def main() -> None:
        async with receiving(answer) as receiver:
            found = await post(receiver)
        assert (found.status, found.body) == (status, body)
        assert note in found.note
        assert bool(note) == bool(found.note)
        assert found.is_success == (status is not None and 200 <= status < 300)

    asyncio.run(main())


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    sent = 0

    async def endless(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async def main() -> None:
        async with receiving(endless) as receiver:
            found = await post(receiver)
        assert (found.status, found.body) == (200, "x" * MAX_SHOWN)

    asyncio.run(main())
    assert sent < 20_000_000


@pytest.mark.parametrize(
    ("begins", "status", "time_s"),
    [
        (b"", None, 0.3),
        (b"HTTP/1.1 2", None, 0.3),
        # Its beginning has to come by then.
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", 200, 3.0),
    ],
)
def test_an_attempt_ends_in_time(begins: bytes, status: int | None, time_s: float) -> None:
    """Although the answer has no end: it comes byte by byte, or not at all."""

    async def slow(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(begins)
        while not writer.is_closing():
            writer.write(b"x" if status else b"")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def main() -> None:
        async with receiving(slow) as receiver:
            async with asyncio.timeout(30):
                found = await post(receiver, time_s=time_s)
        assert found.status == status
        assert (f"within {time_s} s" in found.note) == (status is None)

    asyncio.run(main())


def test_what_does_not_listen_is_told() -> None:
    async def main() -> None:
        nobody = Receiver(port=free_port())
        assert "cannot be reached" in (await post(nobody)).note

        async def never(_: str) -> Collection[Address]:
            await asyncio.Event().wait()
            return ()

        found = await client(resolve=never, time_s=0.1).post(f"http://{NAME}/", {}, b"")
        assert found == Answer(None, "no answer within 0.1 s")

    asyncio.run(main())


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "100.64.0.1"]
)
@pytest.mark.parametrize("others", [(), ("192.0.2.99",), ("1.1.1.1",)])
def test_nothing_is_sent_inside(inside: str, others: tuple[str, ...]) -> None:
    async def main() -> None:
        async with receiving() as receiver:
            url = f"http://{NAME}:{receiver.port}/"
            found = await client(networks=(), resolve=at(*others, inside)).post(url, {}, b"")
            assert "not a public address" in found.note
            assert found.status is None
            assert receiver.connections == 0

    asyncio.run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost", "169.254.169.254"])
def test_nothing_is_sent_to_inner_addresses_as_they_are_written(host: str) -> None:
    async def main() -> None:
        async with receiving() as receiver:
            found = await client(networks=()).post(f"http://{host}:{receiver.port}/", {}, b"")
            assert found.status is None
            assert receiver.connections == 0

    asyncio.run(main())


def test_a_name_that_leads_inside_the_second_time_gets_nothing() -> None:
    places = iter((["127.0.0.1"], ["10.0.0.1"]))

    async def resolve(_: str) -> Collection[Address]:
        return [ip_address(each) for each in next(places)]

    async def main() -> None:
        async with receiving() as receiver:
            sender = client(resolve=resolve)
            url = f"http://{NAME}:{receiver.port}/"
            assert (await sender.post(url, {}, b"")).status == 200
            assert "10.0.0.1, which is not" in (await sender.post(url, {}, b"")).note
            assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"

    asyncio.run(main())


def test_the_next_address_is_tried() -> None:
    async def main() -> None:
        async with receiving() as receiver:
            url = f"http://{NAME}:{receiver.port}/"
            assert (await client(resolve=at("127.0.0.9", "127.0.0.1")).post(url, {}, b"")).status == 200
            assert "no address" in (await client(resolve=at()).post(url, {}, b"")).note

    asyncio.run(main())


def test_the_name_is_certified_not_the_address() -> None:
    async def main() -> None:
        for certified, trusted, wrong in (
            (NAME, True, ""),
            ("other.example.com", True, "Hostname"),
            (NAME, False, "issuer"),
        ):
            async with receiving(tls=server_tls(certified)) as receiver:
                tls = {"tls": client_tls()} if trusted else {}
                sender = client(allow_http=False, resolve=at("127.0.0.1"), **tls)
                found = await sender.post(f"https://{NAME}:{receiver.port}/", {}, b"")
                assert (found.status, len(receiver.received)) == ((None, 0) if wrong else (200, 1)), found
                assert wrong in found.note
                assert bool(wrong) == ("certificate is not good" in found.note)

    asyncio.run(main())


def test_http_is_refused_unless_it_is_allowed() -> None:
    async def main() -> None:
        async with receiving() as receiver:
            found = await post(receiver, allow_http=False)
            assert "https://" in found.note
            assert receiver.connections == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("999999999", 999_999_999),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 50),
        ("Thu, 01 Jan 1970 00:00:01 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("0000000007", 7),
        ("9999999999", 999_999_999),
        ("9" * 30, 999_999_999),
        ("Thu, 01 Jan 99999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read(value: str, seconds: float | None) -> None:
    async def main() -> None:
        answer = f"HTTP/1.1 503 X\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n".encode()
        async with receiving(answer) as receiver:
            found = await HttpEndpointClient(FixedClock(10_000), True, LOOPBACK).post(receiver.url, {}, b"")
        assert found.retry_after == (None if seconds is None else timedelta(seconds=seconds))

    asyncio.run(main())
