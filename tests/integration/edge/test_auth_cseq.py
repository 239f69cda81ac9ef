"""Trunks that want a higher CSeq with each proof (docs/trunks.md, `--auth-cseq`)."""

from collections.abc import Iterator

import pytest

from renvoi.domain.trunks.choices import AuthCseq
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.digest import challenge, proves
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage

NUMBER, TARGET = "+33199001234", "+33612345678"
USER, PASSWORD = "acc-12", "secret"


@pytest.fixture(scope="module")
def phones() -> Iterator[tuple[Phone, Phone]]:
    with Phone() as first, Phone() as second:
        yield first, second


@pytest.fixture(scope="module")
def node(phones: tuple[Phone, Phone], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with a trunk that wants it, and one behind it that does not."""
    first, second = phones
    trunks = [
        OutboundTrunk("first", first.uri, 90, user=USER, auth_cseq=AuthCseq.INCREMENT),
        OutboundTrunk("second", second.uri, 10),
    ]
    edge = EdgeNode(tmp_path_factory.mktemp("cseq"), trunks)
    edge.credentials = {"first": Credentials(USER, "", PASSWORD)}
    with edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture
def first(phones: tuple[Phone, Phone]) -> Phone:
    phones[0].forget()
    return phones[0]


@pytest.fixture
def second(phones: tuple[Phone, Phone]) -> Phone:
    phones[1].forget()
    return phones[1]


def calling(node: EdgeNode, carrier: Phone, cseq: int = 1) -> Call:
    """Begin a call whose INVITE has that CSeq."""
    call = Call(carrier, node.address, NUMBER)
    call.cseq = cseq
    call.invite.headers = [(name, f"{cseq} INVITE" if name == "CSeq" else value) for name, value in call.invite.headers]
    return call.start()


def number(message: SipMessage) -> int:
    return int(message["CSeq"].split()[0])


def challenged(trunk: Phone, times: int = 1) -> Incoming:
    """Challenge the next INVITE that often; return the one that comes then, which is checked."""
    incoming = Incoming.wait(trunk)
    began = number(incoming.invite)
    for count in range(1, times + 1):
        incoming.reply(407, headers=[challenge(407, f"n{count}", stale=count > 1)])
        acknowledged = trunk.expect("ACK", skip=("INVITE",))
        assert number(acknowledged) == number(incoming.invite)
        incoming = Incoming.wait(trunk)
        assert number(incoming.invite) == began + count
        assert proves(incoming.invite, 407, USER, PASSWORD, f"n{count}")
    return incoming


def challenged_inside(trunk: Phone, method: str) -> SipMessage:
    """Challenge the next request of that method inside a call; return the one that comes then, which is checked."""
    asked = trunk.expect_new(method, skip=("ACK",))
    trunk.send(asked.answer(407, headers=[challenge(407, "n9")]), asked.source)
    proven = trunk.expect_new(method, skip=("ACK",))
    assert number(proven) == number(asked) + 1
    assert proves(proven, 407, USER, PASSWORD, "n9")
    return proven


@pytest.mark.parametrize("times", [0, 1, 2])
@pytest.mark.parametrize("cseq", [0, 1, 4711, 2**28])
def test_a_call_is_counted_higher_with_each_proof(
    node: EdgeNode, carrier: Phone, first: Phone, cseq: int, times: int
) -> None:
    """The caller sees its own CSeq; what it sends next is higher at the trunk than all before."""
    call = calling(node, carrier, cseq)
    incoming = challenged(first, times)
    seen = [number(incoming.invite)]
    incoming.reply(180)
    assert call.expect(180)["CSeq"] == f"{cseq} INVITE"
    incoming.reply(200, body=SDP)
    assert call.expect(200)["CSeq"] == f"{cseq} INVITE"
    call.ack()
    assert number(first.expect("ACK", skip=("INVITE",))) == seen[0]
    for method in ("INVITE", "INFO", "INVITE", "BYE"):
        call.send(method, body=SDP if method == "INVITE" else "")
        proven = challenged_inside(first, method)
        seen.append(number(proven))
        incoming.answer(proven)
        assert carrier.expect(200)["CSeq"] == f"{call.cseq} {method}"
        if method == "INVITE":
            carrier.send(call.request("ACK", call.cseq), node.address)
            assert number(first.expect("ACK")) == seen[-1]
    assert seen == sorted(set(seen))
    events = node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert {event["key"]["cseq"] for event in events if "key" in event} == {cseq}
    assert not [message for message in carrier.seen if message.status in (401, 407)]


def test_an_ack_that_is_sent_again_has_the_same_cseq(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(200, body=SDP)
    call.expect(200)
    for _ in range(2):
        call.ack()
        assert number(first.expect("ACK", skip=("INVITE",))) == number(incoming.invite)
    # The copy of a 2xx that comes when all is over (RFC 6026 §7.1) is the caller's as well.
    incoming.reply(200, body=SDP)
    assert carrier.expect(200)["CSeq"] == "1 INVITE"
    call.send("BYE")
    incoming.answer(first.expect_new("BYE", skip=("ACK",)))
    carrier.expect(200)


def test_a_prack_names_the_invite_as_the_trunk_knows_it(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(183, headers=[("Require", "100rel"), ("RSeq", "7")])
    call.answer = call.expect(183)
    call.send("PRACK", headers=[("RAck", "7  1 INVITE")])
    prack = challenged_inside(first, "PRACK")
    assert prack["RAck"] == f"7 {number(incoming.invite)} INVITE"
    incoming.answer(prack)
    carrier.expect(200)
    call.cseq = 1
    call.cancel()
    cancelled = first.expect("CANCEL")
    assert number(cancelled) == number(incoming.invite)
    incoming.answer(cancelled)
    incoming.reply(487)
    first.expect("ACK")
    call.expect_cancelled()


@pytest.mark.parametrize("rack", ["7 INVITE", "7 x INVITE", "7 1 BYE", "", "7 1 INVITE 1", "99999999999 1 INVITE"])
def test_an_odd_prack_is_no_fault_of_the_call(node: EdgeNode, carrier: Phone, first: Phone, rack: str) -> None:
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(183, headers=[("Require", "100rel"), ("RSeq", "7")])
    call.answer = call.expect(183)
    call.send("PRACK", headers=[("RAck", rack)])
    incoming.answer(first.expect("PRACK"), 481)
    assert carrier.expect(481)["CSeq"] == "2 PRACK"
    incoming.reply(486)
    assert call.expect(486)["CSeq"] == "1 INVITE"


def test_a_refused_call_goes_on_as_it_came(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(500)
    other = Incoming.wait(second)
    assert other.invite["CSeq"] == "1 INVITE"
    other.reply(200, body=SDP)
    assert call.expect(200)["CSeq"] == "1 INVITE"
    call.ack()
    assert second.expect("ACK")["CSeq"] == "1 ACK"
    call.send("BYE")
    asked = second.expect("BYE")
    assert asked["CSeq"] == "2 BYE"
    other.answer(asked)
    carrier.expect(200)


@pytest.mark.parametrize("cseq", [2**29, 2**31 - 10])
@pytest.mark.parametrize("method", ["INFO", "BYE"])
def test_a_cseq_that_leaps_stays(node: EdgeNode, carrier: Phone, first: Phone, method: str, cseq: int) -> None:
    """Beyond all that a caller counts to; times four it would be none."""
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    first.expect("ACK", skip=("INVITE",))
    call.cseq = cseq - 1
    for sent in dict.fromkeys((method, "BYE")):
        call.send(sent)
        asked = first.expect(sent)
        assert number(asked) == call.cseq
        incoming.answer(asked)
        assert carrier.expect(200)["CSeq"] == f"{call.cseq} {sent}"


def test_what_the_called_side_asks_keeps_its_cseq(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    call = calling(node, carrier)
    incoming = challenged(first)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    first.expect("ACK", skip=("INVITE",))
    sent = incoming.send("BYE")
    asked = carrier.expect("BYE")
    assert asked["CSeq"] == sent["CSeq"]
    carrier.send(asked.answer(200), asked.source)
    assert first.expect(200)["CSeq"] == sent["CSeq"]


def test_a_cseq_that_cannot_be_raised_stays(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """Four times as much would be no CSeq any more (RFC 3261 §8.1.1.5)."""
    cseq = 2**31 - 100
    call = calling(node, carrier, cseq)
    incoming = Incoming.wait(first)
    incoming.reply(407, headers=[challenge(407, "n1")])
    first.expect("ACK", skip=("INVITE",))
    incoming = Incoming.wait(first)
    assert incoming.invite["CSeq"] == f"{cseq} INVITE"
    incoming.reply(200, body=SDP)
    assert call.expect(200)["CSeq"] == f"{cseq} INVITE"
    call.ack()
    first.expect("ACK", skip=("INVITE",))
    call.send("BYE")
    asked = first.expect("BYE")
    assert number(asked) == cseq + 1
    incoming.answer(asked)
    carrier.expect(200)


def test_without_a_user_nothing_is_raised(node: EdgeNode, carrier: Phone, second: Phone) -> None:
    trunks = [OutboundTrunk("second", second.uri, 10, auth_cseq=AuthCseq.INCREMENT)]
    before = node.trunks.outbound
    node.reload(*trunks)
    try:
        call = calling(node, carrier)
        incoming = Incoming.wait(second)
        assert incoming.invite["CSeq"] == "1 INVITE"
        incoming.reply(486)
        call.expect(486)
    finally:
        node.reload(*before)
