"""Calls to trunks by TLS (docs/trunks.md, "TLS")."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.kamailio.registrations import Registration
from renvoi.edge.kamailio.render import TLS_RELOADS
from renvoi.edge.router.secured import SECURED_TABLE
from renvoi.edge.tls import profiles
from tests.support.digest import challenge, proves
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.relay import Relay
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Address, uri_in
from tests.support.tls import Authority, SecurePhone, client_side, needs_tls, server_side
from tests.support.waiting import BESIDE_S, wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
SECURE_SDP = SDP.replace("RTP/AVP", "RTP/SAVP") + (
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32\r\n"
)

pytestmark = needs_tls


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("carriers of the test")


@pytest.fixture(scope="module")
def trunk(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecurePhone]:
    with SecurePhone(server_side(tmp_path_factory.mktemp("trunk"), authority.issue("127.0.0.1"))) as phone:
        yield phone


@pytest.fixture(scope="module")
def node(trunk: SecurePhone, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    out = OutboundTrunk("out", trunk.uri, ca=authority.pem)
    with EdgeNode(tmp_path_factory.mktemp("tls"), [out], tls_port=free_port()) as edge:
        edge.put(NUMBER, target=TARGET)
        trunk.serve(lambda: is_up(edge), "the first probe")
        yield edge


def is_up(node: EdgeNode, name: str = "out") -> bool:
    return all(each.up for each in node.trunk_states() if each.trunk == name)


def test_a_call_goes_by_the_verified_connection(node: EdgeNode, carrier: Phone, trunk: SecurePhone) -> None:
    """SRTP's keys pass as they are, both ways."""
    trunk.forget()
    call = Call(carrier, node.address, NUMBER)
    call.invite.body = SECURE_SDP.encode()
    call.start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite.body == SECURE_SDP.encode()
    assert incoming.invite["Via"].startswith("SIP/2.0/TLS ")
    incoming.reply(200, body=SECURE_SDP)
    answer = call.expect(200)
    assert answer.body == SECURE_SDP.encode()
    call.ack()
    trunk.expect("ACK")
    bye = incoming.send("BYE")
    carrier.expect("BYE")
    assert bye


