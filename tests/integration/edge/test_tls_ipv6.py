"""Trunks by TLS at addresses of IPv6 (docs/trunks.md, "TLS")."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from renvoi.domain.trunks.address import TLS, Destination
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.config import Listener
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.tls import Authority, SecurePhone, client_side, needs_tls, server_side

NUMBER, TARGET, KNOWN = "+33199001234", "+33612345678", "caller.example"
NAME = "sip.carrier.example"
CARRIER = InboundTrunk("carrier", (ip_network("127.0.0.1"), ip_network("::1")))

pytestmark = needs_tls


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("carriers of the test")


@pytest.fixture(scope="module")
def known(authority: Authority) -> InboundTrunk:
    return InboundTrunk("known", (), certificate=KNOWN, ca=authority.pem)


@pytest.fixture(scope="module")
def node(authority: Authority, known: InboundTrunk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with an address of each kind, and a certificate of its own."""
    directory = tmp_path_factory.mktemp("dual")
    certificate, key = authority.issue("edge.example").write(directory, "own")
    with EdgeNode(
        directory,
        inbound=[CARRIER, known],
        second=Listener("::1"),
        tls_port=free_port(),
        tls_certificate=certificate,
        tls_key=key,
    ) as made:
        made.put(NUMBER, target=TARGET)
        yield made


def point(node: EdgeNode, known: InboundTrunk, trunk: SecurePhone, host: str, ca: str) -> None:
    """Have calls go to a trunk whose URI has `host`, which is at the address of IPv6 that the phone has."""
    out = OutboundTrunk("out", f"sip:{host}:{trunk.port};transport=tls", ca=ca)
    node.reload(out, inbound=[CARRIER, known], found={"out": [Destination("::1", trunk.port, TLS)]})


def is_up(node: EdgeNode) -> bool:
    return all(each.up for each in node.trunk_states() if each.trunk == "out")


@pytest.mark.parametrize("caller_host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(("host", "shown"), [("[::1]", "::1"), (NAME, NAME)])
def test_a_call_goes_by_a_verified_connection_of_ipv6(
    node: EdgeNode,
    known: InboundTrunk,
    authority: Authority,
    tmp_path: Path,
    host: str,
    shown: str,
    caller_host: str,
) -> None:
    """To an address in the trunk's URI, or to a name that leads to one; and both sides end it by that connection."""
    with (
        SecurePhone(server_side(tmp_path, authority.issue(shown)), host="::1") as trunk,
        Phone(host=caller_host) as caller,
    ):
        point(node, known, trunk, host, authority.pem)
        trunk.serve(lambda: is_up(node), "the first probe")
        assert trunk.names == [NAME if host == NAME else None]
        assert trunk.probes[0]["Via"].startswith("SIP/2.0/TLS [::1]:")
        assert trunk.probes[0]["Contact"].startswith("<sip:[::1]:")
        for ends in ("caller", "callee"):
            call = Call(caller, (caller_host, node.config.port), NUMBER).start()
            incoming = Incoming.wait(trunk)
            assert incoming.invite["Via"].startswith("SIP/2.0/TLS [::1]:")
            incoming.reply(200, body=SDP)
            call.expect(200)
            call.ack()
            trunk.expect("ACK")
            if ends == "caller":
                call.send("BYE")
                incoming.answer(trunk.expect("BYE"))
                caller.expect(200)
            else:
                incoming.send("BYE")
                bye = caller.expect("BYE")
                caller.send(bye.answer(200), bye.source)
                trunk.expect(200)
        assert len(trunk.names) == 1, "there was no other connection"


@pytest.mark.parametrize(("host", "shown"), [("[::1]", "::2"), ("[::1]", NAME), (NAME, "::1"), (NAME, "x.example")])
def test_who_has_the_wrong_name_gets_no_call_by_ipv6(
    node: EdgeNode, known: InboundTrunk, authority: Authority, tmp_path: Path, host: str, shown: str
) -> None:
    with SecurePhone(server_side(tmp_path, authority.issue(shown)), host="::1") as other, Phone() as caller:
        point(node, known, other, host, authority.pem)
        other.serve(lambda: len(other.probes) > 1, "a second probe, as the connection of the first one was closed")
        assert not is_up(node)
        Call(caller, ("127.0.0.1", node.config.port), NUMBER).start().expect(503)
        other.expect_silence(0.1)
        assert f"shows a certificate for {shown}: it gets no calls" in node.logged()


def test_a_call_by_ipv6_is_known_by_its_certificate(
    node: EdgeNode, known: InboundTrunk, authority: Authority, tmp_path: Path
) -> None:
    """And nobody else is let in."""
    ours = client_side(tmp_path, authority.pem, authority.issue(KNOWN))
    with Phone(host="::1") as trunk, SecurePhone(client=ours, host="::1") as caller:
        node.reload(OutboundTrunk("out", trunk.uri), inbound=[InboundTrunk("v4", (ip_network("127.0.0.1"),)), known])
        call = Call(caller, ("::1", node.config.tls_port), NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        incoming.send("BYE")
        caller.expect("BYE")
        stranger = client_side(tmp_path, authority.pem, authority.issue("x.example"))
        with SecurePhone(client=stranger, host="::1") as other:
            Call(other, ("::1", node.config.tls_port), NUMBER).start()
            trunk.expect_silence(0.3)
