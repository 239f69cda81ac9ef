"""What the called side is told of a caller's number."""

import pytest

from renvoi.domain.identity.caller_status import CallerStatus

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
    assert STATUS.tell(value) == told.format(PASSED)


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
    assert NOTHING.tell(said.format(number)) == f"<sip:{number}@x>"
    assert STATUS.silence(said.format(number)) == f"<sip:{number}@x>"
    only = f";verstat={PASSED}" if number == "+33140000001" else ""
    assert STATUS.tell(said.format(number)) == f"<sip:{number}{only}@x>"


def test_a_parameter_with_another_name_stays() -> None:
    value = "<sip:+33140000002;xverstat=1@x;verstatus=2?verstat=3>"
    assert STATUS.tell(value) == value


def test_a_local_number_is_one_of_its_region() -> None:
    german = CallerStatus("", "", "FR", "4930123456", PASSED)
    assert german.tell("<sip:030123456@x>") == "<sip:030123456@x>"
    assert german.tell("<sip:030123456@x>", "DE") == f"<sip:030123456;verstat={PASSED}@x>"
