"""Identity headers of calls that are forwarded: passed on, verified and added (docs/trunks.md §Identity tokens)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import Call, Incoming, Phone

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


def with_headers(call: Call, headers: bytes) -> bytes:
    """Return the call's INVITE with these header lines before its Contact."""
    return call.invite.encode().replace(b"Contact:", headers + b"Contact:", 1)


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
