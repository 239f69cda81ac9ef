"""Answers in XML (docs/api.md §1)."""

from xml.etree import ElementTree as ET

import pytest

from renvoi.domain.outcome import Outcome
from renvoi.http.responses import Value, to_xml
from tests.support.http_api import Api


@pytest.mark.parametrize("place", ["query", "body"])
def test_xml_holds_the_same_three_fields(place: str) -> None:
    """In the order of the JSON, whichever way it is asked for."""
    wanted = {"params": {"_format": "xml"}} if place == "query" else {"fields": {"_format": "xml"}}
    answer = Api().post(**wanted)
    assert answer.headers["content-type"] == "application/xml"
    root = ET.fromstring(answer.content)
    assert root.tag == "response"
    assert [(child.tag, child.text) for child in root] == [
        ("success", "true"), ("code", "3"), ("message", "Callforward enabled")
    ]  # fmt: skip


def test_xml_is_escaped() -> None:
    """Text of customers cannot become markup."""
    written = to_xml({"name": "<a> & ]]>", "none": None, "items": [{"n": 1}]})
    root = ET.fromstring(written)
    assert (root.findtext("name"), root.findtext("none"), root.findtext("items/item/n")) == ("<a> & ]]>", "", "1")


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_an_xml_answer(outcome: Outcome) -> None:
    """All texts are well-formed in XML."""
    for language in ("en", "fr"):
        envelope: dict[str, Value] = {
            "success": outcome.success,
            "code": outcome.code,
            "message": outcome.text(language),
        }
        assert ET.fromstring(to_xml(envelope)).findtext("message") == outcome.text(language)
