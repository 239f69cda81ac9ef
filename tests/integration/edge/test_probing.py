"""When outbound trunks are asked by OPTIONS whether they are there (docs/trunks.md, `--probe`)."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.choices import Probing
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.render import RETRY_TABLE, WATCHED_SET
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    directory = tmp_path_factory.mktemp("edge")
    with EdgeNode(directory, no_answer_ms=1500, watch_interval_s=4) as node:
        node.put(NUMBER, target=TARGET)
        yield node


@pytest.fixture
def peer() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


def probed(phone: Phone, status: int = 200) -> None:
    """Answer the next probe."""
    probe = phone.expect("OPTIONS", skip=("INVITE", "ACK"))
    phone.send(probe.answer(status), probe.source)


def state_becomes(node: EdgeNode, state: str) -> None:
    wait_for(lambda: [each.state for each in node.trunk_states()] == [state], lambda: f"{state}: {node.trunk_states()}")


def test_one_that_is_never_probed_gets_calls_again_after_a_time(shared: EdgeNode, carrier: Phone, peer: Phone) -> None:
    trunk = OutboundTrunk("main", peer.uri, probe=Probing.NEVER)
    shared.reload(trunk)
    call = Call(carrier, shared.address, NUMBER).start()
    Incoming.wait(peer).reply(503)
    call.expect(503)
    state_becomes(shared, "down")
    shared.reload(trunk)
    shared.expire(RETRY_TABLE, peer.uri)
    state_becomes(shared, "retry")
    call = Call(carrier, shared.address, NUMBER).start()
    Incoming.wait(peer).reply(486)
    call.expect(486)
    state_becomes(shared, "up")
    assert "OPTIONS" not in {message.method for message in peer.seen}
    assert not shared.table("down")
    # Nobody is watched, and that is not an error.
    assert f"destination set [{WATCHED_SET}]" not in shared.logged()


def test_one_that_is_down_is_left_alone_once_it_is_not_to_be_probed(
    shared: EdgeNode, carrier: Phone, peer: Phone
) -> None:
    shared.reload(OutboundTrunk("main", peer.uri))
    call = Call(carrier, shared.address, NUMBER).start()
    Incoming.wait(peer).reply(503)
    call.expect(503)
    last = peer.expect("OPTIONS", skip=("ACK",))
    shared.reload(OutboundTrunk("main", peer.uri, probe=Probing.NEVER))
    shared.expire(RETRY_TABLE, peer.uri)
    state_becomes(shared, "retry")
    while (message := peer.receive_now()) is not None:
        assert message["Call-ID"] == last["Call-ID"], "a copy of that one"


def test_one_that_is_watched_is_found_down_and_up_without_a_call(shared: EdgeNode, peer: Phone) -> None:
    trunk = OutboundTrunk("main", peer.uri, probe=Probing.ALWAYS)
    shared.reload(trunk)
    before = shared.statistics()["trunk_failures"]
    probed(peer)
    assert [each.state for each in shared.trunk_states()] == ["up"]
    # A change of trunks while it is asked is not a failure of it.
    peer.expect("OPTIONS")
    shared.reload(trunk)
    probed(peer, 404)
    peer.expect("OPTIONS")
    wait_for(lambda: "down" in {each.state for each in shared.trunk_states()}, "the trunk to be down")
    assert shared.statistics()["trunk_failures"] == before + 1
    peer.forget()
    probed(peer)
    state_becomes(shared, "up")
    assert shared.trunk_states()[0].since_s is not None


def test_one_that_refuses_connections_is_probed_on_and_comes_back(shared: EdgeNode) -> None:
    port = free_port()
    shared.reload(OutboundTrunk("main", f"sip:127.0.0.1:{port};transport=tcp", probe=Probing.ALWAYS))
    wait_for(lambda: shared.trunk_states()[0].state != "up", "the trunk to be down")
    with Phone("tcp", port=port) as back:
        probed(back)
        state_becomes(shared, "up")
