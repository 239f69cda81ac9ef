"""A collector with all that it works on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from renvoi.application.ports.unit_of_work import Store
from renvoi.call_records import dead_letters
from renvoi.call_records.collector import Collector
from renvoi.call_records.dead_letters import COUNTER, DeadLetters
from renvoi.call_records.events import encode
from tests.integration.call_records.test_collector import HandClock, decided
from tests.support.stores import STORES


class CollectorHarness:
    """A collector with all that it works on."""

    def __init__(self, store: Store, directory: Path) -> None:
        self.store = store
        self.spool = directory / "spool"
        self.spool.mkdir()
        self.clock = HandClock()
        self.letters = DeadLetters(directory / "dead-letters")
        self.collector = Collector(store, self.clock, self.spool, self.letters)

    async def calls(self) -> set[str]:
        """Return the Call-IDs of all records."""
        return {record.key.call_id for record in await self.store.read(lambda r: r.calls(limit=10_000))}

    def dead(self) -> list[dict[str, Any]]:
        """Return the events among the dead letters."""
        path = self.letters.directory / dead_letters.EVENTS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def counted(self) -> int:
        """Return how many dead letters the store has counted."""
        return (await self.store.read(lambda r: dict(r.counts()))).get(COUNTER, 0)


Scenario = Callable[[CollectorHarness], Awaitable[None]]


def on(kind: str, tmp_path: Path, scenario: Scenario) -> None:
    """Run a scenario on a new store of a kind."""

    async def main() -> None:
        async with STORES[kind](tmp_path) as store:
            await scenario(CollectorHarness(store, tmp_path))

    asyncio.run(main())


@pytest.fixture(params=STORES)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on a new store of every kind."""
    return lambda scenario: on(request.param, tmp_path, scenario)


@pytest.fixture
def run_once(tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on one store: what it is about happens before any."""
    return lambda scenario: on("sqlite", tmp_path, scenario)


def line(call: str, **fields: object) -> bytes:
    """Return the line of an event with fields that `encode` would not write."""
    _, content = json.loads(encode(decided(call)))
    return json.dumps(["decided", content | fields]).encode() + b"\n"
