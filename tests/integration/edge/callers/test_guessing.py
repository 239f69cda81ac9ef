"""Who is let in by a password, or guesses at one: limits, replays, damage and floods."""

import contextlib
import random
import socket
import threading
import time
from pathlib import Path

import pytest

from renvoi.domain.trunks.digest import NONCE_S, SALT_BYTES, Credentials, make_nonce
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio import render
from renvoi.edge.router.challenges import MOST_FOR_A_USER
from renvoi.edge.router.parties import PARAMETER
from tests.support.asked import (
    FIXED,
    HERE,
    NUMBER,
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
from tests.support.ports import bind_unused
from tests.support.sip import Call, Incoming, Phone, options
from tests.support.sip_message import SipMessage
from tests.support.waiting import BESIDE_S, wait_for, wait_for_reader

WRONG_ANSWERS, AT_A_TIME = 10_000, 16
"""Of a flood, and after how many it looks whether the edge comes after it."""


def test_where_strangers_are_answered_anyway(caller: Phone, trunk: Phone, tmp_path: Path) -> None:
    """They are told that we are here, and asked who they are when they call."""
    edge = EdgeNode(tmp_path, [OutboundTrunk("main", trunk.uri)], [FIXED, ROAMING], answer_strangers=True)
    edge.callers = {"roaming": Credentials(USER, "", PASSWORD)}
    with edge:
        edge.put(NUMBER, target=TARGET)
        assert options(caller, edge.address).status == 200
        call = proven(Call(caller, edge.address, NUMBER))
        Incoming.wait(trunk).reply(486)
        call.expect(486)


def test_wrong_user_and_wrong_password_are_alike(node: EdgeNode, caller: Phone, trunk: Phone) -> None:
    before = node.statistics()["refused_digests"]
    heads, told = [], []
    for user, password in ((USER, "guessed1"), ("nobody", PASSWORD), ("r\u00f6\u00df", PASSWORD), ("", PASSWORD)):
        call = proven(Call(caller, node.address, NUMBER), user, password)
        answer = call.expect(407, skip=())
        shown = parameters(answer["Proxy-Authenticate"])
        told.append(node.shared_text("digest_for"))
        heads.append(([name for name, _ in answer.headers], sorted(shown), len(shown["nonce"])))
    assert heads[1:] == heads[:-1]
    assert "stale" not in heads[0][1]
    assert told == ["trunk roaming", "nobody", "nobody", "nobody"], "what the log has, and nobody else is told"
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


@pytest.mark.parametrize("character", ["\r", "\0"], ids=["return", "nul"])
def test_what_is_no_header_line_is_not_answered(node: EdgeNode, caller: Phone, character: str) -> None:
    """Nothing but a call of good form is, as who sends it is a stranger still."""
    said = len(node.logged())
    asked = parameters(challenged(Call(caller, node.address, NUMBER)))
    call = Call(caller, node.address, NUMBER)
    value = (
        f'Digest username="a{character}b", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="x", response="0"'
    )
    again(call, ("Proxy-Authorization", value))
    caller.expect_silence(0.2)
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
    sent = 0

    def flood() -> None:
        nonlocal sent
        for number in range(WRONG_ANSWERS):
            if number % AT_A_TIME == 0:
                wait_for_reader(node.address[1])
            source = f"127.66.{number >> 8}.{number & 255}"
            nonce = make_nonce(node.keys, now_ms, source, bytes(SALT_BYTES))
            header = credentials(asked.replace("NONCE", nonce), USER, "guessed1", call.invite.uri)
            invite = SipMessage(call.invite.start_line, [header, *call.invite.headers], call.invite.body)
            with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                bind_unused(stranger, source)
                stranger.sendto(invite.encode(), node.address)
            sent = number + 1

    before, said, began_at = node.statistics(), len(node.logged()), time.monotonic()
    thread = threading.Thread(target=flood)
    thread.start()
    took: list[float] = []

    def is_due() -> bool:
        # A call takes memory until 5 s after its end, so a peer that calls as quickly as it can is refused for that.
        return sent >= min(len(took) * AT_A_TIME, WRONG_ANSWERS)

    while not took or sent < WRONG_ANSWERS:
        wait_for(is_due, "the flood to go on", 60.0)
        began = time.monotonic()
        one = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        one.expect(486)
        took.append(time.monotonic() - began)
    thread.join()
    assert max(took) < 4 + BESIDE_S / 2
    after = node.statistics()
    heard_of = sum(after[name] - before[name] for name in ("refused_sources", "refused_digests"))
    assert heard_of > WRONG_ANSWERS / 2, "most of it was read"
    heard = render.MOST_STRANGERS_A_SECOND * (time.monotonic() - began_at + 2)
    assert sum(node.entries(name) for name in ("tries", "wrong", "banned", "used", "admitted")) <= 2 * heard
    assert node.logged()[said:].count("\n") <= 3
