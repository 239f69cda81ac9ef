"""The edge is nobody's relay: inside a dialog it serves the two parties of the call, and leads where the call went."""

from pathlib import Path

import pytest

from renvoi.domain.calls.call_mark import CallMark, Towards
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.integration.edge.relay.conftest import (
    BOX,
    CARRIER,
    METHODS,
    NUMBER,
    TARGET,
    hang_up,
    kinds,
    mark_in,
    readdressed,
    talk,
    with_mark,
)
from tests.support.edge import EdgeNode
from tests.support.keys import new_keys, now_ms
from tests.support.sip import Call, Phone
from tests.support.sip_message import Header, SipMessage, uri_in
from tests.support.waiting import wait_for


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_relays_nothing_by_a_mark_of_a_call_long_ended(
    node: EdgeNode, carrier: Phone, trunk: Phone, stranger: Phone, method: str
) -> None:
    """Neither to an address of his own nor to the trunk; and he learns nothing."""
    call, incoming = talk(node, carrier, trunk)
    hang_up(call, incoming)
    with Phone(host="127.0.0.3") as victim:
        for uri in (f"sip:+882990000001@127.0.0.3:{victim.port}", incoming.contact.strip("<>"), trunk.uri):
            call.answer = call.invite.answer(200, tag="evil", headers=_record_route(call))
            stranger.send(readdressed(call.request(method), stranger, uri), node.address)
        victim.expect_silence(0.2)
    trunk.expect_silence(0)
    stranger.expect_silence(0)


def _record_route(call: Call) -> list[Header]:
    assert call.answer is not None
    return [
        *(("Record-Route", value) for value in call.answer.all("Record-Route")),
        ("Contact", call.answer["Contact"]),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_reaches_no_worker(
    node: EdgeNode, carrier: Phone, worker: Phone, stranger: Phone, method: str
) -> None:
    worker.forget()
    call, incoming = talk(node, carrier, worker, BOX)
    stranger.send(readdressed(call.request(method), stranger, worker.uri), node.address)
    stranger.expect_silence(0.2)
    assert all(message.method == "OPTIONS" for message in iter(worker.receive_now, None))
    hang_up(call, incoming)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "ACK"])
def test_another_trunk_has_no_part_in_the_call(
    node: EdgeNode, carrier: Phone, trunk: Phone, rival: Phone, method: str
) -> None:
    """Who may place calls of his own may not use those of others, in either direction."""
    call, incoming = talk(node, carrier, trunk)
    with Phone(host="127.0.0.3") as victim:
        for uri in (uri_in(incoming.contact), trunk.uri, victim.uri):
            rival.send(readdressed(call.request(method), rival, uri), node.address)
            assert rival.receive().status in ((481,) if method not in ("MESSAGE", "DANCE") else (405, 501))
        upstream = incoming.send("BYE") if method == "BYE" else None
        if upstream is not None:
            bye = carrier.expect("BYE")
            carrier.send(bye.answer(500), bye.source)
            trunk.expect(500)
        victim.expect_silence(0.1)
    assert kinds(node, call) == (["decided", "answered"] if method != "BYE" else ["decided", "answered", "hungup"])
    trunk.expect_silence(0)


@pytest.mark.parametrize("method", ["INVITE", "BYE", "INFO", "REFER", "MESSAGE"])
def test_a_party_gets_nowhere_but_to_the_other_one(node: EdgeNode, carrier: Phone, trunk: Phone, method: str) -> None:
    """A genuine mark from the right address leads to no premium number of somebody else's, by whatever way."""
    call, incoming = talk(node, carrier, trunk)
    with Phone(host="127.0.0.3") as victim:
        target = f"sip:+882990000001@127.0.0.3:{victim.port}"
        maddr = f"{uri_in(incoming.contact)};maddr=127.0.0.3"
        hidden = (f"{trunk.uri};maddr=;maddr=127.0.0.3", f"{trunk.uri}{';x' * 100};maddr=127.0.0.3")
        two = f"sip:x@{victim.host}:{victim.port}@{trunk.host}"
        for uri in (target, maddr, *hidden, f"{target}?x=@{trunk.host}", two):
            carrier.send(readdressed(call.request(method), carrier, uri), node.address)
            assert (carrier.receive().status or 0) in (400, 405, 481)
        by_route = call.request(method, headers=[("Route", f"<{victim.uri};lr>")])
        carrier.send(by_route, node.address)
        assert (carrier.receive().status or 0) in (405, 481)
        victim.expect_silence(0.1)
    trunk.expect_silence(0)
    hang_up(call, incoming)


