"""One node for each file of end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.support.node import Node
from tests.support.node import node as running_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node as installed, with an inbound trunk at 127.0.0.0/8 and no outbound one."""
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running
