"""The HTTP server on a real socket, with the store on SQLite."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvloop
from starlette.types import ASGIApp

from renvoi.adapters.sql.sqlite import SqliteStore, open_sqlite
from renvoi.domain.codes import Outcome
from renvoi.http.app import create_app, create_inner
from renvoi.http.metrics import Metrics
from renvoi.http.server import ServerLimits, serve_http
from renvoi.http.wiring import Limits, Wiring
from tests.support.http_api import KEY, NUMBER, PATH, FixedClock, body, seed

DEADLINE_S = 60


@dataclass
class Node:
    """A running server, its store, and the way to stop it."""

    port: int
    store: SqliteStore
    stop: asyncio.Event
    serving: asyncio.Task[None]
    client: httpx.AsyncClient
    inner: ASGIApp

    async def metrics(self) -> dict[str, float]:
        """Return what the inner application shows on /metrics."""
        transport = httpx.ASGITransport(self.inner)
        async with httpx.AsyncClient(transport=transport, base_url="http://inner") as client:
            text = (await client.get("/metrics")).text
        samples = (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
        return {name: float(value) for name, _, value in samples}


@asynccontextmanager
async def running(
    directory: Path, limits: Limits | None = None, server_limits: ServerLimits | None = None
) -> AsyncIterator[Node]:
    """Run a server on a free port of loopback."""
    metrics = Metrics()
    store = await open_sqlite(directory / "renvoi.db", on_commit=metrics.observe_batch)
    await store.write(seed)
    wiring = Wiring(store, FixedClock(), limits=limits or Limits())
    app, inner = create_app(wiring, metrics), create_inner(wiring, metrics)
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve_http(app, sock, stop, server_limits, started.set))
    await asyncio.wait_for(started.wait(), DEADLINE_S)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_S, limits=httpx.Limits(max_connections=250)
        ) as client:
            yield Node(port, store, stop, serving, client, inner)
    finally:
        stop.set()
        await asyncio.wait_for(serving, DEADLINE_S)
        await store.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario on the event loop that the server runs on."""

    async def main() -> None:
        await asyncio.wait_for(scenario(), DEADLINE_S)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes on a connection of their own and return all that comes until the server closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()


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
            assert answer.startswith(b"HTTP/1.1 400 ")
            assert await exchange(node.port, b"GET / HT") == b""
            assert await exchange(node.port, b"") == b""
            assert await exchange(node.port, b"\x16\x03\x01 nonsense\r\n\r\n") != b""

    run(scenario)


def test_connections_beyond_the_limit_get_503(tmp_path: Path) -> None:
    """In the envelope, with Retry-After, and closed; the others are served on."""

    async def scenario() -> None:
        async with running(tmp_path, server_limits=ServerLimits(connections=1)) as node:
            assert (await node.client.get("/healthz")).status_code == 200
            answer = await exchange(node.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, content = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 1" in head
            assert json.loads(content)["code"] == Outcome.UNAVAILABLE.code
            assert (await node.client.get("/healthz")).status_code == 200

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
