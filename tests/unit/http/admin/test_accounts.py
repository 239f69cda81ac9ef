"""`/v2/admin`: accounts, numbers and removals, for operators alone."""

from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.numbers.number import E164
from tests.support.http_api import KEY, NUMBER
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem

ADMIN = "/v2/admin"


@pytest.fixture
def api() -> V2Api:
    """Return a client whose key of an operator is good."""
    found = V2Api()
    found.add_key(OPERATOR_KEY)
    return found


def send(api: V2Api, method: str, path: str, body: Any = None, **words: Any) -> Any:
    if body is not None:
        words["json"] = body
    return api.send(method, f"{ADMIN}{path}", key=OPERATOR_KEY, **words)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("DELETE", "/accounts/acc_1"),
        ("GET", "/numbers"),
        ("DELETE", f"/numbers/{NUMBER}"),
        ("GET", "/removals"),
    ],
)
def test_only_operators_keys_with_the_scope_get_here(method: str, path: str) -> None:
    api = V2Api()
    few = api.add_key(OPERATOR_KEY, "numbers:write", "keys:write")
    for key in (KEY, few):
        refused = problem(api.send(method, f"{ADMIN}{path}", key=key), 403, "scope_missing")
        assert "operator" in refused["detail"]
    assert api.read(lambda reader: reader.number(NUMBER)) is not None


def test_an_account_is_made_changed_listed_and_closed(api: V2Api) -> None:
    made = send(api, "POST", "/accounts", {"name": "acme", "language": "fr", "region": "BE"})
    assert made.status_code == 201
    account = made.json()
    where = made.headers["location"]
    assert where == f"/v2/admin/accounts/{account['id']}"
    assert (account["state"], account["language"], account["region"]) == ("open", "fr", "BE")
    same = send(api, "POST", "/accounts", {"name": "acme"})
    problem(same, 409, "account_name_taken")
    read = api.get(where, key=OPERATOR_KEY)
    assert read.json() == account
    assert read.headers["etag"] == made.headers["etag"]
    stale = {"If-Match": '"other"'}
    path = where.removeprefix(ADMIN)
    problem(send(api, "PATCH", path, {"language": "en"}, headers=stale), 412, "precondition_failed")
    problem(send(api, "DELETE", path, headers=stale), 412, "precondition_failed")
    changed = send(api, "PATCH", path, {"language": "en"}, headers={"If-Match": made.headers["etag"]})
    assert changed.json() == account | {"language": "en"}
    number = E164("+33199005678")
    added = send(api, "POST", "/numbers", {"number": number.value, "account": account["id"]})
    assert added.status_code == 201
    closed = send(api, "DELETE", path).json()
    assert (closed["what"], closed["account"], closed["state"]) == ("account", account["id"], "under_way")
    assert closed["key"] == f"key_{OPERATOR_KEY.id}"
    assert (closed["then"]["messages"], closed["then"]["calls"], closed["then"]["keys"]) == ("deleted", "kept", "ended")
    assert send(api, "GET", f"/removals/{closed['id']}").json() == closed
    problem(send(api, "DELETE", path), 409, "account_closed")
    problem(send(api, "PATCH", path, {"language": "fr"}), 409, "account_closed")
    problem(send(api, "POST", "/numbers", {"number": "+33199005679", "account": account["id"]}), 409, "account_closed")
    # Nobody acts for it any more.
    problem(api.get(f"/v2/numbers?account={account['id']}", key=OPERATOR_KEY), 404, "account_unknown")
    (listed,) = send(api, "GET", "/accounts?state=closed").json()["data"]
    assert listed["name"] == f"acme (closed {account['id'].removeprefix('acc_')})"
    assert listed["closed_at"] is not None
    names = [each["name"] for each in send(api, "GET", "/accounts?state=open").json()["data"]]
    assert "demo" in names
    assert listed["name"] not in names
    assert send(api, "POST", "/accounts", {"name": "acme"}).status_code == 201


