"""What is signed of a call that is sent on."""

from collections.abc import Collection

import pytest

from renvoi.domain.identity.diverting import CallSigner
from renvoi.domain.identity.passport import IdentityHeader
from renvoi.domain.numbers.number import E164
from tests.support.identity import CALLED, CALLER, NEXT, Authority, Signer, Token, diversion

NOW = 1_443_208_345
SIGNER = Authority().signer()
DIVERTING, TARGET = (E164(f"+{CALLED}"),), E164(f"+{NEXT}")
OF_ANOTHER_CALL = SIGNER.header(Token(NOW, claims={"dest": {"tn": ["33144556677"]}}))
SIGNED = SIGNER.header(Token(NOW))


class Narrow(Signer):
    """A signer for some numbers only."""

    numbers: Collection[str] = ()

    def covers(self, number: str) -> bool:
        return number in self.numbers


def narrow(*numbers: str) -> Narrow:
    found = Narrow(SIGNER.key, SIGNER.pem, SIGNER.url)
    found.numbers = numbers
    return found


def tokens(signer: CallSigner, *, unsigned_too: bool = False) -> list[IdentityHeader]:
    lines = signer.lines(DIVERTING, TARGET, unsigned_too=unsigned_too).splitlines()
    return [IdentityHeader.parse(line.removeprefix("Identity: ")) for line in lines]


@pytest.mark.parametrize(
    "values",
    [
        (SIGNED,),
        ("what is this?", SIGNED),
        (SIGNED, "what is this?"),
        (
            SIGNER.header(Token(NOW, claims={"dest": {"tn": ["33144556677"]}})),
            SIGNER.header(diversion(NOW, "3", CALLED)),
        ),
        (SIGNER.header(Token(NOW, claims={"dest": {"tn": ["33144556677", f"3310200{CALLED[2:]}"]}})),),
    ],
)
def test_a_diversion_follows_whatever_leads_to_the_called_number(values: tuple[str, ...]) -> None:
    (token,) = tokens(CallSigner(SIGNER, values, CALLER, "o", NOW + 5))
    assert (token.kind, token.origin, token.diverting, token.destinations) == ("div", CALLER, CALLED, (NEXT,))
    assert token.issued_at_s == NOW + 5
    assert "attest" not in token.claims


def test_the_origin_is_copied_as_it_is() -> None:
    value = SIGNER.header(Token(NOW, claims={"orig": {"tn": f"+{CALLER}", "uri": "sip:x"}}))
    (token,) = tokens(CallSigner(SIGNER, (value,), CALLER, "o", NOW))
    assert token.claims["orig"] == {"tn": f"+{CALLER}"}


@pytest.mark.parametrize(
    ("signer", "unsigned_too", "kinds"),
    [
        (CallSigner(SIGNER, (), CALLER, "o", NOW), False, []),
        (CallSigner(SIGNER, (), CALLER, "o", NOW), True, ["shaken"]),
        (CallSigner(SIGNER, (), "", "o", NOW), True, []),
        (CallSigner(narrow(CALLED), (), CALLER, "o", NOW), True, []),
        (CallSigner(narrow(CALLED, CALLER), (), CALLER, "o", NOW), True, ["shaken"]),
        (CallSigner(narrow(CALLED), (SIGNED,), CALLER, "o", NOW), True, ["div"]),
        (CallSigner(narrow(NEXT), (SIGNED,), CALLER, "o", NOW), True, []),
        (CallSigner(SIGNER, (SIGNED,), CALLER, "o", NOW, is_refuted=True), True, []),
        (CallSigner(SIGNER, ("what is this?",), CALLER, "o", NOW), True, []),
        (CallSigner(SIGNER, (OF_ANOTHER_CALL,), CALLER, "o", NOW), True, []),
        (CallSigner(SIGNER, (SIGNER.header(Token(NOW, "rph")),), CALLER, "o", NOW), True, []),
        (CallSigner(SIGNER, (SIGNER.header(Token(NOW, claims={"orig": {"tn": "\ud800"}})),), "", "o", NOW), True, []),
    ],
)
def test_what_is_signed(signer: CallSigner, unsigned_too: bool, kinds: list[str]) -> None:
    assert [token.kind for token in tokens(signer, unsigned_too=unsigned_too)] == kinds
