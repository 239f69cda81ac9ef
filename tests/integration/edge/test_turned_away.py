"""Callers that a number does not take, on real calls (docs/calls.md §2)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, WITHHELD
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import Rule, RuleType
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.keys import handoff_in
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header

NUMBER, OTHER, TARGET, CALLER = "+33199001234", "+33199005678", "+33140000009", "+33612345678"
RULE = Rule(RuleType.FORWARD, E164(TARGET), (EmailAddress("box@example.org"),), 5)
ASSERTED = ("P-Asserted-Identity", f"<sip:{CALLER}@carrier.example>")


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    """Play the voicemail's one worker."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def shared(gateway: Phone, phone: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    directory = tmp_path_factory.mktemp("edge")
    with EdgeNode(directory, [OutboundTrunk("main", gateway.uri)], voicemail=((phone.host, phone.port),)) as edge:
        yield edge


@pytest.fixture
def worker(phone: Phone) -> Phone:
    """Return the worker, with nothing left over from the test before."""
    phone.forget()
    return phone


def put(node: EdgeNode, callers: Callers) -> EdgeNode:
    node.put_rule(NUMBER, replace(RULE, callers=callers))
    return node


def call_from(node: EdgeNode, carrier: Phone, caller: str, *headers: Header) -> Call:
    return Call(carrier, node.address, NUMBER, caller=caller, headers=list(headers)).start()


def turned_away(call: Call, node: EdgeNode, status: int, reason: str) -> dict[str, object]:
    """Check the answer and the record of a call that was refused; return the record's event."""
    answer = call.expect(status)
    assert answer["Reason"] == "Q.850;cause=21"
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert (decided["decision"], decided["reason"], decided["status"]) == ("reject", reason, status)
    assert (decided["number"], decided["revision"], decided["target"]) == (NUMBER, 5, None)
    return decided


def taken(call: Call, trunk: Phone) -> None:
    """Check that a call reaches its target, which is busy."""
    incoming = Incoming.wait(trunk)
    assert incoming.invite.uri.startswith(f"sip:{TARGET}@")
    incoming.reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    ("caller", "headers"),
    [
        ("anonymous", []),
        (CALLER, [("Privacy", "id"), ASSERTED]),
        ("anonymous", [("Privacy", "id"), ASSERTED]),
        (CALLER, [("Remote-Party-ID", f"<sip:{CALLER}@x>;party=calling;privacy=full")]),
        ("+266696687", []),
        ("alice", []),
    ],
)
def test_an_anonymous_caller_is_told_so(
    shared: EdgeNode, carrier: Phone, trunk: Phone, caller: str, headers: list[Header]
) -> None:
    """RFC 5079 §5: whoever hides, in whichever way, and whoever has no number."""
    node = put(shared, Callers(Anonymous.REJECT))
    call = call_from(node, carrier, caller, *headers)
    answer = turned_away(call, node, 433, "anonymous")
    assert answer["withheld"] == (caller != "alice")
    trunk.expect_silence(0.05)


def test_who_says_who_he_is_is_not_anonymous(shared: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The network's word counts, and what is only not to be told on the way does not hide."""
    node = put(shared, Callers(Anonymous.REJECT))
    taken(call_from(node, carrier, CALLER), trunk)
    taken(call_from(node, carrier, "alice", ASSERTED), trunk)


@pytest.mark.parametrize("headers", [[], [ASSERTED]])
def test_a_blocked_caller_is_declined(shared: EdgeNode, carrier: Phone, trunk: Phone, headers: list[Header]) -> None:
    node = put(shared, Callers(block=("+33612*",), allow=("+33612999999",)))
    call = call_from(node, carrier, "+33140000001" if headers else CALLER, *headers)
    decided = turned_away(call, node, 603, "blocked")
    assert decided["caller"] == CALLER
    taken(call_from(node, carrier, "+33612999999"), trunk)
    taken(call_from(node, carrier, "+33613000000"), trunk)


def test_a_blocked_number_that_hides_is_anonymous(shared: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Nobody learns by the answer who it was: the caller has asked for that."""
    node = put(shared, Callers(Anonymous.ACCEPT, block=("+33612*",)))
    taken(call_from(node, carrier, "anonymous", ("Privacy", "id"), ASSERTED), trunk)


@pytest.mark.parametrize(
    ("callers", "headers", "told"),
    [
        (Callers(Anonymous.VOICEMAIL), [("Privacy", "id"), ASSERTED], WITHHELD),
        (Callers(block=("+33612*",), blocked=Blocked.VOICEMAIL), [], CALLER),
    ],
)
def test_a_caller_may_be_sent_to_the_voicemail(
    shared: EdgeNode, carrier: Phone, worker: Phone, callers: Callers, headers: list[Header], told: str
) -> None:
    node = put(shared, callers)
    call = call_from(node, carrier, CALLER, *headers)
    incoming = Incoming.wait(worker)
    handoff = handoff_in(incoming.invite[HEADER])
    assert (str(handoff.number), handoff.caller, str(handoff.email)) == (NUMBER, told, "box@example.org")
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    worker.expect("ACK")
    call.send("BYE")
    incoming.answer(worker.expect("BYE"))
    carrier.expect(200)
    decided, *_ = node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert (decided["decision"], decided["reason"]) == ("voicemail", None)


def test_a_number_behind_the_called_one_turns_callers_away_as_well(shared: EdgeNode, carrier: Phone) -> None:
    put(shared, Callers())
    shared.put_rule(NUMBER, Rule(RuleType.FORWARD, E164(OTHER), revision=5))
    shared.put_rule(OTHER, replace(RULE, callers=Callers(block=("+33612*",)), revision=9))
    call = call_from(shared, carrier, CALLER)
    turned_away(call, shared, 603, "blocked")


@pytest.mark.parametrize(
    "caller",
    ["+33612345678;user=phone", "0033612345678", "0612345678", "%2B33612345678", "+33-6-12-34-56-78"],
)
def test_a_number_written_otherwise_is_the_same(shared: EdgeNode, carrier: Phone, caller: str) -> None:
    node = put(shared, Callers(block=(CALLER,)))
    turned_away(call_from(node, carrier, caller), node, 603, "blocked")
