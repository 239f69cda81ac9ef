"""What is around every page: sessions, tokens of forms, choices, refusals and files."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.http.dashboard.site import COOKIE, local_path
from renvoi.http.dashboard.visit import HEADERS
from renvoi.http.deps import Limits
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import KEY, NUMBER, SECOND
from tests.support.v2_kept import MAIL, MESSAGE

NARROW = ApiKey("0d0d0d0d0d0d", "n" * 43)


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back() -> None:
    answer = Pages(None).visit("/?q=33")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/%3Fq%3D33"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil", "/a b", "/\r\n"]
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_a_form_without_the_token_of_its_session_changes_nothing() -> None:
    pages, other = Pages(), Pages()
    for token in ("", "x", "é", other.csrf("/nothing")):
        answer = pages.visit("/choices", method="POST", data={"csrf": token, "language": "fr"})
        assert answer.status_code == 403
        assert "no longer valid" in text_of(answer)
    assert '<html lang="en"' in pages.visit("/nothing").text


def test_language_and_colours_are_chosen_and_taken_back() -> None:
    pages = Pages()
    answer = pages.submit("/choices", {"language": "fr", "scheme": "dark", "next": "/calls"}, page="/nothing")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
    assert '<html lang="fr" data-scheme="dark">' in pages.visit("/nothing").text
    pages.submit("/choices", {"language": "xx", "scheme": "<"}, page="/nothing")
    assert '<html lang="en">' in pages.visit("/nothing").text


def test_a_browser_sees_a_page_where_there_is_none_and_a_program_its_own_answer() -> None:
    pages = Pages()
    answer = pages.visit("/nothing", language="fr")
    assert answer.status_code == 404
    assert "Il n’y a rien ici" in text_of(answer)
    assert pages.request("GET", "/nothing").json()["code"] == 404
    refused = pages.visit("/numbers", method="DELETE")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert {name: refused.headers[name] for name in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize(
    ("form", "page"),
    [
        (f"/numbers/%2B{NUMBER.digits}/rule", f"/numbers/{NUMBER}"),
        (f"/numbers/{NUMBER}/greeting/reset", f"/numbers/{NUMBER}"),
        ("/messages/msg_x/heard", "/messages/msg_x"),
        ("/operator/act", "/operator"),
        ("/start/call", "/start"),
        ("/sign-out", "/"),
        ("/choices", "/"),
    ],
)
def test_the_address_that_a_form_was_sent_to_leads_to_its_page(form: str, page: str) -> None:
    for pages in (Pages(), Pages(None)):
        answer = pages.visit(form)
        assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_who_signs_in_again_after_a_form_comes_back_to_its_page() -> None:
    pages = Pages(None)
    sent = pages.visit(f"/numbers/{NUMBER}/rule", method="POST", data={"action": "off"})
    wanted = parse_qs(urlsplit(sent.headers["location"]).query)["next"][0]
    told = pages.follow(sent)
    assert '<p class="flash warn" role="status">You were signed out meanwhile, so nothing was saved.' in told.text
    assert "signed out meanwhile" not in (other := Pages(None)).follow(other.visit(f"/numbers/{NUMBER}")).text
    pages.sign_in(KEY)
    assert pages.follow(pages.visit(wanted)).status_code == 200


def test_every_page_has_the_headers_that_keep_others_out() -> None:
    answer = Pages().visit("/nothing")
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_files_are_kept_for_as_long_as_they_are_the_same() -> None:
    pages = Pages(None)
    found = {line for line in pages.visit("/nothing").text.split('"') if line.startswith("/static/")}
    assert {each.partition("?")[0] for each in found} == {
        "/static/icon.svg",
        "/static/renvoi.css",
        "/static/renvoi.js",
    }
    for address in found:
        answer = pages.request("GET", address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        again = pages.request("GET", address, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert "immutable" not in pages.request("GET", address.partition("?")[0]).headers["cache-control"]
    assert pages.request("GET", "/static/../site.py").status_code == 404


def test_a_form_that_is_too_large_or_holds_what_no_text_can_is_refused_in_words() -> None:
    pages = Pages()
    answer = pages.submit("/choices", {"language": "x" * 70_000}, page="/nothing")
    assert answer.status_code == 413
    assert "At most 66 kB can be sent here." in text_of(answer)
    answer = pages.submit("/choices", {"language": "\0"}, page="/nothing")
    assert answer.status_code == 422
    assert "NUL" in text_of(answer)
    assert "where your entries still are, and send it again" in text_of(answer)
    assert "errors lists" not in text_of(answer)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "What you filled in is still here"), ("fr", "Vos saisies sont encore là")]
)
def test_a_store_that_takes_nothing_is_told_of_without_names_of_headers(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages()
    csrf = pages.csrf("/nothing")

    async def away(_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(pages.store, "write", away)
    answer = pages.visit("/choices", method="POST", data={"csrf": csrf, "language": "fr"}, language=language)
    assert answer.status_code == 503
    assert said in text_of(answer)
    assert "Retry-After" not in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'),
        (
            "multipart/form-data; boundary=b; charset=nope",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--',
        ),
        ("multipart/form-data; boundary=\xff", b"x"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(5000))),
        ("application/x-www-form-urlencoded", b"a=%ff%zz&%=%"),
        ("application/x-www-form-urlencoded; charset=nope", b"csrf=1"),
        ("application/json", b"{}"),
        ("", b"\xff\x00"),
    ],
)
def test_no_body_is_too_odd_for_an_answer(kind: str, body: bytes) -> None:
    for pages in (Pages(), Pages(None)):
        for path in ("/choices", "/sign-in"):
            headers = {"Content-Type": kind.encode("latin-1")}
            answer = pages.visit(path, method="POST", content=body, headers=headers)
            assert answer.status_code < 500, answer.text


def test_a_session_ends_with_its_key() -> None:
    pages = Pages()
    assert "Numbers" in text_of(pages.visit("/nothing"))
    pages.write(lambda writer: writer.revoke_key(KEY.id, pages.clock.now_ms()))
    assert "Numbers" not in text_of(pages.visit("/nothing"))
    assert pages.visit("/").headers["location"] == "/sign-in"


def test_what_a_key_may_not_see_is_not_in_its_navigation() -> None:
    pages = Pages(None)
    pages.add_key(NARROW, "calls:read")
    pages.sign_in(NARROW)
    shown = text_of(pages.visit("/nothing"))
    assert "Calls" in shown
    assert "Messages" not in shown


def test_who_makes_up_cookies_is_held_back() -> None:
    pages = Pages(None, limits=Limits(refusals_burst=3.0))
    pages.cookies = {COOKIE: "0" * 32 + "_" + "x" * 43}
    answers = [pages.visit("/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert f"Wait {answers[-1].headers['retry-after']} second" in text_of(answers[-1]).replace("Wait a ", "Wait 1 ")
    pages.cookies = {}
    assert pages.visit("/").status_code == 303, "to sign in is not kept from anybody"


@pytest.mark.parametrize(("messages", "shown"), [(0, None), (1, "1"), (99, "99"), (100, "99+"), (101, "99+")])
def test_the_navigation_counts_the_messages_that_nobody_has_heard(messages: int, shown: str | None) -> None:
    pages = Pages()
    put_messages(pages, messages)
    found = re.search(r'class="count"><span aria-hidden="true">([^<]*)<', pages.visit("/nothing").text)
    assert (found and found[1]) == shown
    assert ("1 nouveau message" in text_of(pages.visit("/nothing", language="fr"))) == (messages == 1)


@pytest.mark.parametrize(
    ("limits", "is_shown"),
    [
        ({"scopes": ("messages:read",)}, True),
        ({"scopes": ("calls:read",)}, False),
        ({"numbers": frozenset({NUMBER})}, True),
        ({"numbers": frozenset({SECOND})}, False),
        ({"account_id": 2}, False),
    ],
)
def test_new_messages_are_counted_for_who_may_see_them(limits: dict[str, Any], *, is_shown: bool) -> None:
    pages = Pages()
    put_messages(pages, 1)
    record = KeyRecord(**{"id": NARROW.id, "account_id": 1, "hash": NARROW.hash(), "region": "FR", **limits})
    pages.write(lambda writer: writer.add_key(record))
    pages.sign_in(NARROW)
    assert ('class="count"' in pages.visit("/nothing").text) == is_shown


def put_messages(pages: Pages, number: int) -> None:
    """Store so many messages that nobody has heard."""

    def work(writer: Writer) -> None:
        for place in range(number):
            message_id = f"{place:032x}"
            writer.add_message(replace(MESSAGE, id=message_id), replace(MAIL, message_id=message_id))

    pages.write(work)
