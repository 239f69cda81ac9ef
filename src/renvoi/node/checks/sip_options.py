"""Ask a SIP peer by OPTIONS (RFC 3261 §11) whether it is there: `renvoi trunk test`, and our own workers."""

import asyncio
import secrets
import socket
import time

from renvoi.adapters.names import look_up
from renvoi.domain.trunks.trunk_address import TCP, Destination, NameNotFound, TrunkAddress
from renvoi.node.checks.results import Verdict

ANSWER_TIMEOUT_S = 4.0
RESEND_S = 0.5
"""Timer T1 of RFC 3261 §17.1.1.1: a request by UDP is sent again while there is no answer."""


async def ask_options(uri: str) -> Verdict:
    """Look `uri` up, `sip:HOST[:PORT][;transport=udp|tcp]`, and send OPTIONS to each of its addresses.

    Any answer but 408 and 5xx shows that one works, and one that works is enough.
    """
    where = TrunkAddress.parse(uri)
    assert where is not None, "a trunk has no other URI"
    try:
        found = await _look_up(where)
    except NameNotFound as error:
        return Verdict(False, str(error))
    verdicts = await asyncio.gather(*(_ask_destination(uri, each) for each in found))
    best = next((verdict for verdict in verdicts if verdict.ok), verdicts[0])
    if not where.is_name:
        return best
    shown = ", ".join(f"{each.uri} ({verdict.text})" for each, verdict in zip(found, verdicts, strict=True))
    return Verdict(best.ok, f"{where.host} is at {shown}", best.took_ms)


async def _look_up(where: TrunkAddress) -> tuple[Destination, ...]:
    try:
        return await look_up(where, ipv6=False)
    except NameNotFound:
        try:
            return await look_up(where, ipv6=True)
        except NameNotFound:
            pass
        raise


async def _ask_destination(uri: str, destination: Destination) -> Verdict:
    started = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await request(uri, destination.address, destination.port, tcp=destination.transport == TCP)
    except TimeoutError:
        return Verdict(False, f"no answer within {ANSWER_TIMEOUT_S:g} s: is the address right, and are we let in?")
    except OSError as error:
        return Verdict(False, f"cannot be reached: {error.strerror or error}")
    return _verdict(answer, (time.monotonic() - started) * 1000)


def _verdict(answer: bytes, took_ms: float) -> Verdict:
    line = answer.split(b"\r\n", 1)[0].decode("utf-8", "replace")
    words = line.split(" ", 2)
    if words[0] != "SIP/2.0" or len(words) < 2 or not words[1].isdecimal():
        return Verdict(False, f"what answers there is no SIP peer: {line[:60]!r}", took_ms)
    status = int(words[1])
    return Verdict(status < 500 and status != 408, line.removeprefix("SIP/2.0 "), took_ms)


async def request(uri: str, host: str, port: int, *, tcp: bool = False) -> bytes:
    """Send OPTIONS for `uri` to an address, by UDP again and again; return the answer, for which this waits for ever.

    Raises:
        OSError: the address cannot be reached.
    """
    loop = asyncio.get_running_loop()
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    found = await loop.getaddrinfo(host, port, type=kind)
    with socket.socket(found[0][0], kind) as client:
        client.setblocking(False)
        await loop.sock_connect(client, found[0][4])
        asked = _request(uri, client.getsockname(), "TCP" if tcp else "UDP")
        if tcp:
            await loop.sock_sendall(client, asked)
            return await loop.sock_recv(client, 65535)
        while True:
            await loop.sock_sendall(client, asked)
            try:
                return await asyncio.wait_for(loop.sock_recv(client, 65535), RESEND_S)
            except TimeoutError:
                continue


def _request(uri: str, own: tuple[str, int], transport: str) -> bytes:
    here = f"[{own[0]}]:{own[1]}" if ":" in own[0] else f"{own[0]}:{own[1]}"
    mark = secrets.token_hex(8)
    return (
        f"OPTIONS {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} {here};branch=z9hG4bK{mark};rport\r\n"
        f"From: <sip:renvoi@{here}>;tag={mark}\r\nTo: <{uri}>\r\nContact: <sip:renvoi@{here}>\r\n"
        f"Call-ID: test-{mark}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()
