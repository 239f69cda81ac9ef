"""Outbound trunks of one priority that share calls (docs/trunks.md, `--weight`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
MOST_CALLS = 64
"""After so many calls a trunk with half of the weight has had none with a probability of 2^-64."""


@pytest.fixture
def peers() -> Iterator[list[Phone]]:
    with Phone() as first, Phone() as second, Phone() as third:
        yield [first, second, third]


def at(peers: list[Phone]) -> tuple[int, Incoming]:
    """Wait for a call at one of the peers; return which."""
    found: list[tuple[int, Incoming]] = []

    def came() -> bool:
        for index, phone in enumerate(peers):
            message = phone.receive_now()
            if message is not None and message.method == "INVITE" and message not in phone.seen[:-1]:
                found.append((index, Incoming(phone, message)))
        return bool(found)

    wait_for(came, "the call at a trunk")
    ((index, incoming),) = found
    return index, incoming


def test_calls_are_shared_and_every_trunk_stays_a_fail_over(tmp_path: Path, carrier: Phone, peers: list[Phone]) -> None:
    """Two of three have a weight: each gets calls first, the other one of them is next, and the third one the last."""
    trunks = [
        OutboundTrunk("a", peers[0].uri),
        OutboundTrunk("b", peers[1].uri, weight=50),
        OutboundTrunk("c", peers[2].uri, weight=50),
    ]
    orders: set[tuple[int, ...]] = set()
    with EdgeNode(tmp_path, trunks) as node:
        node.put(NUMBER, target=TARGET)
        for _ in range(MOST_CALLS):
            call, order = Call(carrier, node.address, NUMBER).start(), []
            for _ in trunks:
                index, incoming = at(peers)
                incoming.reply(500)
                order.append(index)
            call.expect(500)
            orders.add(tuple(order))
            if len(orders) > 1:
                break
        assert orders == {(1, 2, 0), (2, 1, 0)}


def test_every_address_of_a_trunk_is_tried_before_the_next_one(
    tmp_path: Path, carrier: Phone, peers: list[Phone]
) -> None:
    """Also after the trunk was shown another caller: the next address sees the first one again."""
    found = {"named": tuple(Destination(phone.host, phone.port) for phone in peers[:2])}
    named = OutboundTrunk("named", "sip:carrier.example", weight=1, fallback="served-user")
    with EdgeNode(tmp_path) as node:
        node.put(NUMBER, target=TARGET)
        node.reload(named, OutboundTrunk("a", peers[2].uri), found=found)
        call = Call(carrier, node.address, NUMBER).start()
        callers = []
        for phone in (peers[0], peers[0], peers[1], peers[1]):
            incoming = Incoming.wait(phone)
            callers.append("+33612345678" in incoming.invite["From"])
            incoming.reply(403 if len(callers) % 2 else 500)
        assert callers[0] == callers[2] != callers[1] == callers[3]
        incoming = Incoming.wait(peers[2])
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        peers[2].expect("ACK")
        assert node.wait_for_events(call.call_id, "decided", "answered")[-1]["trunk"] == "a"
