"""What the edge tells a voicemail worker, through a SIP header."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.deposit import Deposit, DepositInvalid
from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.number import E164

GOOD = {"number": "+33199001234", "revision": 3, "email": "é@exemple.fr", "caller": ""}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@given(st.text(max_size=80), st.integers(0, 2**53))
def test_whatever_a_caller_is_called_comes_back(caller: str, revision: int) -> None:
    deposit = Deposit(E164("+33199001234"), revision, EmailAddress("é@exemple.fr"), caller)
    text = deposit.encode()
    assert Deposit.decode(text) == deposit
    assert text.isascii()
    assert not set(text) & set(' \t\r\n";,<>')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "é",
        "e30",
        encoded({})[:-1],
        encoded([]),
        encoded("x"),
        encoded(None),
        *(encoded({name: value for name, value in GOOD.items() if name != missing}) for missing in GOOD),
        encoded(GOOD | {"number": 33199001234}),
        encoded(GOOD | {"email": None}),
        encoded(GOOD | {"caller": ["x"]}),
        encoded(GOOD | {"revision": "x"}),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_anything_else_is_told_apart(text: str) -> None:
    assert Deposit.decode(encoded(GOOD)).revision == 3
    with pytest.raises(DepositInvalid, match="X-Renvoi-Deposit"):
        Deposit.decode(text)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda junk: base64.b64encode(junk).decode()))
def test_junk_raises_nothing_else(text: str) -> None:
    with pytest.raises(DepositInvalid):
        Deposit.decode(text)
