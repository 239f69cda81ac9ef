"""`POST /v2/forwarding:batch`."""

from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey
from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import FOREIGN, NUMBER, SECOND
from tests.support.v2_api import V2Api, pointers, problem

BATCH = "/v2/forwarding:batch"
OPERATOR = ApiKey("op_0c0c0c0c0c0c", "o" * 43)
A, B = NUMBER.value, SECOND.value
OFF = {"action": "off", "ring_timeout_s": 20}


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def send(api: V2Api, *changes: Any, atomic: bool = True, query: str = "", **keywords: Any) -> Any:
    return api.send("POST", BATCH + query, json={"atomic": atomic, "changes": changes}, **keywords)


def rule_of(api: V2Api, number: str) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/v2/numbers/{number}/forwarding").json()
    return shown


def forward(number: str, to: str) -> dict[str, Any]:
    return {"number": number, "forwarding": {"action": "forward", "to": [to]}}


@pytest.mark.parametrize("atomic", [True, False])
def test_many_rules_are_set(api: V2Api, atomic: bool) -> None:
    changes = [{"number": A, "forwarding": RULE}, {"number": B, "patch": {"ring_timeout_s": 20}}]
    response = send(api, *changes, atomic=atomic)
    assert response.status_code == 200, response.text
    shown = response.json()
    assert [(each["number"], each["status"], each["revision"]) for each in shown.pop("results")] == [
        (A, "changed", 1),
        (B, "changed", 1),
    ]
    assert shown == {"atomic": atomic, "dry_run": False, "changed": 2, "unchanged": 0, "refused": 0}
    assert {name: rule_of(api, A)[name] for name in RULE} == RULE
    assert rule_of(api, B)["ring_timeout_s"] == 20
    again = send(api, *changes, atomic=atomic).json()
    assert (again["unchanged"], again["changed"]) == (2, 0)


def test_all_or_nothing_is_nothing_when_one_cannot_be_made(api: V2Api) -> None:
    response = send(api, {"number": A, "forwarding": OFF}, forward(FOREIGN.value, "+33644630000"), forward(B, B))
    found = problem(response, 422, "batch_refused")
    assert pointers(found) == {"/changes/1": "change_refused", "/changes/2/forwarding/to/0": "would_loop"}
    assert rule_of(api, A)["revision"] == 0


def test_each_for_itself_says_what_became_of_each(api: V2Api) -> None:
    response = send(
        api,
        {"number": A, "forwarding": OFF},
        forward(FOREIGN.value, "+33644630000"),
        {"number": "+33199009999", "patch": {"action": "off"}},
        {"number": B, "patch": {"to": None, "action": "forward"}},
        {"number": "x", "forwarding": {}},
        atomic=False,
    )
    shown = response.json()
    assert (shown["changed"], shown["unchanged"], shown["refused"]) == (1, 0, 4)
    found = [(each["number"], each["status"], (each["problem"] or {}).get("code")) for each in shown["results"]]
    assert found == [
        (A, "changed", None),
        (FOREIGN.value, "refused", "number_unknown"),
        ("+33199009999", "refused", "number_unknown"),
        (B, "refused", "fields_invalid"),
        (None, "refused", "fields_invalid"),
    ]
    assert [each["pointer"] for each in shown["results"][3]["problem"]["errors"]] == ["/changes/3/patch/to"]
    pointed = {each["pointer"] for each in shown["results"][4]["problem"]["errors"]}
    assert pointed == {"/changes/4/number", "/changes/4/forwarding/action"}


def test_numbers_can_change_places(api: V2Api) -> None:
    third = "+33644630000"
    assert send(api, forward(A, B), forward(B, third)).status_code == 200
    # By itself, the first of these would loop.
    assert send(api, forward(B, A), forward(A, third)).status_code == 200
    assert rule_of(api, B)["to"] == [A]
    found = problem(send(api, forward(A, B), forward(B, A)), 422, "batch_refused")
    assert set(pointers(found)) == {"/changes/0/forwarding/to/0"}, "the other one is so already"


@pytest.mark.parametrize("atomic", [True, False])
def test_a_dry_run_changes_nothing(api: V2Api, atomic: bool) -> None:
    changes = [{"number": A, "forwarding": RULE}, forward(B, B)]
    shown = send(api, *changes, atomic=atomic, query="?dry_run=true").json()
    assert [each["status"] for each in shown["results"]] == ["changed", "refused"]
    assert shown["dry_run"] is True
    assert rule_of(api, A)["revision"] == 0
    shown = send(api, changes[0], atomic=atomic, query="?dry_run=true").json()
    assert (shown["changed"], shown["results"][0]["revision"]) == (1, 1)


