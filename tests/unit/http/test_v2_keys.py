"""`/v2/keys`: what programs see of the rules for keys, whose own tests are those of `application/keys.py`."""

import asyncio
from typing import Any

import httpx
import pytest

from renvoi.application.write_behind import KeyUses
from renvoi.domain.access.api_key import ApiKey
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, SECOND, START_MS
from tests.support.memory_store import MemoryStore
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem

KEYS = "/v2/keys"
HOUR_MS = 3600 * 1000


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def create(api: V2Api, body: Any, path: str = KEYS, **keywords: Any) -> httpx.Response:
    return api.send("POST", path, json=body, **keywords)


def made(response: httpx.Response) -> tuple[str, ApiKey]:
    """Return the path of a key that was made, and the key."""
    assert response.status_code in (200, 201), response.text
    key = ApiKey.parse(response.json()["secret"])
    assert key is not None
    return f"{KEYS}/{response.json()['id']}", key


def test_a_key_is_made_read_changed_rotated_and_revoked(api: V2Api) -> None:
    body = {
        "label": "website",
        "scopes": ["numbers:read", "forwarding:write", "keys:write"],
        "numbers": [NUMBER.value],
        "expires_at": "2026-01-02T01:30:00.5+01:30",
    }
    response = create(api, body)
    assert response.status_code == 201
    path, key = made(response)
    assert response.headers["location"] == path
    shown = {name: value for name, value in response.json().items() if name != "secret"}
    assert shown["expires_at"] == "2026-01-02T00:00:00.500Z"
    assert (shown["account"], shown["made_by"], shown["revision"]) == ("acc_1", f"key_{KEY.id}", 0)
    got = api.get(path)
    assert got.json() == shown
    assert got.headers["etag"] == response.headers["etag"]
    assert api.get(path, headers={"If-None-Match": got.headers["etag"]}).status_code == 304
    assert api.get(path, key=key).json() == shown

    changed = api.patch(path, {"label": "shop", "expires_at": None}, headers={"If-Match": got.headers["etag"]})
    assert (changed.json()["label"], changed.json()["expires_at"], changed.json()["revision"]) == ("shop", None, 1)
    assert changed.json()["numbers"] == [NUMBER.value]
    stale = {"If-Match": got.headers["etag"]}
    for again in (
        api.patch(path, {"label": "x"}, headers=stale),
        api.send("DELETE", path, headers=stale),
        api.send("POST", f"{path}/rotate", headers=stale),
    ):
        problem(again, 412, "precondition_failed")

    rotated = api.send("POST", f"{path}/rotate", json={"keep_s": 60})
    assert rotated.json()["previous_secret_until"] == "2026-01-01T00:01:00.000Z"
    _, newer = made(rotated)
    assert newer.id == key.id
    assert [api.get(path, key=each).status_code for each in (key, newer)] == [200, 200]
    api.clock.now += 60_000
    assert [api.get(path, key=each).status_code for each in (key, newer)] == [401, 200]

    for _ in range(2):
        assert api.send("DELETE", path).status_code == 204
    problem(api.get(path, key=newer), 401, "key_incorrect")
    assert api.get(path).json()["revoked_at"] == "2026-01-01T00:01:00.000Z"
    problem(api.patch(path, {"label": "x"}), 409, "key_over")
    problem(api.send("POST", f"{path}/rotate"), 409, "key_over")

    history = api.get(f"{path}/history").json()["data"]
    assert [each["after"]["revision"] for each in history] == [3, 2, 1, 0]
    assert [each["rotated"] for each in history] == [False, True, False, False]
    assert {each["by"] for each in history} == {f"key_{KEY.id}"}
    assert history[-1]["before"] is None
    first = api.get(f"{path}/history?limit=3").json()
    rest = api.get(f"{path}/history?limit=3&cursor={first['next_cursor']}").json()
    assert first["data"] + rest["data"] == history


def test_a_secret_is_shown_once_and_stored_nowhere(api: V2Api) -> None:
    path, key = made(create(api, {"scopes": ["numbers:read"]}, headers={"Idempotency-Key": "k1"}))
    for answer in (api.get(path), api.get(KEYS), api.get(f"{path}/history")):
        assert key.secret not in answer.text
    assert isinstance(api.store, MemoryStore)
    state = repr(vars(api.store._state))
    assert key.secret not in state
    assert KEY.secret not in state


def test_a_request_that_is_sent_again_makes_one_key(api: V2Api) -> None:
    """Whoever asked is shown the secret again; no other key of the account is."""
    body = {"scopes": ["keys:write"]}
    first = create(api, body, headers={"Idempotency-Key": "k1"})
    again = create(api, body, headers={"Idempotency-Key": "k1"})
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(api.get(KEYS).json()["data"]) == 2
    other = api.add_key(ApiKey("0c0c0c0c0c0c", "r" * 43))
    problem(create(api, body, key=other, headers={"Idempotency-Key": "k1"}), 409, "idempotency_conflict")
    path, _ = made(first)
    rotations = [
        api.send("POST", f"{path}/rotate", json={"keep_s": 0}, headers={"Idempotency-Key": "k2"}) for _ in range(2)
    ]
    assert rotations[0].json() == rotations[1].json()
    assert api.get(path).json()["revision"] == 1


