"""What is signed of a call that is sent on, and what the called side learns about the caller's number."""

from collections.abc import Collection

import pytest

from renvoi.domain.identity.outgoing import CallerStatus, CallSigner
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


PASSED = "TN-Validation-Passed"
STATUS = CallerStatus("", "", "FR", "33140000001", PASSED)
NOTHING = CallerStatus("", "", "FR")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("<sip:+33140000001@x>", "<sip:+33140000001;verstat={}@x>"),
        (
            '"A, B <c>" <sip:+33140000001@x;user=phone>;tag=1',
            '"A, B <c>" <sip:+33140000001;verstat={}@x;user=phone>;tag=1',
        ),
        ("sip:0140000001@x", "<sip:0140000001;verstat={}@x>"),
        ("<tel:+33140000001>", "<tel:+33140000001;verstat={}>"),
        ("tel:+33-1-40-00-00-01", "<tel:+33-1-40-00-00-01;verstat={}>"),
        ("<sip:+33140000001;cpc=payphone@x>", "<sip:+33140000001;cpc=payphone;verstat={}@x>"),
        ("<sip:+33140000002@x>, <tel:+33140000001>", "<sip:+33140000002@x>, <tel:+33140000001;verstat={}>"),
        ("<sip:alice@x>", "<sip:alice@x>"),
        ("<sip:x>", "<sip:x>"),
        ("", ""),
        ("nonsense <", "<nonsense> <"),
    ],
)
def test_the_number_that_was_looked_at_says_what_came_of_it(value: str, told: str) -> None:
    assert STATUS.with_verstat(value) == told.format(PASSED)


@pytest.mark.parametrize(
    "said",
    [
        "<sip:{};verstat=TN-Validation-Passed@x>",
        "<sip:{};VerStat=TN-Validation-Passed@x>",
        "<sip:{};verstat@x>",
        "<sip:{};%76erstat=TN-Validation-Passed@x>",
        "<sip:{}@x;verstat=TN-Validation-Passed>",
        "<sip:{};verstat=a;verstat=b@x;verstat=c>",
    ],
)
@pytest.mark.parametrize("number", ["+33140000001", "+33140000002", "alice"])
def test_what_others_say_is_taken_off(said: str, number: str) -> None:
    assert NOTHING.with_verstat(said.format(number)) == f"<sip:{number}@x>"
    assert STATUS.silence(said.format(number)) == f"<sip:{number}@x>"
    only = f";verstat={PASSED}" if number == "+33140000001" else ""
    assert STATUS.with_verstat(said.format(number)) == f"<sip:{number}{only}@x>"


def test_a_parameter_with_another_name_stays() -> None:
    value = "<sip:+33140000002;xverstat=1@x;verstatus=2?verstat=3>"
    assert STATUS.with_verstat(value) == value


def test_a_local_number_is_one_of_its_region() -> None:
    german = CallerStatus("", "", "FR", "4930123456", PASSED)
    assert german.with_verstat("<sip:030123456@x>") == "<sip:030123456@x>"
    assert german.with_verstat("<sip:030123456@x>", "DE") == f"<sip:030123456;verstat={PASSED}@x>"
