"""What the checks of a node say: in English as the command line has it, and in French for pages."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from renvoi.adapters.sql.sqlite import prepare_file
from renvoi.application.errors import OperatorError
from renvoi.domain.bilingual import Bilingual, french_of
from renvoi.edge.kamailio import programs
from renvoi.node.checks.check import check
from renvoi.node.checks.results import Finding, finding_of, french_name
from renvoi.node.control import trunk_reports
from tests.unit.node.checks.test_check import settings_of

UP = {"uri": "sip:192.0.2.1", "state": "up", "since_s": None, "answer": "200 OK", "answered_at_s": 1_700_000_000}
RETRY = {**UP, "state": "retry", "since_s": 1_700_000_000}
TRUNK = {"name": "carrier", "uri": "sip:x", "state": "up", "name_error": None, "found_at_s": None, "addresses": [UP]}


def test_a_text_has_its_french_beside_it() -> None:
    said = Bilingual("it runs", "il fonctionne")
    assert (said, said.french, french_of(said)) == ("it runs", "il fonctionne", "il fonctionne")
    assert json.dumps({"text": said}) == '{"text": "it runs"}'
    assert french_of("200 OK") == "200 OK"
    assert french_of(OperatorError("no", "non")) == "non"


def test_a_finding_is_told_in_both_languages() -> None:
    found = Finding("part edge", False, Bilingual("down", "en panne"), Bilingual("wait", "attendez")).fields()
    assert (found["name"], found["text"], found["advice"]) == ("part edge", "down", "wait")
    assert found["french"] == {"name": "composant edge", "text": "en panne", "advice": "attendez"}
    assert french_name("voicemail at 192.0.2.1:5070") == "messagerie à 192.0.2.1:5070"


@pytest.mark.parametrize(
    ("address", "english", "french"),
    [
        (UP, "sip:192.0.2.1 up, answered 200 OK", "sip:192.0.2.1 joignable, a répondu 200 OK"),
        (RETRY, "sip:192.0.2.1 tried again, down since", "sip:192.0.2.1 réessayé, injoignable depuis"),
    ],
)
def test_the_state_of_a_trunk_is_said_in_both(address: dict[str, object], english: str, french: str) -> None:
    said = trunk_reports.describe({**TRUNK, "addresses": [address]})
    assert said.startswith(english)
    assert said.french.startswith(french)


def test_a_sentence_makes_a_finding_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding_of("try", OperatorError("no SIPp: install a: b", "pas de SIPp\u00a0: installez a: b"))
    assert (found.text, found.advice) == ("no SIPp", "install a: b")
    assert (french_of(found.text), french_of(found.advice)) == ("pas de SIPp", "installez a: b")
    # What has no French is the same in both.
    found = finding_of("HTTP port", OperatorError("it is taken: choose another one"), needed=False)
    assert (french_of(found.text), french_of(found.advice)) == ("it is taken", "choose another one")
    monkeypatch.setattr(programs, "SEARCH_PATH", "")
    missing = programs.missing()
    assert missing is not None
    assert finding_of("calls", missing).fields()["french"] == {
        "name": "appels",
        "text": "Kamailio n’est pas installé",
        "advice": "installez-le par 'apt-get install kamailio kamailio-python3-modules', ou démarrez avec --no-calls",
    }


def test_what_a_check_of_a_directory_finds_is_all_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for versions and paths, which are the same."""
    prepare_file(tmp_path / "renvoi.db")
    # Neither Kamailio nor SIPp is there, wherever this runs.
    monkeypatch.setattr(programs, "SEARCH_PATH", "")
    monkeypatch.setenv("PATH", "")
    findings = asyncio.run(check(settings_of(tmp_path)))
    told = [each.fields() for each in findings]
    same = {each["name"] for each in told if each["text"] == each["french"]["text"]}
    assert {each["name"] for each in told} > same
    assert same <= {"python", "data"}, [each for each in told if each["name"] in same]


def test_what_others_are_told_of_trunks_is_plain_text() -> None:
    """An encoder of JSON that is strict takes no other kind of text."""
    parts = trunk_reports.parts([TRUNK])
    unheard = trunk_reports.unheard_parts({"other": "its secret is closed", "carrier": "it is gone"}, parts)
    assert {type(each.detail) for each in (*parts.values(), *unheard.values())} == {str}
    told = Finding("answer", False, Bilingual("down", "en panne")).fields()
    assert msgspec.json.decode(msgspec.json.encode(told)) == told