def test_accounts_are_found_by_how_their_names_begin_by_id_and_by_number(api: V2Api) -> None:
    def found(query: str) -> list[str]:
        names, path = [], f"/v2/admin/accounts?{query}"
        while path:
            page = api.get(path, key=OPERATOR_KEY)
            names += [each["name"] for each in page.json()["data"]]
            path = page.links.get("next", {}).get("url", "")
        return names

    made = [send(api, "POST", "/accounts", {"name": name}).json()["id"] for name in ("Acme", "acme 2", "ACME 3", "zoo")]
    send(api, "DELETE", f"/accounts/{made[1]}")
    assert found("q=acm&limit=1") == ["Acme", f"acme 2 (closed {made[1].removeprefix('acc_')})", "ACME 3"]
    assert found("q=acm&state=open&limit=2") == ["Acme", "ACME 3"]
    assert found(f"q={made[3]}") == ["zoo"]
    assert found(f"q=%2B{NUMBER.digits}") == ["demo"]
    assert found("q=nobody") == []
    assert found("q=") == found("limit=200")
    for query, wrong in (("q=" + "x" * 101, "too_long"), ("name=acme", "unknown_field")):
        refused = problem(send(api, "GET", f"/accounts?{query}"), 422, "fields_invalid")
        assert pointers(refused) == {"?" + query.partition("=")[0]: wrong}
    cursor = send(api, "GET", "/accounts?limit=1").json()["next_cursor"]
    problem(send(api, "GET", f"/accounts?q=a&cursor={cursor}"), 400, "cursor_invalid")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"/name": "missing"}),
        ({"name": ""}, {"/name": "too_short"}),
        ({"name": "  "}, {"/name": "not_printable"}),
        ({"name": "12"}, {"/name": "bad_format"}),
        ({"name": "a\nb", "region": "XX"}, {"/name": "not_printable", "/region": "region_unknown"}),
        ({"name": "a", "plan": 1}, {"/plan": "unknown_field"}),
        ({"name": True, "language": "de"}, {"/name": "wrong_type", "/language": "not_allowed"}),
    ],
)
def test_wrong_fields_of_an_account_are_all_named(api: V2Api, body: Any, wrong: dict[str, str]) -> None:
    found = problem(send(api, "POST", "/accounts", body), 422, "fields_invalid")
    assert pointers(found) == wrong


@pytest.mark.parametrize("account", ["acc_99", "acc_x", "demo", "1", "acc_0", "acc_" + "9" * 30])
def test_an_account_that_is_not_there_is_told(api: V2Api, account: str) -> None:
    for method in ("GET", "DELETE"):
        problem(send(api, method, f"/accounts/{account}"), 404, "account_unknown")


def test_a_number_is_added_moved_and_removed(api: V2Api) -> None:
    made = send(api, "POST", "/numbers", {"number": "0199 00 56 78", "account": "acc_1", "label": "Desk"})
    number = made.json()
    assert (number["number"], number["account"], number["label"]) == ("+33199005678", "acc_1", "Desk")
    assert made.headers["location"] == "/v2/admin/numbers/+33199005678"
    taken = problem(send(api, "POST", "/numbers", {"number": "+33199005678", "account": "acc_2"}), 409, "number_taken")
    assert "+33199005678 exists already" in taken["detail"]
    path = "/numbers/+33199005678"
    moved = send(api, "PATCH", path, {"account": "acc_2", "label": "New", "state": "inactive"})
    assert moved.json() == number | {"account": "acc_2", "label": "New", "state": "inactive", "revision": 1}
    problem(send(api, "PATCH", path, {"account": "acc_2"}), 409, "not_possible")
    problem(send(api, "PATCH", path, {"account": "acc_9"}), 404, "account_unknown")
    problem(
        send(api, "PATCH", path, {"label": "x"}, headers={"If-Match": made.headers["etag"]}), 412, "precondition_failed"
    )
    removed = send(api, "DELETE", f"{path}?messages=keep").json()
    assert (removed["number"], removed["account"], removed["then"]["messages"]) == ("+33199005678", "acc_2", "kept")
    problem(send(api, "DELETE", path), 404, "number_unknown")
    problem(send(api, "GET", path), 404, "number_unknown")
    reserved = send(api, "POST", "/numbers", {"number": "+33199005678", "account": "acc_1"})
    assert "is being removed" in problem(reserved, 409, "number_taken")["detail"]
    listed = send(api, "GET", "/removals?number=%2B33199005678").json()["data"]
    assert {(each["what"], each["account"], each["to_account"]) for each in listed} == {
        ("number", "acc_2", None),
        ("move", "acc_1", "acc_2"),
    }
    assert len(send(api, "GET", "/removals?account=acc_1").json()["data"]) == 1
    problem(send(api, "GET", "/removals/rem_1"), 404, "removal_unknown")


def test_an_import_is_one_event_and_a_number_that_is_added_alone_its_own(api: V2Api) -> None:
    rows = [{"number": f"+3319900{n:04}"} for n in range(5000, 5003)]
    assert send(api, "POST", "/numbers:import", {"account": "acc_2", "numbers": rows}).status_code == 201
    assert send(api, "POST", "/numbers", {"account": "acc_2", "number": "+33199006000"}).status_code == 201
    told = api.get("/v2/events?account=acc_2", key=OPERATOR_KEY).json()["data"]
    found = [(each["data"]["change"], each["data"].get("number"), each["data"].get("count")) for each in told]
    assert found == [("imported", None, 3), ("added", "+33199006000", None)]


