"""Trunks that ask who we are (docs/trunks.md, "A trunk that wants a password")."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from renvoi.domain.trunks.caller_id import CallerIdPolicy
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.digest import NAMES, challenge, proves
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
USER, PASSWORD = "acc-12", 'p"ä:s wörd€'
_IDENTITY = "Identity", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln;info=<https://certificates.example/1>"


@pytest.fixture(scope="module")
def phones() -> Iterator[tuple[Phone, Phone]]:
    with Phone() as first, Phone() as second:
        yield first, second


@pytest.fixture(scope="module")
def node(phones: tuple[Phone, Phone], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge with two trunks, of which the first one may challenge us."""
    first, second = phones
    # Headers that are a branch's own have to be in what is sent again.
    named = CallerIdPolicy.SERVED_USER
    trunks = [
        OutboundTrunk("first", first.uri, 90, user=USER, caller_id=named),
        OutboundTrunk("second", second.uri, 10),
    ]
    edge = EdgeNode(tmp_path_factory.mktemp("digest"), trunks)
    edge.credentials = {"first": Credentials(USER, "", PASSWORD)}
    with edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.fixture
def first(phones: tuple[Phone, Phone]) -> Phone:
    phones[0].forget()
    return phones[0]


@pytest.fixture
def second(phones: tuple[Phone, Phone]) -> Phone:
    phones[1].forget()
    return phones[1]


def challenged(trunk: Phone, status: int, *headers: Header) -> Incoming:
    """Challenge the next INVITE at a trunk; return the one that follows."""
    incoming = Incoming.wait(trunk)
    assert not incoming.invite.all(NAMES[status][1])
    incoming.reply(status, headers=headers)
    return again(trunk, incoming)


def again(trunk: Phone, before: Incoming) -> Incoming:
    trunk.expect("ACK", skip=("INVITE",))
    after = Incoming.wait(trunk)
    headers = ("Call-ID", "From", "Diversion", "History-Info", "Identity", "Record-Route", "Max-Forwards")
    for name in (*headers, "P-Asserted-Identity"):
        assert after.invite.all(name) == before.invite.all(name), name
    assert all(after.invite.all(name) for name in headers)
    assert after.invite.uri == before.invite.uri
    assert after.invite.body == before.invite.body
    assert after.invite["Via"] != before.invite["Via"]
    return after


@pytest.mark.parametrize(
    "more", ["", ', qop="auth"', ', qop="auth,auth-int", opaque="o p"', ', qop=" auth-int , AUTH "']
)
@pytest.mark.parametrize("status", [401, 407])
def test_a_challenge_is_answered_once_with_the_same_headers(
    node: EdgeNode, carrier: Phone, first: Phone, status: int, more: str
) -> None:
    """The calling carrier hears nothing of it; BYE and re-INVITE are challenged as well."""
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, status, challenge(status, "n1", more=more))
    assert proves(incoming.invite, status, USER, PASSWORD, "n1")
    incoming.reply(180)
    call.expect(180)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    first.expect("ACK")
    for method in ("INVITE", "BYE"):
        call.send(method, body=SDP if method == "INVITE" else "")
        asked = first.expect(method)
        first.send(asked.answer(status, headers=[challenge(status, "n2", more=more)]), asked.source)
        proven = first.expect_new(method, skip=("ACK",))
        assert proves(proven, status, USER, PASSWORD, "n2")
        incoming.answer(proven)
        carrier.expect(200)
        if method == "INVITE":
            call.ack()
            first.expect("ACK")
    kinds = [event["kind"] for event in node.wait_for_events(call.call_id, "decided", "answered", "hungup")]
    assert kinds[-1] == "hungup"
    assert not [message for message in carrier.seen if message.status in (401, 407)]


def test_a_nonce_that_was_too_old_is_answered_once_more(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    """And never again: the next trunk gets the call, without what the first one was shown."""
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 407, challenge(407, "n1"))
    incoming.reply(407, headers=[challenge(407, "n2", stale=True)])
    incoming = again(first, incoming)
    assert proves(incoming.invite, 407, USER, PASSWORD, "n2")
    incoming.reply(407, headers=[challenge(407, "n3", stale=True)])
    first.expect("ACK", skip=("INVITE",))
    incoming = Incoming.wait(second)
    assert not incoming.invite.all("Proxy-Authorization")
    incoming.reply(486)
    assert call.expect(486).get("Proxy-Authenticate") is None
    first.expect_silence(0.05)


REFUSED = {
    "wrong password": [(401, challenge(401, "n1")), (401, challenge(401, "n2"))],
    "forbidden with credentials": [(407, challenge(407, "n1")), (503, ("Retry-After", "1"))],
    "SHA-512-256 alone": [(401, (NAMES[401][0], 'Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"'))],
    "no challenge at all": [(401, ("X-Odd", "1"))],
    "no nonce": [(401, (NAMES[401][0], 'Digest realm="r"'))],
    "garbage": [
        (407, (NAMES[407][0], 'Digest realm="r, nonce=\x7f;;,,=')),
    ],
    "another scheme": [(401, (NAMES[401][0], 'Bearer realm="r"'))],
}


