"""One node, and one mail server, for each file of end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.support.node import Node
from tests.support.node import node as running_node
from tests.support.smtp import Inbox


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node as installed, with an inbound trunk at 127.0.0.0/8 and no outbound one."""
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    """Run a mail server."""
    with Inbox() as server:
        yield server
