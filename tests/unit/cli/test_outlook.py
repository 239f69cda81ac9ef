"""What a call meets beyond its rule."""

from datetime import timedelta

import pytest

from renvoi.application.ports.trunks import Trunks
from renvoi.cli.calls import notes
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Decision, Forward, Reason, Reject, Voicemail
from renvoi.domain.rules.rule import Otherwise
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.node.control.control import NodeFacts, TrunkReport
from tests.support.rules import fallbacks

NUMBER, EMAIL = E164("+33199001234"), EmailAddress("a@example.com")
FORWARD = Forward((NUMBER,), 1, E164("+33199005678"), timedelta(seconds=60))
WITH_MESSAGE = Forward(
    (NUMBER,), 1, E164("+33199005678"), timedelta(seconds=60), fallbacks(Otherwise.VOICEMAIL), emails=(EMAIL,)
)
VOICEMAIL, REJECT = Voicemail((NUMBER,), 1, (EMAIL,)), Reject(Reason.DISABLED, 1)
INBOUND = (InboundTrunk("in", (parse_network("192.0.2.0/24"),)),)
OUTBOUND = (OutboundTrunk("a", "sip:a.example"), OutboundTrunk("b", "sip:b.example"))
BOTH = Trunks(1, INBOUND, OUTBOUND)


def facts(*states: str, no_calls: str = "", no_voicemail: str = "") -> NodeFacts:
    reports = {
        trunk.name: TrunkReport(state, f"it is {state}", state == "up", {})
        for trunk, state in zip(OUTBOUND, states, strict=False)
    }
    return NodeFacts("", no_calls, no_voicemail, reports)


@pytest.mark.parametrize(
    ("decision", "trunks", "node", "expected"),
    [
        (FORWARD, BOTH, facts("up", "up"), []),
        (FORWARD, BOTH, facts("down", "retry"), []),
        (FORWARD, BOTH, facts("unknown", "up"), []),
        (FORWARD, BOTH, facts("unknown"), ["whether trunk a, b works is not known"]),
        (
            FORWARD,
            BOTH,
            facts("down", "unfound"),
            ["the caller gets 503, as no outbound trunk works now (a: "],
        ),
        (WITH_MESSAGE, BOTH, facts("down", "down"), ["a message is taken for a@example.com at once, as no outbound"]),
        (
            FORWARD,
            Trunks(1, INBOUND, ()),
            facts(),
            ["the caller gets 503, as there is no outbound trunk"],
        ),
        (
            WITH_MESSAGE,
            Trunks(1, INBOUND, ()),
            facts(),
            ["a message is taken for a@example.com at once, as there is no"],
        ),
        (
            WITH_MESSAGE,
            Trunks(1, INBOUND, ()),
            facts(no_voicemail="no workers"),
            ["the caller gets 503, as there is no", "no message is taken, as the running node has no voicemail"],
        ),
        (VOICEMAIL, BOTH, facts(), []),
        (VOICEMAIL, BOTH, facts(no_voicemail="no workers"), ["the caller gets 480, as the running node has no"]),
        (REJECT, Trunks(1, INBOUND, ()), facts(), []),
        (REJECT, Trunks(1, (), OUTBOUND), facts("up"), ["no call comes in, as there is no inbound trunk"]),
        (REJECT, BOTH, facts(no_calls="--no-calls"), ["the running node carries no calls: --no-calls"]),
        (REJECT, BOTH, "no node runs on x", []),
        (VOICEMAIL, BOTH, "no node runs on x", ["whether trunks and voicemail work is not known: no node runs on x"]),
        (
            FORWARD,
            Trunks(0, (), ()),
            "no node runs on x",
            ["no call comes in", "the caller gets 503, as there is no outbound trunk", "whether trunks"],
        ),
    ],
)
def test_what_keeps_a_call_from_going_as_decided_is_said(
    decision: Decision, trunks: Trunks, node: NodeFacts | str, expected: list[str]
) -> None:
    found = notes(decision, trunks, node)
    assert len(found) == len(expected)
    assert all(text.startswith(beginning) for text, beginning in zip(found, expected, strict=True))
