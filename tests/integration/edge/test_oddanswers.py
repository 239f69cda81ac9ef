"""What peers send with odd values costs no call, leads nobody anywhere, and fills no log."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.log_line import parse_log_line
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone, options

NUMBER, TARGET = "+33199001234", "+33612345678"
HANDOFF = ("X-Renvoi-Deposit", "abc")


@pytest.fixture(scope="module")
def main() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def spare() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, main: Phone, spare: Phone) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("main", main.uri, 90), OutboundTrunk("spare", spare.uri, 10)]
    path: Path = tmp_path_factory.mktemp("edge")
    with EdgeNode(path, trunks) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


def answer(incoming: Incoming, start: bytes) -> None:
    """Answer an INVITE with this start line."""
    message = incoming.invite.answer(200, tag=incoming.tag, headers=[("Contact", incoming.contact)], body=SDP).encode()
    incoming.phone.send(start + message[message.index(b"\r\n") :], incoming.invite.source)


@pytest.mark.parametrize("status", [b"700 What", b"999 ", b"755 OK"])
def test_a_status_that_there_is_not_is_a_failure_of_the_trunk(
    node: EdgeNode, carrier: Phone, main: Phone, spare: Phone, status: bytes
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    answer(Incoming.wait(main), b"SIP/2.0 " + status)
    answer(Incoming.wait(spare), b"SIP/2.0 " + status)
    call.expect(500)


def test_no_answer_says_what_only_we_may_say(node: EdgeNode, carrier: Phone, main: Phone) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(main)
    incoming.reply(183, headers=[HANDOFF])
    assert call.expect(183).get(HANDOFF[0]) is None
    incoming.reply(200, headers=[HANDOFF], body=SDP)
    assert call.expect(200).get(HANDOFF[0]) is None
    call.ack()
    main.expect("ACK")
    carrier.send(call.request("INFO"), node.address)
    asked = main.expect("INFO")
    main.send(asked.answer(200, "OK", tag=incoming.tag, headers=[HANDOFF]), asked.source)
    assert carrier.expect(200).get(HANDOFF[0]) is None
    refused = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(main).reply(486, headers=[HANDOFF])
    assert refused.expect(486).get(HANDOFF[0]) is None


@pytest.mark.parametrize("statuses", [(180,), (183, 199), (180, 200), (299,)])
@pytest.mark.parametrize("contact", ["", "Contact: \r\n", "m: <>\r\n"])
def test_an_answer_without_a_contact_is_no_fault(
    edge: EdgeNode, carrier: Phone, trunk: Phone, statuses: tuple[int, ...], contact: str
) -> None:
    """Provisional answers need none. What the caller sends next has to be for a place that the call has."""
    edge.put(NUMBER, target=TARGET)
    before = len(edge.logged())
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    for status in statuses:
        answer = incoming.invite.answer(status, tag=incoming.tag).encode()
        trunk.send(answer.replace(b"Content-Length", contact.encode() + b"Content-Length"), edge.address)
        call.expect(status)
    if statuses[-1] < 200:
        incoming.reply(486)
        call.expect(486)
        edge.wait_for_events(call.call_id, "decided", "failed")
    else:
        edge.wait_for_events(call.call_id, "decided", "answered")
    assert "right pvar" not in edge.logged()[before:]


def test_a_long_call_id_stands_in_the_log_with_its_beginning(node: EdgeNode, carrier: Phone) -> None:
    """Kamailio's buffer for what stands before a line is small, and it logs each line that does not fit."""
    before = len(node.logged())
    # Its Route is one that Kamailio logs.
    for length in (20, 63, 64, 65, 100, 128, 5000):
        call = Call(carrier, node.address, NUMBER)
        call_id = f"{time.monotonic_ns():x}".ljust(length, "i")
        odd = {"Call-ID": call_id, "To": "<sip:a@b>;tag=t"}
        call.invite.headers[:] = [(name, odd.get(name, value)) for name, value in call.invite.headers]
        call.invite.headers.append(("Route", "<<Y"))
        call.start()
        carrier.expect(481)
    with Phone() as phone:
        options(phone, node.address, 10)
    written = node.logged()[before:]
    assert "buffer overflow" not in written
    lines = [line for line in map(parse_log_line, written.splitlines()) if line is not None]
    assert max(len(line.call_id or "") for line in lines) == 64


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"From: ", b"From: <<"),
        (b"From: ", b'From: "'),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 INVITEE"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 invite"),
    ],
)
def test_a_fault_of_a_peer_is_no_error_of_kamailio(node: EdgeNode, carrier: Phone, good: bytes, bad: bytes) -> None:
    before = len(node.logged())
    call = Call(carrier, node.address, NUMBER)
    carrier.send(call.invite.encode().replace(good, bad, 1), node.address)
    carrier.expect(400)
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert (decided["reason"], decided["status"]) == ("malformed", 400)
    assert "ERROR" not in node.logged()[before:]
