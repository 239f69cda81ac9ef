"""`…/forwarding/history` and `…/forwarding/undo`."""

from typing import Any

import pytest

from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import FOREIGN, KEY, NUMBER, PATH, START_MS
from tests.support.v2_api import V2Api, pointers, problem
from tests.support.v2_rules import RULES, put_rules


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def undo(api: V2Api, body: Any, **keywords: Any) -> Any:
    return api.send("POST", f"{RULES}/undo", json=body, **keywords)


def whole(rule: dict[str, Any]) -> dict[str, Any]:
    """Return what of a shown rule was asked for."""
    return {name: rule[name] for name in RULE}


def test_the_history_says_who_when_and_what(api: V2Api) -> None:
    put_rules(api, RULE, {"action": "off"})
    newest, oldest = api.get(f"{RULES}/history").json()["data"]
    assert (newest["revision"], newest["key"], newest["source"]) == (2, f"key_{KEY.id}", "192.0.2.7")
    assert newest["at"] == "2026-01-01T00:00:00.000Z"
    assert whole(newest["before"]) == RULE
    assert (newest["before"]["revision"], newest["after"]["action"], newest["after"]["revision"]) == (1, "off", 2)
    assert (oldest["before"]["action"], oldest["before"]["revision"]) == ("off", 0)
    assert whole(oldest["after"]) == RULE


def test_the_history_goes_on_by_cursor_with_the_rule_before_each_change(api: V2Api) -> None:
    put_rules(api, *({"action": "off", "ring_timeout_s": seconds} for seconds in range(10, 15)))
    seen, path = [], f"{RULES}/history?limit=2"
    while path:
        response = api.get(path)
        seen += response.json()["data"]
        path = response.links.get("next", {}).get("url", "")
    assert [each["after"]["ring_timeout_s"] for each in seen] == [14, 13, 12, 11, 10]
    assert [each["before"]["ring_timeout_s"] for each in seen] == [13, 12, 11, 10, 60]


def test_the_rule_before_the_first_change_that_is_kept_is_not_known(api: V2Api) -> None:
    put_rules(api, RULE)
    api.clock.now += 1000
    put_rules(api, {"action": "off"})
    api.write(lambda writer: writer.remove_old_audit(START_MS + 1, (0, 0), 10))
    (kept,) = api.get(f"{RULES}/history").json()["data"]
    assert kept["before"] is None
    assert kept["after"]["action"] == "off"
    problem(undo(api, {}), 409, "revision_unknown")
    assert undo(api, {"revision": 0}).status_code == 200


def test_undo_goes_back_and_forth(api: V2Api) -> None:
    put_rules(api, RULE, {"action": "off"})
    back = undo(api, {})
    assert (back.status_code, whole(back.json()), back.json()["revision"]) == (200, RULE, 3)
    assert back.headers["etag"].startswith('"3-')
    assert undo(api, {}).json()["action"] == "off"
    assert whole(undo(api, {"revision": 1}).json()) == RULE
    assert len(api.get(f"{RULES}/history").json()["data"]) == 5


def test_undo_takes_back_a_change_by_v1(api: V2Api) -> None:
    put_rules(api, RULE)
    body = {"apiKey": KEY.reveal(), "number": NUMBER.value, "type": 1, "param": "+33611223344"}
    assert api.request("POST", PATH, json=body).json()["success"] is True
    assert whole(undo(api, {}).json()) == RULE


def test_what_cannot_be_undone(api: V2Api) -> None:
    problem(undo(api, {}), 409, "nothing_to_undo")
    problem(undo(api, {"revision": 0}), 409, "nothing_to_undo")
    problem(undo(api, {"revision": 1}), 409, "revision_unknown")
    put_rules(api, RULE)
    problem(undo(api, {"revision": 1}), 409, "nothing_to_undo")
    problem(undo(api, {}, headers={"If-Match": '"7"'}), 412, "precondition_failed")
    assert pointers(problem(undo(api, {"revision": -1, "to": 1}), 422, "fields_invalid")) == {
        "/revision": "too_small",
        "/to": "unknown_field",
    }
    problem(undo(api, {"revision": 1 << 80}), 422, "fields_invalid")
    problem(api.send("POST", f"/v2/numbers/{FOREIGN}/forwarding/undo", json={}), 404, "number_unknown")
    problem(api.get(f"/v2/numbers/{FOREIGN}/forwarding/history"), 404, "number_unknown")


def test_what_is_gone_back_to_is_judged_again(api: V2Api) -> None:
    other = "/v2/numbers/+33261910123/forwarding"
    put_rules(api, {"action": "forward", "to": ["+33261910123"]}, {"action": "off"})
    assert api.send("PUT", other, json={"action": "forward", "to": [NUMBER.value]}).status_code == 200
    assert pointers(problem(undo(api, {}), 409, "forwarding_would_loop")) == {"/to/0": "would_loop"}


def test_going_back_to_the_same_rule_is_no_change(api: V2Api) -> None:
    put_rules(api, RULE, {"action": "off"}, RULE)
    response = undo(api, {"revision": 1})
    assert (response.status_code, response.json()["revision"]) == (200, 3)
