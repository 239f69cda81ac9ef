"""The pages of webhooks: endpoints, their secrets, and what was delivered to them."""

import re
from dataclasses import replace
from html import unescape

import pytest

from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.webhooks.attempts import EVENT_GONE
from renvoi.application.webhooks.sender import DISABLED_NOTE
from renvoi.domain.events.webhook import DeliveryState
from renvoi.http.dashboard.webhook_deliveries import note_text
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN_KEY

_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
GOOD = {"url": "https://example.com/hooks?a=1", "description": "CRM", "types_of": "all", "enabled": "yes"}


def made(pages: Pages, **fields: str) -> tuple[str, str]:
    """Make an endpoint; return where its page is, and its secret."""
    answer = pages.follow(pages.submit("/webhooks/new", GOOD | fields, page="/webhooks/new"))
    secret, path = _SECRET.search(unescape(answer.text)), re.search(r'"(/webhooks/wh_[0-9a-f]+)"', answer.text)
    assert secret is not None
    assert path is not None
    return path[1], secret[0]


def fail(pages: Pages, delivery_id: int, note: str = "<i>503</i>", status: int | None = 503) -> None:
    def work(writer: Writer) -> None:
        found = writer.delivery(delivery_id)
        assert found is not None
        ended = replace(found, state=DeliveryState.FAILED, attempts=10, status=status, note=note, answer="<b>no")
        writer.put_deliveries([replace(ended, ended_at_ms=pages.clock.now_ms())])

    pages.write(work)


def test_an_endpoint_is_made_and_its_secret_shown_once(capfd: pytest.CaptureFixture[str]) -> None:
    pages = Pages()
    path, secret = made(pages)
    for page in ("/webhooks", path, path + "/deliveries", path + "/rotate"):
        assert secret not in unescape(pages.visit(page).text)
    rotated = _SECRET.search(unescape(pages.follow(pages.submit(path + "/rotate", {}, page=path)).text))
    assert rotated is not None
    assert rotated[0] != secret
    said = "".join(capfd.readouterr())
    assert secret not in said
    assert rotated[0] not in said
    assert "CRM" in text_of(pages.visit("/webhooks"))


def test_a_webhook_of_some_events_names_one_at_least() -> None:
    answer = Pages().submit("/webhooks/new", GOOD | {"types_of": "some"}, page="/webhooks/new")
    assert answer.status_code == 422
    assert "needs at least 1" in text_of(answer)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "is not the address of an endpoint"), ("fr", "n’est pas l’adresse")]
)
def test_what_is_wrong_stands_beside_the_fields(language: str, said: str) -> None:
    wrong = GOOD | {"url": "http://10.0.0.1/", "description": "<b>x"}
    answer = Pages().submit("/webhooks/new", wrong, page="/webhooks/new", language=language)
    assert answer.status_code == 422
    assert f'id="f-url-error">{said}' in answer.text
    assert "<b>x" not in answer.text
    types = Pages().submit("/webhooks/new", GOOD | {"types_of": "some", "numbers": "12"}, page="/webhooks/new")
    assert 'id="f-types-error"' in types.text
    assert 'id="f-numbers-error"' in types.text


def test_it_is_changed_disabled_enabled_and_removed() -> None:
    pages = Pages()
    path, _ = made(pages, description="<script>x")
    assert "<script>x" not in pages.visit(path).text
    assert "&lt;script&gt;x" in pages.visit("/webhooks").text
    off = {name: value for name, value in GOOD.items() if name != "enabled"}
    assert pages.submit(path, off, page=path).status_code == 303
    assert "Disabled by hand." in text_of(pages.visit(path))
    assert pages.submit(path + "/enable", {}, page=path).status_code == 303
    assert pages.get(f"/v2{path}").json()["enabled"]
    assert "data-confirm-body" in pages.visit(path + "/delete").text
    assert pages.submit(path + "/delete", {}, page=path).headers["location"] == "/webhooks"
    assert pages.visit(path).status_code == 404


def test_a_test_is_sent_and_its_delivery_shown() -> None:
    pages = Pages()
    path, _ = made(pages)
    assert pages.submit(path + "/test", {}, page=path).status_code == 303
    assert "on its way" in text_of(pages.visit(path))
    shown = pages.visit(path + "/deliveries/dlv_1", language="fr")
    assert "webhook.test" in text_of(shown)
    assert '"type": "webhook.test"' in unescape(shown.text)


def test_what_failed_is_delivered_again_one_or_all() -> None:
    pages = Pages()
    path, _ = made(pages)
    for delivery in (1, 2):
        pages.submit(path + "/test", {}, page=path)
        fail(pages, delivery)
    shown = pages.visit(path + "/deliveries/dlv_1")
    assert "<b>no" not in shown.text
    assert "<i>503" not in shown.text
    assert "503" in text_of(shown)
    assert "dlv_1" in pages.visit(path + "/deliveries?state=failed").text
    assert "dlv_1" not in pages.visit(path + "/deliveries?state=delivered").text
    pages.submit(path + "/deliveries/dlv_1/again", {}, page=path)
    for _ in range(2):
        # What is on its way again already stays out.
        pages.submit(path + "/deliveries/again", {}, page=path)
        found = pages.get(f"/v2{path}/deliveries").json()["data"]
        assert [each["state"] for each in found] == ["pending"] * 2 + ["failed"] * 2
        assert {each["event"] for each in found[:2]} == {each["event"] for each in found[2:]}


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        (DISABLED_NOTE, "le point d’accès est désactivé"),
        (EVENT_GONE, "son événement n’est plus conservé"),
        ("no answer within 15 s", "aucune réponse en 15\u00a0s"),
        ("it cannot be reached: Connection refused", "il est injoignable\u00a0: Connection refused"),
        (
            "x.example is at 10.0.0.1, which is not a public address",
            "x.example est à 10.0.0.1, qui n’est pas une adresse",
        ),
        ("HTTP 302: redirects are not followed, give the final address", "HTTP 302\u00a0: les redirections"),
        ("x.example has no IPv4 address in DNS", "x.example n’a pas d’adresse IPv4 dans le DNS"),
        ("HTTP 503", "HTTP 503"),
    ],
)
def test_why_a_delivery_failed_is_said_in_the_language_of_the_page(note: str, shown: str) -> None:
    assert note_text(note, "fr").startswith(shown)
    assert note_text(note, "en") == note


def test_a_french_page_says_why_in_french() -> None:
    pages = Pages()
    path, _ = made(pages)
    pages.submit(path + "/test", {}, page=path)
    off = {name: value for name, value in GOOD.items() if name != "enabled"}
    pages.submit(path, off, page=path)
    fail(pages, 1, DISABLED_NOTE, None)
    for page in ("", "/deliveries", "/deliveries/dlv_1"):
        assert 'lang="fr">le point d’accès est désactivé' in pages.visit(path + page, language="fr").text


def test_those_of_others_are_not_there() -> None:
    pages = Pages()
    path, _ = made(pages)
    pages.sign_in(FOREIGN_KEY)
    for page in ("", "/rotate", "/delete", "/deliveries", "/deliveries/dlv_1"):
        assert pages.visit(path + page).status_code == 404
    for form in ("", "/test", "/rotate", "/delete", "/enable", "/deliveries/again"):
        assert pages.submit(path + form, GOOD, page="/webhooks/new").status_code == 404
