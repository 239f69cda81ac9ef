"""What is written beside a recording."""

import json

import pytest

from renvoi.domain.deposit import Deposit
from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.number import E164
from renvoi.voicemail.facts import CallFacts, FactsInvalid

FACTS = CallFacts(Deposit(E164("+33199001234"), 3, EmailAddress("é@exemple.fr"), "Zoë"), "call-é", "tag", 1_700)


def test_what_is_written_is_read_again() -> None:
    assert CallFacts.load(FACTS.dump()) == FACTS


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        FACTS.dump()[:-1],
        *(
            json.dumps({name: value for name, value in json.loads(FACTS.dump()).items() if name != missing}).encode()
            for missing in ("deposit", "call_id", "from_tag", "answered_at_ms")
        ),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": "nonsense"}).encode(),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": None}).encode(),
        json.dumps(json.loads(FACTS.dump()) | {"answered_at_ms": "x"}).encode(),
    ],
)
def test_anything_else_is_told_apart(text: bytes) -> None:
    with pytest.raises(FactsInvalid):
        CallFacts.load(text)
