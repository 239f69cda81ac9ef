"""The page of a number: its rule as a form that refuses what the API refuses, its week, and its history."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import MAX_PREFIXES
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import MAX_EXCEPTIONS
from renvoi.http.dashboard import words
from renvoi.http.dashboard.rule_form import fields_of
from renvoi.http.v2.forwarding import RULE
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, KEY, NUMBER, SECOND, TARGET

PATH = f"/numbers/{NUMBER}"
FORM = fields_of(Rule.forward(E164(TARGET)))


@pytest.fixture
def pages() -> Pages:
    return Pages()


def record(pages: Pages, number: E164 = NUMBER) -> NumberRecord:
    found = pages.read(lambda reader: reader.number(number))
    assert isinstance(found, NumberRecord)
    return found


def save(pages: Pages, fields: dict[str, str], version: int = 0, **keywords: Any) -> httpx.Response:
    return pages.submit(f"{PATH}/rule", FORM | fields | {"version": str(version)}, page=PATH, **keywords)


def settings_of(page: str) -> str:
    """Return the form of a number's name and state."""
    return page.partition('id="settings"')[2].partition("</form>")[0]


def put(pages: Pages, rule: dict[str, Any]) -> None:
    assert pages.send("PUT", f"/v2/numbers/{NUMBER}/forwarding", json=rule).status_code == 200


def test_a_rule_is_stored_and_the_page_shows_it(pages: Pages) -> None:
    answer = save(pages, {"to": "06 44 63 00 00", "ring_timeout_s": "25"})
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    rule = record(pages).rule
    assert (rule.target, rule.ring_timeout.total_seconds(), rule.revision) == (E164(TARGET), 25, 1)
    shown = pages.visit(PATH)
    assert "The rule is in force." in text_of(shown)
    assert 'name="version" value="1"' in shown.text
    assert 'value="+33 6 44 63 00 00"' in shown.text


def test_the_same_form_again_is_no_change(pages: Pages) -> None:
    put(pages, RULE)
    before = record(pages).rule
    fields = fields_of(before)
    answer = pages.submit(f"{PATH}/rule", fields | {"version": str(before.revision)}, page=PATH)
    assert answer.status_code == 303
    assert record(pages).rule == before
    assert "the rule stays as it is" in text_of(pages.visit(PATH))


def test_the_whole_rule_comes_back_from_the_page_itself(pages: Pages) -> None:
    """What a browser sends of the form as it is shown is the rule that it shows."""
    put(pages, RULE)
    before = record(pages).rule
    html = pages.visit(PATH).text
    form = html[html.index(f'action="{PATH}/rule"') :].partition("</form>")[0]
    sent = dict(re.findall(r'<input(?! type="(?:radio|checkbox))[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    sent |= dict(re.findall(r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]*)" checked', form))
    sent |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent |= {name: re.findall(r'value="([^"]*)" selected', options)[0]}
    assert pages.visit(f"{PATH}/rule", method="POST", data=sent).status_code == 303
    assert record(pages).rule == before


