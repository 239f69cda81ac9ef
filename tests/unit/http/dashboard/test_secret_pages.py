"""Forms whose answer shows a secret: whatever is sent again makes nothing more, and each secret is shown once."""

import asyncio
import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import ApiKey
from renvoi.http.dashboard.site import COOKIE
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import KEY

_SECRET = re.compile(r"rv_[0-9a-f]{12}_[A-Za-z0-9_-]{43}|whsec_[A-Za-z0-9+/=]+")
_WORD = re.compile(r'name="once" value="([^"]+)"')
KEY_FORM = {"label": "shop", "scope_of": "all"}
WEBHOOK = {"url": "https://example.com/hooks", "types_of": "all", "enabled": "yes"}
Form = tuple[str, str, dict[str, str]]
"""The page that a form is on, where it is sent, and its fields."""


def new_key(_: Pages) -> Form:
    return "/keys", "/keys", KEY_FORM


def new_webhook(_: Pages) -> Form:
    return "/webhooks/new", "/webhooks/new", WEBHOOK


def rotated_key(pages: Pages) -> Form:
    path = send(pages, new_key(pages), "a" * 22)[1] + "/rotate"
    return path, path, {"keep": "yes"}


def rotated_webhook(pages: Pages) -> Form:
    path = send(pages, new_webhook(pages), "a" * 22)[1] + "/rotate"
    return path, path, {}


FORMS: tuple[Callable[[Pages], Form], ...] = (new_key, new_webhook, rotated_key, rotated_webhook)


def send(pages: Pages, form: Form, word: str) -> tuple[str, str]:
    """Send a form and follow it; return the secret that is shown and the page of what it belongs to."""
    page, path, fields = form
    shown = pages.follow(pages.submit(path, fields | {"once": word}, page=page))
    assert shown.status_code == 200, text_of(shown)
    secret = _SECRET.search(unescape(shown.text))
    back = re.search(r'class="button primary" href="([^"]+)"', shown.text)
    assert secret is not None
    assert back is not None
    return secret[0], back[1]


def things(pages: Pages) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the keys and the endpoints that there are, each with what its secret is known by."""

    def work(reader: Reader) -> tuple[dict[str, bytes], dict[str, bytes]]:
        keys = reader.keys(1, None, 100)
        return {key.id: key.hash for key in keys}, dict(reader.secrets())

    return asyncio.run(pages.store.read(work))


def kept(pages: Pages, answer: httpx.Response) -> ApiAnswer:
    """Return what is stored of the secret that an answer leads to."""
    session = pages.cookies[COOKIE].partition("_")[0]
    name = f"form\n{session}\n{answer.headers['location'].removeprefix('/shown/')}"
    found = asyncio.run(pages.store.read(lambda reader: reader.api_answer(1, name)))
    assert found is not None
    return found


@pytest.mark.parametrize("make", FORMS)
def test_a_form_has_a_word_of_its_own_each_time(make: Callable[[Pages], Form]) -> None:
    pages = Pages()
    page, _, _ = make(pages)
    words = [_WORD.findall(pages.visit(page).text) for _ in range(2)]
    assert len(words[0]) == len(words[1]) == 1
    assert words[0] != words[1]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("make", FORMS)
def test_a_form_that_is_sent_again_makes_one_thing_and_shows_its_secret_once(
    make: Callable[[Pages], Form], language: str
) -> None:
    pages = Pages()
    page, path, fields = make(pages)
    first = pages.submit(path, fields | {"once": "w" * 22}, page=page)
    after = things(pages)
    again = pages.submit(path, fields | {"once": "w" * 22}, page=page)
    assert again.headers["location"] == first.headers["location"]
    assert things(pages) == after
    shown = pages.follow(again)
    assert _SECRET.search(unescape(shown.text)) is not None
    late = pages.follow(first, language=language)
    assert late.status_code == 410
    assert _SECRET.search(unescape(late.text)) is None
    assert {"en": "A secret is shown once", "fr": "Un secret n’est affiché qu’une fois"}[language] in text_of(late)
    back = re.search(r'href="(/(?:keys|webhooks)/[a-z]+_[0-9a-f]+)"', late.text)
    assert back is not None
    assert pages.visit(back[1]).status_code == 200
    assert things(pages) == after


def test_another_word_or_another_wish_makes_another_thing() -> None:
    pages = Pages()
    page, path, fields = new_key(pages)
    before = len(things(pages)[0])
    for more in ({"once": "w" * 22}, {"once": "v" * 22}, {"once": "w" * 22, "label": "other"}, {}, {"once": "<b>"}):
        pages.follow(pages.submit(path, fields | more, page=page))
    assert len(things(pages)[0]) == before + 5


def test_what_is_refused_may_be_sent_again_with_the_same_word() -> None:
    pages = Pages()
    wrong = pages.submit("/keys", KEY_FORM | {"label": "x" * 101, "once": "w" * 22}, page="/keys")
    assert wrong.status_code == 422
    assert send(pages, new_key(pages), "w" * 22)[0]


def test_nobody_else_sees_a_secret_and_who_looks_ahead_uses_none_up() -> None:
    pages = Pages()
    answer = pages.submit("/keys", KEY_FORM, page="/keys")
    assert pages.visit(answer.headers["location"], method="HEAD").status_code == 204
    assert pages.follow(answer, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    cookies = pages.cookies
    pages.sign_in(KEY)
    assert pages.follow(answer).status_code == 410
    pages.cookies = cookies
    assert pages.follow(answer).status_code == 200
    for name in ("nothing", "a" * 22 + "." + "0" * 32, "%00"):
        assert pages.visit(f"/shown/{name}").status_code == 410


def test_what_is_kept_of_a_secret_is_sealed_and_then_gone() -> None:
    pages = Pages()
    answer = pages.submit("/keys", KEY_FORM, page="/keys")
    assert kept(pages, answer).sealed
    assert b"rv_" not in kept(pages, answer).body
    pages.follow(answer)
    assert (kept(pages, answer).sealed, kept(pages, answer).body) == (False, b"")


def test_a_key_that_ends_its_own_session_is_shown_at_once() -> None:
    pages = Pages()
    path = f"/keys/key_{KEY.id}/rotate"
    csrf = pages.csrf(path)
    answer = pages.visit(path, method="POST", data={"csrf": csrf, "once": "w" * 22})
    assert answer.status_code == 200
    found = _SECRET.search(answer.text)
    assert found is not None
    again = pages.visit(path, method="POST", data={"csrf": csrf, "once": "w" * 22})
    assert again.headers["location"].startswith("/sign-in")
    key = ApiKey.parse(found[0])
    assert key is not None
    assert pages.send("GET", "/v2/numbers", key=key).status_code == 200
