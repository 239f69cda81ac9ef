"""Whom a trunk is shown as the caller, and whom both sides know in the middle of the call (docs/trunks.md)."""

import re
from collections.abc import Iterator, Mapping

import pytest

from renvoi.domain.trunks.caller_id import CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import DiversionDepth, NumberFormat
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.render import ALIASES_TABLE, EXPECTED_TABLE
from tests.support.caller_table import CALLERS, DOMAIN, NAMES, NUMBER, POLICIES, TARGET, Policy, shown
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage, uri_in

CALLER = "+33140000001"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge whose own URIs have a name for a host."""
    with EdgeNode(tmp_path_factory.mktemp("callerid"), domain=DOMAIN) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


def seen(message: SipMessage) -> dict[str, str]:
    """Return the headers that name the caller, each of which there may be one of, and From without its tag."""
    found = {name: message.all(name) for name in NAMES}
    assert all(len(values) < 2 for values in found.values())
    return {name: re.sub(";tag=.*", "", values[0]) for name, values in found.items() if values}


def make(carrier: Phone, node: EdgeNode, headers: Mapping[str, str]) -> Call:
    """Make a call with these headers instead of its own."""
    others = [(name, value) for name, value in headers.items() if name != "From"]
    call = Call(carrier, node.address, NUMBER, CALLER, others)
    call.invite.headers = [
        (name, f"{headers['From']};tag={call.tag}" if name == "From" else value) for name, value in call.invite.headers
    ]
    return call.start()


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.text)
def test_the_trunk_is_shown_what_the_documentation_says(
    node: EdgeNode, carrier: Phone, trunk: Phone, policy: Policy
) -> None:
    main = policy.trunk("main", trunk.uri)
    node.reload(main)
    for caller in CALLERS.values():
        call = make(carrier, node, caller)
        incoming = Incoming.wait(trunk)
        assert seen(incoming.invite) == shown(main, caller)
        assert incoming.invite["From"].endswith(f";tag={call.tag}")
        incoming.reply(486)
        assert call.expect(486)["From"] == call.invite["From"]
        assert trunk.expect("ACK", skip=("INVITE",))["From"] == incoming.invite["From"]


def hold(call: Call, incoming: Incoming, carrier: Phone, trunk: Phone) -> None:
    """Go through a call from its answer on: each side sees the names that it knows, in requests and answers."""
    ours, theirs = call.invite["From"], incoming.invite["From"]
    assert theirs.endswith(f";tag={call.tag}")
    incoming.reply(180)
    assert call.expect(180)["From"] == ours
    incoming.reply(200, body=SDP)
    assert call.expect(200)["From"] == ours
    call.ack()
    assert bare_name(trunk.expect("ACK")["From"]) == bare_name(theirs)
    call.send("INVITE", body=SDP, headers=[("Content-Type", "application/sdp")])
    again = trunk.expect("INVITE")
    assert bare_name(again["From"]) == bare_name(theirs)
    assert ";tag=" + call.tag in again["From"]
    incoming.answer(again)
    answer = carrier.expect(200)
    assert answer["From"] == ours
    call.ack()
    trunk.expect("ACK")
    incoming.send("INVITE")
    back = carrier.expect("INVITE")
    assert bare_name(back["To"]) == bare_name(ours)
    assert back.uri == call.contact.strip("<>")
    carrier.send(back.answer(200, headers=[("Contact", call.contact)], body=SDP), back.source)
    assert bare_name(trunk.expect(200)["To"]) == bare_name(theirs)
    incoming.send("BYE")
    bye = carrier.expect("BYE", skip=("ACK",))
    assert bare_name(bye["To"]) == bare_name(ours)
    carrier.send(bye.answer(200), bye.source)
    assert bare_name(trunk.expect(200)["To"]) == bare_name(theirs)


def bare_name(value: str) -> str:
    """Return the URI and the tag of a From or To header."""
    return value[value.index("<") :]


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize(
    ("options", "headers", "name"),
    [
        ({"from_": Shown.NUMBER}, [], f"<sip:{NUMBER}@edge.example>"),
        ({"caller_id": CallerIdPolicy.ANONYMOUS}, [], ANONYMOUS),
        ({"from_": Shown.CALLER, "header_format": NumberFormat.PLAIN}, [("Privacy", "id")], ANONYMOUS),
    ],
)
def test_each_side_knows_the_caller_by_one_name_to_the_end(
    node: EdgeNode,
    carrier: Phone,
    trunk: Phone,
    options: dict[str, object],
    headers: list[tuple[str, str]],
    name: str,
    *,
    ahead: bool,
) -> None:
    others = [] if ahead else [OutboundTrunk(f"o{each}", "sip:gone.invalid", 90) for each in range(2)]
    node.reload(OutboundTrunk("main", trunk.uri, **options), *others)  # type: ignore[arg-type]  # options of a trunk
    call = Call(carrier, node.address, NUMBER, CALLER, headers).start()
    incoming = Incoming.wait(trunk)
    assert seen(incoming.invite)["From"] == name
    hold(call, incoming, carrier, trunk)
    if name == ANONYMOUS:
        for message in trunk.seen:
            assert CALLER.encode() not in message.raw


@pytest.mark.parametrize("policy", [CallerIdPolicy.SERVED_USER, CallerIdPolicy.ANONYMOUS])
def test_what_is_recognised_says_what_is_judged_says(
    node: EdgeNode, carrier: Phone, trunk: Phone, policy: CallerIdPolicy
) -> None:
    """ACK and BYE of a caller are the same at the trunk, whether Kamailio knows them from the answer or asks."""
    node.reload(OutboundTrunk("main", trunk.uri, caller_id=policy))
    shown = []
    for known in (True, False):
        node.forget(EXPECTED_TABLE, ALIASES_TABLE)
        call = make(carrier, node, CALLERS["shown"])
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        call.expect(200)
        assert len(node.table(EXPECTED_TABLE)) == 1
        (alias,) = node.table(ALIASES_TABLE).values()
        assert alias.split(" ")[0] == uri_in(incoming.invite["From"])
        if not known:
            node.forget(EXPECTED_TABLE, ALIASES_TABLE)
        call.ack()
        requests = [trunk.expect("ACK")]
        call.send("BYE")
        requests.append(trunk.expect("BYE"))
        incoming.answer(requests[-1])
        assert carrier.expect(200)["From"] == call.invite["From"]
        names = [
            [each.get(name) for name in ("From", "To", "Contact")] + [each.uri, each.all("Route")] for each in requests
        ]
        shown.append(re.sub(f"{call.tag}|{incoming.tag}", "TAG", str(names)))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("known", [True, False])
def test_a_caller_without_a_tag_is_named_to_the_end(
    node: EdgeNode, carrier: Phone, trunk: Phone, *, known: bool
) -> None:
    """RFC 2543 had none (RFC 3261 §12.1.1)."""
    node.reload(OutboundTrunk("main", trunk.uri, caller_id=CallerIdPolicy.SERVED_USER))
    call = Call(carrier, node.address, NUMBER, CALLER)
    plain = call.invite["From"].partition(";")[0]
    call.invite.headers = [(name, plain if name == "From" else value) for name, value in call.invite.headers]
    call.start()
    incoming = Incoming.wait(trunk)
    shown_as = incoming.invite["From"]
    assert shown_as == f"<sip:{NUMBER}@{DOMAIN}>"
    incoming.reply(200, body=SDP)
    assert call.expect(200)["From"] == plain
    if not known:
        node.forget(EXPECTED_TABLE, ALIASES_TABLE)
    call.ack()
    assert trunk.expect("ACK")["From"] == shown_as
    call.send("BYE")
    bye = trunk.expect("BYE")
    assert bye["From"] == shown_as
    incoming.answer(bye)
    assert carrier.expect(200)["From"] == plain


@pytest.mark.parametrize("name", ["Call-ID", "From"])
def test_an_answer_with_another_call_id_or_tag_is_no_fault_of_ours(
    node: EdgeNode, carrier: Phone, trunk: Phone, name: str
) -> None:
    """Its branch says which call it is for; the caller may make of it what it likes."""
    node.reload(OutboundTrunk("main", trunk.uri, caller_id=CallerIdPolicy.SERVED_USER))
    before = len(node.logged())
    call = make(carrier, node, CALLERS["shown"])
    incoming = Incoming.wait(trunk)
    # Without a port in Contact it is not foreseen.
    answer = incoming.invite.answer(180, headers=[("Contact", f"<sip:callee@{trunk.host}>")])
    answer.headers = [(key, f"{value}-x" if key == name else value) for key, value in answer.headers]
    trunk.send(answer, incoming.invite.source)
    carrier.expect(180)
    assert "Traceback" not in node.logged()[before:]
    incoming.reply(486)
    call.expect(486)


def test_a_name_with_quotes_is_written_as_it_was(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    node.reload(OutboundTrunk("main", trunk.uri, from_=Shown.CALLER))
    name = r'"A \"B\", \\ C"'
    call = make(carrier, node, {"From": f"{name} <sip:{CALLER}@carrier.example>"})
    incoming = Incoming.wait(trunk)
    assert seen(incoming.invite)["From"] == f"{name} <sip:{CALLER}@{DOMAIN}>"
    incoming.reply(486)
    call.expect(486)


def test_a_trunk_that_is_cancelled_and_the_next_ones_know_their_own_names(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    """The second one is shown the caller as it came; what the first one says late is answered in its own words."""
    with Phone() as other:
        node.reload(
            OutboundTrunk("first", trunk.uri, 90, caller_id=CallerIdPolicy.SERVED_USER),
            OutboundTrunk("second", other.uri, 10),
        )
        call = make(carrier, node, CALLERS["shown"])
        first = Incoming.wait(trunk)
        assert seen(first.invite)["From"] == f"<sip:{NUMBER}@{DOMAIN}>"
        first.reply(500)
        assert trunk.expect("ACK")["From"] == first.invite["From"]
        second = Incoming.wait(other)
        assert second.invite["From"] == call.invite["From"]
        assert second.invite["P-Asserted-Identity"] == CALLERS["shown"]["P-Asserted-Identity"]
        second.reply(200, body=SDP)
        assert call.expect(200)["From"] == call.invite["From"]
        call.ack()
        assert other.expect("ACK")["From"] == call.invite["From"]
        call.send("BYE")
        second.answer(other.expect("BYE"))
        assert carrier.expect(200)["From"] == call.invite["From"]
    node.reload(OutboundTrunk("first", trunk.uri, caller_id=CallerIdPolicy.ANONYMOUS))
    call = make(carrier, node, CALLERS["shown"])
    first = Incoming.wait(trunk)
    first.reply(180)
    call.expect(180)
    call.cancel()
    cancel = trunk.expect("CANCEL")
    assert cancel["From"] == first.invite["From"]
    trunk.send(cancel.answer(200), cancel.source)
    first.reply(487)
    call.expect_cancelled()
    assert trunk.expect("ACK")["From"] == first.invite["From"]


@pytest.mark.parametrize("status", [403, 428, 433, 436, 437, 438, 488])
def test_a_trunk_that_refuses_the_caller_is_shown_another_one_once(
    node: EdgeNode, carrier: Phone, trunk: Phone, status: int
) -> None:
    with Phone() as other:
        main = OutboundTrunk(
            "main", trunk.uri, 90, fallback="served-user", fallback_codes="403,428,433,436,437,438,488"
        )
        node.reload(main, OutboundTrunk("other", other.uri, 10, caller_id=CallerIdPolicy.ANONYMOUS))
        call = make(carrier, node, CALLERS["shown"])
        first = Incoming.wait(trunk)
        assert seen(first.invite) == CALLERS["shown"]
        assert first.invite["From"] == call.invite["From"]
        first.reply(status)
        second = Incoming.wait(trunk)
        number = f"<sip:{NUMBER}@{DOMAIN}>"
        assert seen(second.invite) == {"From": number, "P-Asserted-Identity": number}
        assert second.invite.all("Diversion") == first.invite.all("Diversion")
        hold(call, second, carrier, trunk)
        answered = node.wait_for_events(call.call_id, "decided", "answered", "hungup")[1]
        assert (answered["trunk"], answered["fallback"]) == ("main", True)


def test_a_second_refusal_is_the_answer_and_another_failure_is_not(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    """486 and 500 say nothing of the caller; the next trunk begins with its own first choice."""
    with Phone() as other:
        node.reload(
            OutboundTrunk("main", trunk.uri, 90, fallback="anonymous"),
            OutboundTrunk("other", other.uri, 10, from_=Shown.NUMBER, fallback="anonymous"),
        )
        call = make(carrier, node, CALLERS["shown"])
        for name in (CALLERS["shown"]["From"], ANONYMOUS):
            incoming = Incoming.wait(trunk)
            assert seen(incoming.invite)["From"] == name
            incoming.reply(403)
        assert call.expect(403)["From"] == call.invite["From"]
        failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
        assert (failed["status"], failed["trunk"], failed["fallback"]) == (403, "main", True)
        call = make(carrier, node, CALLERS["shown"])
        Incoming.wait(trunk).reply(486)
        call.expect(486)
        call = make(carrier, node, CALLERS["shown"])
        Incoming.wait(trunk).reply(403)
        Incoming.wait(trunk).reply(500)
        incoming = Incoming.wait(other)
        assert seen(incoming.invite)["From"] == f"<sip:{NUMBER}@{DOMAIN}>"
        incoming.reply(486)
        call.expect(486)
        failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
        assert (failed["status"], failed["trunk"], failed["fallback"]) == (486, "other", False)


def test_a_trunk_is_told_of_the_last_diversion_alone(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    node.reload(OutboundTrunk("main", trunk.uri, diversion_depth=DiversionDepth.TOP))
    came = [
        ("Diversion", "<sip:+33199007777@carrier.example>;reason=no-answer;counter=2"),
        ("Diversion", "<sip:+33199008888@carrier.example>;reason=user-busy"),
        ("History-Info", "<sip:+33199007777@carrier.example>;index=1"),
        ("History-Info", f"<sip:{NUMBER}@carrier.example;cause=302>;index=1.1;mp=1"),
    ]
    call = Call(carrier, node.address, NUMBER, CALLER, came).start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite.all("Diversion") == [f"<sip:{NUMBER}@{DOMAIN}>;reason=unconditional;counter=4;privacy=off"]
    assert incoming.invite.all("History-Info") == [
        f"<sip:{NUMBER}@{DOMAIN}>;index=1",
        f"<sip:{TARGET}@{DOMAIN};cause=302>;index=1.1;mp=1",
    ]
    incoming.reply(486)
    call.expect(486)


def test_a_foreign_diversion_of_the_called_number_is_no_loop_and_ours_is(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    node.reload(OutboundTrunk("main", trunk.uri))
    call = Call(carrier, node.address, NUMBER, headers=[("Diversion", f"<sip:{NUMBER}@carrier.example>")]).start()
    incoming = Incoming.wait(trunk)
    assert len(incoming.invite.all("Diversion")) == 2
    incoming.reply(486)
    call.expect(486)
    call = Call(carrier, node.address, NUMBER, headers=[("Diversion", incoming.invite.all("Diversion")[0])]).start()
    call.expect(482)
