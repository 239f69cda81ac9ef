"""Identity headers of calls that are forwarded: passed on, verified and added (docs/trunks.md §Identity tokens)."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.identity.passport import IdentityHeader
from renvoi.domain.trunks.choices import IdentityHeaders, Signing
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.identity.files import FETCHED, REQUESTS, name_of
from renvoi.node.entrypoints.certificates import listen
from tests.support.edge import EdgeNode
from tests.support.identity import CALLER, URL, Authority, Token, provider, with_headers
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, TARGET = "+33199001234", "+33612345678"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjF9.c2ln"
INFO = ";info=<https://certificates.example/a.pem>;alg=ES256;ppt="
_IDENTITY = re.compile(rb"^((?:Identity|identity|y|P-Identity-Bypass)[ \t]*:(?:[^\r\n]|\r\n[ \t])*\r\n)", re.MULTILINE)

HEADERS = {
    "one": f"Identity: {TOKEN}{INFO}shaken\r\n",
    "six in order": "".join(f"Identity: {TOKEN}{each}{INFO}{each}\r\n" for each in ("shaken", *["div"] * 5)),
    "spaced, in lower case": f'identity :  {TOKEN} ; info=<https://a.example/x.pem>;alg=ES256;ppt="shaken"  \r\n',
    "folded": f"Identity: {TOKEN[:20]}\r\n {TOKEN[20:]}\r\n\t{INFO}shaken\r\nIdentity: {TOKEN}{INFO}div\r\n",
    "compact form": f"y: {TOKEN}{INFO}shaken\r\nIdentity: {TOKEN}{INFO}div\r\n",
    "long": f"Identity: {TOKEN}{'A' * 3000}{INFO}shaken\r\nIdentity: {TOKEN}{'B' * 3000}{INFO}div\r\n",
    "more than anybody signs": "".join(f"Identity: {TOKEN}{number}{INFO}div\r\n" for number in range(12)),
    "with the token of an outage": f"P-Identity-Bypass: OSIP99-1234567890ABCDEF\r\nIdentity: {TOKEN}{INFO}shaken\r\n",
    "no token at all": 'Identity: what is this?,;;"\r\n',
}
"""Identity headers as they come, byte for byte."""


@pytest.fixture(scope="module")
def busy() -> Iterator[Phone]:
    """Play a trunk that takes no calls, tried first."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def second() -> Iterator[Phone]:
    """Play the trunk that is tried after it."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(busy: Phone, second: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge between those."""
    trunks = [
        OutboundTrunk("busy", f"{busy.uri};transport=udp", priority=90),
        OutboundTrunk("second", f"{second.uri};transport=udp"),
    ]
    directory: Path = tmp_path_factory.mktemp("identity")
    with EdgeNode(directory, trunks) as edge:
        edge.put(NUMBER, target=TARGET)
        yield edge


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_identity_headers_pass_byte_for_byte_to_each_trunk(
    node: EdgeNode, busy: Phone, second: Phone, transport: str, headers: str
) -> None:
    busy.forget()
    second.forget()
    sent = headers.encode()
    with Phone(transport) as phone:
        call = Call(phone, node.address, NUMBER)
        phone.send(with_headers(call, sent), node.address)
        first = Incoming.wait(busy)
        first.reply(500)
        other = Incoming.wait(second)
        for incoming in (first, other):
            assert b"".join(_IDENTITY.findall(incoming.invite.raw)) == sent
            assert incoming.invite.all("Diversion")
        other.reply(486)
        call.expect(486)


AUTHORITY = Authority()
OURS = "https://certificates.example/ours.pem"
SIGNER = AUTHORITY.signer(provider("1001"))
OWN = AUTHORITY.signer(provider("2002"), url=OURS)


BOX = "+33199001235"
UNKNOWN = AUTHORITY.signer(provider("1001"), url="https://certificates.example/unknown.pem")
STRANGER = Authority().signer(provider("1001"))


@pytest.fixture(scope="module")
def worker() -> Iterator[Phone]:
    """Play a worker of the voicemail."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def verifying(second: Phone, worker: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that knows one certificate; its inbound trunks are at 127.0.0.1 and following, by what they want."""
    directory: Path = tmp_path_factory.mktemp("verifying")
    (directory / "trusted").write_bytes(AUTHORITY.trusted)
    (directory / "key").write_bytes(OWN.key_pem)
    fetched = directory / "edge" / FETCHED
    fetched.mkdir(parents=True)
    fetched.chmod(0o755)
    (fetched / name_of(URL)).write_bytes(SIGNER.pem)
    inbound = [
        InboundTrunk(kind.value, (parse_network(f"127.0.0.{place}"),), identity=kind)
        for place, kind in enumerate(IdentityHeaders, 1)
    ]
    outbound = [OutboundTrunk("second", f"{second.uri};transport=udp", sign=Signing.DIV, verstat=True)]
    settings: dict[str, Any] = {"identity_trusted": directory / "trusted", "identity_key": directory / "key"}
    workers = (("127.0.0.1", worker.port),)
    with EdgeNode(directory, outbound, inbound, voicemail=workers, certificate_url=OURS, **settings) as edge:
        edge.put(NUMBER, target=TARGET)
        edge.put(BOX, email="a@example.org")
        yield edge


