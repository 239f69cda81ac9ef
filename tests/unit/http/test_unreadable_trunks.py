"""Explaining a call to a customer where a trunk cannot be read: the answer says that not all trunks are shown."""

from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER
from tests.support.v2_rules import GIVEN

NOT_ALL = {
    "en": "Not all trunks can be read: the call may go to others too.",
    "fr": "Certains trunks sont illisibles\u00a0: l’appel peut passer par d’autres encore.",
}


def pages() -> Pages:
    """Return the pages of a number with a rule, and of two trunks."""
    found = Pages()
    GIVEN["a number with a rule"](found)
    found.write(lambda writer: writer.set_number_state(NUMBER, forwarding_enabled=True))
    for name in ("broken", "whole"):
        trunk = OutboundTrunk(name, "sip:sip.example.com", region="FR")
        found.write(lambda writer, trunk=trunk: writer.add_trunk(trunk))
    return found


def test_explain_tells_of_trunks_that_cannot_be_read() -> None:
    found, path = pages(), f"/v2/numbers/{NUMBER}/explain?at=2026-12-01T10:00:00Z"
    shown = found.get(path).json()
    assert ([each["trunk"] for each in shown["trunks"]], shown["unreadable_trunks"]) == (["broken", "whole"], 0)
    found.write(lambda writer: writer.make_trunk_unreadable("broken", Unreadable.DAMAGED))
    shown = found.get(path).json()
    assert ([each["trunk"] for each in shown["trunks"]], shown["unreadable_trunks"]) == (["whole"], 1)


def test_so_does_the_page_of_the_number() -> None:
    found, path = pages(), f"/numbers/{NUMBER}?at=2026-12-01T10:00"
    assert NOT_ALL["en"] not in text_of(found.visit(path))
    found.write(lambda writer: writer.make_trunk_unreadable("broken", Unreadable.NEWER))
    for language, sentence in NOT_ALL.items():
        assert " ".join(sentence.split()) in text_of(found.visit(path, language=language))
