"""An edge with two trunks and a worker, strangers beside them, and calls in progress."""

import re
from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage

NUMBER, TARGET, BOX = "+33199001234", "+33612345678", "+33199005555"
METHODS = ["INVITE", "ACK", "BYE", "UPDATE", "PRACK", "INFO", "NOTIFY", "REFER", "OPTIONS", "MESSAGE", "DANCE"]
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"), parse_network("127.0.0.8/30")))
"""The carrier's other nodes are at 127.0.0.8 to 127.0.0.11."""
OTHER = InboundTrunk("other", (parse_network("127.0.0.5/32"),))


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone(host="127.0.0.7") as phone:
        yield phone


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    """Play the outbound trunk, of another carrier."""
    with Phone(host="127.0.0.6") as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, worker: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge between two inbound trunks, an outbound one and a worker."""
    trunks = [OutboundTrunk("main", gateway.uri)]
    workers = ((worker.host, worker.port),)
    with EdgeNode(tmp_path_factory.mktemp("relay"), trunks, [CARRIER, OTHER], voicemail=workers) as made:
        made.put(NUMBER, target=TARGET)
        made.put(BOX, email="box@example.org")
        yield made


@pytest.fixture
def trunk(gateway: Phone) -> Phone:
    """`gateway`, with nothing left over."""
    gateway.forget()
    return gateway


@pytest.fixture
def stranger() -> Iterator[Phone]:
    """Play somebody who belongs to no trunk."""
    with Phone(host="127.0.0.2") as phone:
        yield phone


@pytest.fixture
def rival() -> Iterator[Phone]:
    """Play another inbound trunk."""
    with Phone(host="127.0.0.5") as phone:
        yield phone


def talk(node: EdgeNode, carrier: Phone, trunk: Phone, number: str = NUMBER) -> tuple[Call, Incoming]:
    """Set up a call."""
    call = Call(carrier, node.address, number).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK", skip=("OPTIONS",))
    return call, incoming


def hang_up(call: Call, incoming: Incoming) -> None:
    """End a call properly: it could be ended all the time."""
    call.send("BYE")
    incoming.answer(incoming.phone.expect("BYE", skip=("OPTIONS",)))
    call.phone.expect(200)


def readdressed(request: SipMessage, phone: Phone, uri: str) -> SipMessage:
    """Return a request as `phone` would replay it, to where it wants to get."""
    method = request.start_line.split()[0]
    headers = [("Via", phone.via()) if name == "Via" else (name, value) for name, value in request.headers]
    return SipMessage(f"{method} {uri} SIP/2.0", headers)


def with_mark(request: SipMessage, mark: str) -> SipMessage:
    """Return a request with another mark in its Route."""
    headers = [(name, re.sub("rv=[A-Za-z0-9_-]+", f"rv={mark}", value)) for name, value in request.headers]
    return SipMessage(request.start_line, headers, request.body)


def mark_in(message: SipMessage) -> str:
    """Return the mark in the Record-Route."""
    found = re.search("rv=([A-Za-z0-9_-]+)", message["Record-Route"])
    assert found is not None
    return found[1]


def kinds(node: EdgeNode, call: Call) -> list[str]:
    return [event["kind"] for event in node.events(call.call_id)]
