"""What all of `/v2` does alike: keys and scopes, errors, methods, versions, pages."""

import json
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.rules.rule import Unreadable
from renvoi.http.deps import Limits
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, SECOND
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem

PATH = f"/v2/numbers/{NUMBER}"


@pytest.fixture
def api() -> V2Api:
    return V2Api()


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic cnY6",
        "Bearer",
        "Bearer rv_0a0a0a0a0a0a_" + "x" * 43,
        f"Bearer {KEY.reveal()} more",
        "Bearer \xe9",
        KEY.reveal(),
    ],
)
def test_what_is_no_good_key_is_refused(api: V2Api, authorization: str) -> None:
    found = api.get(PATH, key=None, headers={"Authorization": authorization.encode("latin-1")})
    assert problem(found, 401, "key_incorrect")["v1_code"] == 10
    assert found.headers["www-authenticate"] == 'Bearer realm="renvoi"'


def test_a_request_without_a_key_is_told_how_to_send_one(api: V2Api) -> None:
    assert "Authorization: Bearer" in problem(api.get(PATH, key=None), 401, "key_required")["detail"]


def test_no_line_of_a_header_is_passed_over(api: V2Api) -> None:
    """Lines of one name are one list (RFC 9110 §5.3); two keys are no key, whichever of them is good."""
    good, other = f"Bearer {KEY.reveal()}", f"Bearer {FOREIGN_KEY.reveal()}"
    for lines in ([good, other], [other, good], [other, good, good]):
        answer = api.request("GET", PATH, headers=[("Authorization", line) for line in lines])
        problem(answer, 401, "key_incorrect")
    assert api.request("GET", PATH, headers=[("Authorization", good)] * 2).status_code == 200
    tag = api.get(PATH).headers["etag"]
    own = ("Authorization", good)
    for tags in ([tag, '"x"'], ['"x"', tag]):
        known = api.request("GET", PATH, headers=[own, *(("If-None-Match", each) for each in tags)])
        assert known.status_code == 304
        matching = [own, *(("If-Match", each) for each in tags)]
        assert api.request("PATCH", PATH, headers=matching, json={"label": ""}).status_code == 200
    french = [own, ("Accept-Language", "fr"), ("Accept-Language", "de")]
    assert api.request("GET", f"{PATH}?x=1", headers=french).json()["title"] == "Des champs de la requête sont erronés"
    twice = [own, ("Content-Type", "text/plain"), ("Content-Type", "application/json")]
    problem(api.request("PATCH", PATH, headers=twice, content=b"{}"), 415, "content_type_unknown")


def test_the_missing_scope_is_named(api: V2Api) -> None:
    key = api.add_key(ApiKey("0c0c0c0c0c0c", "r" * 43), "numbers:read")
    assert api.get(PATH, key=key).status_code == 200
    refused = api.patch(PATH, {"label": "x"}, key=key)
    assert "numbers:write" in problem(refused, 403, "scope_missing")["detail"]
    assert refused.headers["x-accepted-scopes"] == "numbers:write"


def test_an_operator_names_the_account(api: V2Api) -> None:
    api.add_key(OPERATOR_KEY)
    everything = api.get("/v2/numbers", key=OPERATOR_KEY).json()["data"]
    assert [each["number"] for each in everything] == sorted([NUMBER.value, SECOND.value, FOREIGN.value])
    of_one = api.get("/v2/numbers?account=acc_2", key=OPERATOR_KEY).json()["data"]
    assert [each["number"] for each in of_one] == [FOREIGN.value]
    problem(api.get("/v2/account", key=OPERATOR_KEY), 404, "account_unknown")
    assert api.get("/v2/account?account=acc_2", key=OPERATOR_KEY).json()["id"] == "acc_2"
    for text in ("acc_99", "2", "acc_02", "acc_x", "demo", ""):
        problem(api.get("/v2/account", params={"account": text}, key=OPERATOR_KEY), 404, "account_unknown")
    # Under which operators are kept: nobody's id, and no word for all accounts.
    problem(api.get("/v2/numbers?account=acc_0", key=OPERATOR_KEY), 404, "account_unknown")
    problem(api.patch(f"{PATH}?account=acc_0", {"label": "x"}, key=OPERATOR_KEY), 404, "account_unknown")


