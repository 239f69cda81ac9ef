"""What the edge hands over of a call's legs: where it was sent, and what each place answered (docs/calls.md §5)."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from renvoi.domain.trunks.caller_id import CallerIdPolicy
from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage

NUMBER, TARGET, EMAIL = "+33199001234", "+33140000009", "box@example.org"
CREDENTIALS = 'Digest username="u", realm="r", nonce="n", uri="sip:x", response="5ec2e7"'


@pytest.fixture(scope="module")
def spare() -> Iterator[Phone]:
    """Play the second trunk."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play the voicemail's one worker."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(worker: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge; its calls fall back to the voicemail when the target is busy."""
    directory = tmp_path_factory.mktemp("edge")
    with EdgeNode(directory, voicemail=((worker.host, worker.port),)) as edge:
        edge.put(NUMBER, target=TARGET, revision=5, busy="voicemail", fallback_email=EMAIL)
        yield edge


def legs(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the legs of the last event, whose times have been looked at."""
    found: list[dict[str, Any]] = events[-1]["legs"]
    before = events[0]["at_ms"]
    for leg in found:
        for name in ("sent_at_ms", "rang_at_ms", "end_at_ms"):
            if leg[name] is not None:
                assert before <= leg[name] <= time.time() * 1000
                before = leg[name]
    return found


def test_two_trunks_the_first_of_which_refuses(node: EdgeNode, carrier: Phone, trunk: Phone, spare: Phone) -> None:
    """Each leg has what its trunk was shown, byte for byte."""
    node.reload(
        OutboundTrunk("main", trunk.uri, 90),
        OutboundTrunk(
            "spare",
            spare.uri,
            10,
            number_format=NumberFormat.NATIONAL,
            diversion_headers=DiversionHeaders.DIVERSION,
            region="FR",
            caller_id=CallerIdPolicy.SERVED_USER,
        ),
    )
    call = Call(carrier, node.address, NUMBER).start()
    first = Incoming.wait(trunk)
    first.reply(180)
    call.expect(180)
    first.reply(503, "No circuit, sorry")
    second = Incoming.wait(spare)
    second.reply(200, "Take it", body=SDP)
    call.expect(200, skip=(100, 180))
    events = node.wait_for_events(call.call_id, "decided", "answered")
    failed, answered = legs(events)
    assert answered["end_at_ms"] == events[1]["at_ms"]
    assert failed["rang_at_ms"]
    assert answered["rang_at_ms"] is None
    for leg, asked, phone in ((failed, first, trunk), (answered, second, spare)):
        assert leg["request_uri"] == asked.invite.uri
        assert leg["destination"] == phone.uri
        ours = ("Diversion", "History-Info", "P-Asserted-Identity")
        sent = [f"{name}: {value}" for name, value in asked.invite.headers if name in ours]
        assert [line for line in leg["headers"] if line.startswith(ours)] == sent
        assert leg["end"] == "answered"
    assert len(failed["headers"]) == 3
    (from_,) = (line for line in answered["headers"] if line.startswith("From:"))
    assert second.invite["From"].startswith(f"{from_[6:]};tag=")
    assert answered["headers"][-2:] == ["P-Preferred-Identity:", "Remote-Party-ID:"]
    assert len(answered["headers"]) == 5
    assert (failed["trunk"], failed["status"], failed["phrase"]) == ("main", 503, "No circuit, sorry")
    assert (answered["trunk"], answered["status"], answered["phrase"]) == ("spare", 200, "Take it")


def test_a_busy_target_and_the_voicemail(node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone) -> None:
    node.reload(OutboundTrunk("main", trunk.uri))
    call = Call(carrier, node.address, NUMBER, headers=[("Proxy-Authorization", CREDENTIALS)]).start()
    Incoming.wait(trunk).reply(486, "Busy Here")
    taken = Incoming.wait(worker)
    taken.reply(200, "OK", body=SDP)
    call.expect(200)
    events = node.wait_for_events(call.call_id, "decided", "fellback", "answered")
    busy, voicemail = legs(events)
    assert (busy["trunk"], busy["status"], busy["phrase"]) == ("main", 486, "Busy Here")
    assert (voicemail["trunk"], voicemail["status"], voicemail["headers"]) == (None, 200, [])
    assert voicemail["destination"] == worker.uri
    assert voicemail["request_uri"] == taken.invite.uri == f"sip:{NUMBER}@{worker.host}:{worker.port}"
    assert "5ec2e7" not in str(events)


@pytest.fixture
def fresh() -> Iterator[Phone]:
    """Play a trunk that no test before has had marked as down: such a one gets no call while others can be tried."""
    with Phone() as phone:
        yield phone


def test_a_closed_port_and_silence(node: EdgeNode, carrier: Phone, fresh: Phone) -> None:
    gone = f"sip:127.0.0.1:{free_port()}"
    node.reload(
        OutboundTrunk("closed", f"{gone};transport=tcp", 90),
        OutboundTrunk("silent", gone, 50),
        OutboundTrunk("main", fresh.uri, 10),
    )
    node.put(NUMBER, target=TARGET)
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(fresh).reply(404, "Nobody")
    call.expect(404)
    closed, silent, last = legs(node.wait_for_events(call.call_id, "decided", "failed"))
    assert (closed["trunk"], closed["destination"]) == ("closed", f"{gone};transport=tcp")
    assert (closed["end"], silent["end"], last["end"]) == ("unsent", "silent", "answered")
    assert (silent["status"], silent["rang_at_ms"], silent["phrase"]) == (None, None, "")
    assert last["status"] == 404


def test_a_caller_who_hangs_up(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    node.reload(OutboundTrunk("main", trunk.uri))
    node.put(NUMBER, target=TARGET)
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    incoming.answer(trunk.expect("CANCEL"))
    incoming.reply(487, "Request Terminated")
    call.expect_cancelled()
    (leg,) = legs(node.wait_for_events(call.call_id, "decided", "failed"))
    assert (leg["end"], leg["status"], leg["phrase"]) == ("answered", 487, "Request Terminated")
    assert leg["rang_at_ms"]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (b"", ""),
        (b"a 1.2  200 not a note, t 0 1.0 sip:x", "a 1.2  200 not a note, t 0 1.0 sip:x"),
        (b"\x1b[31mred\x07\x00\ttab\r \x7f", None),
        (b"B\xe9b\xe9 \xff occup\xc3\xa9", None),
        ("\u202eoccupé \U0001f600 ".encode() * 100, None),
        (b"$ru $avp(legs) %s %n <null>", "$ru $avp(legs) %s %n <null>"),
    ],
)
def test_what_a_trunk_gives_as_its_reason_is_clean_and_short(
    node: EdgeNode, carrier: Phone, trunk: Phone, phrase: bytes, expected: str | None
) -> None:
    """Whatever it is, both legs are there, and the call is answered."""
    node.reload(OutboundTrunk("main", trunk.uri, 90), OutboundTrunk("again", trunk.uri, 10))
    node.put(NUMBER, target=TARGET)
    call = Call(carrier, node.address, NUMBER).start()
    refuse(Incoming.wait(trunk), phrase)
    Incoming.wait(trunk).reply(404, "Last")
    call.expect(404)
    first, last = legs(node.wait_for_events(call.call_id, "decided", "failed"))
    assert (first["status"], last["status"], last["phrase"]) == (500, 404, "Last")
    assert first["phrase"].isprintable()
    assert len(first["phrase"]) <= 128
    if expected is not None:
        assert first["phrase"] == expected


def test_a_reason_of_60_kilobytes(node: EdgeNode, carrier: Phone) -> None:
    with Phone("tcp") as peer:
        node.reload(OutboundTrunk("main", peer.uri))
        node.put(NUMBER, target=TARGET)
        call = Call(carrier, node.address, NUMBER).start()
        refuse(Incoming.wait(peer), b"No " * 20_000)
        answer = carrier.receive()
        assert answer.status in (100, 500)
        (leg,) = legs(node.wait_for_events(call.call_id, "decided", "failed"))
        assert leg["phrase"] == ("No " * 43)[:128]
        assert len(max(node.lines(), key=len)) < 4000
    assert re.search("cannot be read", node.logged()) is None


def refuse(incoming: Incoming, phrase: bytes) -> None:
    """Answer 500 with a reason that is any bytes."""
    answer: SipMessage = incoming.invite.answer(500, "PHRASE", tag=incoming.tag)
    incoming.phone.send(answer.encode().replace(b"PHRASE", phrase, 1), incoming.invite.source)
