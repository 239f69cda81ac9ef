"""Who belongs to no trunk gets nothing at all: no answer, no relaying, no line in the log, no memory."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone, options
from tests.support.sip_message import Address, SipMessage
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
STRANGER = "127.0.0.2"
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"),))
METHODS = ["OPTIONS", "INVITE", "REGISTER", "MESSAGE", "SUBSCRIBE", "BYE", "CANCEL", "ACK", "UPDATE", "DANCE"]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("main", gateway.uri)]
    with EdgeNode(tmp_path_factory.mktemp("strangers"), trunks, [CARRIER]) as made:
        made.put(NUMBER, target=TARGET)
        yield made


@pytest.fixture
def stranger() -> Iterator[Phone]:
    with Phone(host=STRANGER) as phone:
        yield phone


def request(phone: Phone, edge: Address, method: str, tag: str = "") -> SipMessage:
    """Make a request out of a call's INVITE."""
    invite = Call(phone, edge, NUMBER).invite
    changed = {"CSeq": f"1 {method}", "To": f"<sip:x@y>{tag}"}
    headers = [(name, changed.get(name, value)) for name, value in invite.headers]
    return SipMessage(invite.start_line.replace("INVITE", method), headers)


def dropped(node: EdgeNode) -> int:
    return node.statistics()["refused_sources"]


@pytest.mark.parametrize("tag", ["", ";tag=x"])
@pytest.mark.parametrize("method", METHODS)
def test_no_request_is_answered(node: EdgeNode, stranger: Phone, method: str, tag: str) -> None:
    before, said = dropped(node), len(node.logged())
    stranger.send(request(stranger, node.address, method, tag), node.address)
    wait_for(lambda: dropped(node) == before + 1, "the message to be dropped")
    stranger.expect_silence(0)
    assert len(node.logged()) == said


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n",
        b"x" * 60_000,
        b"INVITE sip:x SIP/2.0\r\nVia: " + b"x;" * 30_000 + b"\r\n\r\n",
        b"INVITE sip:x SIP/2.0\r\n" + b"Garbage line\r\n" * 4_000 + b"\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=\xff" + b"\xff" * 50_000,
        b"\x00" * 1_000,
    ],
    ids=range(6),
)
def test_garbage_costs_no_line_in_the_log(node: EdgeNode, stranger: Phone, carrier: Phone, garbage: bytes) -> None:
    said = len(node.logged())
    for _ in range(20):
        stranger.send(garbage, node.address)
    assert options(carrier, node.address).status == 200
    stranger.expect_silence(0.1)
    assert len(node.logged()) == said


@pytest.mark.parametrize("first", [b"\r\n\r\n", b"OPTIONS", b"x" * 3000 + b"\r\n\r\n"])
def test_a_stranger_on_tcp_gets_not_even_a_pong(node: EdgeNode, first: bytes) -> None:
    """Neither the answer to a keep-alive nor one to a request; the connection is closed when something is said."""
    with socket.create_connection(node.address, 5, source_address=(STRANGER, 0)) as stream:
        stream.settimeout(5)
        if first != b"OPTIONS":
            stream.sendall(first)
        with Phone("tcp", STRANGER) as phone:
            asked = request(phone, node.address, "OPTIONS")
        with contextlib.suppress(ConnectionError):
            stream.sendall(asked.encode())
        with contextlib.suppress(ConnectionError):
            assert stream.recv(100) == b""


@pytest.mark.parametrize("status", [100, 180, 200, 302, 404, 503])
def test_strangers_answers_lead_nowhere(node: EdgeNode, stranger: Phone, status: int) -> None:
    """A forged answer to a call that rings does not reach the caller, nor does one to nothing its second Via."""
    with Phone() as carrier, Phone() as gateway, Phone(host="127.0.0.3") as victim:
        node.reload(OutboundTrunk("main", gateway.uri), inbound=[CARRIER])
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(gateway)
        before = dropped(node)
        forged = incoming.invite.answer(status, tag="x", headers=[("Contact", f"<{stranger.uri}>")])
        stranger.send(forged, node.address)
        stray = SipMessage(f"SIP/2.0 {status} Stray", [("Via", forged.all("Via")[0]), ("Via", victim.via())])
        stray.headers += [each for each in forged.headers if each[0] in ("From", "To", "CSeq")] + [("Call-ID", "stray")]
        stranger.send(stray, node.address)
        wait_for(lambda: dropped(node) == before + 2, "them to be dropped")
        incoming.reply(486)
        call.expect(486)
        victim.expect_silence(0)


