"""Asking the edge: its JSON-RPC socket, and SIP OPTIONS as any peer would."""

import asyncio
import itertools
import json
import os
import socket
from pathlib import Path
from typing import Any

from renvoi import sip_options
from renvoi.domain.hosts import bracketed
from renvoi.domain.text import read_json

_MAX_DATAGRAM = 65535
_ids = itertools.count(1)


class EdgeSilent(Exception):
    """The edge does not answer, or refuses what it was asked; the text says what and why."""


class EdgeRefused(EdgeSilent):
    """The edge answered that it does not do what it was asked."""


async def call(socket_path: Path, method: str, *parameters: str | int, timeout_s: float = 1.0) -> Any:
    """Call a method of Kamailio's JSON-RPC interface and return its result.

    Raises:
        EdgeSilent: no answer within `timeout_s`.
        EdgeRefused: an error.
    """
    request = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": parameters}
    # A socket's path has at most 107 bytes, a data directory may be deeper: the way through its descriptor is short.
    directory = -1
    try:
        directory = os.open(socket_path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            # An abstract name, so that Kamailio needs no right to any directory to answer.
            client.bind("")
            client.setblocking(False)
            client.connect(f"/proc/self/fd/{directory}/{socket_path.name}")
            answer = read_json(await _ask(client, json.dumps(request).encode(), timeout_s))
    except TimeoutError as error:
        raise EdgeSilent(f"no answer to {method} within {timeout_s} s") from error
    except (OSError, ValueError) as error:
        raise EdgeSilent(f"{method}: {error}") from error
    finally:
        if directory >= 0:
            os.close(directory)
    if answer.get("id") != request["id"] or "result" not in answer:
        raise EdgeRefused(f"{method}: {answer.get('error', answer)}")
    return answer["result"]


async def options(host: str, port: int, timeout_s: float = 1.0) -> None:
    """Send OPTIONS by UDP and wait for the 200.

    Raises:
        EdgeSilent: no answer within `timeout_s`, or another one.
    """
    try:
        async with asyncio.timeout(timeout_s):
            answer = await sip_options.request(f"sip:{bracketed(host)}:{port}", host, port)
    except TimeoutError as error:
        raise EdgeSilent(f"no answer to OPTIONS within {timeout_s} s") from error
    except OSError as error:
        raise EdgeSilent(f"OPTIONS: {error}") from error
    if not answer.startswith(b"SIP/2.0 200 "):
        raise EdgeSilent(f"OPTIONS was answered with {answer.splitlines()[0][:80]!r}")


async def _ask(client: socket.socket, request: bytes, timeout_s: float) -> bytes:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout_s):
        await loop.sock_sendall(client, request)
        return await loop.sock_recv(client, _MAX_DATAGRAM)
