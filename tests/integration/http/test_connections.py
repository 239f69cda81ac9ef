"""Whatever is answered is what happened: odd requests on a real socket, and what each client may hold."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from renvoi.adapters.sql.sqlite import SqliteStore
from renvoi.http.deps import Limits
from renvoi.http.server import ServerLimits
from tests.support.http_api import KEY, NUMBER, PATH, body
from tests.support.http_server import exchange, run, running

Answer = tuple[int, dict[str, object], dict[str, str]]


def request(content: bytes, *headers: str, method: str = "POST", path: str = PATH, length: bool = True) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if length:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def rule(**fields: object) -> bytes:
    return json.dumps(body(fields)).encode()


def answers_of(received: bytes) -> list[Answer]:
    """Split what a connection brought into answers: status, document and headers."""
    found: list[Answer] = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        status = int(first.split()[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if status == 100:
            received = rest
            continue
        length = int(headers["content-length"])
        found.append((status, json.loads(rest[:length]), headers))
        received = rest[length:]
    return found


async def revision(store: SqliteStore) -> int:
    record = await store.read(lambda reader: reader.number(NUMBER))
    assert record is not None
    return record.rule.revision


def pieces(content: bytes, seed: int) -> Sequence[bytes]:
    """Cut bytes at random places."""
    rng = random.Random(seed)
    cuts = sorted(rng.randrange(len(content)) for _ in range(20))
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


LARGE = rule(z="a" * 40_000)
LIMIT = rule(z="").replace(b'"z": ""', b'"z": "' + b"a" * (65_536 - len(rule(z=""))) + b'"')
CLOSE = "Connection: close"


@pytest.mark.parametrize("content", [LARGE, LIMIT], ids=["40000", "64 KiB"])
@pytest.mark.parametrize("split", ["whole", "head apart", "bytes", "random 1", "random 2", "chunked", "100-continue"])
def test_a_large_body_in_any_split_of_reads(tmp_path: Path, content: bytes, split: str) -> None:
    """A good rule is carried out and answered so, up to the limit, however its bytes arrive."""

    async def scenario() -> None:
        sent = request(content, CLOSE)
        parts: Sequence[bytes] = [sent]
        if split == "head apart":
            parts = [sent[: -len(content)], content]
        elif split == "bytes":
            # The head, and the body's beginning: one read may hold the end of one and some of the other.
            edge = len(sent) - len(content) + 300
            parts = [*(sent[n : n + 1] for n in range(edge)), sent[edge:]]
        elif split.startswith("random"):
            parts = pieces(sent, int(split[-1]))
        elif split == "chunked":
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces(content, 3) if each)
            parts = [request(b"", CLOSE, "Transfer-Encoding: chunked", length=False) + chunks + b"0\r\n\r\n"]
        elif split == "100-continue":
            parts = [request(content, CLOSE, "Expect: 100-continue")]
        async with running(tmp_path) as node:
            ((status, document, _),) = answers_of(await exchange(node.port, *parts))
            assert (status, document["code"]) == (200, 3)
            assert await revision(node.store) == 1

    run(scenario)


@pytest.mark.parametrize(
    "headers",
    [
        ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAAB"),
        ("Connection: keep-alive, Upgrade", "Upgrade: websocket"),
        ("Connection: upgrade", "Upgrade: TLS/1.0"),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_an_upgrade_is_ignored(tmp_path: Path, headers: tuple[str, ...], apart: bool) -> None:
    """The body is read, and the connection serves on: Java's HTTP client and `curl --http2` ask for it each time."""

    async def scenario() -> None:
        content = LARGE
        first = request(content, *headers)
        second = request(rule(type=0), *headers, CLOSE)
        parts = [first[: -len(content)], content + second] if apart else [first + second]
        async with running(tmp_path) as node:
            found = answers_of(await exchange(node.port, *parts))
            assert [(status, document["code"]) for status, document, _ in found] == [(200, 3), (200, 2)]
            assert await revision(node.store) == 2

    run(scenario)