@pytest.mark.parametrize("answers", REFUSED.values(), ids=REFUSED)
def test_a_trunk_that_does_not_let_us_in_is_passed_over(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone, answers: list[tuple[int, Header]]
) -> None:
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    for status, header in answers:
        incoming = Incoming.wait(first)
        incoming.reply(status, headers=[header])
        first.expect("ACK", skip=("INVITE",))
    incoming = Incoming.wait(second)
    assert not incoming.invite.all("Authorization") + incoming.invite.all("Proxy-Authorization")
    incoming.reply(486)
    call.expect(486)
    if answers[-1][0] == 503:
        wait_for_return(node, first)


def wait_for_return(node: EdgeNode, trunk: Phone) -> None:
    """Answer the probe of a trunk that answered 503."""
    probe = trunk.expect("OPTIONS", skip=("ACK",))
    trunk.send(probe.answer(200), probe.source)
    wait_for(lambda: node.trunk_states()[0].state == "up", "the return of the first trunk")


def test_no_other_trunk(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """503 with cause 38, and nothing of the challenge."""
    one = OutboundTrunk("first", first.uri, user=USER, caller_id=CallerIdPolicy.SERVED_USER)
    before = node.trunks.outbound
    node.reload(one)
    try:
        call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
        incoming = challenged(first, 401, challenge(401, "n1"))
        incoming.reply(401, headers=[challenge(401, "n2")])
        answer = call.expect(503)
        assert answer["Reason"] == "Q.850;cause=38"
        assert answer.get("WWW-Authenticate") is None
        node.wait_for_events(call.call_id, "decided", "failed")
    finally:
        node.reload(*before)


_SHA_256 = ', algorithm=SHA-256, qop="auth"'


@pytest.mark.parametrize("more", [[], [challenge(401, "n2")[1]]], ids=["alone", "before MD5"])
@pytest.mark.parametrize("status", [401, 407])
def test_the_first_of_sha_256_and_md5_is_answered(
    node: EdgeNode, carrier: Phone, first: Phone, status: int, more: list[str]
) -> None:
    """RFC 8760 §2.4: the one at the top that is known."""
    name, _ = NAMES[status]
    unknown = 'Digest realm="carrier.example", nonce="n0", algorithm=SHA-512-256, qop="auth"'
    offered = [unknown, f'Digest realm="carrier.example", nonce="n1"{_SHA_256}', *more]
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, status, *((name, value) for value in offered))
    assert proves(incoming.invite, status, USER, PASSWORD, "n1", algorithm="SHA-256")
    incoming.reply(486)
    call.expect(486)


_ANSWERABLE = 'Digest realm="carrier.example", nonce="n1", algorithm=MD5, qop="auth"'
ODD = {
    # Kamailio's own answer to each of these three ends all of its processes.
    "qop in capitals": [_ANSWERABLE.replace('"auth"', '"AUTH"')],
    "qop behind a space": [_ANSWERABLE.replace('"auth"', '" auth"')],
    "qop behind one that nobody knows": [_ANSWERABLE.replace('"auth"', '"token,auth"')],
    "auth-int first": [_ANSWERABLE.replace('"auth"', '"auth-int,auth"')],
    "a realm that looks like an algorithm": [_ANSWERABLE.replace("carrier.example", "SHA-256 house")],
    "no realm": [_ANSWERABLE.replace("carrier.example", "")],
    "a realm of Latin-1": [_ANSWERABLE.replace("carrier.example", "maison \udce9toile")],
    "another scheme first": ['Bearer realm="carrier.example", scope="calls"', _ANSWERABLE],
    "another algorithm first": [_ANSWERABLE.replace("MD5", "AKAv1-MD5").replace("n1", "n0"), _ANSWERABLE],
    "one that nobody knows first": [_ANSWERABLE.replace("MD5", "FOO").replace("n1", "n0"), _ANSWERABLE],
    "auth-int alone first": [_ANSWERABLE.replace('"auth"', '"auth-int"').replace("n1", "n0"), _ANSWERABLE],
    "SHA-512-256 in folded lines first": [
        'Digest realm="carrier.example",\r\n nonce="n0",\r\n algorithm=SHA-512-256, qop="auth"',
        _ANSWERABLE.replace(", ", ",\r\n "),
    ],
}


@pytest.mark.parametrize("offered", ODD.values(), ids=ODD)
@pytest.mark.parametrize("status", [401, 407])
def test_a_challenge_that_we_can_answer_is_answered_however_it_comes(
    node: EdgeNode, carrier: Phone, first: Phone, status: int, offered: list[str]
) -> None:
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, status, *((NAMES[status][0], value) for value in offered))
    realm = offered[-1].partition('"')[2].partition('"')[0]
    assert proves(incoming.invite, status, USER, PASSWORD, "n1", realm)
    incoming.reply(486)
    call.expect(486)


def test_of_several_realms_the_trunks_own_is_answered(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    give(node, first=Credentials(USER, "carrier.example", PASSWORD))
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 407, challenge(407, "n0", "other.example"), challenge(407, "n1"))
    assert proves(incoming.invite, 407, USER, PASSWORD, "n1")
    incoming.reply(486)
    call.expect(486)
    give(node, first=Credentials(USER, "", PASSWORD))


