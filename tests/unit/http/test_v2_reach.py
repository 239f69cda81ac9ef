"""What a key may do, and what it reaches: generated from every operation of `/v2`, and those of `/v1`.

A key without the scope is refused, and nothing else is; what is not for a key is as if it were not there.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.access.rights import OPERATOR, OPERATOR_SCOPES, SCOPES
from renvoi.http.v1.operation import Endpoint
from renvoi.http.v2.app import V2
from renvoi.http.v2.route import Example, V2Route
from tests.support.http_api import FOREIGN, KEY, NUMBER, SECOND
from tests.support.listening_store import ListeningStore
from tests.support.v2_api import V2Api
from tests.support.v2_examples import GIVEN
from tests.support.v2_things import NOBODYS, THINGS, naming, put_things, thing_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
LIMITED_KEY = ApiKey("111111111111", "l" * 43)


HOLDERS: Mapping[str, tuple[ApiKey, tuple[str, ...]]] = {
    **{f"of {scope}": (ApiKey(f"{place:012x}", "s" * 43), (scope,)) for place, scope in enumerate(SCOPES, 0xA00)},
    # As an attacker or an older version may have written it: no word makes an operator of an account's key.
    "of operator, but an account's": (ApiKey("00000000abad", "s" * 43), (OPERATOR,)),
    "of an unknown scope": (ApiKey("00000000abae", "s" * 43), ("written by a later version",)),
    "without scopes": (ApiKey("00000000abaf", "s" * 43), ()),
    **{
        f"an operator's of {scope}": (ApiKey(f"op_{place:012x}", "s" * 43), (scope,))
        for place, scope in enumerate(OPERATOR_SCOPES, 0xB00)
    },
    "an operator's without scopes": (ApiKey("op_00000000abaf", "s" * 43), ()),
}


def is_granted(holder: str, scope: str) -> bool:
    """Tell whether a key has a scope, in the words of `HOLDERS` alone."""
    is_operator = holder.startswith("an operator's")
    if scope == OPERATOR and not is_operator:
        return False
    return holder.endswith(("without scopes", f"of {scope}"))


class World:
    """One application, whose store is put back to how it was."""

    def __init__(self) -> None:
        self.store = ListeningStore()
        self.api = V2Api(self.store)
        for key, scopes in HOLDERS.values():
            self.api.add_key(key, *scopes)
        limited = KeyRecord(LIMITED_KEY.id, 1, LIMITED_KEY.hash(), "FR", numbers=frozenset({NUMBER}))
        self.api.write(lambda writer: writer.add_key(limited))
        self._begun = copy(self.store._state)
        self.document: Mapping[str, Any] = self.api.get("/openapi.json", key=None).json()

    def begin(self, given: str = "") -> None:
        """Put everything back, then into the state that an example needs."""
        self.store._state = self._begun.snapshot()
        GIVEN[given](self.api)

    def send(self, route: V2Route, example: Example, path: str, key: ApiKey | None) -> httpx.Response:
        sent: dict[str, Any] = {"headers": dict(example.headers)}
        if example.content is not None:
            sent["content"] = example.content
        elif example.body is not None:
            sent["json"] = example.body
        return self.api.send(method_of(route), path, key=key, **sent)

    @property
    def v2(self) -> V2:
        found = self.api.app._v2  # type: ignore[attr-defined]  # what `create_app` returns is the Middleware
        assert isinstance(found, V2)
        return found


def method_of(route: V2Route) -> str:
    return next(iter(route.methods or ()))


def is_list(route: V2Route) -> bool:
    return "limit" in route.query_names


WORLD = World()
ROUTES = {route.name_of_operation: route for route in WORLD.v2.operations()}
GUARDED = {name: route for name, route in ROUTES.items() if route.scope_needed is not None}
NAMING = {name: route for name, route in GUARDED.items() if "{" in route.path and route.scope_needed != OPERATOR}


def for_account(path: str, holder: str) -> str:
    """Have an operator act for the account that the examples are of."""
    return path + ("&" if "?" in path else "?") + "account=acc_1" if holder.startswith("an operator's") else path


@pytest.mark.parametrize("name", GUARDED)
def test_a_key_may_do_what_the_document_says(name: str) -> None:
    """Who lacks the scope is told which one it is, and has changed nothing; nobody else is refused for it."""
    route = GUARDED[name]
    described = WORLD.document["paths"][route.path_format][method_of(route).lower()]
    (scheme,) = described["security"]
    (scope,) = scheme["key"]
    assert scope == described["x-scope"] == route.scope_needed
    example = route.declared.examples[0]
    granted = 0
    for holder, (key, _) in HOLDERS.items():
        WORLD.begin(example.given)
        before = repr(vars(WORLD.store._state))
        came = WORLD.send(route, example, for_account(example.path, holder), key)
        assert str(came.status_code) in described["responses"], f"{holder}: {came.text}"
        if is_granted(holder, scope):
            granted += 1
            assert came.status_code != 401, f"{holder}: {came.text}"
            assert "x-accepted-scopes" not in came.headers, holder
        else:
            assert (came.status_code, came.json()["code"]) == (403, "scope_missing"), f"{holder}: {came.text}"
            assert came.headers["x-accepted-scopes"] == scope
            assert scope in came.json()["detail"]
            assert repr(vars(WORLD.store._state)) == before, holder
    assert granted == (2 if scope == OPERATOR else 4)
    WORLD.begin(example.given)
    assert WORLD.send(route, example, example.path, None).json()["code"] == "key_required"


def answer_of(came: httpx.Response) -> tuple[object, ...]:
    """Return what tells two answers apart, without what names the request itself."""
    varying = {"x-request-id", "content-length", "date"}
    headers = {name: value for name, value in came.headers.items() if name not in varying}
    body = {name: value for name, value in came.json().items() if name not in ("request_id", "instance")}
    return came.status_code, headers, body


@pytest.mark.parametrize("name", NAMING)
def test_what_is_not_for_a_key_is_as_if_it_were_not_there(name: str) -> None:
    """Status, headers and body are those of an unknown one, and so is what the store is asked, in that order."""
    route = NAMING[name]
    thing = thing_of(route.path)
    assert thing is not None
    for example in route.declared.examples:
        there = naming(route.path, example.path)
        hidden = [(KEY, thing.foreign), (LIMITED_KEY, thing.foreign)]
        hidden += [(LIMITED_KEY, thing.of_second)] if thing.of_second is not None else []
        for key, hidden_name in hidden:
            seen = []
            for path in (there(thing.unknown), there(hidden_name)):
                WORLD.begin()
                WORLD.api.write(put_things)
                before = repr(vars(WORLD.store._state))
                WORLD.store.asked.clear()
                came = WORLD.send(route, example, path, key)
                assert came.status_code == 404, f"{path}: {came.text}"
                assert repr(vars(WORLD.store._state)) == before, path
                seen.append((*answer_of(came), tuple(WORLD.store.asked)))
            assert seen[0] == seen[1], hidden_name


@pytest.mark.parametrize("name", NAMING)
def test_the_things_that_are_hidden_are_there(name: str) -> None:
    """Else the test above would hold for anything: to whom they belong they are no unknown ones."""
    route = NAMING[name]
    thing = thing_of(route.path)
    assert thing is not None
    example = route.declared.examples[0]
    there = naming(route.path, example.path)
    operator, _ = HOLDERS["an operator's without scopes"]
    for key, account, its in ((operator, "acc_2", thing.foreign), (KEY, "acc_1", thing.of_second)):
        if its is None:
            continue
        WORLD.begin()
        WORLD.api.write(put_things)
        path = there(its)
        came = WORLD.send(route, example, path + ("&" if "?" in path else "?") + f"account={account}", key)
        # A delivery of the example is none of another webhook: then that alone is unknown.
        assert came.status_code != 404 or came.json()["code"] == "delivery_unknown", came.text


LISTS = {name: route for name, route in GUARDED.items() if "{" not in route.path and route.scope_needed != OPERATOR}
FILTERED = {name: route for name, route in LISTS.items() if "number" in route.query_names}


@pytest.mark.parametrize("name", FILTERED)
def test_a_filter_for_what_is_hidden_finds_what_one_for_nothing_finds(name: str) -> None:
    route = FILTERED[name]
    example = route.declared.examples[0]
    base = example.path.partition("?")[0]
    for key, hidden in ((KEY, FOREIGN), (LIMITED_KEY, FOREIGN), (LIMITED_KEY, SECOND)):
        seen = []
        for number in (NOBODYS, hidden):
            WORLD.begin()
            WORLD.api.write(put_things)
            WORLD.store.asked.clear()
            came = WORLD.send(route, example, f"{base}?number=%2B{number.digits}", key)
            assert came.status_code == 200, came.text
            seen.append((*answer_of(came), tuple(WORLD.store.asked)))
        assert seen[0] == seen[1], hidden


@pytest.mark.parametrize("name", [name for name, route in LISTS.items() if method_of(route) == "GET"])
def test_lists_have_nothing_of_what_is_hidden(name: str) -> None:
    """Neither the numbers nor the ids; who may see them does so in the same list."""
    route = LISTS[name]
    example = route.declared.examples[0]
    operator, _ = HOLDERS["an operator's without scopes"]
    base = example.path.partition("?")[0]
    texts = {}
    for key in (operator, KEY, LIMITED_KEY):
        WORLD.begin()
        WORLD.api.write(put_things)
        texts[key] = WORLD.send(route, example, f"{base}?limit=200" if is_list(route) else base, key).text
    things = [thing for path, thing in THINGS.items() if base.startswith(path.rstrip("/"))]
    foreign = [FOREIGN.value, *(thing.foreign for thing in things)]
    of_second = [SECOND.value, *(thing.of_second for thing in things if thing.of_second is not None)]
    for hidden in foreign:
        assert hidden not in texts[KEY]
    for hidden in (*foreign, *of_second):
        assert hidden not in texts[LIMITED_KEY]
    for thing in things:
        assert thing.foreign in texts[operator], "the test puts nothing there"


V1: Mapping[str, tuple[str, dict[str, Any]]] = {
    "callforward.set": ("set a rule", {"number": NUMBER.value, "type": 0}),
    "callforward.get": ("read a rule", {"number": NUMBER.value}),
    "list": ("list the numbers", {}),
    "name": ("label a number", {"number": NUMBER.value, "name": "desk"}),
}
"""The operations of `/v1`: what docs/api.md calls them, and a good request."""


def v1_operations() -> Iterator[tuple[str, str, str, str]]:
    """Yield path, method, name and scope of each operation of `/v1`."""
    router = WORLD.api.app._app  # type: ignore[attr-defined]  # as above
    for route in router.routes:
        if isinstance(route.app, Endpoint):
            for method, operation in route.app._calls.items():
                yield route.path, method, operation.name, operation.scope


@pytest.mark.parametrize(("path", "method", "name", "scope"), list(v1_operations()))
def test_scopes_hold_on_v1(path: str, method: str, name: str, scope: str) -> None:
    words, fields = V1[name]
    documented = re.findall(r"^\| `([a-z:]+)` \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert [each for each, calls in documented if words in calls.split(", ")] == [scope]
    for holder, (key, _) in HOLDERS.items():
        WORLD.begin()
        before = repr(vars(WORLD.store._state))
        sent: dict[str, Any] = {"apiKey": key.reveal(), **fields}
        is_post = method == "POST"
        came = WORLD.api.request(method, path, json=sent if is_post else None, params=None if is_post else sent)
        if is_granted(holder, scope) and not holder.startswith("an operator's"):
            assert came.status_code in (200, 403, 409), f"{holder}: {came.text}"
        else:
            assert came.status_code == 401, f"{holder}: {came.text}"
            assert method == "HEAD" or came.json()["code"] == 10
            assert repr(vars(WORLD.store._state)) == before, holder


def test_every_operation_of_v1_is_asked_for() -> None:
    assert {name for _, _, name, _ in v1_operations()} == set(V1)
