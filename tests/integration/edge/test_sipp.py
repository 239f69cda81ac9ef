"""The edge between two programs that are not ours."""

from pathlib import Path

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support import sipp
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"


def test_many_calls_of_a_real_carrier(tmp_path: Path) -> None:
    """Calls side by side are all answered and ended, and each leaves its three events."""
    port = free_port()
    with EdgeNode(tmp_path, [OutboundTrunk("main", f"sip:127.0.0.1:{port}")]) as node, sipp.trunk(tmp_path, port=port):
        node.put(NUMBER, target=TARGET)
        with sipp.carrier(tmp_path, node.address, NUMBER, ["-m", "100", "-r", "50", "-d", "100"]) as carrier:
            carrier.wait(60)

        def events() -> int:
            return sum(path.read_bytes().count(b"\n") for path in node.config.spool.iterdir())

        wait_for(lambda: events() >= 300, lambda: f"three events of each call, there are {events()}")
        assert events() == 300
        assert node.statistics()["forwarded"] == 100
