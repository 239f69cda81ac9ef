"""Both sides of a call reach each other, from wherever they answer (docs/calls.md)."""

from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.integration.edge.relay.conftest import NUMBER, TARGET, hang_up, kinds, readdressed, talk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import uri_in


def test_a_bye_that_is_challenged_ends_no_record(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The carrier may want to know who hangs up; the second BYE says so."""
    call, incoming = talk(node, carrier, trunk)
    for status in (407, 200):
        incoming.send("BYE")
        bye = carrier.expect("BYE")
        assert kinds(node, call) == ["decided", "answered"]
        carrier.send(bye.answer(status), bye.source)
        trunk.expect(status)
    assert node.wait_for_events(call.call_id, "decided", "answered", "hungup")[-1]["by"] == "callee"


def test_a_bye_that_the_other_side_never_answers_ends_the_record(tmp_path: Path, carrier: Phone) -> None:
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)], no_answer_ms=1500) as made:
        made.put(NUMBER, target=TARGET)
        call, _ = talk(made, carrier, gateway)
        call.send("BYE")
        gateway.expect("BYE")
        carrier.expect(408)
        made.wait_for_events(call.call_id, "decided", "answered", "hungup")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "NOTIFY", "REFER", "OPTIONS", "PRACK"])
def test_both_sides_may_send_the_methods_of_a_dialog(node: EdgeNode, carrier: Phone, trunk: Phone, method: str) -> None:
    call, incoming = talk(node, carrier, trunk)
    call.send(method, body=SDP if method in ("INVITE", "UPDATE") else "")
    incoming.answer(trunk.expect(method))
    carrier.expect(200)
    if method == "INVITE":
        call.ack()
        trunk.expect("ACK")
    incoming.send(method)
    request = carrier.expect(method)
    carrier.send(request.answer(200, headers=[("Contact", call.contact)]), request.source)
    trunk.expect(200)
    hang_up(call, incoming)


@pytest.mark.parametrize("host", ["127.0.0.8", "127.0.0.10"])
def test_another_node_of_the_carrier_may_end_the_call(node: EdgeNode, carrier: Phone, trunk: Phone, host: str) -> None:
    """Carriers have many machines: what counts is the trunk."""
    call, incoming = talk(node, carrier, trunk)
    with Phone(host=host) as sibling:
        sibling.send(readdressed(call.request("BYE"), sibling, uri_in(incoming.contact)), node.address)
        incoming.answer(trunk.expect("BYE"))
        sibling.expect(200)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_callee_behind_another_address_is_reached_and_so_is_its_next_one(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    """The Contact of the answer, and one that a re-INVITE brings in the middle of the call, are of the call."""
    with Phone(host="127.0.0.3") as media, Phone(host="127.0.0.4") as moved:
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.contact = f"<sip:callee@{media.host}:{media.port}>"
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        media.expect("ACK")
        call.send("INFO")
        info = media.expect("INFO")
        media.send(info.answer(200), info.source)
        carrier.expect(200)
        incoming.contact = f"<sip:callee@{moved.host}:{moved.port}>"
        incoming.send("UPDATE")
        update = carrier.expect("UPDATE")
        carrier.send(update.answer(200, headers=[("Contact", call.contact)]), update.source)
        trunk.expect(200)
        carrier.send(readdressed(call.request("BYE"), carrier, moved.uri), node.address)
        bye = moved.expect("BYE")
        moved.send(bye.answer(200), bye.source)
        carrier.expect(200)


@pytest.mark.parametrize("moves", [False, True])
def test_the_call_leads_to_whoever_answers_it_whoever_rang(
    node: EdgeNode, carrier: Phone, trunk: Phone, moves: bool
) -> None:
    """Each answer counts by its own Contact, whatever the answers before it have said."""
    with Phone(host="127.0.0.3") as rings, Phone(host="127.0.0.4") as answers:
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.contact = f"<sip:callee@{rings.host}:{rings.port}>"
        for _ in range(2):
            incoming.reply(180)
            call.expect(180)
        taken = answers if moves else rings
        incoming.contact = f"<sip:callee@{taken.host}:{taken.port}>"
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        taken.expect("ACK")
        call.send("BYE")
        incoming.answer(taken.expect("BYE"))
        carrier.expect(200)


def test_a_caller_behind_another_address_is_reached(node: EdgeNode, trunk: Phone, carrier: Phone) -> None:
    """By the Contact that came with the INVITE, or by the proxy before it; both are covered by the mark."""
    with Phone(host="127.0.0.3") as inner:
        for headers in ([], [("Record-Route", f"<sip:{inner.host}:{inner.port};lr>")]):
            call = Call(carrier, node.address, NUMBER, headers=headers)
            contact = call.contact if headers else f"<sip:caller@{inner.host}:{inner.port}>"
            call.invite.headers = [(k, contact if k == "Contact" else v) for k, v in call.invite.headers]
            call.start()
            incoming = Incoming.wait(trunk)
            incoming.reply(200, body=SDP)
            answer = call.expect(200)
            # The proxy takes its own entry away on the caller's requests.
            answer.headers = [each for each in answer.headers if inner.host not in each[1] or each[0] != "Record-Route"]
            call.ack()
            trunk.expect("ACK")
            incoming.send("BYE")
            bye = inner.expect("BYE")
            inner.send(bye.answer(200), bye.source)
            trunk.expect(200)
