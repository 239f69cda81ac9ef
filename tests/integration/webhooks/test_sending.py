"""Two senders with real sockets on real stores, and receivers that are slow, broken, huge, closed and well."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.application.ports import webhooks as ports
from renvoi.domain.events.webhook import DeliveryState
from tests.integration.webhooks.test_client import client
from tests.support.ports import free_port
from tests.support.receivers import OK, SECRET, Answer, Received, receiving
from tests.support.stores import STORES
from tests.support.webhook_harness import NUMBERS, WebhookHarness

PATIENCE_S = 60.0
BROKEN = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
REDIRECT = b"HTTP/1.1 301 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"


async def _huge(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


async def _slow(_: Received, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        await asyncio.sleep(0.05)
        writer.write(b"")
        await writer.drain()


ANSWERS: dict[str, Answer] = {
    "well": OK,
    "broken": BROKEN,
    "redirect": REDIRECT,
    "closing": b"",
    "huge": _huge,
    "slow": _slow,
}


class PatientClient:
    """A client that soon gives up the endpoint at `slow`, and waits for the others as long as they take."""

    def __init__(self, slow: str) -> None:
        self._slow = slow
        self._hasty, self._patient = client(time_s=0.5), client(time_s=60)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> ports.Answer:
        """See `EndpointClient`."""
        return await (self._hasty if url == self._slow else self._patient).post(url, headers, body)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_each_endpoint_gets_what_it_takes_whatever_the_others_do(tmp_path: Path, kind: str) -> None:
    async def main() -> None:
        async with STORES[kind](tmp_path) as store, AsyncExitStack() as stack:
            harness = WebhookHarness(store)
            await harness.make()
            # Who verifies looks at the time.
            harness.clock.now = SystemClock().now_ms()
            receivers = {}
            for name, answer in ANSWERS.items():
                receivers[name] = await stack.enter_async_context(receiving(answer))
                await harness.add(name, receivers[name].url)
            harness.real = PatientClient(receivers["slow"].url)
            await harness.add("away", f"http://127.0.0.1:{free_port()}/")
            await stack.enter_async_context(harness.sending("one"))
            await stack.enter_async_context(harness.sending("two"))
            for _ in range(3):
                await harness.tell(*NUMBERS[:10])
            for name in ("well", "huge"):
                found = await harness.until_ended(name, 30, PATIENCE_S)
                assert {each.state for each in found} == {DeliveryState.DELIVERED}
                got = receivers[name].received
                assert len({each.id for each in got}) == len(got) == 30
                assert all(each.is_signed_by(SECRET) for each in got)
                seqs = Counter[str]()
                for each in got:
                    data = each.event["data"]
                    seqs[data["number"]] += 1
                    assert data["seq"] == seqs[data["number"]]
            notes = {name: (await harness.until_tried(name, 1))[0].note for name in (*ANSWERS, "away")}
            assert (notes["broken"], notes["slow"]) == ("HTTP 500", "no answer within 0.5 s")
            assert "redirects are not followed" in notes["redirect"]
            assert "without an answer" in notes["closing"]
            assert "cannot be reached" in notes["away"]

    asyncio.run(main())
