"""The pages of API keys: as `/v2/keys`, with what is wrong beside the fields, and secrets shown once."""

import re
from html import unescape

import pytest

from renvoi.domain.access.api_key import ApiKey
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN_KEY, KEY, NUMBER
from tests.support.v2_api import OPERATOR_KEY

_KEY = re.compile(r"rv_(?:op_)?[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
SOME = {"label": "shop", "scope_of": "some", "scopes": ["numbers:read", "calls:read"]}


def version(pages: Pages, path: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', pages.visit(path).text)
    assert found is not None
    return unescape(found[1])


def made(pages: Pages, **fields: object) -> tuple[ApiKey, str]:
    """Make a key; return it, and where its page is."""
    answer = pages.follow(pages.submit("/keys", SOME | fields, page="/keys"))
    found = _KEY.search(answer.text)
    assert found is not None
    key = ApiKey.parse(found[0])
    assert key is not None
    return key, f"/keys/key_{key.id}"


def test_a_key_is_made_limited_and_good() -> None:
    pages = Pages()
    key, path = made(pages, numbers="01 99 00 12 34", expires_at="2036-01-31")
    shown = text_of(pages.visit(path))
    assert "numbers:read" in shown
    body = pages.get(f"/v2{path}").json()
    assert (body["scopes"], body["numbers"]) == (["numbers:read", "calls:read"], [NUMBER.value])
    # The beginning of the day where the account is.
    assert body["expires_at"] == "2036-01-30T23:00:00.000Z"
    assert pages.send("GET", "/v2/numbers", key=key).status_code == 200
    assert pages.send("GET", "/v2/messages", key=key).status_code == 403


def test_a_secret_is_shown_once(capfd: pytest.CaptureFixture[str]) -> None:
    pages = Pages()
    answer = pages.follow(pages.submit("/keys", SOME, page="/keys"))
    assert answer.headers["cache-control"] == "no-store"
    key, path = made(pages)
    for page in ("/keys", path, path + "/rotate"):
        assert key.secret not in pages.visit(page).text
    rotated = _KEY.search(pages.follow(pages.submit(path + "/rotate", {"keep": "yes"}, page=path)).text)
    assert rotated is not None
    assert rotated[0] != key.reveal()
    assert pages.send("GET", "/v2/numbers", key=key).status_code == 200
    again = ApiKey.parse(rotated[0])
    assert again is not None
    pages.submit(path + "/rotate", {}, page=path)
    assert pages.send("GET", "/v2/numbers", key=again).status_code == 401
    said = "".join(capfd.readouterr())
    assert key.secret not in said
    assert again.secret not in said


@pytest.mark.parametrize(
    ("language", "label", "numbers"),
    [
        ("en", "may have at most 100 characters", "is not a phone number: write it like +33199001234"),
        (
            "fr",
            "peut avoir 100 caractères au plus",
            "n’est pas un numéro de téléphone : écrivez-le comme +33199001234",
        ),
    ],
)
def test_what_is_wrong_stands_beside_the_fields_and_the_input_stays(language: str, label: str, numbers: str) -> None:
    wrong = {"label": "<b>" + "x" * 100, "scope_of": "some", "numbers": "12", "expires_at": "soon"}
    answer = Pages().submit("/keys", wrong, page="/keys", language=language)
    assert answer.status_code == 422
    assert f'<p class="error" id="f-label-error">{label}</p>' in answer.text
    assert f'<p class="error" id="f-numbers-error">{numbers}</p>' in answer.text
    assert 'id="f-scopes-error"' in answer.text
    assert 'id="f-expires-at-error"' in answer.text
    assert 'aria-describedby="f-label-help f-label-error" aria-invalid="true"' in answer.text
    assert 'value="&lt;b&gt;xxx' in answer.text
    assert "<b>xxx" not in answer.text


def test_what_people_write_is_never_markup() -> None:
    pages = Pages()
    _, path = made(pages, label="<script>alert(1)</script>")
    for page in ("/keys", path, path + "/rotate", path + "/revoke"):
        assert "<script>alert" not in pages.visit(page).text
        assert "&lt;script&gt;alert" in pages.visit(page).text


def test_a_change_is_saved_unless_somebody_made_another_one() -> None:
    pages = Pages()
    _, path = made(pages)
    before = version(pages, path)
    answer = pages.submit(path, SOME | {"label": "till", "version": before}, page=path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "Saved." in text_of(pages.visit(path))
    late = pages.submit(path, SOME | {"label": "late", "version": before}, page=path, language="fr")
    assert late.status_code == 422
    assert "Quelqu’un l’a modifié entre-temps" in text_of(late)
    assert pages.get(f"/v2{path}").json()["label"] == "till"


def test_a_key_is_revoked_after_a_question() -> None:
    pages = Pages()
    key, path = made(pages)
    assert "data-confirm-body" in pages.visit(path + "/revoke").text
    assert pages.send("GET", "/v2/numbers", key=key).status_code == 200
    assert pages.submit(path + "/revoke", {}, page=path).status_code == 303
    assert pages.send("GET", "/v2/numbers", key=key).status_code == 401
    shown = pages.visit(path)
    assert "revoked" in text_of(shown)
    assert 'name="label"' not in shown.text


def test_a_key_makes_none_that_may_do_more() -> None:
    pages = Pages(None)
    narrow = pages.add_key(ApiKey("0e0e0e0e0e0e", "m" * 43), "keys:write", "numbers:read")
    pages.sign_in(narrow)
    listed = pages.visit("/keys").text
    assert 'value="numbers:read"' in listed
    assert 'value="calls:read"' not in listed
    answer = pages.submit("/keys", SOME, page="/keys")
    assert answer.status_code == 422
    assert "goes beyond what you may do yourself" in text_of(answer)


def test_keys_of_others_are_not_there() -> None:
    pages = Pages()
    for page in ("", "/rotate", "/revoke"):
        assert pages.visit(f"/keys/key_{FOREIGN_KEY.id}{page}").status_code == 404
    assert pages.submit(f"/keys/key_{FOREIGN_KEY.id}/revoke", {}, page="/keys").status_code == 404
    assert pages.send("GET", "/v2/numbers", key=FOREIGN_KEY).status_code == 200
    assert pages.visit("/keys/nonsense").status_code == 404


def test_forms_without_their_token_change_nothing() -> None:
    pages = Pages()
    for path in ("/keys", f"/keys/key_{KEY.id}/revoke"):
        assert pages.visit(path, method="POST", data=SOME | {"csrf": "x"}).status_code == 403
    assert pages.get("/v2/keys").json()["data"][0]["revoked_at"] is None
    assert len(pages.get("/v2/keys").json()["data"]) == 1


def test_who_may_not_manage_keys_sees_none() -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(ApiKey("0e0e0e0e0e0e", "m" * 43), "numbers:read"))
    answer = pages.visit("/keys")
    assert answer.status_code == 403
    assert "keys:write" in text_of(answer)


def test_an_operator_for_no_account_has_the_operators_keys() -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    shown = pages.visit("/keys")
    assert f"key_{OPERATOR_KEY.id}" in shown.text
    assert f"key_{KEY.id}" not in shown.text
    key, _ = made(pages, scopes=["operator"])
    assert key.id.startswith("op_")
