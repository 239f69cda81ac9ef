"""The page that mails link to: how a number's rule is read and changed, and nothing about the number."""

import html
import re
import shlex

import httpx
import pytest

from tests.support.http_api import FOREIGN, NUMBER, Api
from tests.unit.http.test_middleware import logged, metrics

PATH = f"/numbers/{NUMBER}"
URL = "https://calls.example.net"


def page(path: str = PATH, query: str = "", **headers: str) -> httpx.Response:
    """GET the page of a number."""
    return Api(public_url=URL).request("GET", path + query, headers=headers)


def commands(answer: httpx.Response) -> list[list[str]]:
    """Return the commands of a page as a shell reads them."""
    return [shlex.split(html.unescape(text)) for text in re.findall(r"<code>(.*?)</code>", answer.text)]


def test_the_page_shows_two_commands_for_the_number() -> None:
    answer = page()
    assert answer.status_code == 200
    assert commands(answer) == [
        ["curl", "-G", f"{URL}/v1/vn/callforward", "-d", "apiKey=YOUR_KEY", "--data-urlencode", f"number={NUMBER}"],
        ["curl", f"{URL}/v1/vn/callforward", "-d", "apiKey=YOUR_KEY", "--data-urlencode", f"number={NUMBER}",
         "-d", "type=1", "--data-urlencode", "param=OTHER_NUMBER"],
    ]  # fmt: skip
    assert "<title>The rule of +33199001234</title>" in answer.text


def test_the_page_runs_nothing_and_is_kept_nowhere() -> None:
    headers = page().headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; ")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert not re.search(r"<script|<link|<img|src=|href=|https?://(?!calls\.example\.net/v1/)", page().text)


@pytest.mark.parametrize(
    ("query", "accept", "language"),
    [
        ("", "fr-CA, en;q=0.5", "fr"),
        ("", "de", "en"),
        ("?lang=fr", "en", "fr"),
        ("?lang=de", "fr", "fr"),
        ("?" + "&".join("x" * 1001), "fr", "fr"),
    ],
)
def test_the_page_has_the_language_of_its_reader(query: str, accept: str, language: str) -> None:
    answer = page(query=query, **{"accept-language": accept})
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert f'<html lang="{language}">' in answer.text
    assert ("La règle du" in answer.text) == (language == "fr")
    assert answer.headers["vary"] == "accept-language"


@pytest.mark.parametrize("path", ["/numbers/33199001234", "/numbers/%2B33199001234", "/numbers/0033%2019900-1234"])
def test_a_number_may_be_written_otherwise(path: str) -> None:
    """The page is the same."""
    assert page(path).text == page().text


def test_the_page_tells_nothing_of_the_number() -> None:
    """One that is ours, another account's, or nobody's: only the digits differ. The store is not asked."""
    pages = {
        page(f"/numbers/{number}").text.replace(number, "") for number in (str(NUMBER), str(FOREIGN), "+33644630000")
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x", "112", "0199001234", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "+33199001234%3Cb%3E", "+33199001234'",
        "+33199001234%22", "%FF", "%24(id)", "+33199001234;id", "9" * 5000, "",
    ],
)  # fmt: skip
def test_what_is_no_number_has_no_page(text: str) -> None:
    answer = page(f"/numbers/{text}")
    assert (answer.status_code, answer.json()["code"]) == (404, 404)
    assert "script" not in answer.text


def test_the_address_of_the_server_is_no_markup_and_no_command() -> None:
    answer = Api(public_url="https://x.example/<b>$(id)'\"").request("GET", PATH)
    assert "<b>" not in answer.text
    assert commands(answer)[0][2] == "https://x.example/<b>$(id)'\"/v1/vn/callforward"


def test_other_methods() -> None:
    head, post = (Api().request(method, PATH) for method in ("HEAD", "POST"))
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 500
    assert (post.status_code, post.json()["code"], post.headers["allow"]) == (405, 105, "GET, HEAD")


def test_the_page_is_counted_and_logged() -> None:
    api = Api()
    (line,) = logged(api, "GET", PATH)
    assert (line["call"], line["outcome"], line["path"]) == ("numbers.page", "ok", PATH)
    assert metrics(api)['renvoi_requests_total{call="numbers.page",code="200",outcome="ok"}'] == 1
