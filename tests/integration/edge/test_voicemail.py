"""Calls to the voicemail through a real Kamailio: which worker takes them, and what happens when none does."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from renvoi.edge.config import primary_address
from tests.support.edge import EdgeNode
from tests.support.keys import handoff_in
from tests.support.played_workers import EMAIL, NUMBER, Workers, edge_before, end, hang_up, talk, worker_of
from tests.support.sip import SDP, Call, Phone
from tests.support.sip_message import Header

CALLER = "+33612345678"


@pytest.fixture(scope="module")
def phones() -> Iterator[Workers]:
    """Play the voicemail's workers."""
    with Phone() as one, Phone() as two, Phone() as three:
        yield one, two, three


@pytest.fixture(scope="module")
def shared(phones: Workers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that waits for these workers, though they are held up."""
    with edge_before(phones, tmp_path_factory.mktemp("edge")) as edge:
        yield edge


@pytest.fixture
def node(shared: EdgeNode) -> EdgeNode:
    """`shared`, with every worker up and without a call. A reload keeps the mark of those that are down."""
    shared.reload()
    shared.revive_workers()
    return shared


@pytest.fixture
def workers(phones: Workers) -> Workers:
    """Return the workers, with nothing left over from the test before."""
    for phone in phones:
        phone.forget()
    return phones


def test_a_cancel_that_overtakes_its_invite_reaches_no_worker(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    call = Call(carrier, node.address, NUMBER)
    call.cancel()
    carrier.expect(481)
    call.start().expect(487)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"]) == (487, "caller")
    again = Call(carrier, node.address, NUMBER).start()
    incoming = worker_of(workers)
    assert incoming.invite["Call-ID"] == again.call_id, "the cancelled call reached nobody"
    incoming.reply(488)
    again.expect(488)


def test_a_call_reaches_a_worker_with_all_it_needs_to_know(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    """The worker ends it by BYE through the edge; the record names no target and no trunk."""
    forged = (HEADER, VoicemailHandoff(E164(NUMBER), 1, EmailAddress("thief@example.org"), "x").encode())
    route = ("Route", "<sip:192.0.2.1;lr>")
    before = node.statistics()
    call = Call(carrier, node.address, NUMBER, headers=[forged, (HEADER.lower(), "x"), route]).start()
    incoming = worker_of(workers)
    invite, phone = incoming.invite, incoming.phone
    assert invite.uri == f"sip:{NUMBER}@{phone.host}:{phone.port}"
    (handoff,) = invite.all(HEADER)
    assert handoff_in(handoff) == VoicemailHandoff(E164(NUMBER), 3, EmailAddress(EMAIL), CALLER)
    assert not invite.all("Route")
    assert not invite.all("Diversion")
    assert invite.body == call.invite.body
    incoming.reply(200, body=SDP)
    assert not call.expect(200).all(HEADER)
    call.ack()
    phone.expect("ACK", skip=("OPTIONS",))
    call.send("INVITE", body=SDP)
    incoming.answer(phone.expect("INVITE"))
    carrier.expect(200)
    call.ack()
    phone.expect("ACK", skip=("OPTIONS",))
    end(incoming, carrier)
    decided, answered, hung_up = node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert (decided["decision"], decided["target"], decided["number"], decided["revision"]) == (
        *("voicemail", None, NUMBER),
        3,
    )
    assert decided["diversions"] == []
    assert (answered["status"], answered["trunk"]) == (200, None)
    assert hung_up["by"] == "callee"
    after = node.statistics()
    assert after["voicemail"] == before["voicemail"] + 1
    assert after["forwarded"] == before["forwarded"]


def test_an_own_number_on_the_way_is_noted_and_the_last_one_has_the_mailbox(
    node: EdgeNode, carrier: Phone, workers: Workers
) -> None:
    first = node.put("+33199005678", target=NUMBER, revision=9)
    call = Call(carrier, node.address, first).start()
    incoming = worker_of(workers)
    handoff = handoff_in(incoming.invite[HEADER])
    assert (handoff.number, handoff.revision) == (E164(NUMBER), 9)
    incoming.reply(488)
    call.expect(488)
    decided, failed = node.wait_for_events(call.call_id, "decided", "failed")
    assert (decided["number"], decided["diversions"]) == (first, [first])
    assert (failed["status"], failed["by"]) == (488, "callee")


@pytest.mark.parametrize(
    "headers",
    [
        [("Privacy", "id")],
        [("Privacy", "Critical; USER")],
        [("Privacy", "none"), ("Privacy", "header")],
        [("Remote-Party-ID", f"<sip:{CALLER}@x>;party=calling;privacy=full")],
        [],
    ],
)
def test_who_wants_not_to_be_known_is_not_told(
    node: EdgeNode, carrier: Phone, workers: Workers, headers: list[Header]
) -> None:
    """The mail must not name the caller; the call record, which the network needs, does."""
    asserted = ("P-Asserted-Identity", f"<sip:{CALLER}@carrier.example>")
    call = Call(carrier, node.address, NUMBER, "anonymous", headers=[asserted, *headers]).start()
    incoming = worker_of(workers)
    assert handoff_in(incoming.invite[HEADER]).caller == WITHHELD
    incoming.reply(488)
    call.expect(488)
    assert node.events(call.call_id)[0]["caller"] == CALLER


def test_the_worker_with_the_fewest_calls_is_taken(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    """Whoever ends a call, a call that was refused or cancelled included, frees its place."""
    calls = [talk(node, carrier, workers) for _ in range(6)]
    assert set(Counter(incoming.phone.port for _, incoming in calls).values()) == {2}
    hang_up(*calls.pop(3))
    freed = calls.pop(0)
    end(freed[1], carrier)
    refilled = [talk(node, carrier, workers) for _ in range(2)]
    calls += refilled
    assert set(Counter(incoming.phone.port for _, incoming in calls).values()) == {2}
    cancelled = Call(carrier, node.address, NUMBER).start()
    incoming = worker_of(workers)
    incoming.reply(100)
    cancelled.cancel()
    incoming.answer(incoming.phone.expect("CANCEL"))
    incoming.reply(487)
    cancelled.expect_cancelled()
    refused = Call(carrier, node.address, NUMBER).start()
    refusing = worker_of(workers, refused)
    refusing.reply(488)
    refused.expect(488)
    calls.append(talk(node, carrier, workers))
    # Among equals the first of the list is taken; who was not kept is not counted.
    assert {incoming.phone, refusing.phone, calls[-1][1].phone} == {incoming.phone}
    gone = workers[0].port
    for call, incoming in calls:
        if incoming.phone.port == gone:
            hang_up(call, incoming)
    assert [talk(node, carrier, workers)[1].phone.port for _ in range(2)] == [gone, gone]
    assert "cannot find load" not in node.logged()
    assert "already in hash table" not in node.logged()


@pytest.mark.parametrize("status", [503, 486, 408, 500])
def test_a_worker_that_refuses_is_passed_over(node: EdgeNode, carrier: Phone, workers: Workers, status: int) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    refusing = worker_of(workers, call)
    refusing.reply(status)
    incoming = worker_of([phone for phone in workers if phone is not refusing.phone], call)
    assert len(incoming.invite.all(HEADER)) == 1
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("OPTIONS",))
    hang_up(call, incoming)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")


@pytest.mark.parametrize(
    ("statuses", "status", "cause", "reason"),
    [((503, 500, 486), 486, 17, "voicemail-full"), ((486, 486, 503), 480, 41, "voicemail-absent")],
)
def test_no_worker_takes_the_call(
    node: EdgeNode,
    carrier: Phone,
    workers: Workers,
    statuses: tuple[int, int, int],
    status: int,
    cause: int,
    reason: str,
) -> None:
    """What the last one said decides the answer; the call counts for none of them any more."""
    before = node.statistics()["voicemail_failures"]
    call = Call(carrier, node.address, NUMBER).start()
    for each in statuses:
        worker_of(workers).reply(each)
    assert call.expect(status)["Reason"] == f"Q.850;cause={cause}"
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["cause"], failed["by"], failed["reason"]) == (status, cause, "edge", reason)
    assert node.statistics()["voicemail_failures"] == before + 3
    ports = [talk(node, carrier, workers)[1].phone.port for _ in workers]
    assert sorted(ports) == sorted(phone.port for phone in workers)


def test_a_caller_who_hangs_up_before_the_worker_said_anything(
    node: EdgeNode, carrier: Phone, workers: Workers
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    asked = worker_of(workers).phone
    call.cancel()
    call.expect_cancelled()
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["by"]) == (487, "caller")
    for phone in workers:
        while phone is not asked and (message := phone.receive_now()) is not None:
            assert message.method == "OPTIONS"


def test_a_retransmitted_invite_makes_one_call(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    incoming = worker_of(workers)
    call.start().start()
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("OPTIONS",))
    hang_up(call, incoming)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    for phone in workers:
        while phone.receive_now() is not None:
            pass
    assert sum(message.method == "INVITE" for phone in workers for message in phone.seen) == 1


def test_calls_outlive_a_change_of_trunks(node: EdgeNode, carrier: Phone, workers: Workers) -> None:
    """It makes the edge forget who has how many calls, and nothing else; later calls are counted as ever."""
    before = [talk(node, carrier, workers) for _ in workers]
    node.reload()
    order = [talk(node, carrier, workers)[1].phone for _ in workers]
    assert [incoming.phone for _, incoming in before] == order
    call, incoming = before[1]
    hang_up(call, incoming)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert talk(node, carrier, workers)[1].phone is order[0]
    assert "cannot find load" not in node.logged()


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0", "advertised": "192.0.2.9"}, {"host": primary_address("0.0.0.0")}]
)
def test_workers_on_loopback_behind_an_edge_elsewhere(
    tmp_path: Path, carrier: Phone, workers: Workers, settings: dict[str, Any]
) -> None:
    """The caller's requests and the worker's both come through."""
    phone = workers[0]
    inbound = InboundTrunk("here", (parse_network("127.0.0.0/8"), parse_network(primary_address("0.0.0.0"))))
    with EdgeNode(tmp_path, inbound=[inbound], voicemail=((phone.host, phone.port),), **settings) as edge:
        edge.put(NUMBER, email=EMAIL)
        call, incoming = talk(edge, carrier, [phone])
        call.send("UPDATE")
        incoming.answer(phone.expect("UPDATE"))
        carrier.expect(200)
        end(incoming, carrier)
        edge.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_workers_elsewhere_behind_an_edge_on_loopback(tmp_path: Path, carrier: Phone, workers: Workers) -> None:
    """Each is reached from an address that it can answer to."""
    with Phone(host=primary_address("0.0.0.0")) as elsewhere:
        phones = [workers[0], elsewhere]
        with EdgeNode(tmp_path, voicemail=tuple((phone.host, phone.port) for phone in phones)) as edge:
            edge.put(NUMBER, email=EMAIL)
            calls = [talk(edge, carrier, phones) for _ in phones]
            assert {incoming.phone for _, incoming in calls} == set(phones)
            for call, incoming in calls:
                assert incoming.invite.source == (incoming.phone.host, edge.config.port)
                call.send("UPDATE")
                incoming.answer(incoming.phone.expect("UPDATE"))
                carrier.expect(200)
                end(incoming, carrier)
                edge.wait_for_events(call.call_id, "decided", "answered", "hungup")
