"""Identity tokens that the edge adds: one for each diversion (docs/trunks.md)."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.identity.passport import IdentityHeader
from renvoi.domain.identity.verification import SignedCall, Verdict, Verstat, verify
from renvoi.domain.trunks.choices import Signing
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.identity.certificates import CallerCertificate, read_certificates
from tests.support.edge import EdgeNode
from tests.support.identity import CALLER, URL, Authority, Token, diversion, provider, with_headers
from tests.support.sip import Call, Incoming, Phone

NUMBER, HOP, TARGET = "+33199001234", "+33199001240", "+33612345678"
AUTHORITY = Authority()
OURS = "https://certificates.example/ours.pem"
SIGNER = AUTHORITY.signer(provider("1001"))
OWN = AUTHORITY.signer(provider("2002"), url=OURS)


@pytest.fixture(scope="module")
def plain() -> Iterator[Phone]:
    """Play a trunk that gets what all get, tried first."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def signed() -> Iterator[Phone]:
    """Play a trunk for which diversions are signed."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def whole() -> Iterator[Phone]:
    """Play one for which unsigned calls are signed as well."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def signing(plain: Phone, signed: Phone, whole: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that signs, with a number whose calls go by way of another one of ours."""
    directory: Path = tmp_path_factory.mktemp("signing")
    files = {"identity_key": OWN.key_pem, "identity_certificate": OWN.pem, "identity_trusted": AUTHORITY.trusted}
    for name, content in files.items():
        (directory / name).write_bytes(content)
    trunks = [
        OutboundTrunk("plain", f"{plain.uri};transport=udp", priority=90),
        OutboundTrunk("signed", f"{signed.uri};transport=udp", priority=80, sign=Signing.DIV),
        OutboundTrunk("whole", f"{whole.uri};transport=udp", priority=70, sign=Signing.SHAKEN),
    ]
    paths: dict[str, Any] = {name: directory / name for name in files}
    with EdgeNode(directory, trunks, certificate_url=OURS, **paths) as edge:
        edge.put(NUMBER, target=HOP)
        edge.put(HOP, target=TARGET)
        yield edge


def at_each_trunk(node: EdgeNode, phones: list[Phone], headers: str, caller: str = CALLER) -> list[list[str]]:
    """Call, and return the Identity headers that each trunk got, one after the other."""
    for phone in phones:
        phone.forget()
    with Phone() as carrier:
        call = Call(carrier, node.address, NUMBER, f"+{caller}")
        carrier.send(with_headers(call, headers.encode()), node.address)
        got = []
        for phone in phones:
            incoming = Incoming.wait(phone)
            got.append(incoming.invite.all("Identity"))
            incoming.reply(500)
        call.expect(500)
    return got


def proven(values: list[str], called: str = TARGET) -> Verdict:
    """Return what a verifier of ours makes of these headers at the end of the way."""

    class Known:
        def find(self, url: str) -> CallerCertificate | None:
            pem = {URL: SIGNER.pem, OURS: OWN.pem}.get(url)
            return CallerCertificate(pem, read_certificates(AUTHORITY.trusted)) if pem else None

    call = SignedCall(tuple(values), (CALLER,), called.removeprefix("+"), NUMBER.removeprefix("+"))
    return verify(call, Known(), int(time.time()))


def test_each_diversion_of_ours_is_signed_behind_what_came(
    signing: EdgeNode, plain: Phone, signed: Phone, whole: Phone
) -> None:
    came = SIGNER.header(Token(int(time.time())))
    other = "eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjF9.c2ln;info=<https://certificates.example/a.pem>;alg=ES256;ppt=rph"
    headers = f"Identity: {came}\r\nIdentity: {other}\r\n"
    passed, *added = at_each_trunk(signing, [plain, signed, whole], headers)
    assert passed == [came, other]
    for got in added:
        assert got[:2] == [came, other]
        assert len(got) == 4
        verdict = proven([came, *got[2:]])
        assert (verdict.verstat, verdict.attestation) == (Verstat.PASSED, "A")
        assert verdict.diverted_by == (NUMBER[1:], HOP[1:])


def test_a_call_that_came_unsigned_gets_no_bare_diversion(
    signing: EdgeNode, plain: Phone, signed: Phone, whole: Phone
) -> None:
    passed, none, (token,) = at_each_trunk(signing, [plain, signed, whole], "")
    assert passed == none == []
    read = IdentityHeader.parse(token)
    assert (read.kind, read.attestation, read.origin, read.destinations) == ("shaken", "C", CALLER, (TARGET[1:],))
    assert proven([token]).verstat is Verstat.PASSED


def test_nothing_is_signed_that_cannot_be_proven(signing: EdgeNode, plain: Phone, signed: Phone, whole: Phone) -> None:
    """A token for another number is not a beginning of a chain, and a caller without a number none at all."""
    now = int(time.time())
    other = SIGNER.header(Token(now, claims={"dest": {"tn": ["33144556677"]}}))
    for headers in (f"Identity: {other}\r\n", "Identity: what is this?\r\n"):
        for got in at_each_trunk(signing, [plain, signed, whole], headers):
            assert [f"Identity: {value}\r\n" for value in got] == [headers]
    assert at_each_trunk(signing, [plain, signed, whole], "", caller="alice") == [[], [], []]


def test_a_call_with_five_diversions_keeps_all_of_its_tokens(
    signing: EdgeNode, plain: Phone, signed: Phone, whole: Phone
) -> None:
    now, path = int(time.time()), ["33144556601", "33144556602", "33144556603", NUMBER[1:]]
    came = [SIGNER.header(Token(now, claims={"dest": {"tn": [path[0]]}}))]
    came += [SIGNER.header(diversion(now, first, second)) for first, second in itertools.pairwise(path)]
    headers = "".join(f"Identity: {value}\r\n" for value in came)
    _, got, _ = at_each_trunk(signing, [plain, signed, whole], headers)
    assert got[: len(came)] == came
    verdict = proven(got)
    assert verdict.verstat is Verstat.PASSED
    assert verdict.diverted_by == (*path, HOP[1:])
