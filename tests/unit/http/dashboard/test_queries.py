"""Addresses of pages with parameters that cannot be: never a 500, never ignored; the page says what is wrong."""

import re
from urllib.parse import quote

import pytest

from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY

LONG = "x" * 10_240
JUNK = {"NUL": "a%00b", "10 kB": LONG, "half a surrogate pair": "%ED%A0%80", "no UTF-8": "%ff%fe"}
OWN = {
    "/numbers": ("q", "action", "cursor"),
    f"/numbers/{NUMBER}": ("before", "at", "from"),
    "/numbers/change": ("number",),
    "/messages": ("number", "from", "heard", "cursor"),
    "/calls": ("number", "from", "decision", "status", "since", "until", "cursor"),
    "/calls.csv": ("number", "from", "decision", "status", "since", "until"),
    "/keys": ("cursor",),
    "/webhooks": ("cursor",),
    "DELIVERIES": ("state", "cursor"),
}
OPERATORS = {
    "/operator/accounts": ("q", "state", "cursor"),
    "/operator/accounts/acc_1/numbers": ("cursor",),
    "/operator/rates": ("to", "cursor"),
    "/operator/trunks/new": ("preset",),
}
EVERY = [(path, name) for pages in (OWN, OPERATORS) for path, names in pages.items() for name in names]
MANY = ("/numbers/change", "number")
"""What may be given more than once."""
CHOICES = [
    ("/numbers", "action"),
    (f"/numbers/{NUMBER}", "before"),
    ("/messages", "number"),
    ("/messages", "heard"),
    ("/calls", "number"),
    ("/calls", "decision"),
    ("/calls", "status"),
    ("/calls", "since"),
    ("/calls", "until"),
    ("DELIVERIES", "state"),
    ("/operator/accounts", "state"),
    ("/operator/rates", "to"),
    ("/operator/trunks/new", "preset"),
    *((path, name) for path, name in EVERY if name == "cursor"),
]
"""Parameters that not every text can be."""


def pages_for(path: str) -> tuple[Pages, str]:
    """Return who may see the page, and its address."""
    pages = Pages(None, trunks=FakeTrunkControl())
    if path in OPERATORS:
        pages.sign_in(pages.add_key(OPERATOR_KEY))
        return pages, path
    pages = Pages()
    if path == "DELIVERIES":
        made = pages.send("POST", "/v2/webhooks", json={"url": "https://example.com/x"})
        path = f"/webhooks/{made.json()['id']}/deliveries"
    return pages, path


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize(("path", "name"), EVERY)
def test_what_cannot_be_a_text_is_told(path: str, name: str, junk: str) -> None:
    pages, address = pages_for(path)
    answer = pages.visit(f"{address}?{name}={JUNK[junk]}")
    assert answer.status_code in (400, 422), text_of(answer)
    assert 'class="flash bad"' in answer.text or 'class="error"' in answer.text or "cannot be read" in answer.text
    assert LONG not in answer.text
    assert len(answer.content) < 100_000


@pytest.mark.parametrize(("path", "name"), [each for each in EVERY if each != MANY])
def test_a_parameter_that_is_given_twice_is_told(path: str, name: str) -> None:
    pages, address = pages_for(path)
    answer = pages.visit(f"{address}?{name}=a&{name}=b")
    assert answer.status_code == 422
    assert "may be given once" in text_of(answer)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("path", "name"), CHOICES)
def test_a_value_that_is_none_of_the_filter_is_told_beside_it(path: str, name: str, language: str) -> None:
    pages, address = pages_for(path)
    answer = pages.visit(f"{address}?{name}={quote('<i>junk')}", language=language)
    assert answer.status_code == (400 if name == "cursor" else 422)
    assert "<i>junk" not in answer.text
    if name == "cursor":
        said = {"en": "The list begins again here", "fr": "La liste recommence ici"}[language]
        assert said in text_of(answer)
    elif name not in ("before", "preset"):
        assert re.search(rf'id="f-{name}-error"', answer.text) is not None


def test_cursors_of_other_lists_begin_again() -> None:
    for path, name in EVERY:
        if name != "cursor":
            continue
        pages, address = pages_for(path)
        for cursor in ("WzFd", "WyJhIiwxLCJiIl0", "W3RydWVd", "W10", "bnVsbA"):
            answer = pages.visit(f"{address}?cursor={cursor}")
            assert answer.status_code in (200, 400), (path, cursor)
            if answer.status_code == 400:
                assert "The list begins again here" in text_of(answer)


def test_a_list_is_shown_without_the_filter_that_is_wrong() -> None:
    pages = Pages()
    shown = text_of(pages.visit("/numbers?action=junk"))
    assert "01 99 00 12 34" in shown
    operators, address = pages_for("/operator/accounts")
    assert "acc_1" in operators.visit(f"{address}?state=junk").text


def test_pages_without_filters_take_any_parameter() -> None:
    pages = Pages()
    for path in ("/account", "/sessions", "/sign-in", "/keys", "/numbers"):
        assert pages.visit(f"{path}?utm_source=mail&lang=xx&next=%00&limit=9999").status_code in (200, 303)
