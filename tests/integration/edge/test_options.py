"""Every row of the options in docs/trunks.md, against a carrier that demands it (tests/support/option_table.py)."""

import re
from collections.abc import Iterator

import pytest

from renvoi.documents.trunk_document import trunk_of
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.support.caller_table import DOMAIN, NUMBER, TARGET
from tests.support.edge import EdgeNode
from tests.support.option_table import CALLER, CASES, DEMANDED, ELSEWHERE, REFUSED, ROOT, Case, documented
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import SipMessage

EACH = [
    pytest.param(case, id=f"{option} {number}") for option, cases in CASES.items() for number, case in enumerate(cases)
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    with EdgeNode(tmp_path_factory.mktemp("options"), domain=DOMAIN) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


def lines(invite: SipMessage) -> list[str]:
    """Return the header lines that a carrier looks at, From without its tag, in the order of `DEMANDED`."""
    found = [f"{name}: {value}" for name in DEMANDED for value in invite.all(name)]
    return [re.sub(";tag=[^;]*$", "", line) if line.startswith("From: ") else line for line in found]


def call_of(case: Case, carrier: Phone, node: EdgeNode) -> Call:
    came = [(name, value) for name, _, value in (line.partition(": ") for line in case.came)]
    call = Call(carrier, node.address, case.called, CALLER, [each for each in came if each[0] not in ("From", "To")])
    instead = {"From": f"{dict(came)['From']};tag={call.tag}"} if "From" in dict(came) else {}
    instead |= {"To": dict(came)["To"]} if "To" in dict(came) else {}
    call.invite.headers = [(name, instead.get(name, value)) for name, value in call.invite.headers]
    return call


@pytest.mark.parametrize("case", EACH)
def test_a_carrier_gets_what_it_demands(node: EdgeNode, carrier: Phone, trunk: Phone, case: Case) -> None:
    outbound = trunk_of({"kind": "outbound", "name": "main", "uri": trunk.uri, **case.options})
    inbound = trunk_of({"kind": "inbound", "name": "carrier", "networks": ["127.0.0.0/8"], **case.inbound})
    assert isinstance(outbound, OutboundTrunk)
    assert isinstance(inbound, InboundTrunk)
    node.reload(outbound, inbound=[inbound])
    call = call_of(case, carrier, node).start()
    if case.refused:
        first = Incoming.wait(trunk)
        assert lines(first.invite) == list(case.refused)
        first.reply(REFUSED)
    incoming = Incoming.wait(trunk)
    assert incoming.invite.uri == case.target.format(at=f"{trunk.host}:{trunk.port}")
    assert lines(incoming.invite) == list(case.lines)
    incoming.reply(486)
    call.expect(486)


def test_every_option_has_a_carrier_that_demands_it() -> None:
    assert sorted([*CASES, *ELSEWHERE]) == sorted(documented())
    untested = [
        option
        for option, path in ELSEWHERE.items()
        if not re.search(option.removeprefix("--").replace("-", "[-_]"), (ROOT / "tests" / path).read_text("utf-8"))
    ]
    assert not untested
