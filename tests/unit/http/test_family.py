"""The other calls of the family (`docs/api.md §3`)."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from renvoi.application.ports.numbers import NumberRow
from renvoi.domain.numbers.number import E164
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, PATH, SECOND, START_MS, TARGET, Api

LIST, NAME = "/v1/vn/list", "/v1/vn/name"


def get(api: Api, path: str, **query: Any) -> httpx.Response:
    """GET with the good key, unless another is given."""
    return api.request("GET", path, params={"apiKey": KEY.reveal()} | query)


def test_a_rule_is_read_with_its_revision_and_time() -> None:
    """Three fields, then four; the time is UTC in milliseconds."""
    api = Api()
    api.clock.now = START_MS + 1234
    api.post()
    answer = get(api, PATH, number="01 99 00 12 34")
    assert answer.content == (
        b'{"success":true,"code":200,"message":"OK","type":1,"param":"+33644630000","revision":1,'
        b'"updatedAt":"2026-01-01T00:00:01.234Z"}'
    )
    assert "x-rule-revision" not in answer.headers


def test_a_rule_that_was_never_changed_has_no_time() -> None:
    """Null in JSON, an empty element in XML."""
    api = Api()
    assert get(api, PATH, number=NUMBER.value).json()["updatedAt"] is None
    assert ET.fromstring(get(api, PATH, number=NUMBER.value, _format="xml").content).findtext("updatedAt") == ""


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"apiKey": ""}, 401, 10),
        ({"apiKey": "x"}, 401, 10),
        ({}, 400, 5),
        ({"number": " "}, 400, 5),
        ({"number": "x"}, 404, 13),
        ({"number": FOREIGN.value}, 404, 13),
    ],
)
def test_reading_a_rule_can_fail(query: dict[str, str], status: int, code: int) -> None:
    """With the rows of the core endpoint."""
    answer = get(Api(), PATH, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_numbers_are_listed_with_rule_and_state() -> None:
    """Only the account's own, in ascending order."""
    api = Api()
    api.post()
    api.write(lambda writer: writer.set_number_state(SECOND, active=False, forwarding_enabled=False))
    answer = get(api, LIST).json()
    assert list(answer) == ["success", "code", "message", "page", "numbers"]
    assert answer["numbers"] == [
        {
            "number": NUMBER.value, "name": "", "type": 1, "param": TARGET, "revision": 1,
            "updatedAt": "2026-01-01T00:00:00.000Z", "active": True, "forwardingEnabled": True,
        },
        {
            "number": SECOND.value, "name": "", "type": 0, "param": "", "revision": 0,
            "updatedAt": None, "active": False, "forwardingEnabled": False,
        },
    ]  # fmt: skip


def test_a_page_holds_100_numbers() -> None:
    """Pages count from 1; the one behind the last is empty."""
    api = Api()
    rows = [NumberRow(E164(f"+3319900{n}")) for n in range(7000, 7150)]
    api.write(lambda writer: writer.add_numbers(1, rows, 1))
    sizes = [len(get(api, LIST, page=page).json()["numbers"]) for page in (1, 2, 3)]
    assert sizes == [100, 52, 0]
    assert len(get(api, LIST, page="").json()["numbers"]) == 100


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.0", "100001", "99999999", "１"])
def test_a_page_is_a_positive_number(page: str) -> None:
    """Anything else is a request that cannot be read."""
    answer = get(Api(), LIST, page=page)
    assert (answer.status_code, answer.json()["code"]) == (400, 100)


def test_a_list_in_xml_has_an_item_for_each_number() -> None:
    """Same order of fields as in JSON."""
    root = ET.fromstring(get(Api(), LIST, _format="xml").content)
    assert [item.findtext("number") for item in root.findall("numbers/item")] == [NUMBER.value, SECOND.value]


def test_a_number_is_named() -> None:
    """The name is shown by the list, and the rule's revision stays."""
    api = Api()
    answer = api.request("POST", NAME, json={"apiKey": KEY.reveal(), "number": NUMBER.value, "name": " Accueil é "})
    assert answer.json() == {"success": True, "code": 200, "message": "OK"}
    first = get(api, LIST).json()["numbers"][0]
    assert (first["name"], first["revision"]) == ("Accueil é", 0)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"apiKey": None}, 401, 10),
        ({"name": None, "number": None}, 400, 1),
        ({"name": ""}, 400, 1),
        ({"name": "  "}, 400, 1),
        ({"number": ""}, 400, 5),
        ({"number": FOREIGN.value}, 404, 13),
        ({"name": "x" * 101}, 400, 100),
        ({"name": "a\x1bb"}, 400, 100),
        ({"name": ["x"]}, 400, 100),
        ({"name": True}, 400, 100),
        ({"name": 7}, 200, 200),
        ({"name": "x" * 100}, 200, 200),
    ],
)
def test_naming_can_fail(fields: dict[str, object], status: int, code: int) -> None:
    """10, then 1, 5, 100, 13."""
    good = {"apiKey": KEY.reveal(), "number": NUMBER.value, "name": "x"}
    answer = Api().request("POST", NAME, json=good | fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_missing_name_is_said_in_french() -> None:
    """Code 1 has two texts like all others."""
    answer = Api().request("POST", NAME, json={"apiKey": FOREIGN_KEY.reveal()}, headers={"accept-language": "fr"})
    assert answer.json()["message"] == "name est requis"


@pytest.mark.parametrize(("path", "method", "allow"), [(LIST, "POST", "GET, HEAD"), (NAME, "GET", "POST")])
def test_another_method_is_105(path: str, method: str, allow: str) -> None:
    """Each path names its own methods."""
    answer = Api().request(method, path)
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, 105, allow)
