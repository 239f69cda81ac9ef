"""What a trunk refuses or leaves unsaid never harms the caller's carrier or later calls (docs/calls.md §3)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio import render
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
T1_S = 0.5
CHALLENGE = 'Digest realm="trunk.example", nonce="abc"'


@pytest.fixture
def first() -> Iterator[Phone]:
    """Play the trunk of the higher priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def second() -> Iterator[Phone]:
    """Play the trunk of the lower priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def node(tmp_path: Path, first: Phone, second: Phone) -> Iterator[EdgeNode]:
    """Run an edge with two outbound trunks."""
    trunks = [OutboundTrunk("first", first.uri, 90), OutboundTrunk("second", second.uri, 10)]
    with EdgeNode(tmp_path, trunks, workers=4) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


def refusal(status: int) -> list[Header]:
    """Return what a trunk adds to such an answer."""
    name = "WWW-Authenticate" if status in (401, 403) else "Proxy-Authenticate"
    return [("Contact", "<sip:elsewhere@192.0.2.66>"), (name, CHALLENGE)]


def assert_private(headers: list[Header]) -> None:
    names = {name.lower() for name, _ in headers}
    assert names.isdisjoint({"contact", "www-authenticate", "proxy-authenticate"})


@pytest.mark.parametrize("status", [401, 407, 302, 300, 305, 380])
def test_what_a_trunk_asks_of_us_leads_to_the_next_one(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone, status: int
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(status, headers=refusal(status))
    Incoming.wait(second).reply(486, headers=refusal(486))
    assert_private(call.expect(486).headers)
    assert not node.statistics()["trunk_failures"], "an answer to one call marks no trunk as down"


@pytest.mark.parametrize("status", [401, 407, 302, 305])
def test_what_the_last_trunk_asks_of_us_is_our_own_503(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone, status: int
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(500)
    Incoming.wait(second).reply(status, headers=refusal(status))
    answer = call.expect(503)
    assert answer["Reason"] == "Q.850;cause=38"
    assert_private(answer.headers)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"], failed["trunk"]) == (503, "edge", "second")


@pytest.mark.parametrize("status", [403, 404, 485])
def test_a_refusal_that_reaches_the_caller_leads_nowhere(
    node: EdgeNode, carrier: Phone, first: Phone, status: int
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(status, headers=refusal(status))
    assert_private(call.expect(status).headers)


@pytest.mark.parametrize(("method", "status"), [("INVITE", 407), ("INVITE", 302), ("UPDATE", 401), ("BYE", 407)])
def test_a_challenge_inside_a_call_stays_with_us_too(
    node: EdgeNode, carrier: Phone, first: Phone, method: str, status: int
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(first)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    first.expect("ACK")
    request = call.request(method)
    carrier.send(request, node.address)
    asked = first.expect(method)
    first.send(asked.answer(status, tag=incoming.tag, headers=refusal(status)), asked.source)
    answer = carrier.expect(503)
    assert answer["Reason"] == "Q.850;cause=38"
    assert_private(answer.headers)


def test_a_challenge_by_the_carrier_inside_a_call_reaches_the_trunk(
    node: EdgeNode, carrier: Phone, first: Phone
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(first)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    first.expect("ACK")
    incoming.send("UPDATE")
    asked = carrier.expect("UPDATE")
    carrier.send(asked.answer(407, headers=[("Proxy-Authenticate", CHALLENGE)]), asked.source)
    assert first.expect(407)["Proxy-Authenticate"] == CHALLENGE


def refused_by_first(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    """Make a call that marks the first trunk as down."""
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(first).reply(503)
    Incoming.wait(second).reply(486)
    call.expect(486)


def goes_to(node: EdgeNode, carrier: Phone, *phones: Phone) -> Phone:
    """Make a call, have it refused as busy, and return the phone that it came to."""
    call = Call(carrier, node.address, NUMBER).start()
    taken: list[Phone] = []

    def came() -> bool:
        for phone in phones:
            while (message := phone.receive_now()) is not None:
                if message.status is None and message.method == "INVITE" and message not in phone.seen[:-1]:
                    Incoming(phone, message).reply(486)
                    taken.append(phone)
                    return True
        return False

    wait_for(came, "the INVITE at a trunk")
    call.expect(486)
    return taken[0]


def end_pause(node: EdgeNode, phone: Phone) -> None:
    """Let the time be over for which a trunk that is down gets no calls."""
    node.expire(render.RETRY_TABLE, phone.uri)
    wait_for(lambda: node.trunk_states()[0].state == "retry", "the end of its pause")


def test_a_trunk_that_answers_no_probe_is_tried_again_after_a_time(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    refused_by_first(node, carrier, first, second)
    assert goes_to(node, carrier, first, second) is second
    end_pause(node, first)
    for _ in range(2):
        assert goes_to(node, carrier, first, second) is first, "once it has answered a call, it works"
    first.forget()
    assert [state.up for state in node.trunk_states()] == [True, True]


def test_one_that_fails_again_is_left_alone_again(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    refused_by_first(node, carrier, first, second)
    end_pause(node, first)
    refused_by_first(node, carrier, first, second)
    assert goes_to(node, carrier, first, second) is second
    assert node.trunk_states()[0].state == "down"


@pytest.mark.parametrize("status", [200, 404, 408, 503, 603])
def test_any_answer_to_a_probe_is_life(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone, status: int
) -> None:
    refused_by_first(node, carrier, first, second)
    probe = first.expect("OPTIONS", skip=("ACK",))
    first.send(probe.answer(status), probe.source)
    wait_for(lambda: node.trunk_states()[0].state == "up", "the return of the trunk")
    state = node.trunk_states()[0]
    assert state.since_s is not None
    assert (state.trunk, state.uri, state.answer) == ("first", first.uri, status)
    assert goes_to(node, carrier, first, second) is first


def test_a_trunk_by_tcp_that_comes_back_is_probed_again(node: EdgeNode, carrier: Phone, second: Phone) -> None:
    """A probe that cannot be sent is not the last one."""
    port = free_port()
    with Phone("tcp", port=port) as gone:
        uri = gone.uri
    node.reload(OutboundTrunk("first", uri, 90), OutboundTrunk("second", second.uri, 10))
    assert goes_to(node, carrier, second) is second
    wait_for(lambda: node.trunk_states()[0].state == "down", "the mark")
    wait_for(lambda: node.logged().count("connect") > 2 or node.trunk_states()[0].state == "retry", "probes")
    with Phone("tcp", port=port) as back:
        probe = back.expect("OPTIONS")
        back.send(probe.answer(200), probe.source)
        wait_for(lambda: node.trunk_states()[0].state == "up", "the return of the trunk")


def test_removing_a_trunk_forgets_its_state_and_others_keep_theirs(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    both = (OutboundTrunk("first", first.uri, 90), OutboundTrunk("second", second.uri, 10))
    refused_by_first(node, carrier, first, second)
    node.reload(*both, OutboundTrunk("third", "sip:127.0.0.1:9", 1))
    assert [state.state for state in node.trunk_states()] == ["down", "up", "up"]
    assert goes_to(node, carrier, first, second) is second
    node.reload(both[1])
    node.reload(*both)
    state = node.trunk_states()[0]
    assert (state.state, state.since_s, state.answer) == ("up", None, None)
    assert goes_to(node, carrier, first, second) is first


def test_a_call_cancelled_at_once_marks_no_trunk_and_says_who_ended_it(
    node: EdgeNode, carrier: Phone, first: Phone
) -> None:
    """Sixty callers hang up in the same moment as they call; whatever came first, it was them."""
    for _ in range(60):
        call = Call(carrier, node.address, NUMBER).start()
        call.cancel()
        incoming: list[Incoming] = []
        asked = [time.monotonic()]

        def served(call: Call = call, incoming: list[Incoming] = incoming, asked: list[float] = asked) -> bool:
            while (message := first.receive_now()) is not None:
                if message.get("Call-ID") != call.call_id:
                    continue
                if message.method == "INVITE" and message.status is None:
                    incoming.append(Incoming(first, message))
                elif message.method == "CANCEL":
                    incoming[0].answer(message)
                    incoming[0].reply(487)
            while (message := carrier.receive_now()) is not None:
                if message.method == "INVITE" and message["Call-ID"] == call.call_id and (message.status or 0) > 199:
                    assert message.status == 487
                    call._acknowledge(message)
                    return True
            if time.monotonic() - asked[-1] > T1_S:
                # It overtook the INVITE: a real caller sends it again, too (RFC 3261 §17.1.2.2).
                asked.append(time.monotonic())
                call.cancel()
            return False

        wait_for(served, "the end of the call")
        failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
        assert (failed["status"], failed["by"]) == (487, "caller")
    assert not node.statistics()["trunk_failures"]
    assert [state.state for state in node.trunk_states()] == ["up", "up"]


def test_a_cancel_that_overtakes_its_invite_ends_it(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """The caller is told that there is nothing to cancel (RFC 3261 §9.2), and then that it is cancelled."""
    call = Call(carrier, node.address, NUMBER)
    call.cancel()
    assert carrier.expect(481).method == "CANCEL"
    call.start().expect(487)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"]) == (487, "caller")
    again = Call(carrier, node.address, NUMBER).start()
    assert Incoming.wait(first).invite["Call-ID"] == again.call_id, "the cancelled call reached nobody"


def test_all_addresses_of_a_named_trunk_are_tried_before_the_next_trunk(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    named, other = OutboundTrunk("named", "sip:sip.trunk.example", 90), OutboundTrunk("other", second.uri, 10)
    with Phone() as silent:
        found = {"named": [named.address.at("127.0.0.1", port) for port in (silent.port, first.port)]}
        node.reload(named, other, found=found)
        call = Call(carrier, node.address, NUMBER).start()
        assert Incoming.wait(silent).invite.uri == f"sip:{TARGET}@sip.trunk.example"
        incoming = Incoming.wait(first)
        assert incoming.invite.uri == f"sip:{TARGET}@sip.trunk.example"
        incoming.reply(503)
        Incoming.wait(second).reply(486)
        call.expect(486)
        assert [state.state for state in node.trunk_states()] == ["down", "down", "up"]
        node.reload(named, other, found={"named": found["named"][1:]})
        assert [(state.uri, state.state) for state in node.trunk_states()] == [(first.uri, "down"), (second.uri, "up")]
        node.reload(named, other, found={})
        assert [state.trunk for state in node.trunk_states()] == ["other"]
        call = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(second).reply(486)
        call.expect(486)