@pytest.mark.parametrize(
    ("language", "text", "labelled"),
    [
        ("en", "is not a phone number: write it like +33199001234", "Number to ring"),
        ("fr", "n’est pas un numéro de téléphone : écrivez-le comme +33199001234", "Numéro à faire sonner"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(pages: Pages, language: str, text: str, labelled: str) -> None:
    answer = save(pages, {"to": "12", "ring_timeout_s": "3"}, language=language)
    assert answer.status_code == 422
    html = answer.text.replace("\u00a0", " ")
    (field,) = re.findall(r'<input id="f-to"[^>]*>', html)
    assert 'aria-invalid="true"' in field
    assert "f-to-error" in field
    assert f'<p class="error" id="f-to-error">{text}' in html
    assert f'<a href="#f-to">{labelled}</a>' in html
    assert 'id="f-ring-timeout-s-error"' in html
    assert 'value="12"' in field  # what was written stays
    assert record(pages).rule.revision == 0


def test_each_wrong_day_and_row_has_its_own_text(pages: Pages) -> None:
    fields = {"hours": "week", "schedule/time_zone": "Europe/Paris", "day/tue": "early", "day/wed": "9-12"}
    fields |= {"exception/0/from": "2026-12-24", "exception/0/to": "2026-12-20"}
    html = save(pages, fields).text
    assert 'id="f-day-tue-error"' in html
    assert 'id="f-day-wed-error"' not in html
    assert 'id="f-exception-0-to-error"' in html


def test_a_loop_is_told_beside_the_number_that_makes_it(pages: Pages) -> None:
    pages.write(lambda writer: writer.put_rule(SECOND, Rule.forward(NUMBER), 6))
    answer = save(pages, {"to": str(SECOND)})
    assert answer.status_code == 409
    assert 'id="f-to-error">leads back to this number' in answer.text


def test_a_form_of_another_session_changes_nothing(pages: Pages) -> None:
    csrf = pages.csrf(PATH)
    for token in ("", "x", csrf[1:]):
        answer = pages.visit(f"{PATH}/rule", method="POST", data=FORM | {"csrf": token, "version": "0"})
        assert answer.status_code == 403
    assert record(pages).rule.revision == 0


def test_two_tabs_cannot_overwrite_each_other_unseen(pages: Pages) -> None:
    first, second = {"to": TARGET}, {"to": "+33261910123", "ring_timeout_s": "40"}
    assert save(pages, first, version=0).status_code == 303
    answer = save(pages, second, version=0)
    assert answer.status_code == 412
    assert record(pages).rule.target == E164(TARGET)
    shown = text_of(answer).replace("\u00a0", " ")
    assert "Somebody changed this rule after you opened the page." in shown
    assert "It says now: Rings +33 6 44 63 00 00 for 60 s." in shown
    assert 'name="version" value="1"' in answer.text  # saving again is a decision
    assert 'value="+33261910123"' in answer.text
    assert save(pages, second, version=1).status_code == 303
    assert record(pages).rule.target == SECOND


def test_a_form_without_a_revision_is_taken_for_an_old_one(pages: Pages) -> None:
    assert pages.submit(f"{PATH}/rule", FORM, page=PATH).status_code == 412


def test_a_preview_says_what_would_be_and_stores_nothing(pages: Pages) -> None:
    pages.write(lambda writer: writer.put_rule(SECOND, Rule(), 6))
    answer = save(pages, {"to": str(SECOND), "try": "yes"})
    assert answer.status_code == 200
    shown = text_of(answer).replace("\u00a0", " ")
    assert "Nothing is saved yet" in shown
    assert "Rings +33 2 61 91 01 23 for 60 s." in shown
    assert "is a number of the account that refuses calls now" in shown
    assert record(pages).rule.revision == 0


@pytest.mark.parametrize("number", [FOREIGN, E164("+33644630000")])
def test_numbers_of_others_are_not_there(pages: Pages, number: E164) -> None:
    assert pages.visit(f"/numbers/{number}").status_code == 404
    assert pages.submit(f"/numbers/{number}/rule", FORM | {"version": "0"}, page=PATH).status_code == 404


def test_a_rule_that_cannot_be_changed_has_no_form(pages: Pages) -> None:
    pages.write(lambda writer: writer.set_number_state(NUMBER, active=False))
    shown = pages.visit(PATH)
    assert f"{PATH}/rule" not in shown.text
    assert "cannot be changed while the number is deactivated" in text_of(shown)


@pytest.mark.parametrize(
    ("language", "days"), [("en", ["Thu 1", "closed · public holiday"]), ("fr", ["jeu. 1", "fermé · jour férié"])]
)
def test_the_week_can_be_read_without_its_picture(pages: Pages, language: str, days: list[str]) -> None:
    put(pages, RULE)
    shown = text_of(pages.visit(PATH, language=language))
    assert " ".join(days) in shown
    assert shown.count("09:00–18:00") == 4  # of the days to come; in the form each has its hours in a field


def test_a_call_is_explained_at_the_time_that_is_asked_for(pages: Pages) -> None:
    put(pages, RULE)
    shown = text_of(pages.visit(f"{PATH}?from=06 11 22 33 44&at=2026-12-01T10:00")).replace("\u00a0", " ")
    assert "The call is forwarded to +33 6 44 63 00 00 and rings for up to 25 s." in shown
    assert "Hours · open (passed)" in shown
    shown = text_of(pages.visit(f"{PATH}?from=+33162000000&at=2026-12-01T10:00", language="fr"))
    assert "l’appelant est bloqué (l’appel s’arrête ici)" in shown
    # Half past nine in Paris, where the number is.
    shown = text_of(pages.visit(f"{PATH}?from=06 11 22 33 44&at=2026-12-01T08:30:00Z"))
    assert "Hours · open (passed)" in shown


@pytest.mark.parametrize("at", ["soon", "2026-13-01T10:00", "99999-01-01T10:00"])
def test_a_time_that_is_none_is_said_so(pages: Pages, at: str) -> None:
    answer = pages.visit(f"{PATH}?at={at}")
    assert answer.status_code == 422
    assert 'id="explain-at-error">Write it like 2026-12-24T10:00.' in answer.text


def test_the_last_change_is_undone(pages: Pages) -> None:
    put(pages, {"action": "forward", "to": [TARGET]})
    put(pages, RULE)
    for none in ("x", "-1", "9" * 30, "1.0"):
        answer = pages.submit(f"{PATH}/undo", {"version": "2", "revision": none}, page=PATH)
        assert (answer.status_code, record(pages).rule.revision) == (409, 2)
    answer = pages.submit(f"{PATH}/undo", {"version": "2"}, page=PATH)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    rule = record(pages).rule
    assert (rule.revision, rule.schedule, rule.target) == (3, None, E164(TARGET))


def test_a_rule_goes_back_to_any_revision_that_is_shown(pages: Pages) -> None:
    for seconds in (20, 30, 40):
        put(pages, {"action": "forward", "to": [TARGET], "ring_timeout_s": seconds})
    shown = pages.visit(PATH)
    assert "Rings +33\u00a06\u00a044\u00a063\u00a000\u00a000 for 20\u00a0s." in shown.text
    assert pages.submit(f"{PATH}/undo", {"version": "3", "revision": "1"}, page=PATH).status_code == 303
    assert record(pages).rule.ring_timeout.total_seconds() == 20


def test_the_history_says_who_made_a_change(pages: Pages) -> None:
    put(pages, {"action": "forward", "to": [TARGET]})
    assert f"key_{KEY.id} · revision 1" in text_of(pages.visit(PATH))
    labelled = replace(own_key(pages), label="<b>office")
    pages.write(lambda writer: writer.put_key(labelled))
    shown = pages.visit(PATH)
    assert "<b>office · revision 1" in text_of(shown)
    assert "<b>office" not in shown.text


def own_key(pages: Pages) -> KeyRecord:
    found = pages.read(lambda reader: reader.key(KEY.id))
    assert isinstance(found, KeyRecord)
    return found


def test_a_rule_with_all_its_lists_full_is_a_page_of_a_hundred_kilobytes(pages: Pages) -> None:
    day = date(2026, 2, 1)
    days = [str(day + timedelta(place)) for place in range(MAX_EXCEPTIONS)]
    exceptions = [{"from": each, "to": each, "open": [{"from": "09:00", "to": "12:00"}]} for each in days]
    prefixes = [f"+331620{place:05}*" for place in range(MAX_PREFIXES)]
    callers = {"block": prefixes, "allow": [f"+331621{place:05}" for place in range(MAX_PREFIXES)]}
    put(pages, RULE | {"schedule": RULE["schedule"] | {"exceptions": exceptions}, "callers": callers})
    assert len(pages.visit(PATH, language="fr").content) < 100_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_choice_that_is_none_is_refused_without_the_names_of_the_api(pages: Pages, language: str) -> None:
    shown = save(pages, {"on_no_answer/action": "hang up"}, language=language)
    assert shown.status_code == 422
    assert words.text(language, "form.not_offered") in text_of(shown)
    assert "release" not in text_of(shown)


def test_hours_that_end_when_they_begin_are_refused_with_what_to_write(pages: Pages) -> None:
    week = {"hours": "week", "schedule/time_zone": "Europe/Paris", "day/mon": "9-9", "exception/0/from": "2026-12-24"}
    shown = save(pages, week | {"exception/0/hours": "0-0"})
    assert shown.status_code == 422
    assert 'id="f-voicemail-emails-error"' in shown.text
    for name in ("day-mon", "exception-0-hours"):
        assert f'id="f-{name}-error">ends when it begins: for the whole day write 0-24' in shown.text
    assert record(pages).rule.revision == 0


def test_hours_that_a_program_wrote_are_sent_back_as_they_are(pages: Pages) -> None:
    always = {"from": "09:00", "to": "09:00"}
    day = {"from": "2026-12-24", "to": "2026-12-24", "open": [always]}
    schedule = RULE["schedule"] | {"open": [{"days": ["mon"], **always}], "exceptions": [day]}
    put(pages, RULE | {"schedule": schedule})
    rule = record(pages).rule
    assert save(pages, fields_of(rule) | {"ring_timeout_s": "30"}, rule.revision).status_code == 303
    assert record(pages).rule.schedule == rule.schedule


def test_a_preview_names_hours_that_end_on_the_next_day(pages: Pages) -> None:
    fields = {"hours": "week", "schedule/time_zone": "Europe/Paris", "day/mon": "12-9", "day/tue": "9-12, 0-24"}
    shown = text_of(save(pages, fields | {"schedule/closed/action": "off", "try": "yes"}))
    assert "Monday: from 12:00 until 09:00 the next day." in shown
    assert "Tuesday: from" not in shown


def test_an_undo_from_an_old_page_changes_nothing(pages: Pages) -> None:
    for seconds in (20, 30):
        put(pages, {"action": "forward", "to": [TARGET], "ring_timeout_s": seconds})
    assert pages.submit(f"{PATH}/undo", {"version": "1"}, page=PATH).status_code == 412
    assert record(pages).rule.revision == 2


def test_older_changes_follow_on_another_page(pages: Pages) -> None:
    for seconds in range(20, 32):
        put(pages, {"action": "forward", "to": [TARGET], "ring_timeout_s": seconds})
    (before,) = re.findall(r"\?before=([0-9]+)#history", pages.visit(PATH).text)
    older = text_of(pages.visit(f"{PATH}?before={before}")).replace("\u00a0", " ")
    assert "for 20 s." in older
    assert "for 30 s." not in older.partition("History")[2]


def test_a_label_and_a_state_are_stored(pages: Pages) -> None:
    assert pages.submit(f"{PATH}/settings", {"label": "Front desk"}, page=PATH).status_code == 303
    assert (record(pages).label, record(pages).active) == ("Front desk", False)
    answer = pages.submit(f"{PATH}/settings", {"label": "x" * 101, "active": "yes"}, page=PATH)
    assert answer.status_code == 422
    assert 'id="f-label-error"' in answer.text
    assert f'value="{"x" * 101}"' in answer.text


def test_settings_of_an_old_page_switch_nothing_on_again(pages: Pages) -> None:
    (version,) = re.findall(r'name="version" value="([^"]+)"', settings_of(pages.visit(PATH).text))
    old = {"version": unescape(version)}
    assert pages.submit(f"{PATH}/settings", old | {"label": "off"}, page=PATH).status_code == 303
    answer = pages.submit(f"{PATH}/settings", old | {"label": "two", "active": "yes"}, page=PATH)
    assert answer.status_code == 412
    assert "Somebody changed it meanwhile" in text_of(answer)
    assert (record(pages).label, record(pages).active) == ("off", False)
    kept = settings_of(answer.text)
    assert 'value="two"' in kept
    assert " checked" in kept


def test_a_new_rule_does_not_overtake_the_settings(pages: Pages) -> None:
    (version,) = re.findall(r'name="version" value="([^"]+)"', settings_of(pages.visit(PATH).text))
    put(pages, RULE)
    sent = {"version": unescape(version), "label": "two", "active": "yes"}
    assert pages.submit(f"{PATH}/settings", sent, page=PATH).status_code == 303


def test_the_lines_for_the_api_are_no_markup_and_no_command() -> None:
    pages = Pages(public_url="https://x.example/<b>$(id)'\"")
    shown = pages.visit(PATH).text
    assert "<b>" not in shown
    assert "&#39;https://x.example/&lt;b&gt;$(id)&#39;&#34;&#39;&#34;&#39;" in shown
