"""A node behind NAT shows the address and the port that lead to it from outside alone (docs/operating/network.md)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage

NUMBER, TARGET, BOX = "+33199001234", "+33612345678", "+33199005555"
OUTSIDE, OUTER_PORT = "192.0.2.9", 15060


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone(host="127.0.0.7") as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, worker: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that is told to be at another address and port."""
    with EdgeNode(
        tmp_path_factory.mktemp("advertised"),
        [OutboundTrunk("main", gateway.uri)],
        advertised=OUTSIDE,
        advertised_port=OUTER_PORT,
        voicemail=((worker.host, worker.port),),
    ) as made:
        made.put(NUMBER, target=TARGET)
        made.put(BOX, email="box@example.org")
        yield made


def assert_outer(message: SipMessage, node: EdgeNode) -> None:
    """Check that what is ours in a message leads to us from outside."""
    written = message.raw.decode().replace(f"sip:{NUMBER}@{node.address[0]}:{node.address[1]}", "")
    assert f"{OUTSIDE}:{OUTER_PORT}" in written
    assert f"{node.address[0]}:{node.config.port}" not in written


def test_a_forwarded_call_is_set_up_and_ended_by_the_outer_address(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    assert f" {OUTSIDE}:{OUTER_PORT};" in incoming.invite.all("Via")[0]
    assert f"<sip:{OUTSIDE}:{OUTER_PORT};" in incoming.invite["Record-Route"]
    assert_outer(incoming.invite, node)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    assert_outer(bye, node)
    carrier.send(bye.answer(200), bye.source)
    trunk.expect(200)


def test_a_loop_is_known_by_the_outer_address(node: EdgeNode, carrier: Phone) -> None:
    headers = [("Diversion", f"<sip:{NUMBER}@{OUTSIDE}:{OUTER_PORT}>;reason=unconditional")]
    Call(carrier, node.address, NUMBER, headers=headers).start().expect(482)


def test_the_voicemail_shows_the_outer_address_and_is_reached_by_it(
    node: EdgeNode, carrier: Phone, worker: Phone
) -> None:
    """Where its worker is, nobody outside is told; not even by a late copy of its answer."""
    call = Call(carrier, node.address, BOX).start()
    incoming = Incoming.wait(worker)
    incoming.contact = f"<sip:voicemail@{worker.host}:{worker.port}>"
    incoming.reply(200, body=SDP)
    contact = f"<sip:voicemail@{OUTSIDE}:{OUTER_PORT}>"
    assert call.expect(200)["Contact"] == contact
    call.ack()
    assert worker.expect("ACK", skip=("OPTIONS",)).uri == f"sip:voicemail@{worker.host}:{worker.port}"
    for method in ("UPDATE", "INVITE"):
        call.send(method, body=SDP)
        incoming.answer(worker.expect(method))
        answer = carrier.expect(200)
        assert answer["Contact"] == contact
        assert f"{worker.host}:{worker.port}" not in answer.raw.decode()
    call.ack()
    worker.expect("ACK")
    call.send("BYE")
    incoming.answer(worker.expect("BYE"))
    carrier.expect(200)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_late_copy_of_its_answer_shows_nothing_else(tmp_path: Path, carrier: Phone, worker: Phone) -> None:
    """The edge has forgotten the call, but the caller may not have heard the answer (RFC 6026 §7.1)."""
    worker.forget()
    with EdgeNode(tmp_path, advertised=OUTSIDE, voicemail=((worker.host, worker.port),)) as made:
        made.put(BOX, email="box@example.org")
        call = Call(carrier, made.address, BOX).start()
        incoming = Incoming.wait(worker)
        incoming.contact = f"<sip:voicemail@{worker.host}:{worker.port}>"
        incoming.reply(200, body=SDP)
        call.expect(200)
        # Its transactions are gone with the process, its keys are not.
        made.stop()
        made.start()
        incoming.reply(200, body=SDP)
        assert call.expect(200)["Contact"] == f"<sip:voicemail@{OUTSIDE}:{made.config.port}>"
