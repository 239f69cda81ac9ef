"""Which inbound trunks are open to strangers, and what is said of them."""

from ipaddress import ip_network

import pytest

from renvoi.domain.bilingual import french_of
from renvoi.domain.trunks.openness import open_trunks, openness
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@pytest.mark.parametrize(
    ("networks", "wide"),
    [
        (["0.0.0.0/0"], "0.0.0.0/0"),
        (["::/0"], "::/0"),
        # Halves are no less open than the whole.
        (["0.0.0.0/1", "128.0.0.0/1"], "0.0.0.0/1, 128.0.0.0/1"),
        (["192.0.2.0/24", "2000::/3"], "2000::/3"),
        (["10.0.0.0/8", "127.0.0.0/8", "2001::/16", "192.0.2.1/32"], None),
        ([], None),
    ],
)
def test_a_trunk_of_wide_networks_is_open(networks: list[str], wide: str | None) -> None:
    trunk = InboundTrunk("carrier", tuple(map(ip_network, networks)), inbound_user="them")
    said = openness(trunk)
    if wide is None:
        assert said is None
        return
    assert said is not None
    for text in (said.text, french_of(said.text)):
        assert f" {wide} " in text
    assert "trunk set carrier --inbound" in said.advice
    assert french_of(said.text) != said.text
    assert french_of(said.advice) != said.advice
    assert open_trunks([trunk, OutboundTrunk("out", "sip:192.0.2.1")]) == [("carrier", said)]
