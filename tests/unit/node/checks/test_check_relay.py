"""What `renvoi check` says of the media relay."""

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge import relay_client
from renvoi.node.checks.relay import check_relay
from renvoi.node.checks.results import Finding
from renvoi.settings import read_settings

NOBODY = Trunks(1, (InboundTrunk("in", (ip_network("192.0.2.0/24"),)),), (OutboundTrunk("out", "sip:192.0.2.1"),))
NATTED = Trunks(1, (InboundTrunk("in", (ip_network("192.0.2.0/24"),), nat=True),), NOBODY.outbound)
RELAYED = Trunks(1, NOBODY.inbound, (OutboundTrunk("out", "sip:192.0.2.1", relay=True),))


def found(trunks: Trunks, **settings: Any) -> list[Finding]:
    return asyncio.run(check_relay(read_settings(settings), trunks))


@pytest.mark.parametrize(("trunks", "who"), [(NATTED, "in (--nat)"), (RELAYED, "out (--relay)")])
def test_trunks_that_need_a_relay_are_named(trunks: Trunks, who: str) -> None:
    (finding,) = found(trunks)
    assert not finding.ok
    assert finding.text.endswith(who)
    assert "set RENVOI_RTPENGINE" in finding.advice
    assert not found(trunks, only="api")


def test_nothing_is_said_where_nothing_is_wanted() -> None:
    assert not found(NOBODY)


@pytest.mark.parametrize("answers", [True, False])
def test_a_relay_is_asked(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    monkeypatch.setattr(relay_client, "answers", lambda address, _: address == ("::1", 2223) and answers)
    (finding,) = found(RELAYED, rtpengine="udp:[::1]:2223")
    assert finding.ok == answers
    assert finding.text == f"rtpengine {'answers' if answers else 'does not answer'} at udp:[::1]:2223"
