"""Several numbers at once: what would become of each is shown, and all are changed or none."""

import re
from typing import Any

import httpx
import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.http.dashboard.bulk import MOST
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, NUMBER, SECOND, TARGET

PATH = "/numbers/change"
BOTH = f"{NUMBER}\n02 61 91 01 23"
FORWARD = {"numbers": BOTH, "action": "forward", "to": "06 44 63 00 00"}


@pytest.fixture
def pages() -> Pages:
    return Pages()


def record(pages: Pages, number: E164) -> NumberRecord:
    found = pages.read(lambda reader: reader.number(number))
    assert isinstance(found, NumberRecord)
    return found


def send(pages: Pages, fields: dict[str, str], **keywords: Any) -> httpx.Response:
    return pages.submit(PATH, fields, page=PATH, **keywords)


def confirmed(answer: httpx.Response) -> dict[str, str]:
    """Return what the button under a preview sends."""
    form = answer.text.partition('<form class="acts"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))


def test_numbers_that_were_chosen_stand_in_the_form(pages: Pages) -> None:
    shown = pages.visit(f"{PATH}?number=%2B33199001234&number=%2B33261910123").text
    assert f"{NUMBER}\n{SECOND}</textarea>" in shown


@pytest.mark.parametrize(
    ("language", "before", "after", "button"),
    [
        ("en", "Calls are refused.", "Rings +33 6 44 63 00 00 for 60 s.", "Change 2 numbers"),
        ("fr", "Les appels sont refusés.", "Fait sonner le +33 6 44 63 00 00 pendant 60 s.", "Modifier 2 numéros"),
    ],
)
def test_a_preview_shows_each_before_and_after_and_stores_nothing(
    pages: Pages, language: str, before: str, after: str, button: str
) -> None:
    answer = send(pages, FORWARD, language=language)
    assert answer.status_code == 200
    shown = text_of(answer).replace("\u00a0", " ")
    assert (shown.count(before), shown.count(after)) == (2, 2)
    assert button in shown
    assert record(pages, NUMBER).rule.revision == 0


def test_all_are_changed_from_the_preview(pages: Pages) -> None:
    answer = pages.visit(PATH, method="POST", data=confirmed(send(pages, FORWARD)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/numbers")
    assert {record(pages, number).rule.target for number in (NUMBER, SECOND)} == {E164(TARGET)}
    assert "The numbers were changed." in text_of(pages.visit("/numbers"))


@pytest.mark.parametrize("revision", [None, "", "x", "-0", "9" * 30])
def test_what_was_not_shown_is_not_confirmed(pages: Pages, revision: str | None) -> None:
    fields = confirmed(send(pages, FORWARD))
    name = f"revision/{NUMBER}"
    assert fields.pop(name) == "0"
    answer = pages.visit(PATH, method="POST", data=fields if revision is None else fields | {name: revision})
    assert (answer.status_code, record(pages, NUMBER).rule.revision) == (422, 0)
    assert pages.visit(PATH, method="POST", data=confirmed(answer)).status_code == 303


def test_what_is_left_empty_stays(pages: Pages) -> None:
    pages.write(lambda writer: writer.put_rule(NUMBER, Rule.forward(E164(TARGET)), 6))
    fields = {"numbers": str(NUMBER), "ring_timeout_s": "20"}
    assert pages.visit(PATH, method="POST", data=confirmed(send(pages, fields))).status_code == 303
    rule = record(pages, NUMBER).rule
    assert (rule.type, rule.target, rule.ring_timeout.total_seconds()) == (RuleType.FORWARD, E164(TARGET), 20)


def test_a_number_that_is_refused_keeps_all_from_being_changed(pages: Pages) -> None:
    pages.write(lambda writer: writer.set_number_state(SECOND, active=False))
    answer = send(pages, FORWARD)
    shown = text_of(answer)
    assert "refused" in shown
    assert "Nothing can be changed while one of them is refused" in shown
    assert 'name="confirmed"' not in answer.text


def test_a_number_of_somebody_else_is_told_apart_from_none_by_nobody(pages: Pages) -> None:
    answers = [
        text_of(send(pages, FORWARD | {"numbers": str(number)})).replace("\u00a0", " ")
        for number in (FOREIGN, E164("+33199008888"))
    ]
    assert "01 99 00 55 55" in answers[0]
    assert "There is no such number. It is not there, or belongs to another account." in answers[0]
    assert answers[0].replace("5555", "").replace("55 55", "") == answers[1].replace("8888", "").replace("88 88", "")


def test_a_rule_that_was_changed_meanwhile_is_not_overwritten(pages: Pages) -> None:
    fields = confirmed(send(pages, FORWARD))
    rule = {"action": "forward", "to": ["+33199005678"]}
    assert pages.send("PUT", f"/v2/numbers/{SECOND}/forwarding", json=rule).status_code == 200
    answer = pages.visit(PATH, method="POST", data=fields)
    assert answer.status_code == 422
    assert record(pages, NUMBER).rule.revision == 0
    assert "Rings +33 1 99 00 56 78" in text_of(answer).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"numbers": ""}, "numbers"),
        ({"numbers": f"{NUMBER}\n{NUMBER}"}, "numbers"),
        ({"numbers": "\n".join(f"+331990{n:05}" for n in range(MOST + 1))}, "numbers"),
        ({"numbers": str(NUMBER), "action": "", "to": ""}, "action"),
        ({"to": "12"}, "to"),
        ({"ring_timeout_s": "soon"}, "ring-timeout-s"),
        ({"voicemail/emails": "nobody"}, "voicemail-emails"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(pages: Pages, fields: dict[str, str], name: str) -> None:
    answer = send(pages, FORWARD | fields)
    assert answer.status_code == 422
    assert f'id="f-{name}-error"' in answer.text


def test_a_form_of_another_session_changes_nothing(pages: Pages) -> None:
    fields = confirmed(send(pages, FORWARD)) | {"csrf": "x"}
    assert pages.visit(PATH, method="POST", data=fields).status_code == 403
    assert record(pages, NUMBER).rule.revision == 0
