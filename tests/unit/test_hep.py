"""Copies of SIP messages, read by the tests' own reader of HEP3."""

import asyncio
from collections.abc import Sequence

import pytest

from renvoi import hep
from renvoi.domain.trunks.address import NameNotFound
from renvoi.hep import MAX_COPY_BYTES, Tracer, encode, follow
from tests.support.hep import Copy, HepServer
from tests.support.ports import free_port

CALL = b"INVITE sip:x SIP/2.0\r\nCall-ID: a\r\n\r\nv=0"
OURS, THEIRS = ("127.0.0.1", 5080), ("192.0.2.7", 65535)
AT_NS = 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ("source", "destination", "seen"),
    [
        (OURS, THEIRS, (OURS, THEIRS)),
        (("2001:db8::1", 1), ("::1", 5060), (("2001:db8::1", 1), ("::1", 5060))),
        (("::ffff:192.0.2.7", 5060), OURS, (("192.0.2.7", 5060), OURS)),
        (("fe80::1%eth0", 5060), OURS, (("fe80::1", 5060), ("::ffff:127.0.0.1", 5080))),
    ],
)
def test_a_copy_says_who_sent_what_to_whom_and_when(
    source: hep.Endpoint, destination: hep.Endpoint, seen: tuple[hep.Endpoint, hep.Endpoint]
) -> None:
    copy = Copy.decode(encode(CALL, source, destination, AT_NS, 2**31 - 1, "sesame"))
    assert (copy.source, copy.destination) == seen
    assert (copy.protocol, copy.capture_id, copy.key) == (17, 2**31 - 1, "sesame")
    assert copy.at_s == pytest.approx(AT_NS / 1e9, abs=2e-6)
    assert (copy.message.start_line, copy.message["Call-ID"]) == ("INVITE sip:x SIP/2.0", "a")


def test_without_a_key_there_is_none() -> None:
    assert Copy.decode(encode(CALL, OURS, THEIRS, AT_NS, 0)).key is None


@pytest.mark.parametrize(
    "message",
    [
        b"OPTIONS sip:x SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n",
        b"SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nCall-ID: a\r\n\r\n",
        b"x" * (MAX_COPY_BYTES + 1),
    ],
)
def test_some_messages_are_not_copied(message: bytes) -> None:
    with HepServer() as server:
        tracer = Tracer(server.port, 1)
        asyncio.run(tracer.send_to("127.0.0.1"))
        tracer.copy(message, OURS, THEIRS)
        tracer.copy(CALL, OURS, THEIRS)
        assert len(server.read()) == 1
        tracer.close()


def test_the_longest_copy_fits_into_a_datagram() -> None:
    with HepServer() as server:
        tracer = Tracer(server.port, 1, "k" * 255)
        asyncio.run(tracer.send_to("127.0.0.1"))
        tracer.copy(CALL.ljust(MAX_COPY_BYTES, b"x"), OURS, THEIRS)
        assert len(server.read()[0].message.body) > MAX_COPY_BYTES - 100
        tracer.close()


def test_a_server_that_is_away_costs_nothing() -> None:
    """Neither before its address is known, nor while it is not there; and it is served when it is back."""
    port = free_port()
    tracer = Tracer(port, 1)
    tracer.copy(CALL, OURS, THEIRS)
    asyncio.run(tracer.send_to("127.0.0.1"))
    for _ in range(100):
        tracer.copy(CALL, OURS, THEIRS)
    with HepServer(port=port) as server:
        tracer.copy(CALL, OURS, THEIRS)
        tracer.copy(CALL, OURS, THEIRS)
        # The first one may meet the news that the port was closed.
        assert server.read()
    asyncio.run(tracer.send_to("255.255.255.255"))
    tracer.copy(CALL, OURS, THEIRS)


def test_a_name_is_followed_wherever_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told when it moves, and not when another of its addresses is named first."""
    monkeypatch.setattr(hep, "AGAIN_S", 0)
    monkeypatch.setattr(hep, "REFRESH_S", 0)
    answers: list[Sequence[str] | None] = [None, None, ["10.0.0.2", "10.0.0.3"], ["10.0.0.1", "10.0.0.2"], None]
    answers += [["10.0.0.9"]]
    used: list[str] = []
    asked: list[str] = []

    async def find(host: str) -> Sequence[str]:
        asked.append(host)
        if not answers:
            raise asyncio.CancelledError
        found = answers.pop(0)
        if found is None:
            raise NameNotFound("DNS does not answer")
        return found

    async def use(address: str) -> None:
        used.append(address)

    async def scenario() -> None:
        await follow("hep.example", find, use)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(scenario())
    assert used == ["10.0.0.2", "10.0.0.9"]
    assert set(asked) == {"hep.example"}
