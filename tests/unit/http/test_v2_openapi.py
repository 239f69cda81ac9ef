"""The description of `/v2`: true, complete, and with examples that work (docs/v2.md)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.access.rights import OPERATOR_SCOPES
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import ProblemCode
from renvoi.domain.problem_texts_en import ENGLISH
from renvoi.domain.problem_texts_fr import FRENCH
from renvoi.http.v2.app import V2
from renvoi.http.v2.route import Example, V2Route
from tests.support.http_api import KEY
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem
from tests.support.v2_examples import GIVEN, difference

OPEN = {"/openapi.json", "/docs", "/docs/init.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"} | {
    "/docs/favicon.png",
    "/problems",
    "/problems/{word}",
}
"""What is answered without a key; anything else needs a scope."""
OPEN_OPERATIONS = {"audio.get"}
"""Operations that need no key: what they are asked with is proof enough."""
PLAIN_KEY = ApiKey("0d0d0d0d0d0d", "s" * 43)


def application(api: V2Api) -> V2:
    """Return the application of `/v2` behind a client."""
    found = api.app._v2  # type: ignore[attr-defined]  # what `create_app` returns is the Middleware
    assert isinstance(found, V2)
    return found


OPERATIONS = {route.name_of_operation: route for route in application(V2Api()).operations()}
EXAMPLES = [
    pytest.param(route, example, id=f"{name}-{place}")
    for name, route in OPERATIONS.items()
    for place, example in enumerate(route.declared.examples)
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the description as it is served."""
    answer = V2Api().get("/openapi.json", key=None)
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_receivers_of_webhooks_answer_as_they_like(document: dict[str, Any]) -> None:
    answers = [event["responses"] for item in document["webhooks"].values() for event in item.values()]
    assert answers
    assert all(list(each) == ["2XX"] for each in answers)
    assert "HTTPValidationError" not in str(document)


def test_the_description_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_every_route_needs_a_scope_or_is_listed_as_open() -> None:
    routes = application(V2Api()).fastapi.router.routes
    for route in routes:
        assert isinstance(route, Route)
        if isinstance(route, V2Route):
            is_open = route.name_of_operation in OPEN_OPERATIONS
            assert route.scope_needed is None if is_open else route.scope_needed in OPERATOR_SCOPES, route.path
        else:
            assert route.path in OPEN, route.path
    assert {route.path for route in routes if isinstance(route, Route)} >= OPEN


def test_every_operation_says_what_a_caller_needs(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations_of(document)]
    assert len(set(names)) == len(names)
    assert set(names) == set(OPERATIONS)
    for path, method, operation in operations_of(document):
        where = f"{method} {path}"
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", operation["operationId"]), where
        assert 5 < len(operation["summary"]) < 60, where
        assert not operation["summary"].endswith("."), where
        if operation["operationId"] in OPEN_OPERATIONS:
            assert operation["security"] == [], where
        else:
            assert operation["security"] == [{"key": [operation["x-scope"]]}], where
            assert {"401", "403"} <= set(operation["responses"]), where
        assert {"422", "429", "500", "503"} <= set(operation["responses"]), where
        success = [status for status in operation["responses"] if status.startswith("2") and status != "206"]
        assert len(success) == 1, where
        for status, response in operation["responses"].items():
            assert response["description"], where
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], where
        parameters = {each.get("$ref", "").rpartition("/")[2] for each in operation["parameters"]}
        assert ("idempotency_key" in parameters) == (method != "get"), where


def test_every_operation_has_an_example() -> None:
    for name, route in OPERATIONS.items():
        examples = route.declared.examples
        assert examples, name
        assert all(route.path_regex.match(example.path.partition("?")[0]) for example in examples), name
        if route.body_field is not None and route.body_field.field_info.is_required():
            assert any(example.body is not None for example in examples), name


@pytest.mark.parametrize(("route", "example"), EXAMPLES)
def test_examples_work_as_they_are_shown(route: V2Route, example: Example) -> None:
    came = answer_to(route, example)
    assert came.status_code == (route.status_code or 200), came.text
    if example.answer is not None:
        assert difference(example.answer, came.json()) is None


@pytest.mark.parametrize("name", [name for name, route in OPERATIONS.items() if route.methods != {"GET"}])
def test_if_match_holds_or_is_refused(name: str, document: dict[str, Any]) -> None:
    """A condition is described where it is looked at; elsewhere whoever sends one learns that it does not hold."""
    route = OPERATIONS[name]
    method = next(iter(route.methods or ()))
    came = answer_to(route, route.declared.examples[0], {"If-Match": '"no-such-version"'})
    described = document["paths"][route.path_format][method.lower()]
    if {"$ref": "#/components/parameters/if_match"} in described["parameters"]:
        assert "412" in described["responses"]
        problem(came, 412, "precondition_failed")
    else:
        assert pointers(problem(came, 422, "fields_invalid")) == {"If-Match:": "unknown_field"}


