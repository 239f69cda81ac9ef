"""Forms that are sent while the store is away: what was filled in is shown again, with 503 and why."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.http.dashboard.words import text
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY
from tests.unit.http.dashboard.test_number import FORM
from tests.unit.http.dashboard.test_trunk_pages import GOOD as TRUNK

SAID = {"en": "What you filled in is still here", "fr": "Vos saisies sont encore là"}
NUMBER_PATH = f"/numbers/{NUMBER}"
RULE = {**FORM, "to": "0644639876", "version": "0"}
OWN: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("/keys", "/keys", {"label": "My new key", "scope_of": "all"}, "My new key"),
    ("/webhooks/new", "/webhooks/new", {"url": "https://a.example/x", "types_of": "all"}, "https://a.example/x"),
    ("/account", "/account", {"language": "fr", "region": "BE", "retention/messages_days": "77"}, "77"),
    (NUMBER_PATH, f"{NUMBER_PATH}/rule", RULE, "0644639876"),
    (NUMBER_PATH, f"{NUMBER_PATH}/settings", {"label": "My label", "active": "yes"}, "My label"),
    ("/numbers/change", "/numbers/change", {"numbers": str(NUMBER), "action": "off", "confirmed": "yes"}, str(NUMBER)),
)
OPERATORS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("/operator/accounts", "/operator/accounts", {"name": "acme inc", "language": "en", "region": "FR"}, "acme inc"),
    ("/operator/trunks/new", "/operator/trunks/new", TRUNK, "sip:sip.example.com"),
    (
        "/operator/accounts/acc_1/numbers",
        "/operator/accounts/acc_1/numbers",
        {"numbers": "+33199007777", "label": "Desk"},
        "+33199007777",
    ),
    ("/operator/accounts/acc_1/limits", "/operator/accounts/acc_1/limits", {"account/calls": "41"}, "41"),
)


async def away(_: object) -> None:
    raise StoreUnavailable("the disk is full")


def operators() -> Pages:
    found = Pages(None, trunks=FakeTrunkControl())
    found.sign_in(found.add_key(OPERATOR_KEY))
    return found


def sent(pages: Pages, page: str, path: str, fields: dict[str, str], language: str, close: Callable[[], None]) -> Any:
    """Send a form of a page, with all that it hides, once the store is away."""
    shown = pages.visit(page).text
    version = re.search(r'name="version" value="([^"]*)"', shown)
    more = {} if version is None else {"version": unescape(version[1])}
    csrf = pages.csrf(page if 'name="csrf"' in shown else "/sessions")
    close()
    return pages.visit(path, method="POST", data={"csrf": csrf, **more, **fields}, language=language)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("make", "page", "path", "fields", "filled"),
    [*((Pages, *each) for each in OWN), *((operators, *each) for each in OPERATORS)],
)
def test_a_store_that_takes_nothing_shows_the_form_again(
    make: Callable[[], Pages],
    page: str,
    path: str,
    fields: dict[str, str],
    filled: str,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = make()
    answer = sent(pages, page, path, fields, language, lambda: monkeypatch.setattr(pages.store, "write", away))
    assert answer.status_code == 503
    assert SAID[language] in text_of(answer)
    assert filled in unescape(answer.text)
    # The page itself, not what stands in for it where it cannot be made.
    assert "again-" not in answer.text
    assert "the disk is full" not in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_where_no_page_can_be_made_what_was_filled_in_can_be_sent_again(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages()

    def close() -> None:
        monkeypatch.setattr(pages.store, "write", away)
        monkeypatch.setattr(pages.store, "read", away)

    fields = {"label": "<b>My key", "scope_of": "some", "scopes": "numbers:read", "expires_at": "2036-01-31"}
    answer = sent(pages, "/keys", "/keys", fields, language, close)
    assert answer.status_code == 503
    assert SAID[language] in text_of(answer)
    monkeypatch.undo()
    again = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', answer.text))
    assert 'action="/keys"' in answer.text
    assert unescape(again["label"]) == "<b>My key"
    assert f">{text(language, 'keys.name')}</label>" in answer.text
    assert "<b>My" not in answer.text
    made = pages.visit("/keys", method="POST", data={name: unescape(value) for name, value in again.items()})
    assert "rv_" in pages.follow(made).text


def test_secrets_are_not_written_into_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(None)
    shown = pages.visit("/sign-in")
    csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)
    assert csrf is not None
    monkeypatch.setattr(pages.store, "read", away)
    monkeypatch.setattr(pages.store, "write", away)
    for fields in ({"key": "rv_0a0a0a0a0a0a_" + "s" * 43}, {"email": "who@example.com", "password": "correct horse"}):
        answer = pages.visit("/sign-in", method="POST", data={"csrf": csrf[1], **fields})
        assert answer.status_code == 503
        assert SAID["en"] in text_of(answer)
        assert "correct horse" not in answer.text
        assert "s" * 43 not in answer.text
        assert fields.get("email", "") in answer.text
    pages.cookies["renvoi_session"] = "0a0a0a0a0a0a_" + "s" * 43
    answer = pages.visit("/sessions/password", method="POST", data={"current": "correct horse", "password": "another"})
    assert answer.status_code == 503
    assert "correct horse" not in answer.text
    assert answer.text.count('type="password"') == 2
