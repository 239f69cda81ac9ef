"""Forwarded calls that nobody takes and that the voicemail does (docs/calls.md §3 and §4)."""

from collections.abc import Iterator

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.keys import handoff_in
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, TARGET, CALLER, EMAIL = "+33199001234", "+33140000009", "+33612345678", "box@example.org"
OUR_DEPOSIT = VoicemailHandoff(E164(NUMBER), 5, EmailAddress(EMAIL), CALLER)


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    """Play the voicemail's one worker."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def shared(gateway: Phone, phone: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with a trunk and a worker."""
    trunks = [OutboundTrunk("main", gateway.uri)]
    directory = tmp_path_factory.mktemp("edge")
    with EdgeNode(directory, trunks, voicemail=((phone.host, phone.port),), no_answer_ms=1500) as edge:
        yield edge


@pytest.fixture
def worker(phone: Phone) -> Phone:
    """Return the worker, with nothing left over from the test before."""
    phone.forget()
    return phone


@pytest.fixture
def node(shared: EdgeNode, gateway: Phone) -> EdgeNode:
    """`shared`, with everything up, and a number whose calls fall back to the voicemail for any reason."""
    shared.reload(OutboundTrunk("main", gateway.uri))
    put(shared, no_answer="voicemail", busy="voicemail")
    return shared


def put(node: EdgeNode, no_answer: str = "release", busy: str = "release") -> None:
    """Store the number's rule, with these options."""
    node.put(NUMBER, target=TARGET, revision=5, ring_timeout_s=5, fallback_email=EMAIL, no_answer=no_answer, busy=busy)


def test_a_target_that_rings_in_vain(node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone) -> None:
    """The caller hears it ring, then the voicemail; a target that answers in that very instant is hung up on."""
    before = node.statistics()
    call = Call(carrier, node.address, NUMBER, headers=[(HEADER, "forged")]).start()
    incoming = Incoming.wait(trunk)
    assert not incoming.invite.all(HEADER)
    incoming.reply(180)
    call.expect(180)
    taken = Incoming.wait(worker, 20)
    assert taken.invite.uri == f"sip:{NUMBER}@{worker.host}:{worker.port}"
    assert [handoff_in(each) for each in taken.invite.all(HEADER)] == [OUR_DEPOSIT]
    assert not taken.invite.all("Diversion")
    assert not taken.invite.all("History-Info")
    incoming.answer(trunk.expect("CANCEL"))
    carrier.expect_silence(0.05)
    incoming.reply(200, body=SDP)
    assert trunk.expect("ACK")["CSeq"] == "1 ACK"
    bye = trunk.expect("BYE")
    assert bye["To"] == f"{incoming.invite['To']};tag={incoming.tag}"
    incoming.answer(bye)
    taken.reply(200, body=SDP)
    answer = call.expect(200)
    assert answer["To"].endswith(f";tag={taken.tag}")
    assert answer["Contact"] == f"<sip:voicemail@{node.address[0]}:{node.address[1]}>"
    call.ack()
    worker.expect("ACK")
    incoming.reply(200, body=SDP)
    trunk.expect("ACK")
    carrier.expect_silence(0.1)
    taken.send("BYE")
    carrier.send((bye := carrier.expect("BYE")).answer(200), bye.source)
    worker.expect(200)
    _, fell_back, answered, hung_up = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
    assert (fell_back["reason"], fell_back["trunk"]) == ("no-answer", "main")
    assert fell_back["rang_at_ms"] is not None
    assert (answered["trunk"], answered["rang_at_ms"], hung_up["by"]) == (None, None, "callee")
    assert [(leg["end"], leg["rang_at_ms"]) for leg in answered["legs"]] == [
        ("rang-out", fell_back["rang_at_ms"]),
        ("answered", None),
    ]
    after = node.statistics()
    assert {name: after[name] - before[name] for name in ("forwarded", "fell_back", "voicemail")} == {
        "forwarded": 1,
        "fell_back": 1,
        "voicemail": 1,
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *((status, "busy") for status in (486, 600, 603)),
        *((status, "unreachable") for status in (302, 401, 404, 407, 408, 410, 480, 484, 500, 503, 604, 700)),
        *((status, "no-answer") for status in (403, 487, 488, 606)),
    ],
)
def test_a_target_that_refuses(
    node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone, status: int, reason: str
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(status)
    taken = Incoming.wait(worker)
    assert handoff_in(taken.invite[HEADER]) == OUR_DEPOSIT
    taken.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    worker.expect("ACK")
    call.send("BYE")
    taken.answer(worker.expect("BYE"))
    carrier.expect(200)
    events = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
    assert events[1]["reason"] == reason


@pytest.mark.parametrize(("option", "status"), [("busy", 480), ("no_answer", 486)])
def test_the_caller_is_released_where_the_rule_wants_it(
    node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone, option: str, status: int
) -> None:
    put(node, **{option: "voicemail"})
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(status, headers=[("Reason", "Q.850;cause=17")])
    assert call.expect(status)["Reason"] == "Q.850;cause=17"
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["by"], failed["trunk"]) == ("callee", "main")
    worker.expect_silence(0.05)


