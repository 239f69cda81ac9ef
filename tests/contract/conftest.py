"""Stores for the contract suites."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from renvoi.application.ports import Store
from tests.support.stores import STORES, Scenario


@pytest.fixture(params=STORES)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on a new store."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        store = await STORES[request.param](tmp_path)
        try:
            yield store
        finally:
            await store.close()

    def run_scenario(scenario: Scenario) -> None:
        async def main() -> None:
            async with opened() as store:
                await scenario(store)

        asyncio.run(main())

    return run_scenario
