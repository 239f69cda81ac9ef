"""One store and blocking_io for all workers of this directory: the greetings are encoded once."""

from collections.abc import Iterator

import pytest

from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources, worker_harness


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerResources]:
    """Open the house."""
    made = WorkerResources(tmp_path_factory.mktemp("house"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def house(shared_house: WorkerResources) -> Iterator[WorkerResources]:
    """Lend the house, tidied up: its store works, and nothing lies about."""
    shared_house.store.recover()
    shared_house.events.clear()
    assert shared_house.facts() == []
    yield shared_house
    shared_house.store.recover()
    for folder in (shared_house.recordings, shared_house.messages):
        for path in folder.iterdir():
            path.unlink()


@pytest.fixture
def place(house: WorkerResources) -> Iterator[WorkerHarness]:
    """Run a worker with room for many calls."""
    with worker_harness(house) as made:
        yield made


@pytest.fixture
def guest(place: WorkerHarness) -> Iterator[WorkerCaller]:
    """Bring a caller to it."""
    with WorkerCaller(place) as caller:
        yield caller