@pytest.mark.parametrize(
    "name", [each for each, route in OPERATIONS.items() if not {"GET", "POST"} & set(route.methods or ())]
)
def test_what_can_be_changed_has_a_version(name: str, document: dict[str, Any]) -> None:
    """The `ETag` of what is read, and of each answer to a change, is what the next change may name."""
    route = OPERATIONS[name]
    example = route.declared.examples[0]
    item = document["paths"][route.path_format]
    api = V2Api(trunks=FakeTrunkControl())
    GIVEN[example.given](api)
    api.add_key(PLAIN_KEY)
    key = api.add_key(OPERATOR_KEY) if route.scope_needed == "operator" else KEY
    tag = "*"
    if "get" in item:
        assert "ETag" in item["get"]["responses"]["200"]["headers"]
        read = OPERATIONS[item["get"]["operationId"]]
        if example.given != read.declared.examples[0].given:
            GIVEN[read.declared.examples[0].given](api)
        tag = send(api, key, read, Example(example.path)).headers["ETag"]
    came = send(api, key, route, example, {"If-Match": tag})
    assert came.is_success, came.text
    if route.methods != {"DELETE"}:
        again = send(api, key, route, example, {"If-Match": came.headers["ETag"]})
        assert again.is_success or again.json()["code"] == "not_possible", again.text


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_version_is_described_where_there_is_one(name: str, document: dict[str, Any]) -> None:
    route = OPERATIONS[name]
    method = next(iter(route.methods or ()))
    described = document["paths"][route.path_format][method.lower()]["responses"]
    came = answer_to(route, route.declared.examples[0])
    has_tag = "ETag" in came.headers
    assert has_tag == ("ETag" in described[str(came.status_code)]["headers"])
    assert (has_tag and method == "GET") == ("304" in described)


@pytest.mark.parametrize("name", sorted(name for name, route in OPERATIONS.items() if route.methods == {"POST"}))
def test_a_post_that_has_to_say_nothing_needs_no_body(name: str, document: dict[str, Any]) -> None:
    """Nothing, and an object without fields, are the same, and the description, of which clients are made, agrees."""
    route = OPERATIONS[name]
    body = document["paths"][route.path_format]["post"].get("requestBody", {})
    schema: dict[str, Any] = next((each["schema"] for each in body.get("content", {}).values()), {})
    named = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    says_something = bool(named.get("required"))
    assert body.get("required", False) == says_something
    of_json = {"Content-Type": "application/json"}
    path, given = route.declared.examples[0].path, route.declared.examples[0].given
    for content, headers in ((b"", {}), (b"", of_json), (b"{}", of_json)):
        came = answer_to(route, Example(path, given=given, content=content), headers)
        assert came.is_success != says_something, came.text
    if not says_something:
        # Whoever sends a value sends an object.
        for content in (b"null", b"[]", b"0"):
            problem(answer_to(route, Example(path, given=given, content=content), of_json), 422, "fields_invalid")


def answer_to(route: V2Route, example: Example, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Send an example by a key that has the one scope, and no other."""
    api = V2Api(trunks=FakeTrunkControl())
    GIVEN[example.given](api)
    scope = route.scope_needed
    key = None if scope is None else api.add_key(OPERATOR_KEY if scope == "operator" else PLAIN_KEY, scope)
    return send(api, key, route, example, headers)


def send(
    api: V2Api, key: ApiKey | None, route: V2Route, example: Example, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    method = next(iter(route.methods or ()))
    sent: dict[str, Any] = {"headers": dict(example.headers) | dict(headers or {})}
    if example.content is not None:
        sent["content"] = example.content
    elif example.body is not None:
        sent["json"] = example.body
    return api.send(method, example.path, key=key, **sent)


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_has_its_texts_in_each_language(code: ProblemCode) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", code.word)
    assert 400 <= code.status < 600
    for language in LANGUAGES:
        assert 5 < len(code.title(language)) < 100
        assert code.detail(language).rstrip().endswith((".", "…")), code.word
    assert code.title("en") != code.title("fr")


def test_words_of_problems_are_unique() -> None:
    assert len({code.word for code in ProblemCode}) == len(ProblemCode)
    assert set(ENGLISH) == set(FRENCH) == {code.word for code in ProblemCode}


def test_each_schema_has_one_name(document: dict[str, Any]) -> None:
    """Two models of one name get the names of their modules in front, and no client could be made of that."""
    assert [name for name in document["components"]["schemas"] if "__" in name] == []