def test_many_numbers_are_added_all_or_none(api: V2Api) -> None:
    rows = [{"number": f"+3319900{n:04}", "label": f"n{n}"} for n in range(5000, 5100)]
    assert send(api, "POST", "/numbers:import", {"account": "acc_2", "numbers": rows}).json() == {
        "imported": 100,
        "account": "acc_2",
    }
    first = send(api, "GET", "/numbers?account=acc_2&limit=200").json()["data"]
    assert {each["number"] for each in first} >= {row["number"] for row in rows}
    wrong = [
        {"number": "+33199006001"},
        {"number": "12"},
        {"number": "+33199006001"},
        {"number": "+33199006002", "x": 1},
    ]
    found = send(api, "POST", "/numbers:import", {"account": "acc_2", "numbers": wrong})
    assert problem(found, 422, "fields_invalid")
    found = send(api, "POST", "/numbers:import", {"account": "acc_2", "numbers": wrong[:3]})
    assert pointers(problem(found, 422, "fields_invalid")) == {
        "/numbers/1/number": "bad_format",
        "/numbers/2/number": "repeated",
    }
    half = [{"number": "+33199006001"}, rows[0]]
    problem(send(api, "POST", "/numbers:import", {"account": "acc_1", "numbers": half}), 409, "number_taken")
    assert api.read(lambda reader: reader.number(E164("+33199006001"))) is None
    too_many = [{"number": f"+331990{n:05}"} for n in range(1001)]
    found = send(api, "POST", "/numbers:import", {"account": "acc_1", "numbers": too_many})
    assert pointers(problem(found, 422, "fields_invalid")) == {"/numbers": "too_long"}


def test_a_request_that_is_sent_again_is_done_once(api: V2Api) -> None:
    key = {"Idempotency-Key": "close-1"}
    first = send(api, "DELETE", "/accounts/acc_2", headers=key)
    again = send(api, "DELETE", "/accounts/acc_2", headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    added = [
        send(api, "POST", "/numbers", {"number": "+33199005678", "account": "acc_1"}, headers={"Idempotency-Key": "n"})
        for _ in range(2)
    ]
    assert [each.status_code for each in added] == [201, 201]
    assert added[0].json() == added[1].json()


def test_removals_are_listed_page_by_page(api: V2Api) -> None:
    for n in range(5):
        number = f"+3319900600{n}"
        send(api, "POST", "/numbers", {"number": number, "account": "acc_1"})
        send(api, "DELETE", f"/numbers/{number}")
    seen: list[str] = []
    path = "/removals?limit=2"
    while path:
        page = send(api, "GET", path).json()
        seen += [each["number"] for each in page["data"]]
        path = f"/removals?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert sorted(seen) == [f"+3319900600{n}" for n in range(5)]
    problem(send(api, "GET", "/removals?cursor=WzFd"), 400, "cursor_invalid")


def test_a_key_of_a_closed_account_ends_at_once(api: V2Api) -> None:
    key = api.add_key(ApiKey("0e0e0e0e0e0e", "k" * 43), account_id=2)
    assert api.get("/v2/account", key=key).status_code == 200
    assert send(api, "DELETE", "/accounts/acc_2").status_code == 200
    problem(api.get("/v2/account", key=key), 401, "key_incorrect")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/accounts/acc_1", None),
        ("PATCH", "/accounts/acc_1", {"language": "fr"}),
        ("PATCH", "/accounts/acc_1/limits", {"account": {"calls": 3}}),
        ("GET", "/accounts/acc_1", None),
        ("GET", "/accounts", None),
        ("POST", "/numbers", {"number": "+33199005678", "account": "acc_1"}),
        ("PATCH", f"/numbers/{NUMBER}", {"account": "acc_2"}),
        ("DELETE", f"/numbers/{NUMBER}", None),
        ("GET", f"/numbers/{NUMBER}", None),
    ],
)
@pytest.mark.parametrize("account", ["acc_1", "acc_2", "acc_99", ""])
def test_what_is_named_in_path_or_body_is_named_once(
    api: V2Api, method: str, path: str, body: Any, account: str
) -> None:
    send(api, "POST", "/accounts", {"name": "other"})
    before = api.read(lambda reader: (reader.accounts(), reader.number(NUMBER), reader.policy(1)))
    refused = problem(send(api, method, f"{path}?account={account}", body), 422, "fields_invalid")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("?account", "unknown_field")]
    assert api.read(lambda reader: (reader.accounts(), reader.number(NUMBER), reader.policy(1))) == before


@pytest.mark.parametrize("name", ["2", " 12 ", "acc_2", "ACC_2", "acc_９"])
def test_no_account_is_called_like_the_id_of_one(api: V2Api, name: str) -> None:
    refused = problem(send(api, "POST", "/accounts", {"name": name}), 422, "fields_invalid")
    assert pointers(refused) == {"/name": "bad_format"}


def test_the_document_has_the_parameter_where_it_is_known(api: V2Api) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    known = {
        (path, method)
        for path, methods in paths.items()
        for method, found in methods.items()
        if path.startswith(ADMIN) and {"$ref": "#/components/parameters/account"} in found["parameters"]
    }
    assert known == {(f"{ADMIN}/{name}", "get") for name in ("numbers", "changes", "removals")}
