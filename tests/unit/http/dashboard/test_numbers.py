"""The list of numbers: what each says, what is found, page by page, and what is chosen to be changed."""

from functools import partial

import pytest

from renvoi.application.keys import new_key
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, Unreadable
from renvoi.http.dashboard import numbers
from renvoi.http.dashboard.lists import Listed
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, NUMBER, SECOND, TARGET
from tests.support.v2_kept import CALL, put_message


@pytest.fixture
def pages() -> Pages:
    return Pages()


def forward(pages: Pages, number: E164 = NUMBER) -> None:
    pages.write(lambda writer: writer.put_rule(number, Rule.forward(E164(TARGET)), 6))


@pytest.mark.parametrize(
    ("language", "sentence", "state"),
    [
        ("en", "Rings +33 6 44 63 00 00 for 60 s.", "Forwards"),
        ("fr", "Fait sonner le +33 6 44 63 00 00 pendant 60 s.", "Transfère"),
    ],
)
def test_each_number_has_its_sentence_and_its_state(pages: Pages, language: str, sentence: str, state: str) -> None:
    forward(pages)
    shown = text_of(pages.visit("/numbers", language=language)).replace("\u00a0", " ")
    assert "01 99 00 12 34" in shown
    assert sentence in shown
    assert state in shown
    assert str(FOREIGN) not in shown


@pytest.mark.parametrize(
    ("language", "why", "words"),
    [
        ("en", Unreadable.NEWER, ("Unreadable", "A newer renvoi wrote the rule: calls are refused until the operator")),
        ("fr", Unreadable.NEWER, ("Illisible", "Un renvoi plus récent a écrit la règle : les appels sont refusés")),
        ("en", Unreadable.DAMAGED, ("Unreadable", "until the operator removes the number and adds it again")),
        ("fr", Unreadable.DAMAGED, ("Illisible", "tant que l’exploitant ne supprime pas le numéro")),
    ],
)
def test_a_rule_that_cannot_be_read_is_shown_as_such(
    pages: Pages, language: str, why: Unreadable, words: tuple[str, str]
) -> None:
    """Beside the others, and without a link to a page that could not show it."""
    pages.write(lambda writer: writer.make_unreadable(NUMBER, why))
    page = pages.visit("/numbers", language=language)
    shown = text_of(page).replace("\u00a0", " ")
    assert all(word in shown for word in words)
    assert [number for number in (NUMBER, SECOND) if f'href="/numbers/{number}"' in page.text] == [SECOND]
    assert [number for number in (NUMBER, SECOND) if f'name="number" value="{number}"' in page.text] == [SECOND]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "restores a backup, or removes the number"), ("fr", "restaure une sauvegarde, ou supprime le numéro")],
)
def test_the_page_of_a_number_whose_rule_cannot_be_read_says_what_to_do(
    pages: Pages, language: str, words: str
) -> None:
    """Not to come again in a moment, which never helps."""
    pages.write(lambda writer: writer.make_unreadable(NUMBER, Unreadable.DAMAGED))
    page = pages.visit(f"/numbers/{NUMBER}", language=language)
    assert page.status_code == 409
    assert words in text_of(page).replace("\u00a0", " ")
    assert "retry-after" not in page.headers


def test_each_state_has_its_word(pages: Pages) -> None:
    pages.write(lambda writer: writer.put_rule(SECOND, Rule.voicemail(EmailAddress("owner@example.com")), 6))
    assert {"Off", "Voicemail"} <= set(text_of(pages.visit("/numbers")).split())
    pages.write(lambda writer: writer.set_number_state(NUMBER, active=False))
    pages.write(lambda writer: writer.set_number_state(SECOND, forwarding_enabled=False))
    shown = text_of(pages.visit("/numbers"))
    assert "Deactivated" in shown
    assert "Not enabled" in shown


def test_what_has_come_to_a_number_leads_to_it(pages: Pages) -> None:
    pages.write(put_message)
    pages.write(lambda writer: writer.put_call(CALL))
    shown = pages.visit("/numbers").text
    assert '<a href="/messages?number=%2B33199001234"><span class="count">1</span></a>' in shown
    assert '<a href="/calls?number=%2B33199001234"><time datetime="2026-01-01T00:00:00.000Z"' in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=02 61", [SECOND]),
        ("q=%2B331", [NUMBER]),
        ("q=rec", [NUMBER]),
        ("action=forward", [NUMBER]),
        ("action=off", [SECOND]),
        ("q=zzz", []),
        ("action=nonsense", [NUMBER, SECOND]),
    ],
)
def test_numbers_are_found_by_their_beginning_their_label_and_their_rule(
    pages: Pages, query: str, found: list[E164]
) -> None:
    forward(pages)
    pages.write(lambda writer: writer.set_label(NUMBER, "Reception"))
    shown = pages.visit(f"/numbers?{query}").text
    assert [number for number in (NUMBER, SECOND) if f'href="/numbers/{number}"' in shown] == found


def test_a_search_without_a_result_says_what_to_search_for(pages: Pages) -> None:
    shown = pages.visit("/numbers?q=zzz").text
    assert "No number matches" in shown
    assert 'value="zzz"' in shown


def test_pages_follow_each_other(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "Listed", partial(Listed, limit=1))
    first = pages.visit("/numbers").text
    (address,) = [part.partition('"')[0] for part in first.split('rel="next" href="')[1:]]
    second = pages.visit(address.replace("&amp;", "&")).text
    assert f'href="/numbers/{NUMBER}"' in first
    assert f'href="/numbers/{SECOND}"' in second
    assert 'rel="next"' not in second


def test_labels_are_text_and_never_markup(pages: Pages) -> None:
    pages.write(lambda writer: writer.set_label(NUMBER, '<script>alert("1")</script>'))
    for path in ("/numbers", f"/numbers/{NUMBER}", "/numbers?q=%3Cscript"):
        shown = pages.visit(path).text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(" in shown


def test_a_key_that_is_limited_to_numbers_sees_no_others(pages: Pages) -> None:
    key = new_key()

    def work(writer: Writer) -> None:
        limited = KeyRecord(key.id, 1, key.hash(), "FR", scopes=("numbers:read",), numbers=frozenset({SECOND}))
        writer.add_key(limited)

    pages.write(work)
    pages.sign_in(key)
    shown = pages.visit("/numbers").text
    assert f'href="/numbers/{SECOND}"' in shown
    assert f'href="/numbers/{NUMBER}"' not in shown
    assert 'type="checkbox"' not in shown  # it may not change them
    assert pages.visit(f"/numbers/{NUMBER}").status_code == 404


def test_who_is_not_signed_in_is_told_nothing_of_any_number() -> None:
    pages = Pages(key=None)
    answers = [pages.visit(f"/numbers/{number}") for number in (NUMBER, FOREIGN, "+33644630000", "x")]
    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["location"].partition("?")[0] for answer in answers} == {"/sign-in"}
