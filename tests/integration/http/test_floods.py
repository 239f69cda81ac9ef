"""A flood of pipelined requests stops nobody else: who waits is counted in answers, not in seconds."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.http.deps import Limits
from tests.integration.http.test_connections import answers_of
from tests.support.http_api import KEY, NUMBER, PATH
from tests.support.http_server import DEADLINE_S, Node, exchange, run, running

CONNECTIONS, REQUESTS = 100, 100
FLOODS = {
    "no key": "/v1/vn/list",
    "good key": f"/v1/vn/list?apiKey={KEY.reveal()}",
    "unknown path": "/",
    "page": "/numbers/+33199001234",
    "probe": "/readyz",
}


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


@contextmanager
def opened(port: int, sent: Sequence[tuple[str, bytes]]) -> Iterator[list[socket.socket]]:
    """Open a connection from each address and send on it, before the server gets to run."""
    held: list[socket.socket] = []
    try:
        for address, content in sent:
            sock = socket.create_connection(("127.0.0.1", port), DEADLINE_S, source_address=(address, 0))
            held.append(sock)
            sock.sendall(content)
            sock.setblocking(False)
        yield held
    finally:
        for sock in held:
            sock.close()


async def answered(node: Node) -> int:
    return int(
        sum(value for name, value in (await node.metrics()).items() if name.startswith("renvoi_requests_total{"))
    )


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("asked", ["/healthz", "/readyz", f"{PATH}?apiKey={KEY.reveal()}&number=%2B{NUMBER.value[1:]}"])
def test_a_request_behind_a_flood_waits_for_a_small_part_of_it(tmp_path: Path, flood: str, asked: str) -> None:
    """Its connection is the last in the queue, and it is answered when a few requests for each connection are."""

    async def scenario() -> None:
        # The rate of refused requests would end most of these floods at once.
        async with running(tmp_path, Limits(refusals_per_address_per_s=0)) as node:
            sent = [("127.0.0.2", get(FLOODS[flood]) * REQUESTS)] * CONNECTIONS
            with opened(node.port, [*sent, ("127.0.0.1", get(asked, "Connection: close"))]) as held:
                first = await asyncio.get_running_loop().sock_recv(held[-1], 65536)
                assert first.startswith(b"HTTP/1.1 200")
                before = await answered(node)
            assert before < 5 * CONNECTIONS

    run(scenario)


def test_a_stranger_is_cut_off_behind_the_answers_it_is_due(tmp_path: Path) -> None:
    """Beyond the rate it is 103 with the end of the connection, whatever else it has sent; nothing is lost before."""

    async def scenario() -> None:
        async with running(tmp_path, Limits(refusals_per_address_per_s=0.1, refusals_burst=5)) as node:
            found = answers_of(await exchange(node.port, get("/v1/vn/list") * 5000))
            assert [(status, document["code"]) for status, document, _ in found] == [(401, 10)] * 5 + [(429, 103)]
            assert (found[-1][2]["connection"], found[-1][2]["retry-after"]) == ("close", "10")
            for sent in (get("/nothing"), b"nonsense\r\n\r\n", b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n"):
                ((status, document, headers),) = answers_of(await exchange(node.port, sent * 100))
                assert (status, document["code"], headers["connection"]) == (429, 103, "close")
            ((status, _, _),) = answers_of(await exchange(node.port, get("/healthz", "Connection: close")))
            assert status == 200

    run(scenario)


def test_what_follows_the_last_request_of_a_connection_costs_nothing(tmp_path: Path) -> None:
    """What is pipelined behind a `Connection: close` is not looked at, and the answers before it arrive."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            good = get(FLOODS["good key"])
            found = answers_of(await exchange(node.port, good * 3 + get("/healthz", "Connection: close") + good * 3000))
            assert [status for status, _, _ in found] == [200] * 4
            assert await answered(node) == 4

    run(scenario)
