"""Calls that come back: each loop ends with one answer to the caller, after few turns."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from renvoi.domain.trunks.choices import DiversionHeaders
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import Header, SipMessage
from tests.support.waiting import wait_for

HERE, THERE = "+33199001234", "+33199005678"
TURNS = 6
"""A call may have been diverted five times before (TS 24.604 §4.5.2.6)."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EdgeNode, EdgeNode]]:
    """Run two systems that know nothing of each other but a trunk, each with a number that leads to the other's."""
    ports = free_port(), free_port()
    nodes = []
    for own, other, domain in ((0, 1, "a.example"), (1, 0, "b.example")):
        trunk = OutboundTrunk("other", f"sip:127.0.0.1:{ports[other]}")
        node = EdgeNode(tmp_path_factory.mktemp("loop"), [trunk], port=ports[own], domain=domain)
        nodes.append(node)
    with nodes[0] as first, nodes[1] as second:
        first.put(HERE, target=THERE)
        second.put(THERE, target=HERE)
        yield first, second


def forwarded(*nodes: EdgeNode) -> int:
    return sum(node.statistics()["forwarded"] for node in nodes)


def quiet(*nodes: EdgeNode) -> bool:
    return not sum(node.statistics()["active_transactions"] for node in nodes)


@pytest.mark.parametrize("headers", DiversionHeaders)
def test_two_systems_that_forward_to_each_other(
    pair: tuple[EdgeNode, EdgeNode], carrier: Phone, headers: DiversionHeaders
) -> None:
    """Also when neither says that it has diverted: the call is still known where it began."""
    first, second = pair
    for node in pair:
        (trunk,) = node.trunks.outbound
        node.reload(replace(trunk, diversion_headers=headers))
    before = forwarded(*pair)
    call = Call(carrier, first.address, HERE).start()
    assert call.expect(482).all("Via") == [call.invite["Via"]]
    assert forwarded(*pair) == before + 2
    carrier.drop_copies(first.address)
    carrier.expect_silence(0.7)
    wait_for(lambda: quiet(first, second), "all transactions to end", 60)


@pytest.fixture(scope="module")
def mirror() -> Iterator[Phone]:
    """Play a carrier that sends each call back to where it came from."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(mirror: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    with EdgeNode(tmp_path_factory.mktemp("mirror"), [OutboundTrunk("mirror", mirror.uri)]) as made:
        made.put(HERE, target=THERE)
        yield made


def same(message: SipMessage, *names: str) -> list[Header]:
    """Return the headers of these names."""
    return [header for header in message.headers if header[0] in names]


def rewritten(message: SipMessage) -> list[Header]:
    """Return what says that the call was diverted, with the carrier's host in place of ours."""
    found = same(message, "Diversion", "History-Info")
    return [(name, value.replace("127.0.0.1", "carrier.example")) for name, value in found]


REFLECTIONS: dict[str, tuple[Callable[[SipMessage], list[Header]], int, int]] = {
    "as a proxy": (lambda message: same(message, "Diversion", "From", "Call-ID", "CSeq"), 482, 1),
    "as a proxy that strips": (lambda message: same(message, "From", "Call-ID", "CSeq"), 482, 1),
    "as another call": (lambda message: same(message, "Diversion"), 482, 1),
    "as another call with our history": (lambda message: same(message, "History-Info"), 482, 1),
    "with its own host": (rewritten, 480, TURNS),
    "with nothing but the hops": (lambda _: [], 483, 70),
}
"""What a carrier sends back of a call, the answer that this ends with, and after how many turns."""


@pytest.mark.parametrize("how", REFLECTIONS)
def test_a_carrier_that_reflects_calls(node: EdgeNode, mirror: Phone, carrier: Phone, how: str) -> None:
    """One answer for the caller, and one call out for each that came in."""
    keep, status, expected = REFLECTIONS[how]
    mirror.forget()
    before = forwarded(node)
    call = Call(carrier, node.address, HERE).start()
    turns = []
    while (message := mirror.receive()).status is None or message.status < 300:
        if message.status is None and message.method == "INVITE":
            back = Call(mirror, node.address, HERE)
            names = [name for name, _ in keep(message)]
            own = [header for header in back.invite.headers if header[0] not in (*names, "Max-Forwards")]
            back.invite.headers = [*own, *keep(message), *same(message, "Max-Forwards")]
            turns.append((Incoming(mirror, message), back.start()))
    assert message.status == status
    # The refusal goes back all the way; what comes again meanwhile has been answered already.
    for place, (incoming, _) in reversed(list(enumerate(turns))):
        incoming.reply(status)
        if place:
            mirror.expect(status, skip=(100, "ACK", "INVITE", "OPTIONS", status))
    call.expect(status)
    assert forwarded(node) - before == len(turns) == expected
    carrier.expect_silence(0)
