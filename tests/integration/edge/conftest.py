"""Phones around one Kamailio, which the tests of this directory share where they can."""

from collections.abc import Generator, Iterator

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.programs import missing
from tests.support.edge import RUNNING, EdgeNode
from tests.support.relay import Relay, require_relay
from tests.support.sip import Phone

LOG_CHARACTERS = 20_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a test that fails what Kamailio has logged: what came of a call can often be seen nowhere else."""
    report = yield
    if report.failed:
        for node in RUNNING:
            report.sections.append((f"log of the edge at {node.address}", node.logged()[-LOG_CHARACTERS:]))
    return report


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
