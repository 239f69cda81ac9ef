"""Trunks that we register at (docs/trunks.md, "Registration")."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.registrations import Registration, RegistrationState
from tests.support.digest import challenge, proves
from tests.support.edge import EdgeNode
from tests.support.sip import Phone
from tests.support.sip_message import SipMessage, uri_in
from tests.support.waiting import wait_for

_ONGOING = 2
"""Of Kamailio's flags of a registration."""
USER, PASSWORD = "acc-12", "p\u00e4ss: w\u00f6rd"


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    with Phone() as registrar:
        yield registrar


@pytest.fixture(scope="module")
def node(phone: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that may register."""
    trunk = OutboundTrunk("first", phone.uri, user=USER, register=True)
    with EdgeNode(tmp_path_factory.mktemp("registration"), [trunk], registration_period_s=1) as edge:
        yield edge


@pytest.fixture
def registrar(node: EdgeNode, phone: Phone) -> Iterator[Phone]:
    """Play the registrar, at which nothing is registered."""
    phone.forget()
    yield phone
    register(node)


def wanted(phone: Phone, password: str = PASSWORD, contact: str = "first", expires_s: int = 60) -> Registration:
    address = Destination(phone.host, phone.port)
    return Registration(contact, "carrier.example", address, expires_s, Credentials(USER, "", password))


def register(node: EdgeNode, **registrations: Registration) -> None:
    asyncio.run(node.kamailio.registrations.follow(registrations))


def state(node: EdgeNode) -> RegistrationState:
    return asyncio.run(node.kamailio.registrations.states())["first"]


def left_s(node: EdgeNode) -> int:
    """Return for how long Kamailio leaves the registrar alone, 0 while it waits for an answer."""
    found = asyncio.run(node.kamailio.registrations._facts("first"))
    return max(0, int(found["diff_expires"])) if not found["flags"] & _ONGOING else 0


def accept(registrar: Phone, password: str = PASSWORD, expires_s: int = 60, nonce: str = "n1") -> SipMessage:
    """Challenge the next REGISTER, and take the one that follows."""
    asked = registrar.expect_new("REGISTER")
    registrar.send(asked.answer(401, headers=[challenge(401, nonce)]), asked.source)
    proven = registrar.expect_new("REGISTER")
    assert proves(proven, 401, USER, password, nonce)
    answer = [("Contact", f"{proven['Contact']};expires={expires_s}"), ("Expires", str(expires_s))]
    registrar.send(proven.answer(200, headers=answer), proven.source)
    return proven


def test_we_are_registered_and_let_go_of_again(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar, contact="+33199001234"))
    request = accept(registrar)
    assert request.uri == "sip:carrier.example"
    assert uri_in(request["To"]) == f"sip:{USER}@carrier.example"
    assert uri_in(request["Contact"]) == f"sip:+33199001234@{node.address[0]}:{node.address[1]}"
    assert request["Expires"] == "60"
    wait_for(lambda: state(node).registered, "the registration")
    assert state(node).answer == 200
    let_go(node, registrar)


def test_it_is_renewed_before_it_ends(node: EdgeNode, registrar: Phone) -> None:
    """Each time with the same Call-ID and a higher CSeq, challenged again."""
    register(node, first=wanted(registrar))
    first = accept(registrar, expires_s=6)
    again = accept(registrar, expires_s=60, nonce="n2")
    assert again["Call-ID"] == first["Call-ID"]
    assert int(again["CSeq"].split()[0]) > int(first["CSeq"].split()[0])
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


def let_go(node: EdgeNode, registrar: Phone) -> None:
    """Take a registration back, and play the registrar meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(register, node)
        asked = registrar.expect_new("REGISTER")
        registrar.send(asked.answer(401, headers=[challenge(401, "bye")]), asked.source)
        proven = registrar.expect_new("REGISTER")
        assert proves(proven, 401, USER, PASSWORD, "bye")
        assert proven["Expires"] == "0"
        registrar.send(proven.answer(200), proven.source)
        done.result(10)
    registrar.expect_silence(0.1)


def test_a_refused_or_silent_registrar_is_tried_until_it_takes_us(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar))
    asked = registrar.expect_new("REGISTER")
    registrar.send(asked.answer(403), asked.source)
    wait_for(lambda: state(node).answer == 403, "the refusal")
    assert not state(node).registered
    asked = registrar.expect_new("REGISTER")
    registrar.send(asked.answer(401, headers=[challenge(401, "n1")]), asked.source)
    wrong = registrar.expect_new("REGISTER")
    registrar.send(wrong.answer(401, headers=[challenge(401, "n2")]), wrong.source)
    wait_for(lambda: state(node).answer == 401, "the second challenge")
    assert not state(node).registered
    accept(registrar, nonce="n3")
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


