"""What the tests of the stores share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import PostgresCluster, shared_cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/renvoi.db"
        return
    cluster = shared_cluster()
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresCluster]:
    """Return a server for all tests of this module."""
    with PostgresCluster(durable=False) as made:
        yield made


@pytest.fixture
def cluster(server: PostgresCluster) -> PostgresCluster:
    """Return the server, which runs, whatever the test before did to it."""
    return server if server.process is not None else server.start()