@pytest.mark.parametrize("status", [180, 200, 486])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "BYE"])
def test_a_peers_answer_to_nothing_leads_nowhere(node: EdgeNode, trunk: Phone, status: int, method: str) -> None:
    """A trunk, too, may not have the edge send what it likes to whom it likes."""
    with Phone(host="127.0.0.3") as victim:
        before = node.statistics()["refused_answers"]
        call = Call(trunk, node.address, NUMBER)
        headers = [
            ("Via", f"SIP/2.0/UDP {node.address[0]}:{node.address[1]};branch=z9hG4bKabc.1.0"),
            ("Via", victim.via()),
        ]
        headers += [each for each in call.invite.headers if each[0] in ("From", "Call-ID")]
        headers += [("To", "<sip:x@y>;tag=z"), ("CSeq", f"1 {method}"), ("Contact", "<sip:x@y>")]
        route = f"<sip:{node.address[0]}:{node.address[1]};lr;rv=AQAasG6wawxLggdjYXJyaWVyBG1haW7RAdLT>"
        trunk.send(SipMessage(f"SIP/2.0 {status} Stray", [*headers, ("Record-Route", route)]), node.address)
        wait_for(lambda: node.statistics()["refused_answers"] == before + 1, "it to be dropped")
        victim.expect_silence(0)


def test_a_cancel_of_a_stranger_ends_no_call(node: EdgeNode, carrier: Phone, stranger: Phone) -> None:
    with Phone() as gateway:
        node.reload(OutboundTrunk("main", gateway.uri), inbound=[CARRIER])
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(gateway)
        before = dropped(node)
        headers = [each for each in call.invite.headers if each[0] in ("Via", "From", "To", "Call-ID")]
        stranger.send(SipMessage(f"CANCEL {call.invite.uri} SIP/2.0", [*headers, ("CSeq", "1 CANCEL")]), node.address)
        wait_for(lambda: dropped(node) == before + 1, "it to be dropped")
        gateway.expect_silence(0)
        incoming.reply(200, body=SDP)
        call.expect(200)


def test_a_trunk_known_by_a_name_is_heard(node: EdgeNode, carrier: Phone) -> None:
    """At any of its addresses: its answers, and its requests inside the call from another one than it answered at.

    That one is found during the call, while nobody changes a trunk.
    """
    with Phone(host="127.0.0.9") as gateway, Phone(host="127.0.0.12") as sibling:
        trunk = OutboundTrunk("named", f"sip:trunk.invalid:{gateway.port}")
        before, after = (
            {"named": [trunk.address.at(host) for host in ("127.0.0.9", more)]} for more in ("127.0.0.13", sibling.host)
        )
        node.reload(trunk, inbound=[CARRIER], found=before)
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(gateway)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        gateway.expect("ACK")
        asyncio.run(node.kamailio.reload_trunks(node.trunks, after))
        for phone, method in ((gateway, "INFO"), (sibling, "BYE")):
            incoming.phone = phone
            incoming.send(method)
            asked = carrier.expect(method)
            carrier.send(asked.answer(200), asked.source)
            phone.expect(200)


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[EdgeNode]:
    """Run an edge whose operator wants strangers answered."""
    with EdgeNode(tmp_path, inbound=[CARRIER], answer_strangers=True) as made:
        yield made


def test_strangers_are_answered_where_the_operator_wants_it(talkative: EdgeNode, stranger: Phone) -> None:
    """OPTIONS gets 200, all else 403 or 481; no request is relayed; and who insists gets nothing for an hour."""
    assert options(stranger, talkative.address).status == 200
    call = Call(stranger, talkative.address, NUMBER).start()
    call.expect(403)
    assert not talkative.events(call.call_id)
    before = dropped(talkative)
    for _ in range(150):
        Call(stranger, talkative.address, NUMBER).start()
    wait_for(lambda: dropped(talkative) >= before + 150, "their count")
    answers = 0
    while stranger.receive_now() is not None:
        answers += 1
    assert 0 < answers < 100
    with Phone(host=STRANGER) as again:
        before = dropped(talkative)
        again.send(request(again, talkative.address, "OPTIONS"), talkative.address)
        wait_for(lambda: dropped(talkative) == before + 1, "the ban to hold")
        again.expect_silence(0)
    with Phone(host="127.0.0.9") as another:
        assert options(another, talkative.address).status == 200
