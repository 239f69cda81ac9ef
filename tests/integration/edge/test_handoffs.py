"""Only an edge of ours tells a worker where a message goes: a real Kamailio before a real worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.callers import Caller
from tests.support.edge import EdgeNode
from tests.support.keys import handoff_in, new_keys, now_ms
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header
from tests.support.stores import A
from tests.support.worker_harness import WorkerResources, worker_harness

NUMBER, TARGET, BOX = "+33199009999", "+33612345678", A.value
THIEF = VoicemailHandoff(E164(NUMBER), 1, EmailAddress("thief@example.org"), "x")
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"),))
SPELLINGS = [HEADER, HEADER.lower(), HEADER.upper(), "x-ReNvOi-DePoSiT", f"{HEADER} ", f"{HEADER}\t", f"{HEADER}\r\n "]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker, which shows what comes."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, worker: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    outbound, voicemail = [OutboundTrunk("main", gateway.uri)], ((worker.host, worker.port),)
    with EdgeNode(tmp_path_factory.mktemp("handoffs"), outbound, [CARRIER], voicemail=voicemail) as made:
        made.put(NUMBER, target=TARGET, busy="voicemail", fallback_email="box@example.org")
        made.put(BOX, email="box@example.org", revision=3)
        yield made


@pytest.fixture(autouse=True)
def _nothing_left(gateway: Phone, worker: Phone) -> None:
    gateway.forget()
    worker.forget()


def forged(spelling: str) -> list[Header]:
    """Return the header twice, the second time as a folded list."""
    return [(spelling, THIEF.encode()), (spelling, f"{THIEF.encode()},\r\n {THIEF.encode()}")]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_a_caller_says_reaches_no_worker(node: EdgeNode, carrier: Phone, worker: Phone, spelling: str) -> None:
    """However it is written and however often, in the INVITE and later."""
    call = Call(carrier, node.address, BOX, headers=forged(spelling)).start()
    incoming = Incoming.wait(worker)
    (handoff,) = [value for name, value in incoming.invite.headers if name.strip().lower() == HEADER.lower()]
    assert handoff_in(handoff) == VoicemailHandoff(A, 3, EmailAddress("box@example.org"), "+33612345678")
    assert VoicemailHandoff.unseal(handoff, node.keys, now_ms(), call.call_id) == handoff_in(handoff)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    worker.expect("ACK", skip=("OPTIONS",))
    for method in ("INVITE", "UPDATE", "INFO", "BYE"):
        call.send(method, headers=forged(spelling))
        request = worker.expect(method, skip=("ACK", "OPTIONS"))
        assert b"deposit" not in request.encode().lower()
        incoming.answer(request)
        carrier.expect(200)


def test_what_a_caller_says_does_not_come_back_when_the_call_falls_back(
    node: EdgeNode, carrier: Phone, gateway: Phone, worker: Phone
) -> None:
    """Kamailio makes later branches of the request as it came: what was taken off must stay off."""
    call = Call(carrier, node.address, NUMBER, headers=forged(HEADER)).start()
    first = Incoming.wait(gateway)
    assert b"deposit" not in first.invite.encode().lower()
    first.reply(486)
    taken = Incoming.wait(worker)
    (handoff,) = taken.invite.all(HEADER)
    assert handoff_in(handoff).email == EmailAddress("box@example.org")
    taken.reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    "to",
    [
        "<sip:p@y>;tag;tag=abc",
        "<sip:p@y>;tag=abc;tag=def",
        "<sip:p@y>;tag=;tag=abc",
        "sip:p@y;TAG=abc;x=y;tag=abc",
        '"a;b" <sip:p@y;tag=1> ;tag = abc ; tag = def',
        "<sip:p@y>;tag",
    ],
)
@pytest.mark.parametrize("header", ["To", "From"])
@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE"])
def test_two_tags_are_refused(
    node: EdgeNode, carrier: Phone, gateway: Phone, worker: Phone, to: str, header: str, method: str
) -> None:
    """Edge and worker could take it for different things: 400, from both."""
    call = Call(carrier, node.address, BOX, headers=forged(HEADER))
    tagged = method != "INVITE" or header == "To"
    request = call.invite
    request.start_line = request.start_line.replace("INVITE", method)
    headers = {"CSeq": f"1 {method}", "To": "<sip:p@y>;tag=x" if tagged else "<sip:p@y>"} | {header: to}
    request.headers = [(name, headers.get(name, value)) for name, value in request.headers]
    carrier.send(request, node.address)
    # Without a value it is not a tag for Kamailio, and what belongs to no dialog is not relayed either.
    outside = method != "INVITE" and header == "To" and to.endswith(";tag")
    carrier.expect(481 if outside else 400)
    worker.expect_silence(0)
    gateway.expect_silence(0)


@contextmanager
def edge_and_worker(
    tmp_path: Path, resources: WorkerResources, sip_keys: bool = True
) -> Iterator[tuple[EdgeNode, tuple[str, int]]]:
    with worker_harness(resources) as place:
        edge = EdgeNode(tmp_path, inbound=[CARRIER], voicemail=(place.address,))
        if sip_keys:
            edge.keys = resources.keys
        with edge:
            edge.put(BOX, email="box@example.org")
            yield edge, place.address


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerResources]:
    made = WorkerResources(tmp_path_factory.mktemp("worker"))
    try:
        yield made
    finally:
        made.close()


def test_a_worker_takes_what_the_edge_has_sealed_and_nothing_else(tmp_path: Path, resources: WorkerResources) -> None:
    """A message through the edge is taken; one whose header a peer made, or an edge with other keys, is not."""
    with edge_and_worker(tmp_path, resources) as (edge, address):
        with Caller(edge.address, BOX) as caller:
            assert caller.connect() == 200
            caller.hang_up()
        other = VoicemailHandoff(A, 1, EmailAddress("thief@example.org"), "x")
        good = other.seal(resources.keys, now_ms(), "another-call")
        for value in (other.encode(), good, other.seal(new_keys(), now_ms(), "x"), ""):
            with Caller(address, BOX) as thief:
                thief.call.invite.headers.append((HEADER, value))
                assert thief.connect() == 403


def test_an_edge_with_other_keys_gives_nothing_to_the_worker(tmp_path: Path, resources: WorkerResources) -> None:
    with (
        edge_and_worker(tmp_path, resources, sip_keys=False) as (edge, _),
        Caller(edge.address, BOX) as caller,
    ):
        assert caller.connect() == 403