def test_credentials_are_changed_and_the_binding_stays(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar))
    accept(registrar)
    wait_for(lambda: state(node).registered, "the registration")
    register(node, first=wanted(registrar, "new"))
    request = accept(registrar, "new")
    assert uri_in(request["Contact"]).startswith("sip:first@")
    wait_for(lambda: state(node).registered, "the registration")
    register(node, first=wanted(registrar))
    accept(registrar)
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


_ANSWERABLE = 'Digest realm="carrier.example", nonce="n1", algorithm=MD5, qop="auth"'
ODD = {
    "SHA-256 first": [_ANSWERABLE.replace("MD5", "SHA-256").replace("n1", "n0"), _ANSWERABLE],
    "another scheme first": ['Bearer realm="carrier.example"', _ANSWERABLE],
    # Kamailio's own answer to it ends all of its processes.
    "qop in capitals": [_ANSWERABLE.replace('"auth"', '"auth-int, AUTH"')],
}


@pytest.mark.parametrize("offered", ODD.values(), ids=ODD)
def test_a_challenge_that_we_can_answer_is_answered_however_it_comes(
    node: EdgeNode, registrar: Phone, offered: list[str]
) -> None:
    register(node, first=wanted(registrar))
    asked = registrar.expect_new("REGISTER")
    registrar.send(asked.answer(401, headers=[("WWW-Authenticate", each) for each in offered]), asked.source)
    proven = registrar.expect_new("REGISTER")
    assert proves(proven, 401, USER, PASSWORD, "n1")
    registrar.send(proven.answer(200, headers=[("Contact", f"{proven['Contact']};expires=60")]), proven.source)
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


GRANTED = {
    "without a time": ([("Contact", "{}")], 600),
    "in Expires": ([("Contact", "{}"), ("Expires", "120")], 120),
    "without Contact": ([("Expires", "120")], 120),
    "with nothing": ([], 600),
    "for ever": ([("Contact", "{};expires=4294967295")], 600),
    "longer than any number": ([("Contact", "{};expires=" + "9" * 40)], 600),
    "with a time that is none": ([("Contact", "{};expires=soon")], 600),
    "beside others": ([("m", "<sip:other@192.0.2.1>;expires=7"), ("m", '{};expires="120"')], 120),
}


@pytest.mark.parametrize(("granted", "seconds"), GRANTED.values(), ids=GRANTED)
def test_a_registration_is_believed_however_it_is_granted(
    node: EdgeNode, registrar: Phone, granted: list[tuple[str, str]], seconds: int
) -> None:
    register(node, first=wanted(registrar, expires_s=600))
    asked = registrar.expect_new("REGISTER")
    headers = [(name, value.format(asked["Contact"])) for name, value in granted]
    registrar.send(asked.answer(200, headers=headers), asked.source)
    wait_for(lambda: state(node).registered, "the registration")
    # It is renewed when it ends, and not at once.
    assert seconds - 60 < left_s(node) <= seconds
    let_go(node, registrar)


@pytest.mark.parametrize(
    "contacts", [["{};expires=0"], ["<sip:other@192.0.2.1>;expires=60"], ["*"], ["<<<;;;>>>"]], ids=str
)
def test_an_answer_that_does_not_register_us_counts_as_a_refusal(
    node: EdgeNode, registrar: Phone, contacts: list[str]
) -> None:
    """It is asked again after a while: at once it would be for ever."""
    register(node, first=wanted(registrar))
    asked = registrar.expect_new("REGISTER")
    answer = [("Contact", each.format(asked["Contact"])) for each in contacts]
    registrar.send(asked.answer(200, headers=answer), asked.source)
    left = wait_for(lambda: left_s(node), "the time until it asks again")
    assert not state(node).registered
    assert left > 1
    accept(registrar)
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


@pytest.mark.parametrize(
    "value", ['Digest realm="r", nonce="n", qop="TOKEN"', "Digest", 'Digest realm="r, nonce=\x7f;;,,=', "\udcff,,,"]
)
def test_a_challenge_that_is_none_ends_nothing(node: EdgeNode, registrar: Phone, value: str) -> None:
    pids = node.pids()
    register(node, first=wanted(registrar))
    asked = registrar.expect_new("REGISTER")
    registrar.send(asked.answer(401, headers=[("WWW-Authenticate", value)]), asked.source)
    accept(registrar)
    wait_for(lambda: state(node).registered, "the registration")
    assert node.pids() == pids
    let_go(node, registrar)


def test_the_log_has_no_password(node: EdgeNode) -> None:
    assert PASSWORD not in node.logged()
