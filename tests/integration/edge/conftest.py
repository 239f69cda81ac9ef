"""Phones around one Kamailio, which the tests of this directory share where they can."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.programs import missing
from tests.support.edge import EdgeNode
from tests.support.relay import Relay, require_relay
from tests.support.sip import Phone


@pytest.fixture
def carrier() -> Iterator[Phone]:
    """Play the carrier that calls come from."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="session")
def gateway() -> Iterator[Phone]:
    """Play the peer behind the outbound trunk of `edge`."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def trunk(gateway: Phone) -> Phone:
    """`gateway`, with nothing left over from the test before."""
    gateway.forget()
    return gateway


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """Run a media relay."""
    require_relay()
    with Relay(tmp_path_factory.mktemp("relay") / "log", ("127.0.0.1", "::1")) as made:
        yield made


@pytest.fixture(scope="session")
def edge(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with the outbound trunk `main`; tests that break it start their own."""
    assert missing() is None
    with EdgeNode(tmp_path_factory.mktemp("edge"), [OutboundTrunk("main", gateway.uri)]) as node:
        yield node
