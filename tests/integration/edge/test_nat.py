"""Callers behind NAT (docs/trunks.md): they write addresses that lead nowhere, and are reached where they send from."""

from collections.abc import Iterator
from typing import Self

import pytest

from renvoi.domain.trunks.caller_id import CallerIdPolicy
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.digest import credentials
from tests.support.edge import EdgeNode
from tests.support.relay import Relay
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header, SipMessage

NUMBER, BOX, TARGET, CALLER = "+33199001234", "+33199005555", "+33612345678", "+33140000001"
INSIDE = "192.168.9.2:5062"
NATTED = InboundTrunk("natted", (parse_network("127.0.0.1/32"),), nat=True)
USER, PASSWORD, HOME = "pbx-12", "secret", "127.0.0.9"
ROAMING = InboundTrunk("roaming", (), inbound_user=USER, nat=True)
PLAIN = InboundTrunk("plain", (parse_network("127.0.0.2/32"),))


class Natted(Phone):
    """A phone that knows its own address only, and has not heard of RFC 3581."""

    def via(self, branch: str | None = None) -> str:
        return super().via(branch).replace(f"{self.host}:{self.port}", INSIDE)


class NattedCall(Call):
    """A call of such a phone."""

    def __init__(self, phone: Phone, node: EdgeNode, called: str) -> None:
        super().__init__(phone, node.address, called, CALLER)
        transport = ";transport=tcp" if phone.transport == "tcp" else ""
        self.contact = f"<sip:{CALLER}@{INSIDE}{transport}>"
        self.invite.headers = [(name, self._inner(name, value)) for name, value in self.invite.headers]

    def _inner(self, name: str, value: str) -> str:
        return self.contact if name == "Contact" else value

    def prove(self) -> None:
        """Call, and answer the challenge."""
        asked = self.start().expect(407, skip=()).all("Proxy-Authenticate")[0]
        self.cseq += 1
        kept = [each for each in self.invite.headers if each[0] not in ("Via", "CSeq")]
        proof = credentials(asked, USER, PASSWORD, self.invite.uri)
        headers = [("Via", self.phone.via()), ("CSeq", f"{self.cseq} INVITE"), proof, *kept]
        self.invite = SipMessage(self.invite.start_line, headers, self.invite.body)

    def talk(self, trunk: Phone) -> tuple[Self, Incoming]:
        """Set the call up."""
        self.start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        self.expect(200)
        self.ack()
        trunk.expect("ACK")
        return self, incoming


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    """Play the outbound trunk, where no caller is."""
    with Phone(host="127.0.0.6") as phone:
        yield phone


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone(host="127.0.0.7") as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, worker: Phone, relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge whose callers at 127.0.0.1 are behind NAT."""
    made = EdgeNode(
        tmp_path_factory.mktemp("nat"),
        [OutboundTrunk("main", gateway.uri)],
        [NATTED, PLAIN, ROAMING],
        voicemail=((worker.host, worker.port),),
        relay=relay.address,
    )
    made.callers = {"roaming": Credentials(USER, "", PASSWORD)}
    with made:
        made.put(NUMBER, target=TARGET)
        made.put(BOX, email="box@example.org")
        yield made


@pytest.fixture(params=["udp", "tcp"])
def caller(request: pytest.FixtureRequest) -> Iterator[Phone]:
    """Play a caller behind NAT."""
    with Natted(request.param) as phone:
        yield phone


def source_of(phone: Phone, node: EdgeNode) -> str:
    """Return the address that a phone's messages come from, as it stands in a URI."""
    host, port = phone.address_towards(node.address)
    return f"{host}:{port}" + (";transport=tcp" if phone.transport == "tcp" else "")


def answered(phone: Phone, request: SipMessage, headers: list[Header]) -> None:
    phone.send(request.answer(200, headers=headers), request.source)


