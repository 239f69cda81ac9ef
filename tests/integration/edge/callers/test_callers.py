"""Inbound trunks that are known by a password (docs/trunks.md, "A trunk without fixed addresses")."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.asked import (
    AUTHORITY,
    FIXED,
    HERE,
    NUMBER,
    OTHER,
    PASSWORD,
    ROAMING,
    TARGET,
    THERE,
    USER,
    again,
    challenged,
    connected,
    proven,
)
from tests.support.digest import credentials, parameters
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.tls import SecurePhone, client_side, needs_tls
from tests.support.waiting import wait_for


def test_a_call_is_let_in_by_its_password(node: EdgeNode, pbx: Phone, trunk: Phone) -> None:
    """It is like one from the networks of its trunk to its end, whoever ends it; nobody sees what it was proven by."""
    call = proven(Call(pbx, node.address, NUMBER))
    incoming = Incoming.wait(trunk)
    assert not incoming.invite.all("Proxy-Authorization")
    incoming.reply(180)
    call.expect(180)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    call.send("INVITE", body=SDP)
    again_ = trunk.expect("INVITE")
    incoming.answer(again_)
    pbx.expect(200)
    call.ack()
    trunk.expect("ACK")
    incoming.send("BYE")
    bye = pbx.expect("BYE")
    pbx.send(bye.answer(200), bye.source)
    trunk.expect(200)
    kinds = [event["kind"] for event in node.wait_for_events(call.call_id, "decided", "answered", "hungup")]
    assert kinds[-1] == "hungup"


def test_what_is_asked(node: EdgeNode, caller: Phone) -> None:
    call = Call(caller, node.address, NUMBER)
    call.start()
    answer = call.expect(407, skip=())
    asked = parameters(answer["Proxy-Authenticate"])
    assert (asked["realm"], asked["algorithm"], asked["qop"]) == (node.config.uri_domain, "MD5", "auth")
    assert "stale" not in asked
    assert f"received={HERE}" in answer["Via"]
    other = parameters(challenged(Call(caller, node.address, NUMBER)))
    assert other["nonce"] != asked["nonce"]


def test_the_ack_of_a_challenge_is_nothing_to_speak_of(node: EdgeNode, pbx: Phone, trunk: Phone) -> None:
    """Neither from a stranger nor from an address that is known."""
    for _ in range(2):
        call = proven(Call(pbx, node.address, NUMBER))
        Incoming.wait(trunk).reply(486)
        call.expect(486)
    before = node.statistics()
    assert before["refused_in_dialog"] == 0
    assert proven(Call(pbx, node.address, NUMBER)).phone is pbx
    Incoming.wait(trunk).reply(486)
    after = node.statistics()
    assert (after["refused_sources"], after["refused_in_dialog"]) == (before["refused_sources"], 0)


def test_one_edge_calls_another(node: EdgeNode, trunk: Phone, tmp_path: Path) -> None:
    """What one proves to its trunk is what the other one asks of its callers."""
    out = OutboundTrunk("out", f"sip:{node.address[0]}:{node.address[1]}", user=USER)
    with EdgeNode(tmp_path, [out], [FIXED], host="127.0.0.4") as other, Phone() as carrier:
        other.put(OTHER, target=NUMBER)
        for password, status in ((PASSWORD, 486), ("guessed1", 503)):
            asyncio.run(other.kamailio.take_credentials({"out": Credentials(USER, "", password)}))
            call = Call(carrier, other.address, OTHER).start()
            if status == 486:
                Incoming.wait(trunk).reply(486)
            call.expect(status)


def test_what_one_node_asks_another_one_hears(node: EdgeNode, caller: Phone, trunk: Phone, tmp_path: Path) -> None:
    """They share keys: so it takes no second challenge where two requests go to two nodes."""
    call = Call(caller, node.address, NUMBER)
    asked = challenged(call)
    other = EdgeNode(tmp_path, node.trunks.outbound, [FIXED, ROAMING])
    other.keys, other.callers = node.keys, node.callers
    with other:
        other.put(NUMBER, target=TARGET)
        call.edge = other.address
        again(call, credentials(asked, USER, PASSWORD, call.invite.uri))
        Incoming.wait(trunk).reply(486)
        call.expect(486)


def test_a_caller_by_ipv6(tmp_path: Path) -> None:
    """Its address is one, however it is written."""
    edge = EdgeNode(tmp_path, [OutboundTrunk("main", "sip:[::1]:9")], [FIXED, ROAMING], host="::1")
    edge.callers = {"roaming": Credentials(USER, "", PASSWORD)}
    with Phone(host="::1") as gateway, edge, Phone(host="::1") as pbx:
        edge.reload(OutboundTrunk("main", gateway.uri), inbound=[FIXED, ROAMING])
        edge.put(NUMBER, target=TARGET)
        call, incoming = connected(edge, pbx, gateway)
        bye = call.request("BYE")
        edge.stop()
        edge.start()
        pbx.send(bye, edge.address)
        incoming.answer(gateway.expect("BYE", skip=("OPTIONS",)))
        pbx.expect(200)


@needs_tls
@pytest.mark.parametrize("beside", [(), (InboundTrunk("known", (), certificate="x.example", ca=AUTHORITY.pem),)])
def test_a_password_by_tls(tmp_path: Path, beside: tuple[InboundTrunk, ...]) -> None:
    """Also where another trunk is known by its certificate, which this caller has not got."""
    certificate, key = AUTHORITY.issue("edge.example").write(tmp_path, "own")
    own: dict[str, Any] = {"tls_port": free_port(), "tls_certificate": certificate, "tls_key": key}
    with Phone() as trunk:
        out = OutboundTrunk("out", trunk.uri)
        edge = EdgeNode(tmp_path, [out], [ROAMING, *beside], **own)
        edge.callers = {"roaming": Credentials(USER, "", PASSWORD)}
        with edge, SecurePhone(client=client_side(tmp_path, AUTHORITY.pem), host=HERE) as pbx:
            edge.put(NUMBER, target=TARGET)
            address = edge.address[0], edge.config.tls_port
            call = proven(Call(pbx, address, NUMBER))
            incoming = Incoming.wait(trunk)
            assert not incoming.invite.all("Proxy-Authorization")
            incoming.reply(200, body=SDP)
            call.expect(200)
            call.ack()
            trunk.expect("ACK")
            call.send("BYE")
            incoming.answer(trunk.expect("BYE"))
            pbx.expect(200)
            assert proven(Call(pbx, address, NUMBER), password="guessed1").expect(407, skip=())
            assert edge.statistics()["refused_in_dialog"] == 0
            with SecurePhone(client=client_side(tmp_path, AUTHORITY.pem), host=THERE) as stranger:
                before = edge.statistics()["refused_sources"]
                stranger.send(Call(stranger, address, NUMBER).invite.encode().replace(b"INVITE", b"SUBSCRIBE"), address)
                wait_for(lambda: edge.statistics()["refused_sources"] == before + 1, "it to be dropped")
                stranger.expect_silence(0)


def test_an_invite_that_comes_twice_is_one_call(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    call = proven(Call(caller, node.address, NUMBER))
    call.start()
    incoming = Incoming.wait(trunk)
    incoming.reply(486)
    call.expect(486)
    assert not [each for each in caller.seen if each.status in (407, 482) and each["CSeq"] == "2 INVITE"]


def test_a_copy_without_a_transaction_is_left_to_the_first_one(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """It comes to another process before the first one has made its transaction; here that is over already."""
    # What comes from where a request of ours was sent to is heard in any case.
    _, incoming = connected(node, caller, trunk)
    incoming.send("BYE")
    asked = caller.expect("BYE")
    caller.send(asked.answer(200), asked.source)
    trunk.expect(200)

    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    trunk.expect("ACK")
    wait_for(lambda: not node.has_transactions(), "the end of the transaction", 20)
    call.start()
    caller.expect_silence()
    trunk.expect_silence()


def test_answers_to_others_are_passed_over(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """A proxy on the way may have asked as well; what has our realm and no sense is not an answer."""
    call = Call(caller, node.address, NUMBER)
    asked = challenged(call)
    other = credentials(asked, USER, PASSWORD, call.invite.uri, realm="other.example")
    again(call, other)
    asked = call.expect(407, skip=())["Proxy-Authenticate"]
    assert "stale" not in parameters(asked)
    again(call, other, credentials(asked, USER, PASSWORD, call.invite.uri))
    Incoming.wait(trunk).reply(486)
    call.expect(486)


def test_a_password_is_changed_while_calls_go_on(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """The old one is worth nothing with the next call; without any user nobody is asked for one."""
    try:
        take(node, roaming=Credentials(USER, "", "another one"))
        call = proven(Call(caller, node.address, NUMBER))
        call.expect(407, skip=())
        call = proven(Call(caller, node.address, NUMBER), password="another one")
        Incoming.wait(trunk).reply(486)
        call.expect(486)
        take(node)
        before = node.statistics()["refused_sources"]
        with Phone(host=THERE) as other:
            Call(other, node.address, NUMBER).start()
            wait_for(lambda: node.statistics()["refused_sources"] == before + 1, "the call to be dropped")
            other.expect_silence(0)
    finally:
        take(node, roaming=Credentials(USER, "", PASSWORD))


def take(node: EdgeNode, **callers: Credentials) -> None:
    asyncio.run(node.kamailio.take_callers(callers))


def test_a_call_outlasts_the_edge(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """Nothing but the mark tells that its caller is one; it binds the address, so nobody else ends the call."""
    call, incoming = connected(node, caller, trunk)
    bye = call.request("BYE")
    node.stop()
    node.start()
    before = node.statistics()["refused_sources"]
    with Phone(host=THERE) as other:
        other.send(bye, node.address)
        wait_for(lambda: node.statistics()["refused_sources"] > before, "the BYE of somebody else to be dropped")
        other.expect_silence(0)
    trunk.expect_silence(0)
    caller.send(bye, node.address)
    incoming.answer(trunk.expect("BYE"))
    caller.expect(200)


def test_another_caller_of_the_trunk_cannot_end_it(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """Though its address is known."""
    call, incoming = connected(node, caller, trunk)
    bye = call.request("BYE")
    with Phone(host=THERE) as other:
        connected(node, other, trunk)[0].send("BYE")
        asked = trunk.expect("BYE")
        trunk.send(asked.answer(200), asked.source)
        other.expect(200)
        before = node.statistics()["refused_in_dialog"]
        other.send(bye, node.address)
        wait_for(lambda: node.statistics()["refused_in_dialog"] == before + 1, "the BYE of somebody else to be refused")
    caller.send(bye, node.address)
    incoming.answer(trunk.expect("BYE"))
    caller.expect(200)


def test_a_mark_goes_with_its_trunk(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    call, _ = connected(node, caller, trunk)
    try:
        node.reload(*node.trunks.outbound, inbound=[FIXED])
        call.send("BYE")
        caller.expect(481)
    finally:
        node.reload(*node.trunks.outbound, inbound=[FIXED, ROAMING])


def test_peers_are_not_asked(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Nor is a trunk's own network, though the trunk has a user for calls from elsewhere."""
    inbound = [FIXED, replace(ROAMING, networks=(parse_network(f"{THERE}/32"),))]
    try:
        node.reload(*node.trunks.outbound, inbound=inbound)
        with Phone(host=THERE) as own, Phone(host=HERE) as elsewhere:
            for phone in (carrier, own):
                call = Call(phone, node.address, NUMBER).start()
                Incoming.wait(trunk).reply(486)
                call.expect(486)
            challenged(Call(elsewhere, node.address, NUMBER))
    finally:
        node.reload(*node.trunks.outbound, inbound=[FIXED, ROAMING])
