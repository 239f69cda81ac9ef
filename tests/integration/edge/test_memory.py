"""Calls that take all of Kamailio's memory: new ones are refused in words, and the others end as they should."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import Call, Incoming, Phone, options
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
MEMORY_MIB = 16
"""Of which some 450 calls take all."""
TOO_MANY = 1000
TROUBLE = "refuses new calls until others end, which take its memory (RENVOI_SIP_MEMORY_MIB)"


@pytest.fixture
def node(gateway: Phone, tmp_path: Path) -> Iterator[EdgeNode]:
    with EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)], memory_mib=MEMORY_MIB) as made:
        made.put(NUMBER, target=TARGET)
        yield made


def ring_until_refused(node: EdgeNode, carrier: Phone, trunk: Phone) -> tuple[list[tuple[Call, Incoming]], SipMessage]:
    """Place calls that ring until one of them does not; return them, and what that one was answered."""
    ringing: list[tuple[Call, Incoming]] = []
    while len(ringing) < TOO_MANY:
        call = Call(carrier, node.address, NUMBER).start()
        came: Incoming | SipMessage = wait_for(partial(what_came, call, carrier, trunk), "an answer")
        if isinstance(came, SipMessage):
            call._acknowledge(came)
            return ringing, came
        came.reply(180)
        carrier.expect(180)
        ringing.append((call, came))
    raise AssertionError(f"{TOO_MANY} calls ring")


def what_came(call: Call, carrier: Phone, trunk: Phone) -> Incoming | SipMessage | None:
    """Return the call when it has come to the trunk, or the final answer that has come to its caller."""
    for phone in (trunk, carrier):
        message = phone.receive_now()
        if message is None or message["Call-ID"] != call.call_id:
            continue
        if message.status is None and message.method == "INVITE":
            return Incoming(trunk, message)
        if (message.status or 0) >= 200:
            return message
    return None


def end(ringing: list[tuple[Call, Incoming]]) -> None:
    """End calls as a callee does that is busy."""
    for call, incoming in ringing:
        incoming.reply(486)
        call.expect(486)


def test_calls_beyond_memory_are_refused(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """503, a count, and no error in the log; what rings goes on, and new calls are taken when it has ended."""
    said = len(node.logged())
    ringing, refused = ring_until_refused(node, carrier, trunk)
    assert refused.status == 503
    assert refused["Retry-After"]
    assert refused["Reason"] == "Q.850;cause=42"
    assert node.statistics()["refused_memory"] >= 1
    wait_for(lambda: node.trouble() == TROUBLE, "what is said of it")
    assert options(carrier, node.address).status == 200
    end(ringing)
    wait_for(lambda: not node.has_transactions(), "the calls to be forgotten")
    wait_for(lambda: node.trouble() == "", "memory to be there again")
    one = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)
    one.expect(486)
    assert "ERROR" not in node.logged()[said:]


def test_a_call_that_there_is_no_memory_for_is_refused(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Also when nobody has measured it: a burst is quicker than whoever measures."""
    measures = node.process_named("timer=load")
    os.kill(measures, signal.SIGSTOP)
    try:
        while not node.statistics()["refused_memory"]:
            _, refused = ring_until_refused(node, carrier, trunk)
            assert refused.status == 503
        assert refused["Retry-After"]
    finally:
        os.kill(measures, signal.SIGCONT)