def test_a_caller_behind_nat_is_reached_to_the_end_of_the_call(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """By answers, by what the called side sends, and after a change of the call from either side."""
    call, incoming = NattedCall(caller, node, NUMBER).talk(trunk)
    contact = f"<sip:{CALLER}@{source_of(caller, node)}>"
    assert incoming.invite["Contact"] == contact
    call.send("INVITE", [("Content-Type", "application/sdp")], SDP)
    again = trunk.expect("INVITE")
    assert again["Contact"] == contact
    incoming.answer(again)
    caller.expect(200)
    call.ack()
    trunk.expect("ACK")
    incoming.send("UPDATE")
    answered(caller, caller.expect("UPDATE"), [("Contact", call.contact)])
    assert trunk.expect(200)["Contact"] == contact
    incoming.send("BYE")
    answered(caller, caller.expect("BYE"), [])
    trunk.expect(200)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_caller_behind_nat_may_be_known_by_a_password(node: EdgeNode, trunk: Phone) -> None:
    with Natted(host=HOME) as caller:
        call = NattedCall(caller, node, NUMBER)
        call.prove()
        _, incoming = call.talk(trunk)
        contact = f"<sip:{CALLER}@{caller.place}>"
        assert incoming.invite["Contact"] == contact
        incoming.send("UPDATE")
        answered(caller, caller.expect("UPDATE"), [("Contact", call.contact)])
        assert trunk.expect(200)["Contact"] == contact
        incoming.send("BYE")
        answered(caller, caller.expect("BYE"), [])
        trunk.expect(200)


def test_its_requests_are_answered_without_rport(node: EdgeNode, trunk: Phone) -> None:
    with Natted() as caller:
        call = NattedCall(caller, node, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(180)
        call.expect(180)
        call.cancel()
        trunk.expect("CANCEL")
        incoming.reply(487)
        call.expect_cancelled()
        trunk.expect("ACK")
        call, incoming = NattedCall(caller, node, NUMBER).talk(trunk)
        call.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        caller.expect(200)


def test_the_voicemail_reaches_a_caller_behind_nat(node: EdgeNode, worker: Phone) -> None:
    with Natted() as caller:
        _, incoming = NattedCall(caller, node, BOX).talk(worker)
        incoming.send("BYE")
        answered(caller, caller.expect("BYE"), [])
        worker.expect(200)


def test_a_withheld_caller_behind_nat_is_reached_too(node: EdgeNode, trunk: Phone) -> None:
    """Its Contact goes without the number, and comes back with it."""
    node.reload(OutboundTrunk("main", trunk.uri, caller_id=CallerIdPolicy.ANONYMOUS), inbound=[NATTED, PLAIN, ROAMING])
    try:
        with Natted() as caller:
            call, incoming = NattedCall(caller, node, NUMBER).talk(trunk)
            assert incoming.invite["Contact"] == f"<sip:{caller.host}:{caller.port}>"
            incoming.send("UPDATE")
            update = caller.expect("UPDATE")
            assert update.uri == f"sip:{CALLER}@{caller.host}:{caller.port}"
            answered(caller, update, [("Contact", call.contact)])
            assert trunk.expect(200)["Contact"] == f"<sip:{caller.host}:{caller.port}>"
            incoming.send("BYE")
            answered(caller, caller.expect("BYE"), [])
            trunk.expect(200)
    finally:
        node.reload(OutboundTrunk("main", trunk.uri), inbound=[NATTED, PLAIN, ROAMING])


@pytest.mark.parametrize("contact", ["*", "<>", "", "<sip:192.168.9.2>", '"x" <'])
def test_a_contact_without_a_user_shows_nobody_elses(node: EdgeNode, trunk: Phone, contact: str) -> None:
    """Nor does it cost a line in the log: it is what some devices send."""
    before = len(node.logged())
    for _ in range(4):
        with Natted() as other, Natted() as caller:
            for each in (other, caller):
                call = NattedCall(each, node, NUMBER)
                if each is caller:
                    call.invite.headers = [(k, contact if k == "Contact" else v) for k, v in call.invite.headers]
                call.start()
                incoming = Incoming.wait(trunk)
                incoming.reply(486)
                call.expect(486)
            assert incoming.invite["Contact"] == f"<sip:{source_of(caller, node)}>"
    assert "right pvar" not in node.logged()[before:]


def test_a_caller_behind_a_proxy_is_reached_by_the_proxy(node: EdgeNode, trunk: Phone, carrier: Phone) -> None:
    call = Call(carrier, node.address, NUMBER)
    call.invite.headers.insert(1, ("Via", "SIP/2.0/UDP 192.168.9.3:5060;branch=z9hG4bKinner"))
    call.invite.headers.append(("Record-Route", f"<sip:{carrier.host}:{carrier.port};lr>"))
    call.start()
    assert Incoming.wait(trunk).invite["Contact"] == call.contact


def test_a_trunk_that_is_not_behind_nat_is_believed(node: EdgeNode, trunk: Phone) -> None:
    """And one that is set while calls come is not."""
    with Phone(host="127.0.0.2") as caller:
        call = NattedCall(caller, node, NUMBER).start()
        assert Incoming.wait(trunk).invite["Contact"] == call.contact
        node.reload(OutboundTrunk("main", trunk.uri), inbound=[NATTED, InboundTrunk("plain", PLAIN.networks, nat=True)])
        NattedCall(caller, node, NUMBER).start()
        assert Incoming.wait(trunk).invite["Contact"] == f"<sip:{CALLER}@{caller.host}:{caller.port}>"
        node.reload(OutboundTrunk("main", trunk.uri), inbound=[NATTED, PLAIN, ROAMING])


def test_a_called_trunk_behind_nat_says_nothing_of_the_caller(node: EdgeNode, trunk: Phone) -> None:
    both = InboundTrunk("both", (parse_network(f"{trunk.host}/32"),), nat=True)
    node.reload(OutboundTrunk("main", trunk.uri), inbound=[both, PLAIN])
    with Phone(host="127.0.0.2") as caller:
        call = Call(caller, node.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        incoming.send("UPDATE")
        answered(caller, caller.expect("UPDATE"), [("Contact", f"<sip:{INSIDE}>")])
        assert trunk.expect(200)["Contact"] == f"<sip:{INSIDE}>"
    node.reload(OutboundTrunk("main", trunk.uri), inbound=[NATTED, PLAIN, ROAMING])