def test_the_list_in_pages(api: V2Api) -> None:
    paths = []
    for number in range(5):
        api.clock.now += number % 2
        paths.append(made(create(api, {"label": f"n{number}", "scopes": ["*"]}))[0])
    seen, path = [], f"{KEYS}?limit=2"
    while path:
        answer = api.get(path)
        page = answer.json()
        assert len(page["data"]) <= 2
        seen += page["data"]
        path = f"{KEYS}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        assert ("link" in answer.headers) == bool(path)
    assert seen[0]["id"] == f"key_{KEY.id}"
    assert [api.get(path).json() for path in paths] == sorted(seen[1:], key=lambda key: int(key["label"][1]))
    assert [key["created_at"] for key in seen] == sorted(key["created_at"] for key in seen)
    assert {tuple(key["scopes"]) for key in seen} == {("*",)}


WRONG: dict[str, tuple[Any, dict[str, str]]] = {
    "nothing": ({}, {"/scopes": "missing"}),
    "no scopes": ({"scopes": []}, {"/scopes": "too_short"}),
    "scopes null": ({"scopes": None}, {"/scopes": "wrong_type"}),
    "a scope": ({"scopes": "*"}, {"/scopes": "wrong_type"}),
    "unknown scope": ({"scopes": ["calls:read", "x", 1]}, {"/scopes/1": "not_allowed", "/scopes/2": "wrong_type"}),
    "unknown scopes": ({"scopes": ["", "Numbers:read"]}, {"/scopes/0": "not_allowed", "/scopes/1": "not_allowed"}),
    "operator's scope": ({"scopes": ["operator"]}, {"/scopes/0": "not_allowed"}),
    "many scopes": ({"scopes": ["*"] * 11}, {"/scopes": "too_long"}),
    "no numbers": ({"scopes": ["*"], "numbers": []}, {"/numbers": "too_short"}),
    "no number": (
        {"scopes": ["*"], "numbers": ["12", "x" * 5000, NUMBER.value, "0199001234"]},
        dict.fromkeys(("/numbers/0", "/numbers/1", "/numbers/3"), "number_invalid"),
    ),
    "a number": ({"scopes": ["*"], "numbers": NUMBER.value}, {"/numbers": "wrong_type"}),
    "many numbers": ({"scopes": ["*"], "numbers": [NUMBER.value] * 101}, {"/numbers": "too_long"}),
    "foreign number": ({"scopes": ["*"], "numbers": [FOREIGN.value]}, {"/numbers": "number_unknown"}),
    "nobody's number": ({"scopes": ["*"], "numbers": ["+33199009999"]}, {"/numbers": "number_unknown"}),
    "past": ({"scopes": ["*"], "expires_at": "2026-01-01T00:00:00Z"}, {"/expires_at": "not_in_future"}),
    "a day": ({"scopes": ["*"], "expires_at": "2027-01-01"}, {"/expires_at": "bad_format"}),
    "no time": ({"scopes": ["*"], "expires_at": "never"}, {"/expires_at": "bad_format"}),
    "year 10000": ({"scopes": ["*"], "expires_at": "9999-12-31T23:59:59-23:00"}, {"/expires_at": "bad_format"}),
    "ms": ({"scopes": ["*"], "expires_at": START_MS + 1}, {"/expires_at": "wrong_type"}),
    "long time": ({"scopes": ["*"], "expires_at": "2" * 41}, {"/expires_at": "too_long"}),
    "long label": ({"scopes": ["*"], "label": "x" * 101}, {"/label": "too_long"}),
    "label": ({"scopes": ["*"], "label": "a\nb"}, {"/label": "not_printable"}),
    "label null": ({"scopes": ["*"], "label": None}, {"/label": "wrong_type"}),
    "typo": ({"scopes": ["*"], "number": [NUMBER.value]}, {"/number": "unknown_field"}),
    "bool": ({"scopes": ["*"], "operator": 1}, {"/operator": "wrong_type"}),
    "all of it": (
        {"scopes": ["x"], "numbers": ["y"], "label": "a\tb", "expires_at": 1, "z": 1},
        {
            "/scopes/0": "not_allowed",
            "/numbers/0": "number_invalid",
            "/label": "not_printable",
            "/expires_at": "wrong_type",
            "/z": "unknown_field",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_made(api: V2Api, name: str) -> None:
    body, wanted = WRONG[name]
    found = pointers(problem(create(api, body), 422, "fields_invalid"))
    assert found == wanted
    assert len(api.get(KEYS).json()["data"]) == 1
    if "operator" not in body and body:
        assert pointers(problem(api.patch(f"{KEYS}/key_{KEY.id}", body), 422, "fields_invalid")) == wanted


@pytest.mark.parametrize("keep_s", [-1, 2_592_001, 1.5, "60", True, None])
def test_wrong_times_to_keep_a_secret(api: V2Api, keep_s: Any) -> None:
    answer = api.send("POST", f"{KEYS}/key_{KEY.id}/rotate", json={"keep_s": keep_s})
    assert set(pointers(problem(answer, 422, "fields_invalid"))) == {"/keep_s"}
    assert api.get(f"{KEYS}/key_{KEY.id}").json()["revision"] == 0


def test_a_key_that_would_do_more_is_refused_with_what_is_beyond(api: V2Api) -> None:
    _, key = made(
        create(api, {"scopes": ["keys:write"], "numbers": [NUMBER.value], "expires_at": "2026-01-02T00:00:00Z"})
    )
    for path in (KEYS, f"{KEYS}?account=acc_1"):
        answer = create(api, {"scopes": ["*"], "operator": True}, path, key=key)
        found = problem(answer, 403, "key_beyond_rights")
        assert pointers(found) == dict.fromkeys(("/operator", "/scopes", "/numbers", "/expires_at"), "beyond_rights")
    own = f"{KEYS}/key_{key.id}"
    assert pointers(problem(api.patch(own, {"scopes": ["*"]}, key=key), 403, "key_beyond_rights")) == {
        "/scopes": "beyond_rights"
    }
    # Numbers that are not there, and such as are: no difference to a key that is limited to others.
    for number in (SECOND.value, FOREIGN.value, "+33199009999"):
        answer = api.patch(own, {"numbers": [number]}, key=key)
        assert pointers(problem(answer, 403, "key_beyond_rights")) == {"/numbers": "beyond_rights"}


def test_keys_of_other_accounts_and_of_operators_are_unknown(api: V2Api) -> None:
    api.add_key(OPERATOR_KEY)
    for key_id in (
        f"key_{FOREIGN_KEY.id}", f"key_{OPERATOR_KEY.id}", "key_ffffffffffff", "key_op_ffffffffffff", "key_", "key_0",
        FOREIGN_KEY.id, "msg_1", "%00", "%ED%A0%80", "key_" + "x" * 3000, "key_..%2f..",
    ):  # fmt: skip
        for answer in (
            api.get(f"{KEYS}/{key_id}"),
            api.get(f"{KEYS}/{key_id}/history"),
            api.patch(f"{KEYS}/{key_id}", {"label": "x"}),
            api.send("DELETE", f"{KEYS}/{key_id}"),
            api.send("POST", f"{KEYS}/{key_id}/rotate"),
        ):
            assert answer.status_code == 404, answer.text
            assert answer.json()["code"] in ("key_unknown", "not_found")
    assert api.get(f"{KEYS}?operator=true").json()["data"] == []


def test_an_operator_makes_keys_of_accounts_and_of_operators(api: V2Api) -> None:
    api.add_key(OPERATOR_KEY)
    problem(create(api, {"scopes": ["*"]}, key=OPERATOR_KEY), 404, "account_unknown")
    path, of_account = made(
        create(api, {"scopes": ["*"], "numbers": [FOREIGN.value]}, f"{KEYS}?account=acc_2", key=OPERATOR_KEY)
    )
    assert api.get("/v2/account", key=of_account).json()["id"] == "acc_2"
    assert api.get(path, key=OPERATOR_KEY).json()["account"] == "acc_2"
    problem(api.get(f"{path}?account=acc_1", key=OPERATOR_KEY), 404, "key_unknown")
    second = create(api, {"scopes": ["operator", "keys:write"], "operator": True}, key=OPERATOR_KEY)
    assert second.json()["account"] is None
    assert second.json()["id"].startswith("key_op_")
    path, key = made(second)
    assert api.get(path, key=key).status_code == 200
    listed = [key["id"] for key in api.get(f"{KEYS}?operator=true", key=OPERATOR_KEY).json()["data"]]
    assert sorted(listed) == sorted([f"key_{OPERATOR_KEY.id}", second.json()["id"]])
    accounts = {key["account"] for key in api.get(KEYS, key=OPERATOR_KEY).json()["data"]}
    assert accounts == {"acc_1", "acc_2"}


def test_the_last_use_is_shown_once_it_was_written() -> None:
    """A request notes it in memory only; whoever writes it does so for all keys together."""
    uses = KeyUses()
    api = V2Api(key_uses=uses)
    path, key = made(create(api, {"scopes": ["keys:write"]}))
    api.clock.now = START_MS + HOUR_MS
    assert api.get(path, key=key).json()["last_used_at"] is None
    asyncio.run(uses.write(api.store))
    assert api.get(path).json()["last_used_at"] == "2026-01-01T01:00:00.000Z"
    api.clock.now += HOUR_MS
    problem(api.get(path, key=ApiKey(key.id, "x" * 43)), 401, "key_incorrect")
    problem(api.get("/v2/numbers", key=key), 403, "scope_missing")
    asyncio.run(uses.write(api.store))
    assert api.get(path).json()["last_used_at"] == "2026-01-01T02:00:00.000Z"
