"""Limits of calls, on one node with a real Kamailio (docs/trunks.md, docs/calls.md §2)."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"


@pytest.fixture(scope="module")
def first() -> Iterator[Phone]:
    """Play the trunk of the higher priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def second() -> Iterator[Phone]:
    """Play the trunk of the lower priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, first: Phone) -> Iterator[EdgeNode]:
    """Run an edge; each test gives it its trunks."""
    with EdgeNode(tmp_path_factory.mktemp("edge"), [OutboundTrunk("first", first.uri)]) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture(autouse=True)
def fresh(first: Phone, second: Phone) -> None:
    first.forget()
    second.forget()


def trunks(node: EdgeNode, first: Phone, second: Phone, **limits: int) -> None:
    """Give the edge two trunks, of which the first one has limits."""
    node.reload(OutboundTrunk("first", first.uri, 90, **limits), OutboundTrunk("second", second.uri, 10))  # type: ignore[arg-type]  # all are numbers


def begin(node: EdgeNode, carrier: Phone, trunk: Phone, number: str = NUMBER) -> tuple[Call, Incoming]:
    """Make a call that rings at `trunk`."""
    call = Call(carrier, node.address, number).start()
    return call, Incoming.wait(trunk)


def answer(call: Call, incoming: Incoming) -> None:
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK")


def hang_up(call: Call, incoming: Incoming) -> None:
    call.send("BYE")
    incoming.answer(incoming.phone.expect("BYE"))
    call.phone.expect(200)


def in_use(node: EdgeNode, name: str) -> int:
    """Return how many calls Kamailio counts under a name."""
    return int(node.table("counts").get(name, 0))


def test_a_full_trunk_is_passed_over_until_a_call_ends(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    """Whichever way a call ends: answered and hung up by either side, refused, cancelled, or silent."""
    trunks(node, first, second, max_calls=1)
    call, incoming = begin(node, carrier, first)
    other, elsewhere = begin(node, carrier, second)
    assert in_use(node, "Tfirst") == 1
    elsewhere.reply(486)
    other.expect(486)
    answer(call, incoming)
    other, elsewhere = begin(node, carrier, second)
    hang_up(call, incoming)
    elsewhere.reply(486)
    other.expect(486)

    call, incoming = begin(node, carrier, first)
    answer(call, incoming)
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    carrier.send(bye.answer(200), bye.source)
    first.expect(200)

    call, incoming = begin(node, carrier, first)
    incoming.reply(486)
    call.expect(486)

    call, incoming = begin(node, carrier, first)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = first.expect("CANCEL", skip=("ACK",))
    first.send(cancel.answer(200), cancel.source)
    incoming.reply(487)
    call.expect_cancelled()

    call, incoming = begin(node, carrier, first)
    incoming.reply(500)
    Incoming.wait(second).reply(486)
    call.expect(486)
    wait_for(lambda: in_use(node, "Tfirst") == 0, "a trunk without calls")


def test_when_all_trunks_are_full_the_caller_is_told(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    node.reload(OutboundTrunk("first", first.uri, max_calls=1))
    call, incoming = begin(node, carrier, first)
    refused = Call(carrier, node.address, NUMBER).start()
    assert refused.expect(503)["Reason"] == "Q.850;cause=34"
    failed = node.wait_for_events(refused.call_id, "decided", "failed")[-1]
    assert (failed["reason"], failed["by"], failed["cause"]) == ("trunk-limit", "edge", 34)
    # In force with the next call, though the trunk has more than that already.
    node.reload(OutboundTrunk("first", first.uri, max_calls=2))
    another, rings = begin(node, carrier, first)
    node.reload(OutboundTrunk("first", first.uri, max_calls=1))
    Call(carrier, node.address, NUMBER).start().expect(503)
    for each, there in ((call, incoming), (another, rings)):
        there.reply(486)
        each.expect(486)
        assert in_use(node, "Tfirst") == (1 if each is call else 0)


def test_a_trunk_gets_no_more_calls_in_a_second_than_it_takes(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    trunks(node, first, second, max_rate=2)
    calls = [Call(carrier, node.address, NUMBER).start() for _ in range(12)]
    arrived: list[Incoming] = []

    def all_came() -> bool:
        for phone in (first, second):
            while (message := phone.receive_now()) is not None:
                if message.method == "INVITE" and message.status is None:
                    arrived.append(Incoming(phone, message))
        return len({each.invite["Call-ID"] for each in arrived}) == len(calls)

    wait_for(all_came, "all calls at the trunks")
    at_first = {each.invite["Call-ID"] for each in arrived if each.phone is first}
    # They may have come around a full second.
    assert 2 <= len(at_first) <= 4
    for each in arrived:
        each.reply(486)
    wait_for(lambda: _refused(carrier, calls), "the end of all calls")


def _refused(carrier: Phone, calls: list[Call]) -> bool:
    while carrier.receive_now() is not None:
        pass
    got = {message["Call-ID"] for message in carrier.seen if message.status == 486}
    return got >= {call.call_id for call in calls}


def test_a_call_whose_bye_is_lost_is_let_go(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    """After the longest time that a call may last."""
    trunks(node, first, second, max_calls=1)
    call, incoming = begin(node, carrier, first)
    answer(call, incoming)
    assert in_use(node, "Tfirst") == 1
    (held,) = node.table("held")
    node.expire("held", held)
    wait_for(lambda: in_use(node, "Tfirst") == 0, "the end of a call that nobody ended")
    assert not node.table("held")
    hang_up(call, incoming)
    assert in_use(node, "Tfirst") == 0, "nothing is taken off twice"