def caller_of(kind: IdentityHeaders) -> Phone:
    """Return a phone in the network of the trunk that wants this."""
    return Phone(host=f"127.0.0.{list(IdentityHeaders).index(kind) + 1}")


def now_s() -> int:
    return int(time.time())


PROVEN = {"verstat": "TN-Validation-Passed", "codes": [], "faults": [], "attestation": "A", "diverted_by": []}
CALLS: dict[str, tuple[Callable[[], list[str]], int, str, str]] = {
    "signed by another key": (lambda: [STRANGER.header(Token(now_s()))], 438, "Invalid Identity Header", "signature"),
    "unsigned": (list, 428, "Use Identity Header", "unsigned"),
    "stale": (lambda: [SIGNER.header(Token(now_s() - 90))], 403, "Stale Date", "stale"),
    "no certificate": (
        lambda: [UNKNOWN.header(Token(now_s()))],
        *(436, "Bad Identity Info", "certificate-unknown"),
    ),
    "no algorithm": (
        lambda: [SIGNER.header(Token(now_s(), header={"alg": "none"}))],
        *(437, "Unsupported Credential", "algorithm"),
    ),
}


def signed_call(phone: Phone, node: EdgeNode, values: list[str], called: str = NUMBER) -> Call:
    headers = [("Identity", value) for value in values]
    return Call(phone, node.address, called, f"+{CALLER}", headers).start()


def test_a_call_that_is_proven_goes_on(verifying: EdgeNode, second: Phone) -> None:
    for kind in (IdentityHeaders.VERIFY, IdentityHeaders.ENFORCE):
        second.forget()
        with caller_of(kind) as phone:
            value = SIGNER.header(Token(now_s()))
            call = signed_call(phone, verifying, [value])
            incoming = Incoming.wait(second)
            passed, added = incoming.invite.all("Identity")
            assert passed == value
            assert IdentityHeader.parse(added).diverting == NUMBER[1:]
            assert f"<sip:+{CALLER};verstat=TN-Validation-Passed@carrier.example>;tag=" in incoming.invite["From"]
            incoming.reply(180)
            ringing = call.expect(180)
            assert (ringing.all("Reason"), ringing["From"]) == ([], call.invite["From"])
            incoming.reply(486)
            assert not call.expect(486).all("Reason")
            decided, _ = verifying.wait_for_events(call.call_id, "decided", "failed")
            assert decided["identity"] == PROVEN


@pytest.mark.parametrize("case", CALLS)
def test_who_signed_is_told_what_is_wrong_while_the_call_goes_on(verifying: EdgeNode, second: Phone, case: str) -> None:
    made, status, phrase, fault = CALLS[case]
    second.forget()
    with caller_of(IdentityHeaders.VERIFY) as phone:
        values = made()
        call = signed_call(phone, verifying, values)
        incoming = Incoming.wait(second)
        unproven = fault in ("unsigned", "certificate-unknown")
        diverted = [IdentityHeader.parse(value).kind for value in incoming.invite.all("Identity")[len(values) :]]
        # Nobody builds on what is wrong; what only could not be looked at is diverted all the same.
        assert diverted == (["div"] if fault == "certificate-unknown" else [])
        assert incoming.invite.all("Identity")[: len(values)] == values
        verstat = "No-TN-Validation" if unproven else "TN-Validation-Failed"
        assert f";verstat={verstat}@" in incoming.invite["From"]
        reason = [f'STIR;cause={status};text="{phrase}"']
        incoming.reply(183, headers=[("Reason", "Q.850;cause=1")])
        assert call.expect(183).all("Reason") == ["Q.850;cause=1", *reason]
        incoming.reply(200, body=SDP)
        assert call.expect(200).all("Reason") == reason
        call.ack()
        second.expect("ACK")
        call.send("BYE")
        incoming.answer(second.expect("BYE"))
        phone.expect(200)
        decided, _, _ = verifying.wait_for_events(call.call_id, "decided", "answered", "hungup")
        assert decided["decision"] == "forward"
        told = decided["identity"]
        assert (told["verstat"], told["codes"], told["faults"]) == (verstat, [status], [fault])