def test_a_nonce_that_was_too_old_costs_the_next_trunk_nothing(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    give(node, first=Credentials(USER, "", PASSWORD), second=Credentials("two", "", "secret2"))
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 407, challenge(407, "n1"))
    incoming.reply(407, headers=[challenge(407, "n2", stale=True)])
    again(first, incoming).reply(500)
    incoming = challenged(second, 407, challenge(407, "m1"))
    assert proves(incoming.invite, 407, "two", "secret2", "m1")
    incoming.reply(486)
    call.expect(486)
    give(node, first=Credentials(USER, "", PASSWORD))


def test_the_caller_hangs_up_during_the_second_invite(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 407, challenge(407, "n1"))
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = first.expect("CANCEL", skip=("INVITE",))
    assert cancel["Via"] == incoming.invite["Via"]
    incoming.answer(cancel)
    incoming.reply(487)
    call.expect_cancelled()
    first.expect("ACK")
    second.expect_silence(0.05)


def test_the_caller_hangs_up_before_the_challenge(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = Incoming.wait(first)
    incoming.reply(100)
    call.cancel()
    cancel = first.expect("CANCEL", skip=("INVITE",))
    incoming.answer(cancel)
    incoming.reply(407, headers=[challenge(407, "n1")])
    call.expect_cancelled()
    first.expect("ACK")
    first.expect_silence(0.05)
    second.expect_silence(0.05)
    assert node.wait_for_events(call.call_id, "decided", "failed")[-1]["status"] == 487


def test_a_realm_that_is_not_the_trunks_own_gets_nothing(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    give(node, first=Credentials(USER, "carrier.example", PASSWORD))
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    Incoming.wait(first).reply(401, headers=[challenge(401, "n1", "other.example")])
    Incoming.wait(second).reply(486)
    call.expect(486)
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 401, challenge(401, "n1"))
    assert proves(incoming.invite, 401, USER, PASSWORD, "n1")
    incoming.reply(486)
    call.expect(486)
    give(node, first=Credentials(USER, "", PASSWORD))


def test_credentials_are_changed_while_calls_go_on(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    give(node, first=Credentials("other", "", "new"))
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 401, challenge(401, "n1"))
    assert proves(incoming.invite, 401, "other", "new", "n1")
    incoming.reply(486)
    call.expect(486)
    give(node)
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    Incoming.wait(first).reply(401, headers=[challenge(401, "n1")])
    Incoming.wait(second).reply(486)
    call.expect(486)
    give(node, first=Credentials(USER, "", PASSWORD))


def test_each_trunk_gets_its_own_credentials(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    give(node, first=Credentials(USER, "", PASSWORD), second=Credentials("two", "", "secret2"))
    call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
    incoming = challenged(first, 401, challenge(401, "n1"))
    incoming.reply(503)
    incoming = challenged(second, 407, challenge(407, "m1", "b"))
    assert proves(incoming.invite, 407, "two", "secret2", "m1", "b")
    incoming.reply(407, headers=[challenge(407, "m2", "b", stale=True)])
    incoming = again(second, incoming)
    assert proves(incoming.invite, 407, "two", "secret2", "m2", "b")
    incoming.reply(486)
    call.expect(486)
    wait_for_return(node, first)
    give(node, first=Credentials(USER, "", PASSWORD))


def test_who_refuses_the_caller_may_ask_again_when_it_is_shown_another_one(
    node: EdgeNode, carrier: Phone, first: Phone
) -> None:
    before = node.trunks.outbound
    node.reload(replace(before[0], caller_id=CallerIdPolicy.PASSTHROUGH, fallback="served-user"), *before[1:])
    try:
        call = Call(carrier, node.address, NUMBER, headers=[_IDENTITY]).start()
        incoming = Incoming.wait(first)
        incoming.reply(401, headers=[challenge(401, "n1")])
        incoming = Incoming.wait(first)
        assert proves(incoming.invite, 401, USER, PASSWORD, "n1")
        assert incoming.invite["From"] == call.invite["From"]
        incoming.reply(403)
        incoming = Incoming.wait(first)
        assert incoming.invite["From"].startswith(f"<sip:{NUMBER}@")
        assert not incoming.invite.all("Authorization")
        incoming.reply(401, headers=[challenge(401, "n2")])
        incoming = again(first, incoming)
        assert proves(incoming.invite, 401, USER, PASSWORD, "n2")
        incoming.reply(200, body=SDP)
        assert call.expect(200)["From"] == call.invite["From"]
        call.ack()
        first.expect("ACK")
        assert node.wait_for_events(call.call_id, "decided", "answered")[-1]["fallback"]
    finally:
        node.reload(*before)


def give(node: EdgeNode, **credentials: Credentials) -> None:
    asyncio.run(node.kamailio.take_credentials(credentials))


def test_the_log_has_no_password(node: EdgeNode) -> None:
    assert PASSWORD not in node.logged()
    assert "secret2" not in node.logged()
