"""Inbound trunks that are known by a password (docs/trunks.md, "A trunk without fixed addresses")."""

import asyncio
import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.trunks.credentials import Credentials
from renvoi.domain.trunks.digest import NONCE_S, SALT_BYTES, make_nonce
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.kamailio import render
from renvoi.edge.router.challenges import MOST_FOR_A_USER
from renvoi.edge.router.parties import PARAMETER
from tests.support.digest import credentials, parameters
from tests.support.edge import EdgeNode
from tests.support.ports import free_port
from tests.support.sip import SDP, Call, Incoming, Phone, options
from tests.support.sip_message import Header, SipMessage
from tests.support.tls import Authority, SecurePhone, client_side, needs_tls
from tests.support.waiting import wait_for

NUMBER, OTHER, TARGET = "+33199001234", "+33199005678", "+33612345678"
USER, PASSWORD = "pbx-12", 'p"ä:s wörd€'
FIXED = InboundTrunk("fixed", (parse_network("127.0.0.1/32"),))
ROAMING = InboundTrunk("roaming", (), inbound_user=USER)
AUTHORITY = Authority("callers of the test")
HERE, THERE = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("main", gateway.uri)]
    edge = EdgeNode(tmp_path_factory.mktemp("callers"), trunks, [FIXED, ROAMING])
    edge.callers = {"roaming": Credentials(USER, "", PASSWORD)}
    with edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture
def trunk(gateway: Phone) -> Phone:
    gateway.forget()
    return gateway


@pytest.fixture(autouse=True)
def _unknown_again(node: EdgeNode) -> None:
    node.forget("banned", "tries", "wrong", "admitted", "pace")


@pytest.fixture(params=["udp", "tcp"])
def pbx(request: pytest.FixtureRequest) -> Iterator[Phone]:
    with Phone(request.param, HERE) as phone:
        yield phone


@pytest.fixture
def caller() -> Iterator[Phone]:
    with Phone(host=HERE) as phone:
        yield phone


def challenged(call: Call) -> str:
    """Send a call that proves nothing; return what it is asked."""
    call.start()
    return call.expect(407, skip=()).all("Proxy-Authenticate")[0]


def again(call: Call, *headers: Header) -> Call:
    """Send the call once more with these headers, as the next request of a new transaction."""
    call.cseq += 1
    kept = [each for each in call.invite.headers if each[0] not in ("Via", "CSeq", "Proxy-Authorization")]
    added = [("Via", call.phone.via()), ("CSeq", f"{call.cseq} INVITE"), *headers]
    call.invite = SipMessage(call.invite.start_line, [*added, *kept], call.invite.body)
    return call.start()


def proven(call: Call, user: str = USER, password: str = PASSWORD) -> Call:
    asked = challenged(call)
    return again(call, credentials(asked, user, password, call.invite.uri))


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


