"""What a session's own limits would refuse is not offered: what the form is filled in with at first is taken."""

import re
from html import unescape

import pytest

from renvoi.application.keys import new_key
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import KeyRecord
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER, SECOND
from tests.support.v2_api import OPERATOR_KEY

DAY_MS = 24 * 3600 * 1000


def limited(*scopes: str, expires_in_days: int | None = None, some: bool = True) -> Pages:
    """Return the pages as a key sees them that is limited to a number, to scopes, or in time."""
    pages = Pages(None)
    key = new_key()
    ends = None if expires_in_days is None else pages.clock.now_ms() + expires_in_days * DAY_MS
    numbers = frozenset({NUMBER}) if some else None

    def work(writer: Writer) -> None:
        writer.add_key(KeyRecord(key.id, 1, key.hash(), "FR", "", scopes, 5, ends, numbers=numbers))

    pages.write(work)
    pages.sign_in(key)
    return pages


def chosen(pages: Pages) -> dict[str, list[str]]:
    """Return what whoever makes a key has to say of it: all that the page offers."""
    page = pages.visit("/keys").text
    if 'name="scope_of" value="all"' in page:
        return {"scope_of": ["all"]}
    return {"scopes": re.findall(r'name="scopes" value="([^"]+)"', page)}


def form_of(page: str, action: str) -> dict[str, list[str]]:
    """Return what a browser sends of a form that nobody has touched."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_box = 'type="checkbox"' in tag or 'type="radio"' in tag
        if name is not None and (not is_box or " checked" in tag):
            fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name_, value_ in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        fields.setdefault(name_, []).append(unescape(value_))
    return fields


@pytest.mark.parametrize(
    "make",
    [
        limited,
        lambda: limited("keys:write", "calls:read"),
        lambda: limited("keys:write", expires_in_days=30, some=False),
        lambda: limited(expires_in_days=2),
        Pages,
    ],
)
def test_the_form_of_a_new_key_is_taken_with_all_that_it_offers(make: object) -> None:
    assert callable(make)
    pages = make()
    answer = pages.visit("/keys", method="POST", data=form_of(pages.visit("/keys").text, "/keys") | chosen(pages))
    assert answer.status_code == 303, text_of(answer)


def test_a_key_of_few_scopes_is_not_offered_all() -> None:
    page = limited("keys:write", some=False).visit("/keys").text
    assert 'value="all"' not in page
    assert "Your own key may do these alone" in page
    assert 'value="all"' in Pages().visit("/keys").text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Your key is limited to numbers"), ("fr", "Votre clé est limitée à des numéros")],
)
def test_a_limited_key_is_offered_an_endpoint_of_its_numbers(language: str, said: str) -> None:
    pages = limited()
    page = pages.visit("/webhooks/new", language=language).text
    assert said in unescape(page)
    form = form_of(page, "/webhooks/new") | {"types_of": ["all"]}
    assert form["numbers"] == [NUMBER.value]
    made = pages.visit("/webhooks/new", method="POST", data=form | {"url": "https://example.com/x"})
    assert made.status_code == 303, text_of(made)
    none = pages.visit(
        "/webhooks/new", method="POST", data=form | {"url": "https://example.com/x", "numbers": ""}, language=language
    )
    assert none.status_code == 422
    assert 'id="f-numbers-error"' in none.text


def test_whoever_may_see_one_page_alone_begins_there() -> None:
    for scope, path in (("messages:read", "/messages"), ("calls:read", "/calls"), ("forwarding:write", "/sessions")):
        pages = limited(scope)
        assert pages.visit("/").headers["location"] == path
        assert pages.visit(path).status_code == 200
    assert 'href="/numbers"' not in limited("messages:read").visit("/messages").text
    assert 'href="/numbers"' not in limited("calls:read").visit("/calls").text


def test_an_operator_who_acts_for_nobody_is_not_offered_to_change_several_numbers() -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    assert 'action="/numbers/change"' in Pages().visit("/numbers").text
    assert 'type="checkbox"' not in pages.visit("/numbers").text
    assert pages.visit("/numbers/change").headers["location"] == "/operator/accounts"


@pytest.mark.parametrize(
    ("language", "said", "button"),
    [
        ("en", "It is deactivated: calls to it are refused", "Leave those that are refused out"),
        ("fr", "Il est désactivé : ses appels sont refusés", "Laisser de côté ceux qui sont refusés"),
    ],
)
def test_numbers_that_are_deactivated_are_told_and_left_out(language: str, said: str, button: str) -> None:
    pages = Pages()
    pages.write(lambda writer: writer.set_number_state(NUMBER, active=False))
    wanted = {"numbers": f"{NUMBER}\n{SECOND}", "action": "off"}
    pages.send("PUT", f"/v2/numbers/{SECOND}/forwarding", json={"action": "forward", "to": ["+33644630000"]})
    shown = pages.submit("/numbers/change", wanted, page="/numbers/change", language=language)
    assert said in text_of(shown).replace("\u00a0", " ")
    assert button in text_of(shown)
    form = form_of(shown.text, "/numbers/change")
    assert form["numbers"] == [SECOND.value]
    again = pages.visit("/numbers/change", method="POST", data=form, language=language)
    assert NUMBER.value not in again.text
    assert 'name="confirmed"' in again.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "has to look like 2036-01-31"), ("fr", "doit ressembler à 2036-01-31")],
)
def test_the_day_on_which_a_key_ends_is_a_day_where_the_reader_is(language: str, said: str) -> None:
    pages = Pages()
    assert "Europe/Paris" in text_of(pages.visit("/keys", language=language))
    wrong = {"label": "x", "scope_of": "all", "expires_at": "31/01/2036"}
    answer = pages.submit("/keys", wrong, page="/keys", language=language)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="31/01/2036"' in answer.text
