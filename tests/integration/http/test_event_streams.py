"""`/v2/events` live, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.application.events import emit
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.events.event import Event, EventType
from renvoi.http.server import ServerLimits
from renvoi.http.v2 import event_stream
from tests.support.http_api import FOREIGN_KEY, KEY, NUMBER, PATH, START_MS, body
from tests.support.http_server import Node, run, running

HEADERS = {"Authorization": f"Bearer {KEY.reveal()}", "Accept": "text/event-stream"}


class Stream:
    """A stream that is read, an event at a time."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.beats = 0

    async def next(self) -> dict[str, Any] | None:
        """Return the next event with its id; None when the stream has ended."""
        found: dict[str, Any] = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            if not line and found:
                return found
            if line.startswith(":"):
                self.beats += 1
            elif line:
                found[name] = json.loads(value) if name == "data" else value
        return None


@asynccontextmanager
async def streaming(node: Node, **headers: str) -> AsyncIterator[Stream]:
    """Open a stream; it is open when this begins."""
    named = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    async with node.client.stream("GET", "/v2/events", headers=named) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream"
        yield Stream(response)


async def tell(node: Node, count: int = 1) -> None:
    """Tell events."""

    def work(writer: Writer) -> None:
        for _ in range(count):
            emit(writer, Event(EventType.CALL_MISSED, 1, NUMBER, {"a": "line\nbreak"}, START_MS))

    await node.store.write(work)


def test_events_come_as_they_happen_and_from_where_one_stopped(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as node:
            await tell(node, 3)
            async with streaming(node) as stream:
                assert (await node.client.post(PATH, json=body())).status_code == 200
                first = await stream.next()
                assert first is not None
                assert (first["event"], first["data"]["data"]["seq"]) == ("forwarding.changed", 4)
                await tell(node)
                second = await stream.next()
                assert second is not None
                assert second["data"]["data"]["a"] == "line\nbreak"
            await tell(node, 250)
            async with streaming(node, Last_Event_ID=second["id"]) as stream:
                found = [await stream.next() for _ in range(250)]
                assert [each["data"]["data"]["seq"] for each in found if each] == list(range(6, 256))
            async with streaming(node, Authorization=f"Bearer {FOREIGN_KEY.reveal()}") as stream:
                await tell(node)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(stream.next(), 1)

    run(scenario)


def test_a_stream_ends_with_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "CHECK_S", 0.1)
    monkeypatch.setattr(event_stream, "POLL_S", 0.02)
    monkeypatch.setattr(event_stream, "BEAT_S", 0.05)

    async def scenario() -> None:
        async with running(tmp_path) as node, streaming(node) as stream:
            # It was looked at several times by then.
            while stream.beats < 8:
                await tell(node)
                assert await stream.next()
                await asyncio.sleep(0.06)
            await node.store.write(methodcaller("revoke_key", KEY.id, START_MS))
            assert await stream.next() is None

    run(scenario)


def expire(writer: Writer) -> None:
    record = writer.key(KEY.id)
    assert record is not None
    writer.put_key(replace(record, expires_at_ms=START_MS))


@pytest.mark.parametrize("expires", [False, True])
def test_nothing_is_told_that_happened_after_the_key_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, expires: bool
) -> None:
    # Who looks at the key only now and then never does here.
    monkeypatch.setattr(event_stream, "CHECK_S", 3600.0)

    async def scenario() -> None:
        async with running(tmp_path) as node, streaming(node) as stream:
            await tell(node)
            assert await stream.next()
            await node.store.write(expire if expires else methodcaller("revoke_key", KEY.id, START_MS))
            await tell(node)
            assert await stream.next() is None

    run(scenario)


def test_a_stream_ends_with_the_server_before_its_grace(tmp_path: Path) -> None:
    async def scenario() -> None:
        # Which never ends here.
        async with running(tmp_path, server_limits=ServerLimits(grace_s=3600)) as node, streaming(node) as stream:
            node.stop.set()
            assert await stream.next() is None

    run(scenario)


def test_so_many_streams_may_be_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MOST_STREAMS_OF_AN_ACCOUNT", 2)
    monkeypatch.setattr(event_stream, "BEAT_S", 0.1)
    monkeypatch.setattr(event_stream, "POLL_S", 0.05)

    async def scenario() -> None:
        async with running(tmp_path) as node:
            async with streaming(node), streaming(node):
                refused = await node.client.get("/v2/events", headers=HEADERS)
                assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
                assert (await node.client.get("/v2/events", headers=HEADERS | {"Accept": "*/*"})).status_code == 200
                async with streaming(node, Authorization=f"Bearer {FOREIGN_KEY.reveal()}"):
                    pass
            # Those that have gone are noticed when nobody takes what is said, and leave their places.
            async with asyncio.timeout(10):
                while True:
                    async with node.client.stream("GET", "/v2/events", headers=HEADERS) as response:
                        if response.status_code == 200:
                            break
                    await asyncio.sleep(0.05)

    run(scenario)