@pytest.mark.parametrize("network", ["silent", "refuses", "none"])
def test_no_trunk_takes_the_call(node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone, network: str) -> None:
    refusing = OutboundTrunk("gone", f"sip:127.0.0.1:{free_port()};transport=tcp")
    if network != "silent":
        node.reload(*[refusing] * (network == "refuses"))
    call = Call(carrier, node.address, NUMBER).start()
    # Long before it would have rung out.
    taken = Incoming.wait(worker, 4)
    assert handoff_in(taken.invite[HEADER]) == OUR_DEPOSIT
    taken.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    worker.expect("ACK")
    if network == "silent":
        late = Incoming.wait(trunk)
        late.reply(180)
        # It was silent, so it is probed.
        late.answer(trunk.expect("CANCEL", skip=("INVITE", "OPTIONS")))
        carrier.expect_silence(0.05)
    call.send("BYE")
    taken.answer(worker.expect("BYE"))
    carrier.expect(200)
    events = node.wait_for_events(call.call_id, "decided", "fellback", "answered", "hungup")
    assert events[1]["reason"] == "unreachable"


def test_the_caller_hangs_up_while_it_rings(node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone) -> None:
    """Nobody is left to leave a message."""
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    incoming.answer(trunk.expect("CANCEL"))
    incoming.reply(487)
    call.expect_cancelled()
    node.wait_for_events(call.call_id, "decided", "failed")
    worker.expect_silence(0.05)


def test_the_caller_hangs_up_before_the_voicemail_has_answered(
    node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone
) -> None:
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)
    taken = Incoming.wait(worker)
    taken.reply(100)
    call.cancel()
    taken.answer(worker.expect("CANCEL"))
    taken.reply(487)
    call.expect_cancelled()
    failed = node.wait_for_events(call.call_id, "decided", "fellback", "failed")[-1]
    assert (failed["status"], failed["by"], failed["trunk"]) == (487, "caller", None)


@pytest.mark.parametrize(("status", "answer", "reason"), [(486, 486, "voicemail-full"), (503, 480, "voicemail-absent")])
def test_the_voicemail_does_not_take_it_either(
    node: EdgeNode, carrier: Phone, trunk: Phone, worker: Phone, status: int, answer: int, reason: str
) -> None:
    """The call ends there, and goes to no trunk again."""
    node.reload(OutboundTrunk("main", trunk.uri, 90), OutboundTrunk("spare", trunk.uri, 10))
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(404)
    Incoming.wait(worker).reply(status)
    call.expect(answer)
    failed = node.wait_for_events(call.call_id, "decided", "fellback", "failed")[-1]
    assert (failed["status"], failed["by"], failed["reason"]) == (answer, "edge", reason)
    assert trunk.expect("ACK").method == "ACK"
    trunk.expect_silence(0.05)
    assert "cannot find load" not in node.logged()
