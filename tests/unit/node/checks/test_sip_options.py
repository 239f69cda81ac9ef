"""`renvoi trunk test`: the verdict about what answers, or does not."""

import asyncio
import socket
from typing import cast

import pytest

from renvoi import sip_options as client
from renvoi.domain.hosts import host_and_port
from renvoi.domain.trunks.address import TrunkAddress
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks import sip_options
from renvoi.node.checks.results import Verdict
from tests.support.ports import free_port


class _Peer(asyncio.DatagramProtocol):
    """Answers the second copy of each request: the first one got lost."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.requests: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own transports do not all derive from the class that they promise to be.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests.append(data)
        if len(self.requests) > 1:
            self._transport.sendto(self._answer, addr)


async def _ask(uri: str) -> Verdict:
    where = TrunkAddress.parse(uri)
    assert where is not None
    found = await sip_options.addresses_of(where)
    return sip_options.best_of(where, found, await sip_options.ask_each(uri, where, found, Profile()))


async def _ask_udp(answer: bytes, host: str = "127.0.0.1") -> tuple[Verdict, _Peer]:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(lambda: _Peer(answer), (host, 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        return await _ask(f"sip:{host_and_port(host, port)}"), peer
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("answer", "ok", "text"),
    [
        (b"SIP/2.0 200 OK\r\n\r\n", True, "200 OK"),
        (b"SIP/2.0 405 Method Not Allowed\r\n\r\n", True, "405 Method Not Allowed"),
        (b"SIP/2.0 503 Service Unavailable\r\n\r\n", False, "503 Service Unavailable"),
        (b"SIP/2.0 200 " + b"x" * 60_000 + b"\r\n\r\n", True, "200 xxx"),
        (b"HTTP/1.1 200 OK\r\n\r\n", False, "not SIP"),
        (b"SIP/2.0 " + b"9" * 5_000 + b" OK\r\n\r\n", False, "not SIP"),
        ("SIP/2.0 \uff12\uff10\uff10 OK\r\n\r\n".encode(), False, "not SIP"),
        (b"SIP/2.0 099 OK\r\n\r\n", False, "not SIP"),
    ],
)
def test_the_verdict_follows_the_answer(monkeypatch: pytest.MonkeyPatch, answer: bytes, ok: bool, text: str) -> None:
    monkeypatch.setattr(client, "RESEND_S", 0.05)
    verdict, peer = asyncio.run(_ask_udp(answer))
    assert verdict.ok is ok
    assert text in verdict.text
    assert len(verdict.text) < 200
    assert len(peer.requests) >= 2
    assert peer.requests[0] == peer.requests[1]
    assert peer.requests[0].startswith(b"OPTIONS sip:127.0.0.1:")


def test_by_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RESEND_S", 0.05)
    verdict, peer = asyncio.run(_ask_udp(b"SIP/2.0 200 OK\r\n\r\n", "::1"))
    assert verdict.ok
    assert b"Via: SIP/2.0/UDP [::1]:" in peer.requests[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_over_tcp(host: str) -> None:
    async def scenario() -> Verdict:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert b"SIP/2.0/TCP" in await reader.readuntil(b"\r\n\r\n")
            writer.write(b"SIP/2.0 200 OK\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(talk, host, 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await _ask(f"sip:{host_and_port(host, port)};transport=tcp")

    assert asyncio.run(scenario()).ok


def test_silence_and_closed_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_options, "ANSWER_TIMEOUT_S", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        port = free_port()
        silent.bind(("127.0.0.1", port))
        assert "no answer within 0.2 s" in asyncio.run(_ask(f"sip:127.0.0.1:{port}")).text
    assert "cannot be reached" in asyncio.run(_ask(f"sip:127.0.0.1:{port};transport=tcp")).text
