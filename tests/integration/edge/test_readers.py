"""Edge and worker read one request alike, however it is written: a real Kamailio before a real worker."""

from collections.abc import Iterator

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from tests.support.edge import EdgeNode
from tests.support.keys import now_ms
from tests.support.rtp_talker import RtpTalker
from tests.support.sip import Call, Phone
from tests.support.sip_message import Header, SipMessage
from tests.support.stores import A
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerHarness, WorkerResources, worker_harness

BOX = A.value
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"),))
COMPACT = {
    "Call-ID": "i",
    "From": "f",
    "To": "t",
    "Contact": "m",
    "Content-Type": "c",
    "Content-Length": "l",
    "Via": "v",
}
Place = tuple[EdgeNode, WorkerHarness]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run an edge and a worker that share keys."""
    resources = WorkerResources(tmp_path_factory.mktemp("worker"))
    with worker_harness(resources) as worker:
        edge = EdgeNode(tmp_path_factory.mktemp("readers"), inbound=[CARRIER], voicemail=(worker.address,))
        edge.keys = resources.keys
        with edge:
            edge.put(BOX, email="box@example.org")
            yield edge, worker
    resources.close()


@pytest.fixture
def talker() -> Iterator[RtpTalker]:
    made = RtpTalker()
    yield made
    made.stop()


def offers(edge: EdgeNode) -> int:
    """Return how many calls were sent to the voicemail."""
    return edge.statistics()["voicemail"]


def at_the_door(call: Call, resources: WorkerResources) -> Header:
    """Return the header by which a worker would take a call."""
    return HEADER, VoicemailHandoff(A, 1, EmailAddress("box@example.org"), "x").seal(
        resources.keys, now_ms(), call.call_id
    )


DOUBLED = [
    ("Call-ID", "another"),
    ("CSeq", "1 INVITE"),
    ("CSeq", "2 BYE"),
    ("From", "<sip:q@z>;tag=zz"),
    ("To", "<sip:q@z>"),
    ("To", "<sip:q@z>;tag=abc"),
    ("Content-Length", "5"),
]


@pytest.mark.parametrize("place_of_it", ["before", "behind"])
@pytest.mark.parametrize("form", ["long", "lower", "compact", "folded"])
@pytest.mark.parametrize("header", DOUBLED, ids=": ".join)
def test_what_is_there_twice_is_refused_by_both(
    place: Place, carrier: Phone, header: Header, form: str, place_of_it: str
) -> None:
    """One of them would obey the first and the other the last: a 400 from each, by itself."""
    edge, worker = place
    name, value = header
    forms = {"lower": (name.lower(), value), "compact": (COMPACT.get(name, name), value)}
    forms |= {"long": header, "folded": (name, f"\r\n {value}")}
    for door in (edge.address, worker.address):
        call = Call(carrier, door, BOX)
        headers = call.invite.headers
        headers.append(at_the_door(call, worker.resources))
        headers.insert(1 if place_of_it == "before" else len(headers), forms[form])
        data = call.invite.encode()
        if name == "Content-Length":
            # The one that every message gets here comes last.
            lines = data.decode().split("\r\n")
            lines.insert(2, ": ".join(forms[form]))
            data = "\r\n".join(lines).encode()
        before = offers(edge)
        carrier.send(data, door)
        carrier.expect(400, skip=(100,))
        assert offers(edge) == before
    assert worker.calls == 0


HIDDEN = [
    b"X: y\rTo: <sip:p@y>;tag=abc\r\n",
    b"X: y\nTo: <sip:p@y>;tag=abc\r\n",
    b"X: y\r\n To: <sip:p@y>;tag=abc\r\n",
    b"To\0: <sip:p@y>;tag=abc\r\n",
    b"To\t : <sip:p@y>;tag=abc\r\n",
    b"t :<sip:p@y>;tag=abc\r\n",
    b"\tTo: <sip:p@y>;tag=abc\r\n",
    b"X\r\n\tTo: <sip:p@y>;tag=abc\r\n",
    b"X: \0\r\nTo: <sip:p@y>;tag=abc\r\n",
    b'X: "\r\nt: <sip:p@y>;tag=abc\r\nY: "\r\n',
    b"To: \r\n",
    b"\r To: <sip:p@y>;tag=abc\r\n",
    b"X: y\nFrom: <sip:p@y>;tag=abc\r\n",
    b"X: y\ni: another\r\n",
    b"X: y\nCSeq: 7 INVITE\r\n",
    b"X: y\nSubject: z\r\n",
]


@pytest.mark.parametrize("line", HIDDEN, ids=range(len(HIDDEN)))
def test_nothing_is_a_header_for_one_of_them_alone(
    place: Place, carrier: Phone, talker: RtpTalker, line: bytes
) -> None:
    """A tag that the worker alone would see makes a new call a request inside a dialog: 481; silence is none."""
    edge, worker = place
    call = Call(carrier, edge.address, BOX)
    call.invite.body = talker.sdp.encode()
    start, rest = call.invite.encode().split(b"\r\n", 1)
    via, rest = rest.split(b"\r\n", 1)
    carrier.send(b"\r\n".join((start, via, line + rest)), edge.address)
    answer = next(message for message in iter(carrier.receive, None) if message.status != 100)
    assert answer.status in (200, 400)
    if answer.status == 200:
        call.answer = answer
        call.ack()
        call.send("BYE")
        carrier.expect(200)
    wait_for(lambda: worker.calls == 0, "the end of the call")


def compacted(message: SipMessage) -> bytes:
    """Write a message with each name as short as it can be, and each value on a line of its own."""
    text = message.encode().decode()
    for name, short in COMPACT.items():
        text = text.replace(f"\r\n{name}: ", f"\r\n{short}:\r\n\t")
    return text.encode()


def test_compact_forms_and_folded_lines_make_the_same_call(place: Place, carrier: Phone, talker: RtpTalker) -> None:
    edge, worker = place
    call = Call(carrier, edge.address, BOX)
    call.invite.body = talker.sdp.encode()
    carrier.send(compacted(call.invite), edge.address)
    call.expect(200)
    carrier.send(compacted(call.request("ACK", call.cseq)), edge.address)
    wait_for(lambda: worker.calls == 1, "the call")
    carrier.send(compacted(call.request("BYE")), edge.address)
    carrier.expect(200)
    wait_for(lambda: worker.calls == 0, "its end")
    assert edge.wait_for_events(call.call_id, "decided", "answered", "hungup")[-1]["by"] == "caller"


@pytest.mark.parametrize("header", DOUBLED, ids=": ".join)
def test_a_bye_with_something_twice_ends_nothing(
    place: Place, carrier: Phone, talker: RtpTalker, header: Header
) -> None:
    edge, worker = place
    call = Call(carrier, edge.address, BOX)
    call.invite.body = talker.sdp.encode()
    call.start().expect(200)
    call.ack()
    lines = call.request("BYE").encode().decode().split("\r\n")
    for at in (2, len(lines) - 3):
        doubled = [*lines[:at], ": ".join(header), *lines[at:]]
        carrier.send("\r\n".join(doubled).encode(), edge.address)
        carrier.expect(400)
    assert worker.calls == 1
    call.send("BYE")
    carrier.expect(200)
    wait_for(lambda: worker.calls == 0, "its end")


@pytest.mark.parametrize("names", [("Contact", "m"), ("m", "Contact"), ("Contact", "Contact"), ("m", "m")])
def test_a_call_with_two_contacts_is_no_message(place: Place, carrier: Phone, names: tuple[str, str]) -> None:
    """The edge lets the worker talk to the first of them, and the worker to none (RFC 3261 §8.1.1.8: exactly one)."""
    edge, worker = place
    call = Call(carrier, edge.address, BOX)
    with Phone(host="127.0.0.9") as inner:
        contacts = [(name, f"<{each.uri}>") for name, each in zip(names, (inner, carrier), strict=True)]
        call.invite.headers = [*(each for each in call.invite.headers if each[0] != "Contact"), *contacts]
        call.start().expect(400)
        inner.expect_silence(0)
    assert worker.calls == 0
