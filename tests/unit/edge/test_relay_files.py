"""When Kamailio talks to the media relay, and what its files say of it."""

from pathlib import Path
from typing import Any

import pytest

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.config import EdgeConfig
from renvoi.edge.kamailio import render
from renvoi.edge.kamailio.process import Kamailio
from renvoi.edge.router.trunk_table import TrunkTable

NETWORKS = (parse_network("192.0.2.0/24"),)
PLAIN = Trunks(1, (InboundTrunk("in", NETWORKS),), (OutboundTrunk("out", "sip:192.0.2.1"),))
NATTED = Trunks(1, (InboundTrunk("in", NETWORKS, nat=True),), PLAIN.outbound)
RELAYED = Trunks(1, PLAIN.inbound, (OutboundTrunk("out", "sip:192.0.2.1", relay=True),))


def config(**settings: Any) -> EdgeConfig:
    return EdgeConfig(Path("/run/edge"), "sqlite:////data/renvoi.db", Path("/data/spool"), **settings)


@pytest.mark.parametrize(
    ("trunks", "relay", "needed"),
    [
        (PLAIN, ("127.0.0.1", 2223), False),
        (NATTED, ("127.0.0.1", 2223), True),
        (RELAYED, ("127.0.0.1", 2223), True),
        (RELAYED, None, False),
    ],
)
def test_the_first_trunk_that_needs_the_relay_has_the_edge_start_again(
    trunks: Trunks, relay: tuple[str, int] | None, needed: bool
) -> None:
    assert Kamailio(config(relay=relay)).lacks(trunks) == needed


@pytest.mark.parametrize(
    ("relay", "socket"), [(("127.0.0.1", 2223), "udp:127.0.0.1:2223"), (("::1", 2223), "udp6:[::1]:2223")]
)
def test_the_module_is_loaded_where_it_is_needed(relay: tuple[str, int], socket: str) -> None:
    with_relay = render.configuration(config(relay=relay), TrunkTable.of(1, RELAYED.inbound, RELAYED.outbound))
    assert f'modparam("rtpengine", "rtpengine_sock", "{socket}")\n' in with_relay
    without = render.configuration(config(relay=relay), TrunkTable.of(1, PLAIN.inbound, PLAIN.outbound))
    assert "rtpengine.so" not in without


def test_natted_trunks_are_known_by_name() -> None:
    other = InboundTrunk("other", NETWORKS, nat=True)
    table = TrunkTable.of(1, (*NATTED.inbound, InboundTrunk("plain", NETWORKS), other), ())
    assert render.natted(table) == "in,other"
    assert 'modparam("pv", "shvset", "natted=s:in,other")\n' in render.configuration(config(), table)
