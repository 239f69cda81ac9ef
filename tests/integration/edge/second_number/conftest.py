"""An edge, and a number whose rule has a second one."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.second_number import NUMBER, SECOND, TARGET, rule
from tests.support.sip import Phone


@pytest.fixture(scope="module")
def phones() -> Iterator[list[Phone]]:
    with Phone() as first, Phone() as second, Phone() as worker:
        yield [first, second, worker]


@pytest.fixture(scope="module")
def shared(phones: list[Phone], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    voicemail = ((phones[2].host, phones[2].port),)
    with EdgeNode(tmp_path_factory.mktemp("edge"), voicemail=voicemail) as node:
        yield node


@pytest.fixture
def node(shared: EdgeNode, phones: list[Phone]) -> EdgeNode:
    """Return the edge with one trunk, and a number with a second one; nothing is left over from the test before."""
    shared.limit()
    shared.reload(OutboundTrunk("a", phones[0].uri, 90))
    for phone in phones:
        phone.forget()
    shared.put_rule(NUMBER, rule(TARGET, SECOND))
    return shared