def test_wrong_user_and_wrong_password_are_alike(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    before = node.statistics()["refused_digests"]
    heads = []
    for user, password in ((USER, "guessed1"), ("nobody", PASSWORD), ("r\u00f6\u00df", PASSWORD), ("", PASSWORD)):
        call = proven(Call(caller, node.address, NUMBER), user, password)
        answer = call.expect(407, skip=())
        shown = parameters(answer["Proxy-Authenticate"])
        heads.append(([name for name, _ in answer.headers], sorted(shown), len(shown["nonce"])))
    assert heads[1:] == heads[:-1]
    assert "stale" not in heads[0][1]
    assert node.statistics()["refused_digests"] == before + 4
    trunk.expect_silence(0)


def test_a_nonce_that_is_too_old_is_replaced(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    call = Call(caller, node.address, NUMBER)
    asked = challenged(call)
    now_ms = time.time_ns() // 1_000_000
    for age_s in (NONCE_S + 2, -NONCE_S - 2):
        nonce = make_nonce(node.keys, now_ms - age_s * 1000, HERE, bytes(SALT_BYTES))
        old = asked.replace(parameters(asked)["nonce"], nonce)
        again(call, credentials(old, USER, PASSWORD, call.invite.uri))
        asked = call.expect(407, skip=())["Proxy-Authenticate"]
        assert parameters(asked)["stale"] == "true"
    again(call, credentials(asked, USER, PASSWORD, call.invite.uri))
    Incoming.wait(trunk).reply(486)
    call.expect(486)


def test_what_was_heard_elsewhere_opens_nothing(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """The same answer again, to another call or from another address; one more with the same nonce is a new one."""
    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    heard = next(each for each in call.invite.headers if each[0] == "Proxy-Authorization")
    with Phone(host=THERE) as other:
        for phone in (caller, other):
            replayed = again(Call(phone, node.address, NUMBER), heard)
            assert parameters(replayed.expect(407, skip=())["Proxy-Authenticate"])["stale"] == "true"
    fresh = Call(caller, node.address, NUMBER)
    again(fresh, credentials(heard[1], USER, PASSWORD, fresh.invite.uri, count="00000002"))
    Incoming.wait(trunk).reply(486)
    fresh.expect(486)


def test_an_invite_that_comes_twice_is_one_call(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    call = proven(Call(caller, node.address, NUMBER))
    call.start()
    incoming = Incoming.wait(trunk)
    incoming.reply(486)
    call.expect(486)
    assert not [each for each in caller.seen if each.status in (407, 482) and each["CSeq"] == "2 INVITE"]


def test_answers_to_others_are_passed_over(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """A proxy on the way may have asked as well; what has our realm and no sense is no answer."""
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


def connected(node: EdgeNode, caller: Phone, trunk: Phone) -> tuple[Call, Incoming]:
    call = proven(Call(caller, node.address, NUMBER))
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    return call, incoming


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


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "MESSAGE", "BYE", "CANCEL", "ACK", "SUBSCRIBE"])
def test_nothing_but_a_call_is_answered(node: EdgeNode, method: str) -> None:
    before, said = node.statistics()["refused_sources"], len(node.logged())
    with Phone(host=THERE) as stranger:
        invite = Call(stranger, node.address, NUMBER).invite
        headers = [(name, f"1 {method}" if name == "CSeq" else value) for name, value in invite.headers]
        stranger.send(SipMessage(invite.start_line.replace("INVITE", method), headers), node.address)
        wait_for(lambda: node.statistics()["refused_sources"] == before + 1, "it to be dropped")
        stranger.expect_silence(0)
    assert len(node.logged()) == said


def test_who_guesses_is_shut_out(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """Whatever comes from there then, the right password too; others and calls in progress go on."""
    with Phone(host=THERE) as other:
        call, incoming = connected(node, other, trunk)
        for _ in range(render.MOST_WRONG):
            proven(Call(other, node.address, NUMBER), password="guessed1").expect(407, skip=())
        before = node.statistics()
        asked = challenged(Call(other, node.address, NUMBER))
        last = Call(other, node.address, NUMBER)
        again(last, credentials(asked, USER, "guessed1", last.invite.uri))
        wait_for(lambda: node.statistics()["shut_out"] == before["shut_out"] + 1, "the source to be shut out")
        right = Call(other, node.address, NUMBER)
        again(right, credentials(asked, USER, PASSWORD, right.invite.uri, count="00000002"))
        wait_for(lambda: node.statistics()["refused_sources"] >= before["refused_sources"] + 2, "it to be dropped")
        other.expect_silence(0)
        call.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        other.expect(200)
    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)


def test_who_only_asks_is_shut_out(node: EdgeNode) -> None:
    before = node.statistics()["shut_out"]
    with Phone(host=THERE) as scanner:
        for _ in range(render.MOST_TRIES):
            # All unknown sources together are heard so often in a second.
            node.forget("pace")
            challenged(Call(scanner, node.address, NUMBER))
        Call(scanner, node.address, NUMBER).start()
        wait_for(lambda: node.statistics()["shut_out"] == before + 1, "the source to be shut out")
        scanner.expect_silence(0)


def test_a_user_who_is_guessed_at_is_believed_where_it_was_known(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """From many addresses a password can be guessed at quickly; those do not even notice when they have it."""
    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    for number in range(MOST_FOR_A_USER):
        node.forget("pace")
        source = f"127.88.0.{number + 1}"
        with Phone(host=source) as guesser:
            proven(Call(guesser, node.address, NUMBER), password="guessed1").expect(407, skip=())
    with Phone(host=THERE) as new:
        proven(Call(new, node.address, NUMBER)).expect(407, skip=())
    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)


def test_answers_that_no_limit_has_counted_count_for_nobody(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    """One behind an empty line, with a mark in its body as if it were inside a call: hundreds of them locked a user."""
    with Phone(host=THERE) as guesser:
        asked = challenged(Call(guesser, node.address, NUMBER))
        for count in range(MOST_FOR_A_USER):
            node.forget("pace")
            call = Call(guesser, node.address, NUMBER)
            call.invite.headers.append(credentials(asked, USER, "guessed1", call.invite.uri, count=f"{count + 1:08x}"))
            call.invite.body += f";{PARAMETER}=x".encode()
            guesser.send(b"\r\n" + call.invite.encode(), node.address)
    call = proven(Call(caller, node.address, NUMBER))
    Incoming.wait(trunk).reply(486)
    call.expect(486)


ODD = {
    "empty": "",
    "scheme alone": "Digest",
    "no value": "Digest username",
    "endless": "Digest " + "a=b," * 8_000,
    "many": "Digest " + ", ".join(f"a{number}=b" for number in range(500)),
    "spaces": "Digest " + " " * 20_000 + "x",
    "open quote": 'Digest username="' + "\\" * 3_000,
    "return in quotes": 'Digest username="a\rb", realm="{realm}", nonce="{nonce}", uri="x", response="'
    + "0" * 32
    + '"',
    "nul": 'Digest username="a\0b", realm="{realm}", nonce="{nonce}", uri="x", response="' + "0" * 32 + '"',
    "twice": 'Digest realm="{realm}", realm="{realm}", username="a"',
    "no text": 'Digest username="\udcff\udcfe", realm="{realm}", nonce="{nonce}", uri="\udcff", response="'
    + "0" * 32
    + '"',
    "wrong qop": 'Digest username="pbx-12", realm="{realm}", nonce="{nonce}", uri="x", response="'
    + "0" * 32
    + '", qop=auth-int, nc=1, cnonce="c"',
    "wrong count": 'Digest username="pbx-12", realm="{realm}", nonce="{nonce}", uri="x", response="'
    + "0" * 32
    + '", qop=auth, nc=-1, cnonce="c"',
    "SHA-256": 'Digest username="pbx-12", realm="{realm}", nonce="{nonce}", uri="x", response="'
    + "0" * 64
    + '", algorithm=SHA-256',
    "short response": 'Digest username="pbx-12", realm="{realm}", nonce="{nonce}", uri="x", response="0"',
    "odd nonce": 'Digest username="pbx-12", realm="{realm}", nonce="====", uri="x", response="' + "0" * 32 + '"',
    "long user": 'Digest username="'
    + "u" * 3_500
    + '", realm="{realm}", nonce="{nonce}", uri="x", response="'
    + "0" * 32
    + '"',
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_what_no_sane_peer_answers(node: EdgeNode, caller: Phone, value: str) -> None:
    """It is asked again; no line in the log, and nothing that the next one would notice."""
    said = len(node.logged())
    asked = parameters(challenged(Call(caller, node.address, NUMBER)))
    call = Call(caller, node.address, NUMBER)
    written = value.replace("{realm}", asked["realm"]).replace("{nonce}", asked["nonce"])
    again(call, ("Proxy-Authorization", written))
    call.expect(407, skip=())
    assert len(node.logged()) == said


def test_broken_invites(node: EdgeNode, caller: Phone) -> None:
    """Each may get an answer or none; the edge goes on, and says nothing of it."""
    said, pids = len(node.logged()), node.pids()
    asked = challenged(Call(caller, node.address, NUMBER))
    dice = random.Random(7)
    with Phone(host=THERE) as stranger:
        for _ in range(400):
            call = Call(stranger, node.address, NUMBER)
            header = credentials(asked, USER, PASSWORD, call.invite.uri)
            call.invite.headers.insert(0, header)
            data = bytearray(call.invite.encode())
            for _ in range(dice.randrange(1, 9)):
                at = dice.randrange(7, len(data))
                data[at : at + dice.randrange(3)] = dice.choice((b"\0", b"\r", b'"', b"\xff", b"", b",", b"=" * 40))
            node.forget("pace", "tries") if dice.random() < 0.02 else None
            stranger.send(bytes(data), node.address)
    wait_for(lambda: options_answered(node), "a peer to be answered")
    assert node.pids() == pids
    assert len(node.logged()) == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Via", "SIP/2.0/TCP 127.0.0.3:45(5;branch=z9hG4bK1"),
        ("Via", "SIP/2.0/TCP 127.0.0.3;branch=z9hG4bK1;rport=(,SIP/2.0/TCP x"),
        ("To", "<sip:+33199>4@127.0.0.1>"),
        ("To", "<sip:+33199001234@127.0.\\:5060>"),
        ("From", "<sip:1@x>;tag=a;;=="),
        ("Call-ID", "a b"),
        ("CSeq", "1\tINVITE"),
    ],
)
def test_a_broken_line_by_tcp_costs_no_line_in_the_log(node: EdgeNode, name: str, value: str) -> None:
    """Kamailio has to read what comes by a connection that is to stay; unless it can for certain, it is closed."""
    said = len(node.logged())
    with Phone("tcp", THERE) as stranger:
        call = Call(stranger, node.address, NUMBER)
        call.invite.headers = [(key, value if key == name else own) for key, own in call.invite.headers]
        stranger.send(call.invite, node.address)
        wait_for(lambda: stranger.receive_now() is not None or not stranger._streams, "an answer, or the end")
        sent = SipMessage(call.invite.start_line.replace("INVITE", "ACK"), [*call.invite.headers])
        sent.headers = [(key, f"{own};tag=asked-1" if key == "To" else own) for key, own in sent.headers]
        with contextlib.suppress(OSError):
            stranger.send(sent, node.address)
    assert options_answered(node)
    assert len(node.logged()) == said


def options_answered(node: EdgeNode) -> bool:
    with Phone() as peer:
        return options(peer, node.address).status == 200


def test_ten_thousand_wrong_answers_slow_no_peer(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Each from an address of its own, to a challenge that it got there."""
    call = Call(carrier, node.address, NUMBER)
    now_ms = time.time_ns() // 1_000_000
    asked = f'Digest realm="{node.config.uri_domain}", nonce="NONCE"'
    sent = threading.Event()

    def flood() -> None:
        for number in range(10_000):
            source = f"127.66.{number >> 8}.{number & 255}"
            nonce = make_nonce(node.keys, now_ms, source, bytes(SALT_BYTES))
            header = credentials(asked.replace("NONCE", nonce), USER, "guessed1", call.invite.uri)
            invite = SipMessage(call.invite.start_line, [header, *call.invite.headers], call.invite.body)
            with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                stranger.bind((source, 0))
                stranger.sendto(invite.encode(), node.address)
        sent.set()

    said, began_at = len(node.logged()), time.monotonic()
    thread = threading.Thread(target=flood)
    thread.start()
    took: list[float] = []
    while not took or not sent.is_set():
        began = time.monotonic()
        one = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        one.expect(486)
        took.append(time.monotonic() - began)
    thread.join()
    assert max(took) < 4
    heard = render.MOST_STRANGERS_A_SECOND * (time.monotonic() - began_at + 2)
    assert sum(len(node.table(name)) for name in ("tries", "wrong", "banned", "used", "admitted")) <= 2 * heard
    assert node.logged()[said:].count("\n") <= 3


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