@pytest.mark.parametrize("why", list(Unreadable))
def test_a_rule_that_cannot_be_read_is_shown_as_such(api: V2Api, why: Unreadable) -> None:
    """To customers and operators, in `/v2` and `/v1`, beside the others."""
    api.write(lambda writer: writer.make_unreadable(NUMBER, why))
    api.add_key(OPERATOR_KEY)
    for path, key in (("/v2/numbers", KEY), ("/v2/admin/numbers", OPERATOR_KEY)):
        listed = {each["number"]: each for each in api.get(path, key=key).json()["data"]}
        assert (listed[NUMBER.value]["action"], listed[NUMBER.value]["unreadable"]) == (None, why.value)
        assert (listed[SECOND.value]["action"], listed[SECOND.value]["unreadable"]) == ("off", None)
        assert api.get(f"{path}/{NUMBER}", key=key).json() == listed[NUMBER.value]
    first, second = api.request("GET", f"/v1/vn/list?apiKey={KEY.reveal()}").json()["numbers"]
    assert (first["type"], first["param"], second["type"]) == (None, None, 0)


def test_another_accounts_things_are_unknown(api: V2Api) -> None:
    mine = problem(api.get(f"/v2/numbers/{FOREIGN}"), 404, "number_unknown")
    unknown = problem(api.get("/v2/numbers/+33199009999"), 404, "number_unknown")
    assert {**mine, "request_id": "", "instance": ""} == {**unknown, "request_id": "", "instance": ""}
    problem(api.get("/v2/account?account=acc_2"), 404, "account_unknown")
    assert api.get("/v2/account?account=acc_1").json()["id"] == "acc_1"
    assert api.get(f"/v2/numbers/{FOREIGN}", key=FOREIGN_KEY).status_code == 200


def test_all_wrong_fields_are_named_at_once(api: V2Api) -> None:
    body = {"label": 3, "state": "on", "stat": 1, "é~/": 2}
    found = problem(api.patch(PATH + "?verbose=1", body), 422, "fields_invalid")
    assert pointers(found) == {
        "/label": "wrong_type",
        "/state": "not_allowed",
        "/stat": "unknown_field",
        "/é~0~1": "unknown_field",
        "?verbose": "unknown_field",
    }
    assert "active, inactive" in str(found["errors"])
    of_query = problem(api.get("/v2/numbers?limit=0&limt=3"), 422, "fields_invalid")
    assert pointers(of_query) == {"?limit": "too_small", "?limt": "unknown_field"}
    # An unknown name alone keeps the request from being carried out.
    problem(api.patch(PATH + "?verbose=1", {"label": "x"}), 422, "fields_invalid")
    assert api.get(PATH).json()["label"] == ""


