"""Ask a SIP peer by OPTIONS (RFC 3261 §11) whether it is there: `renvoi trunk test`."""

import asyncio
import time

from renvoi.adapters.names import look_up
from renvoi.domain.trunks.address import TCP, Destination, NameNotFound, TrunkAddress
from renvoi.node.checks.results import Verdict
from renvoi.sip_options import request

ANSWER_TIMEOUT_S = 4.0


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
        return Verdict(False, f"the answer is not SIP: {line[:60]!r}", took_ms)
    status = int(words[1])
    return Verdict(status < 500 and status != 408, line.removeprefix("SIP/2.0 "), took_ms)
