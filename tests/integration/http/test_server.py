"""The HTTP server on a real socket, with the store on SQLite."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from renvoi.http.server import ServerLimits
from tests.support.http_api import KEY, NUMBER, PATH, body
from tests.support.http_server import DEADLINE_S, exchange, run, running


def test_one_winner_of_200_identical_requests(tmp_path: Path) -> None:
    """Promise 3, with a real store: exactly one 200; the commits were shared and counted."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            answers = await asyncio.gather(*(node.client.post(PATH, json=body()) for _ in range(200)))
            assert sorted(answer.json()["code"] for answer in answers) == [3] + [16] * 199
            assert [answer.headers.get("x-rule-revision") for answer in answers if answer.status_code == 200] == ["1"]
            record = await node.store.read(lambda reader: reader.number(NUMBER))
            assert record is not None
            assert record.rule.revision == 1
            assert len(await node.store.read(lambda reader: reader.history(NUMBER))) == 1
            samples = await node.metrics()
            assert samples["renvoi_commit_batch_size_sum"] == 201
            assert samples["renvoi_commit_batch_size_count"] < 100

    run(scenario)


def test_revisions_have_no_gaps_and_no_duplicates(tmp_path: Path) -> None:
    """Concurrent changes of one number are numbered one by one."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            targets = [{"param": f"+336446300{n:02}"} for n in range(60)]
            answers = await asyncio.gather(*(node.client.post(PATH, json=body(target)) for target in targets))
            assert sorted(int(answer.headers["x-rule-revision"]) for answer in answers) == list(range(1, 61))

    run(scenario)


def test_every_encoding_over_a_socket(tmp_path: Path) -> None:
    """JSON, form, multipart and chunks as a client sends them, all on one kept connection."""

    async def chunks() -> AsyncIterator[bytes]:
        content = json.dumps(body()).encode()
        yield content[:10]
        yield content[10:]

    async def scenario() -> None:
        async with running(tmp_path) as node:
            form = {name: str(value) for name, value in body().items()}
            files = {name: (None, value) for name, value in form.items()}
            codes = [
                (await node.client.post(PATH, json=body())).json()["code"],
                (await node.client.post(PATH, data=form)).json()["code"],
                (await node.client.post(PATH, files=files)).json()["code"],
                (await node.client.post(PATH, content=chunks())).json()["code"],
                (await node.client.post(PATH, content=b"x" * 100_000)).json()["code"],
                (await node.client.post(PATH, json=body({"type": 0}))).json()["code"],
            ]
            assert codes == [3, 16, 16, 16, 100, 2]

    run(scenario)


def test_a_head_that_never_ends_is_refused(tmp_path: Path) -> None:
    """By size and by time: neither keeps memory or a connection."""

    async def scenario() -> None:
        limits = ServerLimits(head_bytes=4096, head_timeout_s=1.0)
        async with running(tmp_path, server_limits=limits) as node:
            answer = await exchange(node.port, b"GET / HTTP/1.1\r\nX: " + b"x" * 5000)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert await exchange(node.port, b"GET / HT") == b""
            assert await exchange(node.port, b"") == b""
            assert await exchange(node.port, b"\x16\x03\x01 nonsense\r\n\r\n") != b""

    run(scenario)


async def until_refused(port: int) -> None:
    """Connect until nobody listens any more."""
    with suppress(ConnectionError):
        while True:
            _, other = await asyncio.open_connection("127.0.0.1", port)
            other.close()


def test_who_has_just_connected_is_answered_once_while_the_server_stops(tmp_path: Path) -> None:
    """What it asked may lie unread when the server is told to stop; to close would reset the connection."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
            await node.client.get("/healthz")
            await node.client.aclose()
            node.stop.set()
            await until_refused(node.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await reader.read()
            writer.close()
            assert answer.count(b"HTTP/1.1 200") == 1
            assert b"connection: close" in answer
            await asyncio.wait_for(asyncio.shield(node.serving), DEADLINE_S)

    run(scenario)


def test_the_server_stops_after_the_request_in_progress(tmp_path: Path) -> None:
    """A change that has begun is answered; its connection is not kept."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            content = json.dumps(body()).encode()
            head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
            writer.write(head + content[:5])
            await writer.drain()
            # Its answer shows that the server has taken the connection above, which came first.
            await node.client.get("/healthz")
            await node.client.aclose()
            node.stop.set()
            writer.write(content[5:])
            answer = await reader.read()
            writer.close()
            assert b'"code":3' in answer
            await asyncio.wait_for(asyncio.shield(node.serving), DEADLINE_S)

    run(scenario)


def test_a_client_that_leaves_is_no_error(tmp_path: Path) -> None:
    """Half a body and gone: the server serves on, and nothing was changed."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            _, writer = await asyncio.open_connection("127.0.0.1", node.port)
            writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            query = {"apiKey": KEY.reveal(), "number": NUMBER.value}
            assert (await node.client.get(PATH, params=query)).json()["revision"] == 0

    run(scenario)
