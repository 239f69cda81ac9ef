"""Choices that more fields go with: nothing is guessed, and nothing means "everything" that nobody chose."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any, NamedTuple

import pytest

from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.forms import errors_of
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER
from tests.support.v2_api import OPERATOR_KEY
from tests.unit.http.dashboard.test_operator_pages import send

KEY_FORM = {"label": "shop"}
WEBHOOK_FORM = {"url": "https://example.com/hooks", "enabled": "yes"}


class Maker(NamedTuple):
    """Where something is made that may be of everything: its form, its choice, its boxes, and two of these."""

    path: str
    form: Mapping[str, str]
    of: str
    boxes: str
    some: Sequence[str]

    @property
    def listed(self) -> str:
        return self.path.removesuffix("/new")

    def fields(self, **more: Any) -> dict[str, Any]:
        """Return the fields of the form: `of` is the choice, with `boxes` some are ticked."""
        fields: dict[str, Any] = {**self.form}
        if "of" in more:
            fields[self.of] = more["of"]
        if more.get("boxes"):
            fields[self.boxes] = list(self.some)
        return fields


MAKERS = [
    Maker("/keys", KEY_FORM, "scope_of", "scopes", ("calls:read", "messages:read")),
    Maker("/webhooks/new", WEBHOOK_FORM, "types_of", "types", ("call.missed", "call.completed")),
]
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "choose “", "choisissez « "),
    ({"of": ""}, "choose “", "choisissez « "),
    ({"of": "zzz"}, "choose one of those that the page offers", "choisissez parmi"),
    ({"of": "zzz", "boxes": True}, "choose one of those that the page offers", "choisissez parmi"),
    ({"of": ["some", "all"]}, "choose one of those that the page offers", "choisissez parmi"),
    ({"of": "all", "boxes": True}, "is chosen, but fields of", "est choisi, mais des champs"),
    ({"of": "some"}, "needs at least 1", "il en faut au moins 1"),
]


@pytest.fixture(params=["account", "operator"])
def pages(request: pytest.FixtureRequest) -> Pages:
    """Return the pages as an account and an operator see them."""
    if request.param == "account":
        return Pages()
    found = Pages(None)
    found.sign_in(found.add_key(OPERATOR_KEY))
    return found


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("given", "english", "french"), WRONG)
def test_what_nobody_chose_is_asked_and_nothing_is_made(
    pages: Pages, maker: Maker, language: str, given: dict[str, Any], english: str, french: str
) -> None:
    made = f'href="{maker.listed}/'
    before = pages.visit(maker.listed).text.count(made)
    answer = pages.submit(maker.path, maker.fields(**given), page=maker.path, language=language)
    assert answer.status_code == 422
    beside = re.search(rf'<p class="error" id="f-{maker.boxes}-error">([^<]*)</p>', answer.text)
    assert beside is not None
    assert (english if language == "en" else french) in unescape(beside[1]).replace("\xa0", " ")
    assert pages.visit(maker.listed).text.count(made) == before
    # What was ticked is shown again, to be kept or taken out.
    ticked = re.findall(rf'name="{maker.boxes}" value="([^"]+)" checked', answer.text)
    assert set(ticked) == (set(maker.some) if given.get("boxes") else set())


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("choice", [{}, {"of": "some"}])
def test_boxes_that_are_ticked_count_without_the_choice(maker: Maker, choice: dict[str, str]) -> None:
    pages = Pages()
    before = pages.get(f"/v2{maker.listed}").json()["data"]
    made = pages.submit(maker.path, maker.fields(**choice, boxes=True), page=maker.path)
    assert made.status_code == 303, text_of(made)
    found = [each for each in pages.get(f"/v2{maker.listed}").json()["data"] if each not in before]
    assert sorted(maker.some) in [sorted(each[maker.boxes]) for each in found]
    assert ["*"] not in [each[maker.boxes] for each in found if each["id"] not in [old["id"] for old in before]]


@pytest.mark.parametrize("maker", MAKERS)
def test_a_new_form_chooses_nothing(pages: Pages, maker: Maker) -> None:
    page = pages.visit(maker.path).text
    assert page.count(f'name="{maker.of}"') == 2
    assert re.findall(rf'name="(?:{maker.of}|{maker.boxes})" value="[^"]*" checked', page) == []


@pytest.mark.parametrize("maker", MAKERS)
def test_a_change_is_asked_about_as_well(maker: Maker) -> None:
    pages = Pages()
    pages.submit(maker.path, maker.fields(boxes=True), page=maker.path)
    own = next(each for each in pages.get(f"/v2{maker.listed}").json()["data"] if each[maker.boxes] != ["*"])
    one = f"{maker.listed}/{own['id']}"
    for wrong in ({}, {"of": "zzz"}, {"of": "all", "boxes": True}):
        assert pages.submit(one, maker.fields(**wrong), page=one).status_code == 422
    assert pages.get(f"/v2{one}").json()[maker.boxes] == own[maker.boxes]
    assert pages.submit(one, maker.fields(of="all"), page=one).status_code == 303
    assert pages.get(f"/v2{one}").json()[maker.boxes] == ["*"]


@pytest.mark.parametrize("path", ["/keys", "/webhooks/new"])
def test_separators_alone_do_not_mean_all_numbers(path: str) -> None:
    form = {**KEY_FORM, **WEBHOOK_FORM, "scope_of": "all", "types_of": "all", "numbers": " ; ,"}
    answer = Pages().submit(path, form, page=path)
    assert answer.status_code == 422
    assert 'id="f-numbers-error"' in answer.text


@pytest.mark.parametrize(
    ("fields", "english", "french"),
    [
        ({}, "choose “its own country” or “these countries”", "choisissez « son propre pays » ou « ces pays »"),
        ({"countries_of": "zzz"}, "choose one of those that the page offers", "choisissez parmi"),
        ({"countries_of": "own", "countries": "BE"}, "“its own country” is chosen, but", "« son propre pays » est"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_countries_are_not_dropped(fields: dict[str, str], english: str, french: str, language: str) -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    answer = send(pages, "/operator/accounts/acc_1/policy", fields, language=language)
    assert answer.status_code == 422
    assert (english if language == "en" else french) in text_of(answer).replace("\xa0", " ")
    assert send(pages, "/operator/accounts/acc_1/policy", {"countries": "BE"}).status_code == 303
    assert pages.get("/v2/admin/accounts/acc_1/policy", key=OPERATOR_KEY).json()["countries"] == ["BE"]


@pytest.mark.parametrize("hours", ["", "zzz"])
@pytest.mark.parametrize(("language", "said"), [("en", "choose one of those"), ("fr", "choisissez parmi")])
def test_hours_that_nobody_chose_are_not_always(hours: str, language: str, said: str) -> None:
    pages, one = Pages(), f"/numbers/{NUMBER}"
    fields = {"action": "off", "hours": hours, "ring_timeout_s": "25"}
    answer = pages.submit(f"{one}/rule", fields, page=one, language=language)
    assert answer.status_code == 422
    beside = re.search(r'<p class="error" id="f-hours-error">([^<]*)</p>', answer.text)
    assert beside is not None
    assert said in unescape(beside[1])


@pytest.mark.parametrize(("language", "said"), [("en", "is its account already"), ("fr", "est déjà son compte")])
def test_a_rule_that_goes_with_a_number_to_no_other_account_is_asked_about(language: str, said: str) -> None:
    pages, one = Pages(None), f"/operator/numbers/{NUMBER}"
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    fields = {"state": "active", "forwarding_enabled": "yes", "account": "acc_1", "label": "Shop"}
    answer = send(pages, one, fields | {"with_rule": "yes"}, language=language)
    assert answer.status_code == 422
    beside = re.search(r'<p class="error" id="f-account-error">([^<]*)</p>', answer.text)
    assert beside is not None
    assert said in unescape(beside[1])
    assert send(pages, one, fields).status_code == 303


@pytest.mark.parametrize(
    ("path", "field", "fields"),
    [
        ("/operator/trunks/new", "outbound/priority", {"name": "a", "has_outbound": "yes", "outbound/uri": "sip:a.fr"}),
        ("/operator/accounts/acc_1/limits", "account/calls", {}),
        ("/account", "retention/messages_days", {}),
        ("/numbers/change", "ring_timeout_s", {"numbers": NUMBER.value}),
        (f"/numbers/{NUMBER}/rule", "ring_timeout_s", {"action": "off", "hours": "always"}),
    ],
)
@pytest.mark.parametrize("number", ["9" * 40, "-" + "9" * 40])
@pytest.mark.parametrize(("language", "not_said"), [("en", "a whole number"), ("fr", "un nombre entier")])
def test_a_long_whole_number_is_one_and_out_of_range(
    path: str, field: str, fields: dict[str, str], number: str, language: str, not_said: str
) -> None:
    pages = Pages(None) if path.startswith("/operator") else Pages()
    if path.startswith("/operator"):
        pages.sign_in(pages.add_key(OPERATOR_KEY))
    page = path.removesuffix("/rule")
    answer = pages.submit(path, fields | {field: number}, page=page, language=language)
    assert answer.status_code == 422
    found = re.search(rf'id="f-{re.sub("[/_]", "-", field)}-error">([^<]*)', answer.text)
    assert found is not None
    assert not_said not in unescape(found[1])
    assert "1000000000" not in found[1]


@pytest.mark.parametrize("code", ProblemCode)
def test_nobody_at_a_page_is_told_to_send_a_request(code: ProblemCode) -> None:
    """But for what only programs meet, or has a page of its own."""
    said = [*errors_of(Problem(code), "en").general, *errors_of(Problem(code), "fr").general]
    of_programs = {
        ProblemCode.HEADER_MALFORMED,
        ProblemCode.KEY_REQUIRED,
        ProblemCode.METHOD_NOT_ALLOWED,
        ProblemCode.IDEMPOTENCY_CONFLICT,
        ProblemCode.REQUEST_IN_PROGRESS,
        ProblemCode.INTERNAL_ERROR,
    }
    assert code in of_programs or not re.search(r"/v2|\b(GET|PUT)\b|[?]account|Idempotency|openapi", " ".join(said))
