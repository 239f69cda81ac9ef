"""Every operation and every field of the API's description has its counterpart in both clients."""

import inspect
import json
import re
import runpy
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import msgspec
import pytest

from renvoi.http.v2.route import Example, V2Route
from renvoi_client import AsyncClient, Client, NotFound, models
from tests.support.v2_api import V2Api
from tests.unit.http.test_v2_openapi import EXAMPLES, OPERATIONS, answer_to

SCRIPTS = Path(__file__).parents[2] / "sdk" / "python" / "scripts"
PACKAGE = SCRIPTS.parent / "src" / "renvoi_client"
KEYWORDS = {"from": "from_", "import": "import_"}
CLIENTS: tuple[Any, ...] = (Client("http://127.0.0.1:1", "k"), AsyncClient("http://127.0.0.1:1", "k"))


DOCUMENT: dict[str, Any] = V2Api().get("/openapi.json", key=None).json()
"""The description as it is served."""


def operations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def named(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference."""
    found: Mapping[str, Any] = schema
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def parameters_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an operation can be given, except what the client gives itself."""
    for each in operation.get("parameters", ()):
        if each.get("in") in ("path", "query") and each["name"] != "cursor":
            yield each["name"]
    content = operation.get("requestBody", {}).get("content", {})
    for kind, each in content.items():
        if kind.endswith("json"):
            yield from named(document, each["schema"]).get("properties", {})


def test_every_operation_has_a_method_with_all_that_it_takes() -> None:
    missing = []
    for operation in operations(DOCUMENT):
        name = operation["operationId"]
        words = [KEYWORDS.get(word, word) for word in name.split(".")]
        for client in CLIENTS:
            try:
                method = reduce(getattr, words, client)
            except AttributeError:
                missing.append(f"{type(client).__name__}: {name}")
                continue
            assert callable(method)
            taken = {each.rstrip("_") for each in inspect.signature(method).parameters}
            missing += [f"{name}: {each}" for each in parameters_of(DOCUMENT, operation) if each not in taken]
    assert missing == [], "run scripts/make_sdk.py"


def test_every_field_of_an_answer_is_one_of_its_object() -> None:
    missing = []
    for name, schema in DOCUMENT["components"]["schemas"].items():
        kind = getattr(models, name.removesuffix("Out"), None)
        if kind is None or not issubclass(kind, msgspec.Struct):
            continue
        fields = {field.encode_name for field in msgspec.structs.fields(kind)}
        missing += [f"{name}.{field}" for field in schema.get("properties", {}) if field not in fields]
    assert missing == [], "run scripts/make_sdk.py"


def answers() -> Iterator[Any]:
    """Yield an operation, its first example, and the schema of the answer, where that is JSON."""
    for name, route in OPERATIONS.items():
        for method in route.methods or ():
            described = DOCUMENT["paths"][route.path_format][method.lower()]["responses"]
            content = described[str(route.status_code or 200)].get("content", {})
            if "application/json" in content:
                yield pytest.param(route, content["application/json"]["schema"], id=name)


def kind_of(schema: Mapping[str, Any]) -> Any:
    """Return the model of an answer."""
    name = schema["$ref"].rpartition("/")[2]
    if name.startswith("Page_"):
        item = DOCUMENT["components"]["schemas"][name]["properties"]["data"]["items"]
        return models.Page[kind_of(item)]  # type: ignore[misc]  # a type that is found as the test runs
    return getattr(models, re.sub(r"\W", "", name).removesuffix("Out"))


@pytest.mark.parametrize(("route", "schema"), list(answers()))
def test_what_an_operation_answers_is_read(route: V2Route, schema: Mapping[str, Any]) -> None:
    came = answer_to(route, route.declared.examples[0])
    assert came.is_success
    msgspec.json.decode(came.content, type=kind_of(schema))


@pytest.mark.parametrize(("route", "example"), EXAMPLES)
def test_what_is_asked_for_is_sent(route: V2Route, example: Example) -> None:
    """Method, path, query and body are those of the example, whose names are those of the description."""
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    path, _, text = example.path.partition("?")
    found = route.path_regex.match(path)
    assert found is not None
    query = dict(parse_qsl(text))
    words = {"content": example.content} if example.content is not None else example.body or {}
    words |= {name: [value] if name == "type" else value for name, value in query.items() if name != "account"}
    http_client = httpx.Client(transport=httpx.MockTransport(refuse))
    with Client("http://x", "k", account=query.get("account"), http_client=http_client) as client, suppress(NotFound):
        names = (KEYWORDS.get(word, word) for word in route.name_of_operation.split("."))
        method: Any = reduce(getattr, names, client)
        taken = {each.name for each in inspect.signature(method).parameters.values() if each.kind is each.KEYWORD_ONLY}
        asked = method(*found.groupdict().values(), **{n if n in taken else f"{n}_": words[n] for n in words})
        if asked is not None:
            asked.first_page()
    (request,) = sent
    assert request.method in (route.methods or ())
    assert (unquote(request.url.path), dict(request.url.params)) == (unquote(path), query)
    assert request.content == example.content if example.content is not None else True
    if example.body is not None:
        assert json.loads(request.content) == example.body


def test_the_modules_are_what_the_description_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    script = runpy.run_path(str(SCRIPTS / "make_operations.py"), run_name="make_operations")
    for name, text in script["modules"](DOCUMENT).items():
        assert (PACKAGE / name).read_text("utf-8") == text, f"run scripts/make_sdk.py: {name} is not up to date"
