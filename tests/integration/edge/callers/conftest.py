"""An edge with one trunk of a fixed address, and one that is known by a password."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.asked import FIXED, HERE, NUMBER, PASSWORD, ROAMING, TARGET, USER
from tests.support.edge import EdgeNode
from tests.support.sip import Phone


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("main", gateway.uri)]
    edge = EdgeNode(tmp_path_factory.mktemp("callers"), trunks, [FIXED, ROAMING])
    edge.callers = {"roaming": Credentials(USER, "", PASSWORD)}
    with edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture(autouse=True)
def _unknown_again(node: EdgeNode) -> None:
    node.forget("banned", "tries", "wrong", "admitted", "pace")


@pytest.fixture(params=["udp", "tcp"])
def pbx(request: pytest.FixtureRequest) -> Iterator[Phone]:
    with Phone(request.param, HERE) as phone:
        yield phone


@pytest.fixture
def caller() -> Iterator[Phone]:
    with Phone(host=HERE) as phone:
        yield phone