def test_problems_are_in_the_language_that_is_asked_for(api: V2Api) -> None:
    found = api.patch(PATH, {"state": "on"}, headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert found.headers["content-language"] == "fr"
    body = problem(found, 422, "fields_invalid")
    assert body["title"] == "Des champs de la requête sont erronés"
    assert body["errors"][0]["detail"] == "doit être l’un de active, inactive"
    assert "langue" not in api.get("/problems/fields_invalid", key=None, headers={"Accept-Language": "fr"}).text
    for code in ("fields_invalid", "number_unknown"):
        for language, word in (("en", "All errors"), ("fr", "Toutes les erreurs")):
            page = api.get(f"/problems/{code}", key=None, headers={"Accept-Language": language})
            assert page.status_code == 200
            assert word in page.text
    problem(api.get("/problems/nothing", key=None), 404, "not_found")
    assert "number_unknown" in api.get("/problems", key=None).text


BAD_BODIES: list[tuple[bytes, str]] = [
    (b'{"label": "a", "label": "b"}', "duplicate_name"),
    (b'{"label": {"a": 1, "a": 2}}', "duplicate_name"),
    (b"[" * 100_000, "too_deep"),
    (b'{"label": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", "too_deep"),
    (b'{"label": "x"', "not_json"),
    (b"{'label': 1}", "not_json"),
    (b'{"label": NaN}', "not_json"),
    (b'{"label": ' + b"9" * 5000 + b"}", "not_json"),
    (b'{"label": "\xff"}', "not_text"),
    ('{"label": "x"}'.encode("utf-16"), "not_text"),
]


@pytest.mark.parametrize(("content", "code"), BAD_BODIES)
def test_what_cannot_be_read_as_json_is_malformed(api: V2Api, content: bytes, code: str) -> None:
    found = api.send("PATCH", PATH, content=content, headers={"Content-Type": "application/json"})
    if content.startswith(b"["):
        assert found.status_code == 413, "it is over the limit as well"
        found = api.send("PATCH", PATH, content=content[:60_000], headers={"Content-Type": "application/json"})
    assert pointers(problem(found, 400, "body_malformed")) == {"": code}


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\udc00x"])
def test_what_is_no_character_is_a_wrong_field(api: V2Api, text: str) -> None:
    for content, pointer in ((f'{{"label": "{text}"}}', "/label"), (f'{{"{text}": 1}}', "")):
        found = api.send("PATCH", PATH, content=content, headers={"Content-Type": "application/json"})
        assert pointers(problem(found, 422, "fields_invalid")) == {pointer: "bad_character"}


@pytest.mark.parametrize("body", [[], "x", 3, None, True])
def test_a_body_that_is_no_object_is_a_wrong_type(api: V2Api, body: Any) -> None:
    found = api.send("PATCH", PATH, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert pointers(problem(found, 422, "fields_invalid")) in ({"": "wrong_type"}, {"": "missing"})


def test_a_body_has_to_say_that_it_is_json(api: V2Api) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""):
        found = api.send("PATCH", PATH, content=b'{"label": "x"}', headers={"Content-Type": kind})
        assert "application/json" in problem(found, 415, "content_type_unknown")["detail"]
    good = api.send(
        "PATCH", PATH, content=b'{"label": "x"}', headers={"Content-Type": "Application/JSON;charset=UTF-8"}
    )
    assert good.status_code == 200


def test_a_body_over_the_limit_is_refused(api: V2Api) -> None:
    assert "65536" in problem(api.patch(PATH, {"label": "x" * 70_000}), 413, "body_too_large")["detail"]


def test_a_query_that_cannot_be_read_is_malformed(api: V2Api) -> None:
    for query in ("limit=%ff", "cursor=%00", "&".join(["limit=1"] * 200)):
        problem(api.get(f"/v2/numbers?{query}"), 400, "query_malformed")


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "W10", "W3RydWVd", "WyJhIl0", "WzFlOTldCg", "=", "é", "W" * 900])
def test_a_cursor_that_was_not_given_out_is_refused(api: V2Api, cursor: str) -> None:
    problem(api.get("/v2/numbers", params={"cursor": cursor}), 400, "cursor_invalid")


def test_pages_follow_each_other(api: V2Api) -> None:
    first = api.get("/v2/numbers?limit=1")
    assert [each["number"] for each in first.json()["data"]] == [NUMBER.value]
    assert first.headers["link"] == f'</v2/numbers?limit=1&cursor={first.json()["next_cursor"]}>; rel="next"'
    second = api.get(first.headers["link"].partition(">")[0][1:])
    assert [each["number"] for each in second.json()["data"]] == [SECOND.value]
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers


