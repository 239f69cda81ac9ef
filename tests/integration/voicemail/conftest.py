"""One store and backroom for all workers of this directory: the greetings are encoded once."""

from collections.abc import Iterator

import pytest

from tests.support.workplace import Guest, House, Workplace, workplace

GROUP = pytest.mark.xdist_group("voicemail-workers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in one process, as they share a house."""
    for item in items:
        if "integration/voicemail/" in item.nodeid:
            item.add_marker(GROUP)


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Open the house."""
    made = House(tmp_path_factory.mktemp("house"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
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
def place(house: House) -> Iterator[Workplace]:
    """Run a worker with room for many calls."""
    with workplace(house) as made:
        yield made


@pytest.fixture
def guest(place: Workplace) -> Iterator[Guest]:
    """Bring a caller to it."""
    with Guest(place) as caller:
        yield caller
