"""The page of the account: its settings as `/v2/account` has them, its limits and where its calls may go."""

from dataclasses import replace

import pytest

from renvoi.application.ports.accounts import Account
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.rules.rule import Unreadable
from tests.support.dashboard_api import Pages, text_of
from tests.support.v2_api import OPERATOR_KEY

GOOD = {
    "language": "fr",
    "region": "BE",
    "time_zone": "",
    "retention/messages_days": "60",
    "notices/email": "owner@example.com",
}


def account_of(pages: Pages) -> Account:
    found = pages.read(lambda reader: reader.account("1"))
    assert isinstance(found, Account)
    return found


def test_an_account_whose_policy_cannot_be_read_has_its_page() -> None:
    pages = Pages()
    pages.write(lambda writer: writer.make_policy_unreadable(1, Unreadable.DAMAGED))
    shown = pages.visit("/account", language="fr")
    assert shown.status_code == 200
    assert text_of(shown).count("Illisible") == 2
    assert pages.submit("/account", GOOD).status_code == 303


def test_settings_are_saved() -> None:
    pages = Pages()
    answer = pages.submit("/account", GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    body = pages.get("/v2/account").json()
    assert (body["language"], body["region"], body["time_zone"]) == ("fr", "BE", "Europe/Brussels")
    assert (body["retention"], body["notices"]) == ({"messages_days": 60}, {"email": "owner@example.com"})


def test_a_time_zone_that_is_not_known_here_keeps_no_page_back() -> None:
    """Another machine's, say, or one that is called otherwise by now: times are in UTC."""
    pages = Pages()
    damaged = replace(account_of(pages), time_zone="Mars/Base")
    pages.write(lambda writer: writer.put_account(damaged))
    for path in ("/account", "/numbers", "/calls", "/messages"):
        assert pages.visit(path).status_code == 200, path


@pytest.mark.parametrize(
    ("field", "value", "identity"),
    [
        ("language", "de", "f-language"),
        ("region", "XX", "f-region"),
        ("time_zone", "Mars/Base", "f-time-zone"),
        ("time_zone", "localtime", "f-time-zone"),
        ("retention/messages_days", "long", "f-retention-messages-days"),
        ("retention/messages_days", "0", "f-retention-messages-days"),
        ("notices/email", "<b>", "f-notices-email"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(field: str, value: str, identity: str) -> None:
    pages = Pages()
    answer = pages.submit("/account", GOOD | {field: value}, language="fr")
    assert answer.status_code == 422
    assert f'id="{identity}-error"' in answer.text
    assert f'href="#{identity}"' in answer.text
    assert "Corrigez ce qui est marqué." in text_of(answer)
    assert "<b>" not in answer.text
    assert pages.get("/v2/account").json()["region"] == "FR"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Calls at once no limit", "Countries France", "premium-rate numbers"]),
        ("fr", ["Appels simultanés sans limite", "Pays France", "numéros surtaxés"]),
    ],
)
def test_limits_and_destinations_are_shown(language: str, expected: list[str]) -> None:
    shown = text_of(Pages().visit("/account", language=language))
    assert [each for each in expected if each not in shown] == []


def test_who_may_not_change_it_reads_it() -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(ApiKey("0e0e0e0e0e0e", "m" * 43), "numbers:read"))
    shown = pages.visit("/account")
    assert 'name="region"' not in shown.text
    assert "not change them" in text_of(shown)
    assert pages.submit("/account", GOOD).status_code == 403


def test_an_operator_chooses_an_account_first() -> None:
    pages = Pages(None)
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    assert pages.visit("/account").headers["location"] == "/operator/accounts"
    assert pages.submit("/operator/act", {"account": "acc_1"}, page="/keys").headers["location"] == "/numbers"
    assert "demo" in text_of(pages.visit("/account"))
    assert pages.submit("/account", GOOD).status_code == 303