def test_a_relayed_trunk_is_offered_srtp_for_rtp(
    carrier: Phone, trunk: SecurePhone, authority: Authority, relay: Relay, tmp_path: Path
) -> None:
    """With suites that hide something, and the caller gets RTP, as it offered."""
    trunk.forget()
    out = OutboundTrunk("out", trunk.uri, ca=authority.pem, relay=True)
    with EdgeNode(tmp_path, [out], tls_port=free_port(), relay=relay.address) as edge:
        edge.put(NUMBER, target=TARGET)
        trunk.serve(lambda: is_up(edge), "the first probe")
        call = Call(carrier, edge.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        offer = incoming.invite.body.decode()
        assert "RTP/SAVP 8" in offer
        assert "AES_CM_128_HMAC_SHA1_80 inline:" in offer
        assert "NULL" not in offer
        incoming.reply(200, headers=[("Content-Type", "application/sdp")], body=SECURE_SDP)
        answer = call.expect(200).body.decode()
        assert "RTP/AVP 8" in answer
        assert "crypto" not in answer


def test_a_request_inside_a_call_goes_where_the_trunk_leads_it(
    node: EdgeNode, carrier: Phone, trunk: SecurePhone, authority: Authority, tmp_path: Path
) -> None:
    """By the connection of the trunk, or by another one whose chain is verified as the trunk's is."""
    trunk.forget()
    with SecurePhone(server_side(tmp_path, authority.issue("gateway.example"))) as gateway:
        for leads_to in (trunk, gateway):
            call = Call(carrier, node.address, NUMBER).start()
            incoming = Incoming.wait(trunk)
            incoming.contact = f"<sip:callee@127.0.0.1:{leads_to.port};transport=tls>"
            incoming.reply(200, body=SDP)
            call.expect(200)
            call.ack()
            leads_to.expect("ACK")
            call.send("BYE")
            incoming.phone = leads_to
            incoming.answer(leads_to.expect("BYE"))
            carrier.expect(200)
        assert len(gateway.names) == 1
    with SecurePhone(server_side(tmp_path, Authority("of nobody").issue("gateway.example"))) as stranger:
        call = Call(carrier, node.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.contact = f"<sip:callee@127.0.0.1:{stranger.port};transport=tls>"
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.send("BYE")
        stranger.serve(lambda: bool(stranger.refused), "a handshake")
        assert not stranger.seen


def test_a_challenge_and_a_hang_up_go_by_the_verified_connection(
    carrier: Phone, authority: Authority, tmp_path: Path
) -> None:
    """And a trunk by UDP that comes after one by TLS gets the call by UDP."""
    with SecurePhone(server_side(tmp_path, authority.issue("127.0.0.1"))) as first, Phone() as second:
        trunks = [
            OutboundTrunk("out", first.uri, 90, ca=authority.pem, user="bob"),
            OutboundTrunk("second", second.uri, 10),
        ]
        edge = EdgeNode(tmp_path, trunks, tls_port=free_port())
        edge.credentials = {"out": Credentials("bob", "", "secret-word")}
        with edge:
            edge.put(NUMBER, target=TARGET)
            first.serve(lambda: is_up(edge), "the first probe")
            call = Call(carrier, edge.address, NUMBER).start()
            incoming = Incoming.wait(first)
            incoming.reply(407, headers=[challenge(407, "n1")])
            first.expect("ACK")
            again = Incoming.wait(first)
            assert proves(again.invite, 407, "bob", "secret-word", "n1")
            assert again.invite.source == incoming.invite.source
            again.reply(180)
            call.expect(180)
            call.cancel()
            cancel = first.expect("CANCEL")
            assert cancel.source == incoming.invite.source
            again.answer(cancel)
            again.reply(487)
            call.expect_cancelled()
            first.expect("ACK")
            call = Call(carrier, edge.address, NUMBER).start()
            Incoming.wait(first).reply(500)
            incoming = Incoming.wait(second)
            assert incoming.invite["Via"].startswith("SIP/2.0/UDP ")
            incoming.reply(486)
            call.expect(486)


def test_a_trunk_that_failed_is_asked_soon_whether_it_is_back(
    node: EdgeNode, carrier: Phone, trunk: SecurePhone
) -> None:
    """And a connection that ended is made again."""
    trunk.forget()
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(503)
    call.expect(503)
    trunk.expect("ACK")
    assert not is_up(node)
    trunk.serve(lambda: is_up(node), "a probe", 6 + BESIDE_S)
    verified = node.table(SECURED_TABLE)
    trunk.drop()
    # Until the edge has noticed, what it says is of the connection that was dropped. A handshake may be an older one's.
    trunk.serve(
        lambda: is_up(node) and node.table(SECURED_TABLE) != verified, "another verified connection", 6 + BESIDE_S
    )
    call = Call(carrier, node.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    trunk.expect("ACK")


def test_we_are_registered_by_the_verified_connection(authority: Authority, tmp_path: Path) -> None:
    """And not before there is one."""
    with SecurePhone(server_side(tmp_path, authority.issue("127.0.0.1")), mute=True) as registrar:
        trunk = OutboundTrunk("out", registrar.uri, ca=authority.pem, user="bob", register=True)
        who = Credentials("bob", "", "secret-word")
        wanted = {"out": Registration("contact", "carrier.example", trunk.address.at("127.0.0.1"), 60, who)}
        with EdgeNode(tmp_path, [trunk], tls_port=free_port(), registration_period_s=1) as node:
            registrations = node.kamailio.registrations
            registrar.serve(lambda: bool(registrar.probes), "the first probe")
            asyncio.run(registrations.follow(wanted))
            asked_before = len(registrar.probes)
            registrar.serve(lambda: len(registrar.probes) > asked_before + 1, "two more probes, and nothing else")
            registrar.mute = False
            registrar.serve(lambda: is_up(node), "a probe that is answered")
            asyncio.run(registrations.follow(wanted))
            asked = registrar.expect("REGISTER")
            assert uri_in(asked["Contact"]) == f"sip:contact@127.0.0.1:{node.config.tls_port};transport=tls"
            assert asked["Via"].startswith("SIP/2.0/TLS ")
            registrar.send(asked.answer(401, headers=[challenge(401, "n1")]), asked.source)
            proven = registrar.expect("REGISTER")
            assert proves(proven, 401, "bob", "secret-word", "n1")
            assert proven.source == asked.source
            registrar.send(proven.answer(200, headers=[("Contact", f"{proven['Contact']};expires=60")]), proven.source)
            wait_for(lambda: asyncio.run(registrations.states())["out"].registered, "the registration")


def test_who_has_the_wrong_name_gets_no_call(
    node: EdgeNode, carrier: Phone, trunk: SecurePhone, authority: Authority, tmp_path: Path
) -> None:
    """Not as its first connection, nor in the place of one that was verified; and what is verified gets the call."""
    trunk.forget()
    with SecurePhone(server_side(tmp_path, authority.issue("carrier.example", common="127.0.0.1"))) as other:
        trunks = [OutboundTrunk("wrong", other.uri, 90, ca=authority.pem), *node.trunks.outbound]
        node.reload(*trunks)
        other.serve(lambda: len(other.probes) > 1, "a second probe, as the connection of the first one was closed")
        assert not is_up(node, "wrong")
        call = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)
        other.expect_silence(0.1)
        assert "shows a certificate for carrier.example: it gets no calls" in node.logged()


@pytest.mark.usefixtures("trusted")
def test_whoever_takes_the_place_of_a_trunk_gets_no_call(
    node: EdgeNode, carrier: Phone, authority: Authority, tmp_path: Path
) -> None:
    """Though this machine trusts who signed its certificate, as it did with the trunk's."""
    with SecurePhone(server_side(tmp_path, authority.issue("127.0.0.1"))) as good:
        node.reload(OutboundTrunk("moved", good.uri))
        good.serve(lambda: is_up(node, "moved"), "the probe")
        port = good.port
    with SecurePhone(server_side(tmp_path, authority.issue("carrier.example")), port=port) as other:
        call = Call(carrier, node.address, NUMBER).start()
        call.expect(503)
        other.serve(lambda: bool(other.probes), "the probe of the next connection")
        call = Call(carrier, node.address, NUMBER).start()
        call.expect(503)
        other.expect_silence(0.1)
        assert not is_up(node, "moved")


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this machine trust the authority: a directory as systems have it, which Kamailio's user reads."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        (Path(place) / "one.pem").write_text(authority.pem, "ascii")
        subprocess.run(["openssl", "rehash", place], check=True)
        monkeypatch.setattr(profiles, "TRUSTED", place)
        yield


@pytest.mark.parametrize("fault", ["authority", "expired", "own client certificate"])
def test_a_chain_that_does_not_hold_is_refused_in_the_handshake(
    node: EdgeNode, carrier: Phone, authority: Authority, tmp_path: Path, fault: str
) -> None:
    signer = Authority("of nobody") if fault == "authority" else authority
    until = timedelta(days=-1) if fault == "expired" else timedelta(days=1)
    identity = signer.issue("127.0.0.1", since=timedelta(days=-2), until=until)
    clients = authority.pem if fault == "own client certificate" else ""
    with SecurePhone(server_side(tmp_path, identity, clients)) as other:
        node.reload(OutboundTrunk("bad", other.uri, ca=authority.pem))
        other.serve(lambda: bool(other.refused), "a handshake")
        Call(carrier, node.address, NUMBER).start().expect(503)
        assert not other.probes
        assert not is_up(node, "bad")


@pytest.mark.parametrize("verified", [True, False])
def test_a_connection_that_was_made_for_another_authority_is_closed(
    node: EdgeNode, carrier: Phone, authority: Authority, tmp_path: Path, verified: bool
) -> None:
    """However short ago it was verified, and also where its first probe has no answer yet."""
    with SecurePhone(server_side(tmp_path, authority.issue("127.0.0.1")), mute=not verified) as other:
        node.reload(OutboundTrunk("changed", other.uri, ca=authority.pem))
        other.serve(lambda: is_up(node, "changed") if verified else bool(other.probes), "the probe")
        node.reload(OutboundTrunk("changed", other.uri, ca=Authority("another one").pem))
        other.mute = False
        other.serve(lambda: bool(other.refused), "a handshake by the other authority")
        Call(carrier, node.address, NUMBER).start().expect(503)
        other.expect_silence(0.1)
        assert not is_up(node, "changed")


KNOWN = "caller.example"


@pytest.fixture(scope="module")
def certified(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that knows one trunk by its certificate, and has a certificate of its own in files."""
    other, directory = Authority("another one's"), tmp_path_factory.mktemp("certified")
    trunks = [
        InboundTrunk("known", (), certificate=KNOWN, ca=authority.pem),
        InboundTrunk("other", (), certificate="other.example", ca=other.pem),
    ]
    certificate, key = authority.issue("edge.example").write(directory, "own")
    port = free_port()
    with EdgeNode(directory, inbound=trunks, tls_port=port, tls_certificate=certificate, tls_key=key) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


def test_a_call_is_known_by_its_certificate(certified: EdgeNode, authority: Authority, tmp_path: Path) -> None:
    """Wherever it comes from; and what is inside the call goes by the same connection."""
    ours = client_side(tmp_path, authority.pem, authority.issue(KNOWN))
    with Phone() as trunk, SecurePhone(client=ours, host="127.0.0.7") as caller:
        certified.reload(OutboundTrunk("out", trunk.uri), inbound=certified.trunks.inbound)
        call = Call(caller, tls_address(certified), NUMBER).start()
        incoming = Incoming.wait(trunk)
        assert incoming.invite["Diversion"]
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        call.send("INVITE", body=SDP)
        again = trunk.expect("INVITE")
        incoming.answer(again)
        caller.expect(200, skip=(100,))
        call.ack()
        trunk.expect("ACK")
        incoming.send("BYE")
        caller.expect("BYE")


@pytest.mark.parametrize("shown", ["nothing", "another name", "another authority", "ended", "another trunk's"])
def test_who_cannot_prove_it_gets_no_answer(
    certified: EdgeNode, authority: Authority, tmp_path: Path, shown: str
) -> None:
    stranger = Authority("of nobody")
    identity = {
        "nothing": None,
        "another name": authority.issue("x.example", common=KNOWN),
        "another authority": stranger.issue(KNOWN),
        "ended": authority.issue(KNOWN, since=timedelta(days=-2), until=timedelta(days=-1)),
        "another trunk's": authority.issue("other.example"),
    }[shown]
    with SecurePhone(client=client_side(tmp_path, authority.pem, identity), host="127.0.0.8") as caller:
        before = certified.statistics()["refused_sources"]
        Call(caller, tls_address(certified), NUMBER).start()
        wait_for(lambda: certified.statistics()["refused_sources"] > before, "a refusal")
        caller.expect_silence(0.2)


def test_our_certificate_is_renewed_under_a_call(certified: EdgeNode, authority: Authority, tmp_path: Path) -> None:
    """Who is connected stays, who connects then is shown the new one; of half a pair nothing is taken."""
    context = client_side(tmp_path, authority.pem, authority.issue(KNOWN))
    with Phone() as trunk, SecurePhone(client=context, host="127.0.0.7") as caller:
        certified.reload(OutboundTrunk("out", trunk.uri), inbound=certified.trunks.inbound)
        before, reloads = shown_by(certified, context), certified.kamailio.tls.reloads
        call = Call(caller, tls_address(certified), NUMBER).start()
        incoming = Incoming.wait(trunk)
        renewed = authority.issue("edge.example")
        certificate, key = certified.config.tls_certificate, certified.config.tls_key
        assert certificate is not None
        assert key is not None
        certificate.write_text(renewed.certificate, "ascii")
        asyncio.run(certified.kamailio.renew_certificate())
        assert shown_by(certified, context) == before
        key.write_text(renewed.key, "ascii")
        asyncio.run(certified.kamailio.renew_certificate())
        assert ssl.DER_cert_to_PEM_cert(shown_by(certified, context)).strip() == renewed.certificate.strip()
        assert asyncio.run(certified.kamailio.shared_number(TLS_RELOADS)) == reloads + 1
        incoming.reply(486)
        call.expect(486)


def shown_by(node: EdgeNode, context: ssl.SSLContext) -> bytes:
    """Return the certificate that the edge shows, in DER form."""
    with socket.create_connection(tls_address(node)) as plain, context.wrap_socket(plain) as stream:
        shown = stream.getpeercert(binary_form=True)
        assert shown is not None
        return shown


def tls_address(node: EdgeNode) -> Address:
    return node.address[0], node.config.tls_port
