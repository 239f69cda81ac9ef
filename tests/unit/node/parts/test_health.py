"""The voicemail workers as the node sees them."""

import asyncio
import json
import os
from collections.abc import Mapping
from typing import cast

import pytest

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import read_settings
from renvoi.node.parts import health
from renvoi.node.parts.health import Load, bind_workers, is_ready, load_of, measurements, worker_count
from tests.support.ports import free_ports

GOOD = {"calls": 1, "capacity": 2, "free_bytes": 3, "min_free_bytes": 4}


class Peer(asyncio.DatagramProtocol):
    """Answers whatever comes with `answer`, or not at all."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own transports do not all derive from the class that they promise to be.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert data.startswith(b"OPTIONS sip:127.0.0.1:")
        if self._answer is not None:
            self._transport.sendto(self._answer, addr)


async def ask(answer: bytes | None) -> tuple[Load | None, bool]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Peer(answer), ("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        return await load_of("127.0.0.1", port), await is_ready("127.0.0.1", port)
    finally:
        transport.close()


def said(body: object) -> bytes:
    return b"SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n" + json.dumps(body).encode()


def test_a_worker_tells_its_load() -> None:
    assert asyncio.run(ask(said(GOOD))) == (Load(1, 2, 3, 4), True)


@pytest.mark.parametrize(
    "answer",
    [b"SIP/2.0 200 OK\r\n\r\n", said([]), said(None), said({"calls": 1}), said(GOOD | {"more": 1}), b"\xff"],
)
def test_whoever_answers_otherwise_is_no_worker(answer: bytes) -> None:
    assert asyncio.run(ask(answer)) == (None, False)


def test_silence_is_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ANSWER_TIMEOUT_S", 0.05)
    assert asyncio.run(ask(None)) == (None, False)


def test_each_worker_has_a_socket_of_its_own() -> None:
    sockets = bind_workers(3)
    try:
        assert len({each.getsockname() for each in sockets}) == 3
        assert {each.getsockname()[0] for each in sockets} == {"127.0.0.1"}
        assert not any(each.getblocking() for each in sockets)
    finally:
        for each in sockets:
            each.close()


def test_ports_of_workers_follow_each_other() -> None:
    first = free_ports(2)[0]
    sockets = bind_workers(2, "127.0.0.2", first)
    try:
        assert [each.getsockname() for each in sockets] == [("127.0.0.2", first), ("127.0.0.2", first + 1)]
        with pytest.raises(
            OperatorError, match=f"voicemail port {first + 1} on 127.0.0.2 is in use .* RENVOI_VOICEMAIL_PORT"
        ):
            bind_workers(1, "127.0.0.2", first + 1)
    finally:
        for each in sockets:
            each.close()
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1 is not an address of this .*: set RENVOI_VOICEMAIL_HOST"):
        bind_workers(1, "192.0.2.1")


@pytest.mark.parametrize(("settings", "count"), [({}, os.cpu_count()), ({"voicemail_workers": 0}, 0)])
def test_there_is_a_worker_for_each_core_unless_set(settings: Mapping[str, int], count: int) -> None:
    assert worker_count(read_settings(settings)) == count


def test_measurements_are_those_of_the_workers_that_answer() -> None:
    loads = [Load(1, 10, 500, 400), None, Load(3, 10, 300, 400)]
    found = {(each.name, *each.labels.values()): each.value for each in measurements(loads)}
    assert found == {
        ("renvoi_voicemail_calls", "1"): 1,
        ("renvoi_voicemail_capacity", "1"): 10,
        ("renvoi_voicemail_calls", "3"): 3,
        ("renvoi_voicemail_capacity", "3"): 10,
        ("renvoi_disk_free_bytes",): 300,
        ("renvoi_disk_full",): 1,
    }
    assert measurements([None]) == measurements([]) == []
