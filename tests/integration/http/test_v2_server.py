"""`/v2` on a real socket: what is refused on the connection itself is a problem too (docs/v2.md)."""

import json
from pathlib import Path
from typing import Any

import pytest

from renvoi.http.deps import Limits
from renvoi.http.server import ServerLimits
from tests.support.http_api import KEY, NUMBER
from tests.support.http_server import exchange, run, running

HEAD = f"Host: x\r\nAuthorization: Bearer {KEY.reveal()}\r\nConnection: close\r\n".encode()
PATH = f"/v2/numbers/{NUMBER}".encode()


@pytest.mark.parametrize("sent", [b"\x00\x01\x02\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", b" \r\n\r\n"])
def test_what_is_no_request_of_v2_is_answered_as_before(tmp_path: Path, sent: bytes) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as node:
            _, headers, body = read(await exchange(node.port, sent))
        assert headers["content-type"] == "application/json"
        assert body["success"] is False

    run(scenario)


def test_what_is_refused_on_a_connection_of_v2_is_known_by_its_own_target(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as node:
            before = b"GET " + PATH + b" HTTP/1.1\r\nHost: x\r\n\r\n"
            _, _, rest = (await exchange(node.port, before + b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n")).partition(
                b"}"
            )
        assert b'"success":false' in rest

    run(scenario)


def read(answer: bytes) -> tuple[int, dict[str, str], Any]:
    """Return the status of an answer, its headers, and the JSON that it holds."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body) if body else None


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET " + PATH + b" HTTP/1.1\r\n\r\n", 400, "body_malformed"),
        (b"GET " + PATH + b" HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "body_malformed"),
        (
            b"PATCH " + PATH + b" HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
            501,
            "transfer_coding_unknown",
        ),
        (b"GET " + PATH + b" HTTP/1.1\r\n" + HEAD + b"X: " + b"x" * 30_000 + b"\r\n\r\n", 431, "head_too_large"),
        (
            b"PATCH " + PATH + b" HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n1000\r\n" + b" " * 4096 + b"\r\n0\r\n\r\n",
            413,
            "body_too_large",
        ),
        (
            b"PATCH "
            + PATH
            + b" HTTP/1.1\r\n"
            + HEAD
            + b"Content-Type: application/json\r\nContent-Length: 5\r\n\r\n{",
            400,
            "body_malformed",
        ),
        (
            b"PATCH " + PATH + b" HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            400,
            "body_malformed",
        ),
        (b"GET " + PATH + b"?q=\xff HTTP/1.1\r\n" + HEAD + b"\r\n", 400, "body_malformed"),
        (b"GET " + PATH + b" HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n", 400, "body_malformed"),
        (b"BREW " + PATH + b" HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        (b"GET /v2x HTTP/1.1\r\n\r\n", 400, ""),
        (b"GET " + PATH + b" HTTP/1.1\r\n" + HEAD + b"\r\n", 200, ""),
    ],
    ids=[
        "no host",
        "two hosts",
        "transfer coding",
        "long head",
        "long body",
        "slow body",
        "two lengths",
        "bytes",
        "nul",
        "method",
        "/v2x",
        "good",
    ],
)
def test_each_request_is_answered_in_the_form_of_v2(tmp_path: Path, request_: bytes, status: int, code: str) -> None:
    async def scenario() -> None:
        limits = Limits(body_bytes=2048, body_timeout_s=0.2)
        async with running(tmp_path, limits, ServerLimits(head_bytes=8192)) as node:
            found, headers, body = read(await exchange(node.port, request_))
        assert found == status, body
        if code:
            assert headers["content-type"] == "application/problem+json"
            assert (body["code"], body["status"]) == (code, status)
            assert body["request_id"] == headers["x-request-id"]
        else:
            assert headers["content-type"] == "application/json"

    run(scenario)