MALFORMED = {
    "no request": (b"nonsense\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "unknown method": (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "unknown method in a known path": (b"GETX /v1/vn/list HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "method in small letters": (b"post /v1/vn/callforward HTTP/1.0\r\n\r\n", 405),
    "method that is not a token": (b"F(O / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "unknown method of HTTP/0.9": (b"FOO /\r\n\r\n", 400),
    "header name": (b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400),
    "NUL": (b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", 400),
    "path": (b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
    ),
    "unknown coding": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501
    ),
    "unknown coding in a line of its own": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501
    ),
    "no chunks at the end": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 400),
    "chunks twice": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400
    ),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
    "two hosts in HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "no valid host": (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "host with a path": (b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "head too large": (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 50_000 + b"\r\n\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", 431),
    "endless path": (b"GET /" + b"a" * 100_000, 431),
    "CONNECT": (b"CONNECT x.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_what_the_parser_refuses_is_in_the_envelope(tmp_path: Path, name: str) -> None:
    """With a request id, behind the answers of the requests before it, which were carried out."""
    sent, wanted = MALFORMED[name]
    code = 105 if wanted == 405 else 100

    async def scenario() -> None:
        async with running(tmp_path) as node:
            for before in (0, 1, 2):
                good = b"".join(request(rule(type=kind)) for kind in (1, 0)[:before])
                found = answers_of(await exchange(node.port, good + sent))
                assert [document["code"] for _, document, _ in found] == [*(3, 2)[:before], code]
                status, document, headers = found[-1]
                assert status == wanted
                assert list(document) == ["success", "code", "message"]
                assert headers["content-type"] == "application/json"
                assert headers["x-request-id"]
                assert headers["connection"] == "close"
                assert ("allow" in headers) is (wanted == 405)
                if before == 1:
                    assert await revision(node.store) == 1
                    await node.client.post(PATH, json=body({"type": 0}))

    run(scenario)


@pytest.mark.parametrize("name", [name for name in MALFORMED if "method" in name or "host" in name or "cod" in name])
def test_what_is_refused_does_not_depend_on_the_reads(tmp_path: Path, name: str) -> None:
    sent, wanted = MALFORMED[name]

    async def scenario() -> None:
        async with running(tmp_path) as node:
            good = request(b"", method="GET", path="/healthz")
            split = [good + sent[:1], *(sent[n : n + 1] for n in range(1, len(sent)))]
            found = answers_of(await exchange(node.port, *split))
            assert [status for status, _, _ in found] == [200, wanted]

    run(scenario)


@pytest.mark.parametrize("host", ["", "x:80", "[::1]:8080", "xn--bcher-kva.example", "my_host.local", "192.0.2.1"])
def test_every_form_of_host_is_served(tmp_path: Path, host: str) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as node:
            sent = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            ((status, _, _),) = answers_of(await exchange(node.port, sent))
            assert status == 200
            ((status, _, _),) = answers_of(await exchange(node.port, b"GET /healthz HTTP/1.0\r\n\r\n"))
            assert status == 200

    run(scenario)


def test_a_damaged_body_changes_nothing(tmp_path: Path) -> None:
    """Its request is refused, not carried out in part; one before it is carried out."""

    async def scenario() -> None:
        head = request(b"", "Transfer-Encoding: chunked", length=False)
        content = rule()
        damaged = head + b"%x\r\n%s\r\nnonsense\r\n" % (len(content), content)
        async with running(tmp_path) as node:
            ((status, document, headers),) = answers_of(await exchange(node.port, damaged))
            assert (status, document["code"], headers["connection"]) == (400, 100, "close")
            assert await revision(node.store) == 0
            ((status, document, _),) = answers_of(await exchange(node.port, damaged[:-10], damaged[-10:]))
            assert (status, document["code"]) == (400, 100)
            found = answers_of(await exchange(node.port, request(rule(param="+33644630001")) + damaged))
            assert [document["code"] for _, document, _ in found] == [3, 100]
            assert await revision(node.store) == 1

    run(scenario)


def test_a_client_that_has_no_more_to_send_is_answered(tmp_path: Path) -> None:
    """A half-closed connection: requests that came whole are answered, one that was cut off changes nothing."""

    async def send_and_end(port: int, *sent: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.writelines(sent)
        writer.write_eof()
        received = await reader.read()
        writer.close()
        return received

    async def scenario() -> None:
        async with running(tmp_path) as node:
            ((status, document, _),) = answers_of(await send_and_end(node.port, request(rule())))
            assert (status, document["code"]) == (200, 3)
            found = answers_of(await send_and_end(node.port, *(request(rule(type=kind)) for kind in (0, 1, 0))))
            assert [document["code"] for _, document, _ in found] == [2, 3, 2]
            assert await send_and_end(node.port, request(rule())[:-5]) == b""
            found = answers_of(await send_and_end(node.port, request(rule()), request(rule(type=0))[:-5]))
            assert [document["code"] for _, document, _ in found] == [3]
            assert await revision(node.store) == 5
            assert await send_and_end(node.port) == b""

    run(scenario)


def test_pipelined_requests_are_answered_in_order(tmp_path: Path) -> None:
    """Many more than are parsed at once, each with a body across the reads."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            kinds = [1, 0] * 100
            sent = b"".join(request(rule(type=kind, z="a" * 900)) for kind in kinds)
            sent += request(b"", CLOSE, method="GET", path="/healthz")
            found = answers_of(await exchange(node.port, *pieces(sent, 7)))
            assert [document.get("code") for _, document, _ in found] == [3, 2] * 100 + [None]
            assert await revision(node.store) == 200

    run(scenario)


def test_a_body_over_the_limit_is_told_although_it_still_comes(tmp_path: Path) -> None:
    """413 in the envelope, with and without a length, and when the client waits for leave to send it."""

    async def scenario() -> None:
        content = rule(z="a" * 200_000)
        chunked = request(b"", CLOSE, "Transfer-Encoding: chunked", length=False)
        async with running(tmp_path) as node:
            for sent in (
                request(content, CLOSE),
                chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content),
                request(content, "Expect: 100-continue")[: -len(content)],
            ):
                ((status, document, headers),) = answers_of(await exchange(node.port, sent))
                assert (status, document["code"], headers["connection"]) == (413, 100, "close")
                assert headers["x-request-id"]
            assert await revision(node.store) == 0

    run(scenario)


def test_a_head_or_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    """Also the head of a second request, and the rest of a body whose request is answered already."""

    async def scenario() -> None:
        limits = Limits(body_timeout_s=0.3)
        async with running(tmp_path, limits, ServerLimits(head_timeout_s=0.3)) as node:
            ((status, document, _),) = answers_of(await exchange(node.port, request(rule())[:-5]))
            assert (status, document["code"]) == (400, 100)
            ((status, _, _),) = answers_of(await exchange(node.port, request(b"x" * 99, path="/healthz")[:-50]))
            assert status == 405
            good = request(b"", method="GET", path="/healthz")
            ((status, _, _),) = answers_of(await exchange(node.port, good + good[:10]))
            assert status == 200
            assert await exchange(node.port, b"") == b""
            assert await revision(node.store) == 0

    run(scenario)


def test_probes_answer_while_one_address_holds_every_connection(tmp_path: Path) -> None:
    """An idle connection of whoever has most gives way; requests of others, and of the same address, are served."""

    async def scenario() -> None:
        async with running(tmp_path, server_limits=ServerLimits(connections=50)) as node:
            held = [await asyncio.open_connection("127.0.0.1", node.port) for _ in range(100)]
            try:
                get = request(b"", CLOSE, method="GET", path="/healthz")
                for _ in range(60):
                    ((status, _, _),) = answers_of(await exchange(node.port, get))
                    assert status == 200
                ((status, document, _),) = answers_of(await exchange(node.port, request(rule(), CLOSE)))
                assert (status, document["code"]) == (200, 3)
                # Those that were opened first gave way.
                assert await held[0][0].read() == b""
            finally:
                for _, writer in held:
                    writer.close()

    run(scenario)


def test_a_request_in_progress_is_never_dropped_for_a_place(tmp_path: Path) -> None:
    """Only connections that have nothing unanswered give way."""

    async def scenario() -> None:
        async with running(tmp_path, server_limits=ServerLimits(connections=2)) as node:
            answers = await asyncio.gather(*(exchange(node.port, request(rule(), CLOSE)) for _ in range(2)))
            codes = [document["code"] for each in answers for _, document, _ in answers_of(each)]
            assert sorted(map(int, map(str, codes))) == [3, 16]

    run(scenario)


def test_an_idempotency_key_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """Bytes beyond ASCII, and ones that are too long, reach no store."""

    async def scenario() -> None:
        async with running(tmp_path) as node:
            for key in ("\xe9", "a" * 256, ""):
                sent = request(rule(), CLOSE, f"Idempotency-Key: {key}")
                ((status, document, _),) = answers_of(await exchange(node.port, sent))
                assert (status, document["code"]) == (400, 100)
            sent = request(rule(), CLOSE, "X-Request-Id: a b", "User-Agent: \x7f\xff", f"X-Key: {KEY.id}")
            ((status, _, headers),) = answers_of(await exchange(node.port, sent))
            assert status in (200, 400)
            assert headers["x-request-id"] != "a b"

    run(scenario)
