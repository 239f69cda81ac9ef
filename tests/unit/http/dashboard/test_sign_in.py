"""Signing in and out by the pages: cookies, tokens of forms, what is wrong, links and passwords."""

import asyncio
import re
from functools import partial
from html import unescape
from ipaddress import ip_network
from operator import methodcaller
from typing import Any

import httpx
import pytest

from renvoi.application import people
from renvoi.application.sessions import MAX_AGENT
from renvoi.application.sign_in import make_link
from renvoi.domain.access.session import OF_ACCOUNTS
from renvoi.domain.access.sign_in_limits import NETWORK, STRANGER
from renvoi.http.dashboard.signed_out import FORM_COOKIE
from renvoi.http.dashboard.site import COOKIE
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import KEY
from tests.support.sign_in import OLIVE, PASSWORD, add_person, cheap_passwords

PASSWORDS = cheap_passwords()
OTHER = "another good one"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Door(Pages):
    """Pages as somebody sees them who is not signed in; Olive may, with PASSWORD."""

    def __init__(self, **deps: Any) -> None:
        super().__init__(None, passwords=PASSWORDS, **deps)
        self.peer = "127.0.0.1"
        self.olive = asyncio.run(add_person(self.store, PASSWORDS, account_id=1))

    def visit(self, path: str, **keywords: Any) -> httpx.Response:
        """Ask for a page, from the address of `peer`."""
        return super().visit(path, client=self.peer, **keywords)

    def fill(self, path: str, *, page: str = "/sign-in", **fields: str) -> httpx.Response:
        """Send a form as `page` shows it."""
        return self.submit(path, fields, page=page)

    def enter(self, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Sign in as Olive."""
        return self.fill("/sign-in", email=OLIVE, password=password, **fields)

    def is_in(self) -> bool:
        """Tell whether one is signed in."""
        return self.visit("/sessions").status_code == 200

    def token(self) -> str:
        """Return a token by which Olive sets a password."""
        return asyncio.run(people.make_password_link(self.store, self.clock, OLIVE))[1].reveal()

    def link(self) -> str:
        """Return a link of the operator at the machine."""
        token = asyncio.run(make_link(self.store, self.clock, "demo")).reveal()
        return f"/sign-in/link?token={token}"


def cookie_of(answer: httpx.Response, name: str = COOKIE) -> str:
    """Return the line that sets a cookie."""
    (line,) = (each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}="))
    return line


def test_a_key_signs_in() -> None:
    door = Door()
    answer = door.fill("/sign-in", key=KEY.reveal(), next="/calls?q=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?q=1")
    assert door.is_in()
    assert KEY.secret not in cookie_of(answer)
    assert door.visit("/sign-in").headers["location"] == "/"


def test_an_address_and_a_password_sign_in_and_a_form_signs_out() -> None:
    door = Door()
    answer = door.enter(next="//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    kept = dict(door.cookies)
    assert door.is_in()
    answer = door.fill("/sign-out", page="/sessions")
    assert answer.headers["location"] == "/sign-in"
    assert "You are signed out" in text_of(door.visit("/sign-in"))
    door.cookies = kept
    assert not door.is_in(), "the session is over, whoever kept the cookie"


@pytest.mark.parametrize(
    ("deps", "headers", "is_secure"),
    [
        ({"public_url": "http://127.0.0.1:8080"}, {}, False),
        ({"public_url": "https://renvoi.example"}, {}, True),
        ({"public_url": "http://127.0.0.1:8080"}, {"X-Forwarded-Proto": "https"}, False),
        ({"trusted_proxies": (ip_network("127.0.0.0/8"),)}, {"X-Forwarded-Proto": "https"}, True),
        ({"trusted_proxies": (ip_network("127.0.0.0/8"),)}, {"X-Forwarded-Proto": "http"}, False),
    ],
)
def test_cookies_are_for_this_server_and_for_https_where_that_is(
    deps: dict[str, Any], headers: dict[str, str], *, is_secure: bool
) -> None:
    door = Door(**deps)
    page = door.visit("/sign-in", headers=headers)
    found = _CSRF.search(page.text)
    assert found is not None
    fields = {"csrf": unescape(found[1]), "email": OLIVE, "password": PASSWORD}
    answer = door.visit("/sign-in", method="POST", data=fields, headers=headers)
    for line in (cookie_of(page, FORM_COOKIE), cookie_of(answer)):
        parts = [each.strip().lower() for each in line.split(";")[1:]]
        assert {"httponly", "path=/", "samesite=lax"} < set(parts)
        assert ("secure" in parts) == is_secure
        assert not any(each.startswith("domain") for each in parts)
    assert f"max-age={int(OF_ACCOUNTS.most.total_seconds())}" in cookie_of(answer).lower()


def test_the_session_that_a_browser_brings_is_not_the_one_that_it_gets() -> None:
    door = Door()
    planted = "0a0a0a0a0a0a_" + "k" * 43
    door.cookies[COOKIE] = planted
    door.enter()
    assert door.cookies[COOKIE] != planted
    first = dict(door.cookies)
    token = door.csrf("/sessions")
    answer = door.visit("/sign-in", method="POST", data={"csrf": token, "email": OLIVE, "password": PASSWORD})
    assert answer.status_code == 303
    assert door.cookies[COOKIE] != first[COOKIE]
    door.cookies = first
    assert not door.is_in()


def test_no_other_site_signs_anybody_in() -> None:
    door = Door()
    mine = door.csrf("/sign-in")
    fields = {"email": OLIVE, "password": PASSWORD}
    for token in ("", "x", "é", Door().csrf("/sign-in")):
        assert door.visit("/sign-in", method="POST", data={"csrf": token, **fields}).status_code == 403
    door.cookies = {}
    assert door.visit("/sign-in", method="POST", data={"csrf": mine, **fields}).status_code == 403
    assert COOKIE not in door.cookies


def test_a_form_of_one_tab_is_refused_after_a_sign_in_in_another() -> None:
    door = Door()
    door.enter()
    old = door.csrf("/sessions")
    door.fill("/sign-out", page="/sessions")
    stale = door.csrf("/sign-in")
    door.enter()
    for token in (old, stale):
        answer = door.visit("/sessions/end-all", method="POST", data={"csrf": token})
        assert (answer.status_code, "no longer valid" in text_of(answer)) == (403, True)
    assert door.is_in()


@pytest.mark.parametrize(("language", "said"), [("en", "do not go together"), ("fr", "ne vont pas ensemble")])
def test_whoever_is_wrong_is_told_the_same(language: str, said: str) -> None:
    door = Door()
    pages = []
    for email in (OLIVE, "nobody@example.com"):
        fields = {"csrf": door.csrf("/sign-in"), "email": email, "password": "wrong", "lang": language}
        answer = door.visit("/sign-in", method="POST", data=fields)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert f'value="{email}"' in answer.text
        assert "wrong</" not in answer.text
        pages.append(answer.text.replace(email, ""))
    assert pages[0] == pages[1]
    answer = door.fill("/sign-in", key="rv_nothing")
    assert (answer.status_code, "This key is not valid" in text_of(answer)) == (422, True)
    assert "rv_nothing" not in answer.text


def test_guessing_ends() -> None:
    door = Door()
    found = [door.enter("wrong").status_code for _ in range(STRANGER.burst + 1)]
    assert found == [422] * STRANGER.burst + [429]
    answer = door.enter()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(STRANGER.interval_ms // 1000))
    assert "in 5 minutes, or have a link for a new password sent to you: it lets you in at once" in text_of(answer)
    door.clock.now += STRANGER.interval_ms
    assert door.enter().status_code == 303
    assert NETWORK.burst > STRANGER.burst


def test_wrong_keys_shut_no_good_key_out() -> None:
    door = Door()
    answers = [door.fill("/sign-in", key="rv_nothing") for _ in range(NETWORK.burst + 1)]
    assert [answer.status_code for answer in answers] == [422] * NETWORK.burst + [429]
    assert "a valid one is let in at any time" in text_of(answers[-1])
    assert door.fill("/sign-in", key=KEY.reveal()).status_code == 303


def test_what_a_browser_says_of_itself_is_shown_as_text() -> None:
    door = Door()
    fields = {"csrf": door.csrf("/sign-in"), "email": OLIVE, "password": PASSWORD}
    agent = "<script>alert(1)</script>" + "x" * 1000
    door.visit("/sign-in", method="POST", data=fields, headers={"User-Agent": agent})
    page = door.visit("/sessions")
    assert "<script>alert" not in page.text
    assert agent[:MAX_AGENT] in unescape(page.text)
    assert agent[: MAX_AGENT + 1] not in unescape(page.text)


def test_sessions_are_ended_one_by_one_and_all_at_once() -> None:
    door = Door()
    door.enter()
    first = dict(door.cookies)
    door.cookies = {}
    door.enter()
    page = door.visit("/sessions")
    ids = re.findall(r'name="id" value="([^"]+)"', page.text)
    other = first[COOKIE].partition("_")[0]
    assert sorted(ids) == sorted([other, door.cookies[COOKIE].partition("_")[0]])
    assert door.fill("/sessions/end", page="/sessions", id=other).headers["location"] == "/sessions"
    mine, door.cookies = door.cookies, first
    assert not door.is_in()
    door.cookies = {}
    door.enter()
    third, door.cookies = door.cookies, mine
    assert door.fill("/sessions/end-all", page="/sessions").headers["location"] == "/sign-in"
    for kept in (mine, third):
        door.cookies = dict(kept)
        assert not door.is_in()


def test_a_session_ends_with_time() -> None:
    door = Door()
    door.enter()
    door.clock.now += int(OF_ACCOUNTS.idle.total_seconds() * 1000)
    answer = door.visit("/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/sessions")


def test_another_password_ends_the_others() -> None:
    door = Door()
    door.enter()
    other = dict(door.cookies)
    door.cookies = {}
    door.enter()
    change = partial(door.fill, "/sessions/password", page="/sessions")
    answer = change(current="wrong", password=OTHER)
    assert (answer.status_code, "is not your password" in text_of(answer)) == (422, True)
    answer = change(current=PASSWORD, password="short")
    assert "has to have at least 10 characters" in text_of(answer)
    assert (answer.status_code, "at least 10" in text_of(answer)) == (422, True)
    assert change(current=PASSWORD, password=OTHER).status_code == 303
    assert door.is_in()
    door.cookies = other
    assert not door.is_in()
    assert door.enter().status_code == 422
    assert door.enter(OTHER).status_code == 303


def test_a_password_is_forgotten_and_chosen_again() -> None:
    door = Door()
    answers = [
        door.fill("/sign-in/forgotten", page="/sign-in/forgotten", email=email)
        for email in (OLIVE, "nobody@example.com", "", "x")
    ]
    assert len({text_of(answer) for answer in answers}) == 1
    assert "a mail is on its way" in text_of(answers[0])
    due = asyncio.run(door.store.read(methodcaller("due_tokens", door.clock.now, 9)))
    assert [each.holder for each in due] == [door.olive.id]
    path = f"/sign-in/password?token={door.token()}"
    assert OLIVE in door.visit(path).text
    token = path.partition("=")[2]
    answer = door.fill("/sign-in/password", page=path, token=token, password="short")
    assert (answer.status_code, "at least 10" in text_of(answer)) == (422, True)
    answer = door.fill("/sign-in/password", page=path, token=token, password=OTHER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert door.is_in()
    door.cookies = {}
    assert door.visit(path).status_code == 404
    answer = door.fill("/sign-in/password", token=token, password=PASSWORD)
    assert (answer.status_code, "no longer valid" in text_of(answer)) == (404, True)
    assert door.enter(OTHER).status_code == 303


def test_the_link_of_the_operator_works_once() -> None:
    door = Door()
    link = door.link()
    assert door.visit(link, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
    assert "set-cookie" not in door.visit(link, method="HEAD").headers
    answer = door.visit(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/start")
    assert door.is_in()
    assert "demo" in text_of(door.visit("/sessions"))
    # Who follows it again is there already; for anybody else it is over.
    assert door.visit(link).headers["location"] == "/"
    door.cookies = {}
    answer = door.visit(link)
    assert (answer.status_code, "renvoi sign-in-link" in text_of(answer)) == (404, True)


@pytest.mark.parametrize(
    ("deps", "headers"),
    [
        ({}, {"X-Forwarded-For": "127.0.0.1"}),
        ({}, {"Forwarded": "for=127.0.0.1"}),
        ({}, {"Via": "1.1 proxy"}),
        ({"trusted_proxies": (ip_network("127.0.0.0/8"),)}, {}),
    ],
)
def test_the_link_works_on_the_machine_alone(deps: dict[str, Any], headers: dict[str, str]) -> None:
    door = Door(**deps)
    link = door.link()
    answer = door.visit(link, headers=headers)
    assert (answer.status_code, "works on the machine itself" in text_of(answer)) == (403, True)
    assert COOKIE not in door.cookies
    door.peer = "192.0.2.7"
    assert door.visit(link).status_code == 403


def test_pages_before_the_sign_in_are_in_the_language_that_was_named() -> None:
    door = Door()
    page = door.visit("/sign-in?lang=fr&next=/calls")
    assert '<html lang="fr">' in page.text
    assert 'href="?lang=en&amp;next=/calls"' in page.text
    assert 'value="/calls"' in page.text
    assert '<html lang="en">' in door.visit("/sign-in?lang=xx").text
    assert '<html lang="fr">' in door.visit("/sign-in/forgotten?lang=fr").text
