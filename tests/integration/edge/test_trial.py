"""Calls by which an operator tries a trunk (`renvoi trunk test --call`)."""

import time
from collections.abc import Iterator

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.trial import HEADER, Trial
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.keys import new_keys
from tests.support.sip import Call, Incoming, Phone

NUMBER, TARGET, TRIED = "+33199001234", "+33612345678", "+33644630000"


@pytest.fixture(scope="module")
def phones() -> Iterator[tuple[Phone, Phone]]:
    with Phone() as first, Phone() as second:
        yield first, second


@pytest.fixture(scope="module")
def node(phones: tuple[Phone, Phone], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("first", phones[0].uri, 90), OutboundTrunk("second", phones[1].uri, 10)]
    with EdgeNode(tmp_path_factory.mktemp("trial"), trunks) as made:
        made.put(NUMBER, target=TARGET)
        yield made


def trial(node: EdgeNode, carrier: Phone, trunk: str = "second", target: str = TRIED) -> Call:
    call = Call(carrier, node.address, NUMBER)
    sealed = Trial(trunk, E164(target)).seal(node.keys, time.time_ns() // 1_000_000, call.call_id)
    call.invite.headers.append((HEADER, sealed))
    return call.start()


def test_it_goes_through_its_trunk_alone(node: EdgeNode, carrier: Phone, phones: tuple[Phone, Phone]) -> None:
    """Whatever the rule says, and nobody sees why."""
    first, second = phones
    call = trial(node, carrier)
    incoming = Incoming.wait(second)
    assert incoming.invite.uri.startswith(f"sip:{TRIED}@")
    assert not incoming.invite.all(HEADER)
    assert incoming.invite["Diversion"].startswith(f"<sip:{NUMBER}@")
    incoming.reply(503)
    call.expect(503)
    first.expect_silence(0)
    (decided, _) = node.wait_for_events(call.call_id, "decided", "failed")
    assert (decided["decision"], decided["target"]) == ("forward", TRIED)


def test_a_trunk_that_there_is_not(node: EdgeNode, carrier: Phone, phones: tuple[Phone, Phone]) -> None:
    trial(node, carrier, "third").expect(503)
    phones[0].expect_silence(0)


def test_the_policy_holds(node: EdgeNode, carrier: Phone) -> None:
    call = trial(node, carrier, "first", "+33899123456")
    assert call.expect(480)["Reason"] == "Q.850;cause=21"
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert decided["reason"] == "destination-refused"


@pytest.mark.parametrize("text", ["x", "first +33644630000 1 2 3", None])
def test_nobody_else_tries_a_trunk(
    node: EdgeNode, carrier: Phone, phones: tuple[Phone, Phone], text: str | None
) -> None:
    """Neither with something else, nor with what was written for another call, or with other keys."""
    call = Call(carrier, node.address, NUMBER)
    if text is None:
        text = Trial("first", E164(TRIED)).seal(new_keys(), time.time_ns() // 1_000_000, call.call_id)
    call.invite.headers.append((HEADER, text))
    call.start().expect(403)
    phones[0].expect_silence(0)
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert decided["reason"] == "trial-invalid"
