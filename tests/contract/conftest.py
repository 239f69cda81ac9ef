"""Stores for the contract suites."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.stores import STORES, Scenario


@pytest.fixture(params=STORES)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on a new store."""

    def run_scenario(scenario: Scenario) -> None:
        async def main() -> None:
            async with STORES[request.param](tmp_path) as store:
                await scenario(store)

        asyncio.run(main())

    return run_scenario
