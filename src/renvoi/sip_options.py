"""A SIP client for one request at a time, OPTIONS (RFC 3261 §11) mostly: to our own edge and workers, and to trunks."""

import asyncio
import re
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from renvoi.domain.hosts import host_and_port

MOST_PHRASE = 120
"""Characters of the phrase of an answer."""
_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})((?: [^\r\n]*)?)(?=\r?\n)")
RESEND_S = 0.5
"""Timer T1 of RFC 3261 §17.1.1.1: a request by UDP is sent again while there is no answer."""
_START, _PROVISIONAL, _END = b"SIP/2.0 ", b"SIP/2.0 1", b"\r\n\r\n"


async def request(uri: str, host: str, port: int, *, tcp: bool = False) -> bytes:
    """Send OPTIONS for `uri` to an address, by UDP again and again; return the answer, for which this waits for ever.

    Raises:
        OSError: the address cannot be reached.
    """
    return await exchange(lambda own, transport: message(uri, own, transport), host, port, tcp=tcp)


async def exchange(write: Callable[[tuple[str, int], str], bytes], host: str, port: int, *, tcp: bool = False) -> bytes:
    """Send what `write` makes of our address and the transport; return the final answer, for which this waits for ever.

    Raises:
        OSError: the address cannot be reached, or the connection is closed.
    """
    loop = asyncio.get_running_loop()
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    family, address = await _resolve(host, port, kind)
    with socket.socket(family, kind) as client:
        client.setblocking(False)
        await loop.sock_connect(client, address)
        asked = write(place_of(client.getsockname()), "TCP" if tcp else "UDP")
        if tcp:
            await loop.sock_sendall(client, asked)
            return await _final(client)
        while True:
            await loop.sock_sendall(client, asked)
            try:
                return await asyncio.wait_for(_final(client), RESEND_S)
            except TimeoutError:
                continue


async def _final(client: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    return await final_answer(lambda: loop.sock_recv(client, 65535), is_stream=client.type == socket.SOCK_STREAM)


async def final_answer(receive: Callable[[], Awaitable[bytes]], *, is_stream: bool) -> bytes:
    """Return the next answer that is not provisional; from a stream with all of its headers, if it is SIP.

    Raises:
        OSError: the stream ends before.
    """
    answer = b""
    while True:
        more = await receive()
        if is_stream and not more:
            raise ConnectionResetError("the connection was closed without an answer")
        answer = answer + more if is_stream else more
        while answer.startswith(_PROVISIONAL) and _END in answer:
            # It has no body: there is no session yet that it could describe.
            answer = answer.partition(_END)[2]
        if is_stream and _START.startswith(answer[: len(_START)]) and _END not in answer:
            continue
        if answer and not answer.startswith(_PROVISIONAL):
            return answer


async def _resolve(host: str, port: int, kind: socket.SocketKind) -> tuple[socket.AddressFamily, Any]:
    """Return the address of `host`; only a name takes the thread that the loop would have for every look-up."""
    try:
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    return found[0][0], found[0][4]


def status_of(answer: bytes) -> tuple[int, str] | None:
    """Return status and phrase of an answer, as much of the phrase as can be shown; None if it is not SIP."""
    found = _STATUS_LINE.match(answer)
    if found is None:
        return None
    return int(found[1]), found[2].decode("utf-8", "replace").strip()[:MOST_PHRASE]


def place_of(name: tuple[Any, ...]) -> tuple[str, int]:
    """Return address and port in the name of a socket: with IPv6 it has two more parts, and the address may a zone."""
    return str(name[0]).partition("%")[0], name[1]


def message(uri: str, own: tuple[str, int], transport: str) -> bytes:
    """Return the OPTIONS for `uri`, as sent from our address `own` by a transport (`UDP`, `TCP`, `TLS`)."""
    here = host_and_port(*own)
    mark = secrets.token_hex(8)
    return (
        f"OPTIONS {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} {here};branch=z9hG4bK{mark};rport\r\n"
        f"From: <sip:renvoi@{here}>;tag={mark}\r\nTo: <{uri}>\r\nContact: <sip:renvoi@{here}>\r\n"
        f"Call-ID: test-{mark}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()