def test_versions(api: V2Api) -> None:
    tag = api.get(PATH).headers["etag"]
    same = api.get(PATH, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert api.get(PATH, headers={"If-None-Match": '"x"'}).status_code == 200
    changed = api.patch(PATH, {"label": "x"}, headers={"If-Match": f'"y", {tag}'})
    assert changed.status_code == 200
    late = api.patch(PATH, {"label": "z"}, headers={"If-Match": tag})
    problem(late, 412, "precondition_failed")
    assert late.headers["etag"] == changed.headers["etag"] != tag
    problem(
        api.patch(PATH, {"label": "z"}, headers={"If-Match": f"W/{changed.headers['etag']}"}),
        412,
        "precondition_failed",
    )
    assert api.patch(PATH, {"label": "z"}, headers={"If-Match": "*"}).status_code == 200
    for header in ("If-Match", "If-None-Match"):
        method = "GET" if header == "If-None-Match" else "PATCH"
        found = api.send(method, PATH, json={"label": "x"}, headers={header: "5f3a"})
        assert pointers(problem(found, 400, "header_malformed")) == {f"{header}:": "bad_format"}


def test_methods_and_paths_that_are_not_there(api: V2Api) -> None:
    missing = api.send("DELETE", PATH)
    problem(missing, 405, "method_not_allowed")
    assert missing.headers["allow"] == "GET, HEAD, OPTIONS, PATCH"
    asked = api.send("OPTIONS", PATH)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS, PATCH")
    head, got = api.send("HEAD", PATH), api.get(PATH)
    assert (head.content, head.headers["content-length"]) == (b"", got.headers["content-length"])
    for path in ("/v2", "/v2/", "/v2/number", "/v2/numbers/+33199001234/x", "/problems/x/y", "/docs/app.py"):
        for method in ("GET", "OPTIONS", "POST"):
            problem(api.send(method, path), 404, "not_found")
    # A slash at the end is the same path.
    assert api.get(PATH + "/").status_code == 200


def test_strangers_are_limited_and_good_keys_go_on() -> None:
    api = V2Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=3))
    answers = [api.get("/v2/numbers", key=None).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    last = api.get("/v2/nowhere", key=None)
    problem(last, 429, "too_many_requests")
    assert last.headers["retry-after"] == "1"
    assert api.get("/v2/numbers").status_code == 200


def test_a_key_sees_its_quota() -> None:
    api = V2Api(limits=Limits(requests_per_key_per_s=2))
    answers = [api.get("/v2/numbers") for _ in range(5)]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    assert [each.headers["ratelimit"] for each in answers] == [
        '"key";r=3;t=1',
        '"key";r=2;t=1',
        '"key";r=1;t=2',
        '"key";r=0;t=2',
        '"key";r=0;t=2',
    ]
    assert {each.headers["ratelimit-policy"] for each in answers} == {'"key";q=4;w=2'}
    assert answers[-1].headers["retry-after"] == "1"


def test_a_store_that_is_away_is_told(api: V2Api) -> None:
    api.store.fail_with = StoreUnavailable("away")  # type: ignore[attr-defined]  # the store in memory has it
    found = api.get(PATH)
    problem(found, 503, "unavailable")
    assert found.headers["retry-after"] == "1"


def test_a_fault_is_told_and_says_no_more(api: V2Api) -> None:
    api.store.fail_with = RuntimeError("rv_secret")  # type: ignore[attr-defined]  # the store in memory has it
    found = api.get(PATH)
    assert "rv_secret" not in json.dumps(problem(found, 500, "internal_error"))
    api.store.fail_with = None  # type: ignore[attr-defined]  # the store in memory has it
    assert api.get(PATH).status_code == 200


def test_blanks_around_a_label_are_cut_off(api: V2Api) -> None:
    changed = api.patch(PATH, {"label": " \t Reception desk\u00a0 "})
    assert changed.json()["label"] == "Reception desk"
    assert [each["number"] for each in api.get("/v2/numbers?q=Reception").json()["data"]] == [NUMBER.value]
    assert api.patch(PATH, {"label": " " * 20 + "x" * 100}).json()["label"] == "x" * 100
    for text, code in (("a\tb", "not_printable"), ("x" * 101, "too_long")):
        assert pointers(problem(api.patch(PATH, {"label": text}), 422, "fields_invalid")) == {"/label": code}
    assert api.patch(PATH, {"label": "  "}).json()["label"] == ""