def test_wrong_batches(api: V2Api) -> None:
    a = {"number": A, "forwarding": OFF}
    assert pointers(problem(send(api, a, a), 422, "fields_invalid")) == {"/changes/1/number": "repeated"}
    assert pointers(problem(send(api), 422, "fields_invalid")) == {"/changes": "too_short"}
    assert pointers(problem(send(api, *[a] * 10_001), 422, "fields_invalid")) == {"/changes": "too_long"}
    wrong: list[Any] = [
        {"number": "0199001234", "forwarding": OFF},
        {"number": A},
        {"number": B, "forwarding": OFF, "patch": {}},
        {"number": "+33261910124", "patch": {"schedule": {"closd": 1}}, "revision": 3},
        [],
        {"forwarding": {"action": "off", "ring_timeout_s": 1}},
        {"number": "+33261910125", "forwarding": RULE | {"schedule": {"time_zone": "Europe/Paris", "holidays": "QQ"}}},
        {"number": "+33261910126", "patch": {"ring_timeout_s": 1, "schedule": {"holidays": "QQ"}}},
        {"number": "+33261910127", "patch": {"ring_timeout_s": 1, "too": []}},
        {"number": "x", "patch": {"ring_timeout_s": 1}},
    ]
    assert pointers(problem(send(api, *wrong), 422, "fields_invalid")) == {
        "/changes/0/number": "number_invalid",
        "/changes/1": "either",
        "/changes/2": "either",
        "/changes/3/revision": "unknown_field",
        "/changes/3/patch/schedule/closd": "unknown_field",
        "/changes/4": "wrong_type",
        "/changes/5/number": "missing",
        "/changes/5/forwarding/ring_timeout_s": "too_small",
        "/changes/6/forwarding/schedule/holidays": "holidays_unknown",
        "/changes/7/patch/ring_timeout_s": "too_small",
        "/changes/7/patch/schedule/holidays": "holidays_unknown",
        "/changes/8/patch/ring_timeout_s": "too_small",
        "/changes/8/patch/too": "unknown_field",
        "/changes/9/number": "number_invalid",
        "/changes/9/patch/ring_timeout_s": "too_small",
    }
    both = {"schedule": {"time_zone": "Europe/Paris", "holidays": "QQ"}, "ring_timeout_s": 1}
    for part, code in (("patch", "batch_refused"), ("forwarding", "fields_invalid")):
        change = {"number": A, part: RULE | both}
        expected = {
            f"/changes/0/{part}/ring_timeout_s": "too_small",
            f"/changes/0/{part}/schedule/holidays": "holidays_unknown",
        }
        assert pointers(problem(send(api, change), 422, code)) == expected
        (alone,) = send(api, change, atomic=False).json()["results"]
        assert pointers(alone["problem"]) == expected
    unknown = {"number": B, "forwarding": RULE | {"schedule": {"time_zone": "Europe/Paris", "holidays": "QQ"}}}
    assert pointers(problem(send(api, unknown), 422, "batch_refused")) == {
        "/changes/0/forwarding/on_busy/to/0": "would_loop",
        "/changes/0/forwarding/schedule/holidays": "holidays_unknown",
    }


def test_a_revision_that_is_named_has_to_be_the_present_one(api: V2Api) -> None:
    assert send(api, {"number": A, "forwarding": OFF | {"revision": 0}}).status_code == 200
    found = problem(send(api, {"number": A, "patch": {"action": "off", "revision": 0}}), 422, "batch_refused")
    assert pointers(found) == {"/changes/0": "change_refused"}


def test_an_operator_names_the_account(api: V2Api) -> None:
    api.add_key(OPERATOR)
    problem(send(api, {"number": A, "forwarding": OFF}, key=OPERATOR), 404, "account_unknown")
    assert send(api, {"number": A, "forwarding": OFF}, key=OPERATOR, query="?account=acc_1").json()["changed"] == 1


@pytest.mark.parametrize("atomic", [True, False])
def test_a_batch_sent_again_is_made_once(api: V2Api, atomic: bool) -> None:
    named = {"Idempotency-Key": "one"}
    first = send(api, {"number": A, "forwarding": OFF}, atomic=atomic, headers=named)
    again = send(api, {"number": A, "forwarding": OFF}, atomic=atomic, headers=named)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")


def test_a_large_body_is_taken_up_to_the_limit_of_the_route(api: V2Api) -> None:
    prefixes = [f"+3316{number:08}" for number in range(200)]
    rule = OFF | {"callers": {"block": prefixes, "allow": prefixes}}
    assert (
        send(
            api,
            {"number": A, "forwarding": rule},
            *({"number": f"+33261{n:06}", "forwarding": rule} for n in range(40)),
            atomic=False,
        ).json()["changed"]
        == 1
    )
    over = api.send("POST", BATCH, content=b" " * (16 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    problem(over, 413, "body_too_large")