@pytest.mark.parametrize("case", CALLS)
def test_a_call_without_proof_is_refused_where_it_is_demanded(verifying: EdgeNode, second: Phone, case: str) -> None:
    made, status, phrase, fault = CALLS[case]
    second.forget()
    with caller_of(IdentityHeaders.ENFORCE) as phone:
        call = signed_call(phone, verifying, made())
        answer = call.expect(status)
        assert answer.start_line == f"SIP/2.0 {status} {phrase}"
        assert answer.all("Reason") == ["Q.850;cause=21", f'STIR;cause={status};text="{phrase}"']
        (decided,) = verifying.wait_for_events(call.call_id, "decided")
        assert (decided["decision"], decided["reason"]) == ("reject", f"identity-{fault}")
        assert (decided["status"], decided["cause"]) == (status, 21)
        assert decided["identity"]["faults"] == [fault]
    assert second.receive_now() is None


def test_answers_of_our_own_and_of_workers_tell_who_signed_too(
    verifying: EdgeNode, second: Phone, worker: Phone
) -> None:
    second.forget()
    reason = ['STIR;cause=428;text="Use Identity Header"']
    with caller_of(IdentityHeaders.VERIFY) as phone:
        assert signed_call(phone, verifying, [], "+33199009999").expect(404).all("Reason") == [
            "Q.850;cause=1",
            *reason,
        ]
        call = signed_call(phone, verifying, [])
        Incoming.wait(second).reply(486, headers=[("Reason", "Q.850;cause=17")])
        assert call.expect(486).all("Reason") == ["Q.850;cause=17", *reason]
        call = signed_call(phone, verifying, [], BOX)
        incoming = Incoming.wait(worker)
        incoming.reply(200, body=SDP)
        assert call.expect(200).all("Reason") == reason
        call.ack()
        worker.expect("ACK")


def test_nothing_is_asked_about_where_identity_only_passes(verifying: EdgeNode, second: Phone) -> None:
    second.forget()
    with caller_of(IdentityHeaders.PASS) as phone:
        call = signed_call(phone, verifying, ["what is this?"])
        incoming = Incoming.wait(second)
        assert incoming.invite.all("Identity") == ["what is this?"]
        assert incoming.invite["From"] == call.invite["From"]
        incoming.reply(486)
        assert not call.expect(486).all("Reason")
        assert verifying.wait_for_events(call.call_id, "decided", "failed")[0]["identity"] is None


def test_a_trunk_without_identity_has_it_taken_off(verifying: EdgeNode, second: Phone) -> None:
    second.forget()
    headers = HEADERS["with the token of an outage"] + HEADERS["compact form"] + HEADERS["folded"]
    with caller_of(IdentityHeaders.OFF) as phone:
        call = Call(phone, verifying.address, NUMBER)
        phone.send(with_headers(call, headers.encode()), verifying.address)
        incoming = Incoming.wait(second)
        assert not _IDENTITY.findall(incoming.invite.raw)
        incoming.reply(486)
        call.expect(486)


def test_the_compact_form_is_verified_as_well(verifying: EdgeNode, second: Phone) -> None:
    second.forget()
    with caller_of(IdentityHeaders.ENFORCE) as phone:
        call = Call(phone, verifying.address, NUMBER, f"+{CALLER}")
        value = SIGNER.header(Token(now_s()))
        phone.send(with_headers(call, f"y: {value[:100]}\r\n {value[100:]}\r\n".encode()), verifying.address)
        call.expect(438)
        call = Call(phone, verifying.address, NUMBER, f"+{CALLER}")
        head, _, rest = value.partition(";")
        phone.send(with_headers(call, f"y: {head}\r\n ;{rest}\r\n".encode()), verifying.address)
        Incoming.wait(second).reply(486)
        call.expect(486)


def test_a_certificate_that_is_not_there_is_asked_for_and_used_once_it_is(verifying: EdgeNode, second: Phone) -> None:
    """The edge asks with a datagram, which its process could send without rights of root, and waits for nothing."""
    second.forget()
    directory = verifying.config.directory
    late = AUTHORITY.signer(provider("1001"), url="https://certificates.example/late.pem")
    with caller_of(IdentityHeaders.ENFORCE) as phone, listen(directory, verifying.kamailio.user) as requests:
        signed_call(phone, verifying, [late.header(Token(now_s()))]).expect(436)
        requests.setblocking(True)
        requests.settimeout(10)
        assert requests.recv(1000).decode() == late.url
        (directory / FETCHED / name_of(late.url)).write_bytes(late.pem)
        call = signed_call(phone, verifying, [late.header(Token(now_s()))])
        Incoming.wait(second).reply(486)
        call.expect(486)
    (directory / REQUESTS).unlink()
