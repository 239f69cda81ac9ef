"""Trunks that we register at (docs/trunks.md, "Registration")."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.credentials import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.registrations import Registration, RegistrationState
from tests.support.digest import challenge, proves
from tests.support.edge import EdgeNode
from tests.support.sip import Phone, bare
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

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


def accept(registrar: Phone, password: str = PASSWORD, expires_s: int = 60, nonce: str = "n1") -> SipMessage:
    """Challenge the next REGISTER, and take the one that follows."""
    asked = registrar.expect("REGISTER")
    registrar.send(asked.answer(401, headers=[challenge(401, nonce)]), asked.source)
    proven = registrar.expect("REGISTER")
    assert proves(proven, 401, USER, password, nonce)
    answer = [("Contact", f"{proven['Contact']};expires={expires_s}"), ("Expires", str(expires_s))]
    registrar.send(proven.answer(200, headers=answer), proven.source)
    return proven


def test_we_are_registered_and_let_go_of_again(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar, contact="+33199001234"))
    request = accept(registrar)
    assert request.uri == "sip:carrier.example"
    assert bare(request["To"]) == f"sip:{USER}@carrier.example"
    assert bare(request["Contact"]) == f"sip:+33199001234@{node.address[0]}:{node.address[1]}"
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
        asked = registrar.expect("REGISTER")
        registrar.send(asked.answer(401, headers=[challenge(401, "bye")]), asked.source)
        proven = registrar.expect("REGISTER")
        assert proves(proven, 401, USER, PASSWORD, "bye")
        assert proven["Expires"] == "0"
        registrar.send(proven.answer(200), proven.source)
        done.result(10)
    registrar.expect_silence(0.1)


def test_a_refused_or_silent_registrar_is_tried_until_it_takes_us(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar))
    asked = registrar.expect("REGISTER")
    registrar.send(asked.answer(403), asked.source)
    wait_for(lambda: state(node).answer == 403, "the refusal")
    assert not state(node).registered
    asked = registrar.expect("REGISTER")
    registrar.send(asked.answer(401, headers=[challenge(401, "n1")]), asked.source)
    wrong = registrar.expect("REGISTER")
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
    assert bare(request["Contact"]).startswith("sip:first@")
    wait_for(lambda: state(node).registered, "the registration")
    register(node, first=wanted(registrar))
    accept(registrar)
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


def test_sha_256_is_offered_first_by_the_registrar(node: EdgeNode, registrar: Phone) -> None:
    register(node, first=wanted(registrar))
    asked = registrar.expect("REGISTER")
    sha = ("WWW-Authenticate", 'Digest realm="carrier.example", nonce="s", algorithm=SHA-256, qop="auth"')
    registrar.send(asked.answer(401, headers=[sha, challenge(401, "n1")]), asked.source)
    proven = registrar.expect("REGISTER")
    assert proves(proven, 401, USER, PASSWORD, "n1")
    registrar.send(proven.answer(200, headers=[("Contact", f"{proven['Contact']};expires=60")]), proven.source)
    wait_for(lambda: state(node).registered, "the registration")
    let_go(node, registrar)


def test_the_log_has_no_password(node: EdgeNode) -> None:
    assert PASSWORD not in node.logged()