def test_a_request_that_another_node_should_get_goes_nowhere(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The mark holds at every node, but the Route leads to the one that set up the call, which is not a party of it."""
    call, incoming = talk(node, carrier, trunk)
    with Phone(host="127.0.0.3") as other:
        request = call.request("BYE")
        ours = f"{node.address[0]}:{node.address[1]}"
        headers = [
            (k, v.replace(ours, f"{other.host}:{other.port}") if k == "Route" else v) for k, v in request.headers
        ]
        assert headers != request.headers
        carrier.send(SipMessage(request.start_line, headers), node.address)
        carrier.expect(481)
        other.expect_silence(0.1)
    hang_up(call, incoming)


def test_the_called_side_gets_nowhere_but_to_the_caller(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    call, incoming = talk(node, carrier, trunk)
    with Phone(host="127.0.0.3") as victim:
        request = incoming.send("INFO")
        answer = carrier.expect("INFO")
        carrier.send(answer.answer(200), answer.source)
        trunk.expect(200)
        trunk.send(readdressed(request, trunk, victim.uri), node.address)
        trunk.expect(481)
        victim.expect_silence(0.1)
    hang_up(call, incoming)


def test_marks_do_not_fit_other_calls_directions_times_or_keys(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    call, incoming = talk(node, carrier, trunk)
    other, other_incoming = talk(node, carrier, trunk)
    assert call.answer is not None
    assert other.answer is not None
    downstream, upstream, of_other = map(mark_in, (call.answer, incoming.invite, other.answer))
    mark = CallMark.decode(downstream, node.keys, now_ms(), call.call_id, call.tag)
    assert (mark.towards, mark.inbound, mark.outbound) == (Towards.CALLEE, "carrier", "main")
    at_ms, key = now_ms(), (call.call_id, call.tag)
    expired = CallMark(Towards.CALLEE, "carrier", "main", at_ms // 1000 - 1, mark.hop).encode(node.keys, at_ms, *key)
    foreign = CallMark(Towards.CALLEE, "carrier", "main", at_ms // 1000 + 60, mark.hop).encode(new_keys(), at_ms, *key)
    peers = CallMark(Towards.CALLEE, "other", "main", at_ms // 1000 + 60, mark.hop).encode(node.keys, at_ms, *key)
    changed = downstream[:-2] + ("AA" if downstream[-2:] != "AA" else "BB")
    for wrong in (upstream, expired, foreign, peers, of_other, changed, "", "0" * 32, downstream + "A"):
        carrier.send(with_mark(call.request("BYE"), wrong), node.address)
        carrier.expect(481)
    trunk.expect_silence(0.1)
    assert kinds(node, call) == ["decided", "answered"]
    hang_up(call, incoming)
    hang_up(other, other_incoming)


def test_a_call_longer_than_the_longest_one_cannot_be_ended_here(tmp_path: Path, carrier: Phone) -> None:
    """Whoever hangs up is told so, and is done with it (RFC 3261 §15.1.1); the collector closes the record."""
    with (
        Phone(host="127.0.0.6") as phone,
        EdgeNode(tmp_path, [OutboundTrunk("main", phone.uri)], longest_call_s=3) as made,
    ):
        made.put(NUMBER, target=TARGET)
        call, incoming = talk(made, carrier, phone)
        assert call.answer is not None
        ends_at_s = CallMark.decode(mark_in(call.answer), made.keys, 0, call.call_id, call.tag).ends_at_s
        wait_for(lambda: now_ms() > ends_at_s * 1000, "the end of the longest call")
        call.send("BYE")
        carrier.expect(481)
        incoming.send("BYE")
        phone.expect(481, skip=("OPTIONS",))
        carrier.expect_silence(0)
        assert kinds(made, call) == ["decided", "answered"]
        after, taken = talk(made, carrier, phone)
        hang_up(after, taken)


def test_a_party_that_lost_its_trunk_has_no_part_in_the_call_any_more(tmp_path: Path) -> None:
    """However short the call: what the edge expects of a party holds for the trunks as they are."""
    with Phone() as carrier, Phone(host="127.0.0.6") as phone:
        outbound = [OutboundTrunk("main", phone.uri)]
        with EdgeNode(tmp_path, outbound, [CARRIER]) as made:
            made.put(NUMBER, target=TARGET)
            call, incoming = talk(made, carrier, phone)
            made.reload(*outbound, inbound=[InboundTrunk("carrier", CARRIER.networks[1:])])
            call.send("BYE")
            carrier.expect(481)
            phone.expect_silence(0)
            assert kinds(made, call) == ["decided", "answered"]
            made.reload(*outbound, inbound=[CARRIER])
            hang_up(call, incoming)
            made.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_bye_of_anybody_else_ends_no_record(
    node: EdgeNode, carrier: Phone, trunk: Phone, rival: Phone, stranger: Phone
) -> None:
    """Nor does one that is not answered yet; the record has its reason."""
    call, incoming = talk(node, carrier, trunk)
    for phone in (rival, stranger):
        phone.send(readdressed(call.request("BYE"), phone, uri_in(incoming.contact)), node.address)
    rival.expect(481)
    call.send("BYE", headers=[("Reason", "Q.850;cause=16")])
    bye = trunk.expect("BYE")
    assert kinds(node, call) == ["decided", "answered"]
    incoming.answer(bye)
    carrier.expect(200)
    hung_up = node.wait_for_events(call.call_id, "decided", "answered", "hungup")[-1]
    assert (hung_up["by"], hung_up["cause"]) == ("caller", 16)
