"""What is wrong with requests of operators is told in French as in English, and never half in one of them."""

from typing import Any

import pytest

from tests.support.http_api import NUMBER
from tests.support.v2_api import V2Api
from tests.unit.http.admin.test_accounts import api, send

__all__ = ["api"]
CSV = {"Content-Type": "text/csv"}
JSON = {"Content-Type": "application/json"}
REQUESTS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "the body as a whole": ("POST", "/accounts", {"json": []}, "le corps"),
    "no JSON": ("POST", "/accounts", {"content": b"{a", "headers": JSON}, "voyez la ligne 1, colonne 2"),
    "an endless number": (
        "POST",
        "/accounts",
        {"content": b'{"a": ' + b"9" * 5000 + b"}", "headers": JSON},
        "un nombre ne peut pas être lu",
    ),
    "a number that there is": (
        "POST",
        "/numbers",
        {"json": {"number": NUMBER.value, "account": "acc_1"}},
        f"le numéro {NUMBER} existe déjà",
    ),
    "other columns": ("PUT", "/rates", {"content": b"a,b\n", "headers": CSV}, "la première ligne nomme les colonnes"),
    "another encoding": ("PUT", "/rates", {"content": b"\xff", "headers": CSV}, "enregistrez le fichier"),
    "no rates": ("PUT", "/rates", {"content": b"prefix,price,currency\n", "headers": CSV}, "donnez-en 1 à"),
    "an unknown country": (
        "PATCH",
        "/accounts/acc_1/policy",
        {"json": {"countries": ["XX"]}},
        "pays inconnu 'XX'",
    ),
    "an unknown type": ("PATCH", "/accounts/acc_1/policy", {"json": {"refused_types": ["x"]}}, "type inconnu 'x'"),
    "a prefix that is none": (
        "PATCH",
        "/accounts/acc_1/policy",
        {"json": {"allowed_prefixes": ["0"]}},
        "'0' n’est pas un préfixe",
    ),
    "a prefix that is both": (
        "PATCH",
        "/accounts/acc_1/policy",
        {"json": {"allowed_prefixes": ["3389"], "refused_prefixes": ["3389"]}},
        "ne peut être à la fois autorisé et refusé",
    ),
}
RATES = {
    "x,1,EUR": "n’est pas un préfixe",
    "33,1,EURO": "n’est pas une monnaie",
    "33,y,EUR": "n’est pas un montant",
    "33,9999,EUR": "est trop pour une minute",
    "33,1": "elle a 2 valeurs : donnez-en 3",
}


def words(answer: Any) -> list[str]:
    """Return all texts of a problem."""
    found = answer.json()
    return [found["title"], found["detail"], *(each["detail"] for each in found.get("errors", ()))]


@pytest.mark.parametrize("name", REQUESTS)
def test_refusals_are_in_french(api: V2Api, name: str) -> None:
    method, path, request, expected = REQUESTS[name]
    request = request | {"headers": {"Accept-Language": "fr", **request.get("headers", {})}}
    answer = send(api, method, path, **request)
    assert 400 <= answer.status_code < 500
    said = " ".join(words(answer))
    assert expected in said
    english = send(api, method, path, **request | {"headers": request["headers"] | {"Accept-Language": "en"}})
    assert not set(words(answer)) & set(words(english))


@pytest.mark.parametrize("line", RATES)
def test_lines_of_a_table_are_told_in_french(api: V2Api, line: str) -> None:
    table = f"prefix,price,currency\n44,1,GBP\n{line}\n".encode()
    found = send(api, "PUT", "/rates", content=table, headers=CSV | {"Accept-Language": "fr"}).json()
    assert [(each["pointer"], RATES[line] in each["detail"]) for each in found["errors"]] == [("/3", True)]


def test_a_table_of_two_currencies_with_a_prefix_twice_is_told_in_french(api: V2Api) -> None:
    table = b"prefix,price,currency\n44,1,GBP\n33,1,EUR\n44,2,GBP\n"
    found = send(api, "PUT", "/rates", content=table, headers=CSV | {"Accept-Language": "fr"}).json()
    assert [each["detail"] for each in found["errors"]] == [
        "EUR à côté de GBP à la ligne 2 : donnez une seule monnaie",
        "le préfixe 44 est déjà à la ligne 2 : donnez-le une fois",
    ]
