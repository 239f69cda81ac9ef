"""One store and blocking_io for all workers of this directory: the greetings are encoded once."""

from collections.abc import Iterator

import pytest

from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources, worker_harness


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerResources]:
    """Open what workers share."""
    made = WorkerResources(tmp_path_factory.mktemp("worker"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def resources(shared_house: WorkerResources) -> Iterator[WorkerResources]:
    """Lend what workers share, tidied up: its store works, and nothing lies about."""
    shared_house.store.recover()
    shared_house.events.clear()
    assert shared_house.facts() == []
    yield shared_house
    shared_house.store.recover()
    for folder in (shared_house.recordings, shared_house.messages):
        for path in folder.iterdir():
            path.unlink()


@pytest.fixture
def worker(resources: WorkerResources) -> Iterator[WorkerHarness]:
    """Run a worker with room for many calls."""
    with worker_harness(resources) as made:
        yield made


@pytest.fixture
def caller(worker: WorkerHarness) -> Iterator[WorkerCaller]:
    """Bring a caller to it."""
    with WorkerCaller(worker) as caller:
        yield caller
