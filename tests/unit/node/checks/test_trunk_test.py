"""`renvoi trunk test`: what it says of a trunk that answers this and that."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.adapters import sealing
from renvoi.application.trunks import password_of
from renvoi.configuration.settings import Settings
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks import credentials, trunk_test
from renvoi.node.checks.results import Finding
from renvoi.node.control.control import TrunkReport
from tests.support.digest import NAMES, challenge, proves
from tests.support.sip import Phone
from tests.support.sip_message import Header, SipMessage
from tests.support.tls import Authority, SecurePhone, server_side

USER, PASSWORD = "acc-12", 'p"ä:s wörd€'
SECRET = password_of("out", "outbound")
Exchanges = Sequence[tuple[int, Sequence[Header]]]
OK: Exchanges = [(200, [])]


@contextmanager
def answering(phone: Phone, *answers: tuple[int, Sequence[Header]]) -> Iterator[list[SipMessage]]:
    """Answer the requests that come to a phone one after the other, and yield those that came."""
    came: list[SipMessage] = []

    def answer() -> None:
        for status, headers in answers:
            while (request := phone.receive()) in phone.seen[:-1]:
                pass  # sent again, because this thread was held up
            came.append(request)
            phone.send(request.answer(100), request.source)
            phone.send(request.answer(status, "OK", headers=headers), request.source)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield came
    finally:
        thread.join()


@pytest.fixture(params=["udp", "tcp"])
def phone(request: pytest.FixtureRequest) -> Iterator[Phone]:
    with Phone(request.param) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def run(settings: Settings, trunk: OutboundTrunk, report: TrunkReport | None = None) -> Sequence[Finding]:
    sealed = {}
    if trunk.user:
        sealed = {SECRET: sealing.load_or_make(settings.secrets_key).seal(SECRET, PASSWORD)}
    return asyncio.run(trunk_test.test_trunk(settings, trunk, sealed, report, Profile()))[1]


def words(findings: Sequence[Finding]) -> dict[str, str]:
    return {each.name: ("ok " if each.ok else "FAULT " if each.needed else "note ") + each.text for each in findings}


def test_a_trunk_without_a_password(settings: Settings, phone: Phone) -> None:
    with answering(phone, *OK):
        found = words(run(settings, OutboundTrunk("out", phone.uri)))
    place = f"{phone.host}:{phone.port} ({phone.transport.upper()})"
    assert found["address"] == f"ok {place}"
    assert found["answer"].startswith(f"ok {place}: 200 OK (")
    assert list(found) == ["address", "answer"]


@pytest.mark.parametrize(
    ("answers", "realm", "said"),
    [
        ([(401, [challenge(401, "n1")]), (200, [])], "", "ok OPTIONS as acc-12 is let in: 401 OK, then 200 OK"),
        ([(407, [challenge(407, "n1")]), (404, [])], "carrier.example", "ok OPTIONS as acc-12 is let in"),
        (
            [(401, [challenge(401, "n1")]), (401, [challenge(401, "n2", stale=True)]), (200, [])],
            "",
            "ok OPTIONS as acc-12 is let in: 401 OK, then 401 OK, then 200",
        ),
        ([(401, [challenge(401, "n1")])] * 2, "", "FAULT OPTIONS as acc-12 is refused: 401 OK, then 401"),
        ([(401, [challenge(401, "n1")]), (403, [])], "", "FAULT OPTIONS as acc-12 is refused: 401 OK, then 403"),
        ([(401, [challenge(401, "n1")]), (503, [])], "", "note not known: OPTIONS got 401 OK, then 503"),
        ([(401, [challenge(401, "n1")])], "other", "FAULT 401 OK: it asks for the realm 'carrier.example', and our"),
        (
            [(401, [(NAMES[401][0], 'Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"')])],
            "",
            "FAULT 401 OK: it asks for another proof than MD5, or SHA-256 of a call",
        ),
        ([(401, [(NAMES[401][0], "Bearer x")])], "", "FAULT 401 OK: it asks for nothing that renvoi can read"),
        (OK, "", "note not known: OPTIONS is not challenged (200 OK)"),
        ([(20000, [])], "", "FAULT the answer of 127.0.0.1:"),
    ],
)
def test_whether_it_lets_us_in(settings: Settings, phone: Phone, answers: Exchanges, realm: str, said: str) -> None:
    trunk = OutboundTrunk("out", phone.uri, user=USER, realm=realm)
    with answering(phone, *OK, *answers) as came:
        found = words(run(settings, trunk))
    assert found["credentials"].startswith(said), found
    if len(answers) > 1:
        assert proves(came[2], answers[0][0], USER, PASSWORD, "n1")


def test_a_registrar_is_asked_for_its_bindings(settings: Settings) -> None:
    """It is asked where OPTIONS proves nothing, and nothing is registered by that."""
    with Phone() as trunk, Phone() as registrar:
        out = OutboundTrunk("out", trunk.uri, user=USER, register=True, registrar=registrar.uri)
        facts = {"registration": "registered", "registrar_answer": 200}
        report = TrunkReport("up", "all is well", True, facts)
        proven: Exchanges = ((401, [challenge(401, "n1")]), (200, []))
        with answering(trunk, *OK, *OK), answering(registrar, *proven) as came:
            found = words(run(settings, out, report))
    assert found["credentials"] == "ok REGISTER as acc-12 is let in: 401 OK, then 200 OK"
    assert [each.method for each in came] == ["REGISTER"] * 2
    assert not any(each.all("Contact") for each in came)
    assert found["registration"] == "ok holds, the registrar answered 200 last"
    assert found["running edge"] == "ok all is well"


def test_what_the_running_node_says(settings: Settings) -> None:
    with Phone() as trunk:
        out = OutboundTrunk("out", trunk.uri, user=USER, register=True)
        facts = {"registration": "failed", "registrar_answer": 403}
        report = TrunkReport("down", "it is down", False, facts)
        with answering(trunk, *OK, (401, [challenge(401, "n1")]), (200, [])):
            found = words(run(settings, out, report))
    assert found["registration"] == "FAULT does not hold, the registrar answered 403 last"
    assert found["running edge"] == "FAULT it is down"
    with Phone() as trunk, answering(trunk, *OK):
        found = words(run(settings, OutboundTrunk("out", trunk.uri), replace(report, state="up")))
    assert found["running edge"] == "note it is down"


def test_what_cannot_be_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "ANSWER_TIMEOUT_S", 0.1)
    named = OutboundTrunk("out", "sip:no.such.name.invalid:5060", user=USER)
    (only,) = run(settings, named)
    assert (only.name, only.ok) == ("address", False)
    with Phone() as trunk:
        out = OutboundTrunk("out", trunk.uri, user=USER)
        with answering(trunk, *OK):
            found = words(run(settings, out))
        assert found["credentials"].startswith("FAULT no answer to OPTIONS from 127.0.0.1:")
    with Phone() as trunk, answering(trunk, *OK):
        out = OutboundTrunk("out", trunk.uri, user=USER)
        asked = trunk_test.test_trunk(settings, out, {SECRET: b"\x01" + bytes(40)}, None, Profile())
        assert "not the key of the secrets" in words(asyncio.run(asked)[1])["credentials"]


def test_a_password_is_tried_by_tls(settings: Settings, tmp_path: Path) -> None:
    authority = Authority("carriers of the test")
    proven: Exchanges = ((401, [challenge(401, "n1")]), (200, []))
    with Speaker(server_side(tmp_path, authority.issue("127.0.0.1"))) as trunk:
        out = OutboundTrunk("out", trunk.uri, user=USER, ca=authority.pem)
        sealed = {SECRET: sealing.load_or_make(settings.secrets_key).seal(SECRET, PASSWORD)}
        with answering(trunk, *OK, *proven) as came:
            asked = trunk_test.test_trunk(settings, out, sealed, None, Profile(authority.pem))
            found = words(asyncio.run(asked)[1])
        assert found["credentials"] == "ok OPTIONS as acc-12 is let in: 401 OK, then 200 OK"
        assert proves(came[2], 401, USER, PASSWORD, "n1")


class Speaker(SecurePhone):
    """Takes probes for messages."""

    def receive(self, timeout_s: float = 10) -> SipMessage:
        return Phone.receive(self, timeout_s)
