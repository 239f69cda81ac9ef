"""PATCH of `/v2/numbers/{number}/forwarding`: what a patch names is changed, and nothing else."""

import json
from typing import Any

import pytest

from renvoi.http.v2.forwarding import RULE
from tests.support.v2_api import V2Api, pointers, problem
from tests.support.v2_rules import RULES, put_rules


@pytest.fixture
def api() -> V2Api:
    return V2Api()


@pytest.fixture(scope="module")
def refusing() -> V2Api:
    """Lend one API to all tests whose requests are refused, with RULE."""
    api = V2Api()
    put_rules(api, RULE)
    return api


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, {}),
        ({"ring_timeout_s": 30}, {"ring_timeout_s": 30}),
        ({"ring_timeout_s": None}, {"ring_timeout_s": 60}),
        ({"action": "off"}, {"action": "off"}),
        ({"schedule": None}, {"schedule": None}),
        ({"callers": None}, {"callers": {"anonymous": "accept", "block": [], "allow": []}}),
        ({"callers": {"block": ["+44*"]}}, {"callers": {"anonymous": "accept", "block": ["+44*"], "allow": []}}),
        ({"voicemail": {"missed_call_mail": None}}, {"voicemail": {**RULE["voicemail"], "missed_call_mail": False}}),
        ({"on_busy": {"action": "voicemail"}}, {"on_busy": {"action": "voicemail"}}),
        ({"on_busy": None}, {"on_busy": {"action": "release"}}),
        ({"on_busy": {"then": "voicemail"}}, {"on_busy": {**RULE["on_busy"], "then": "voicemail"}}),
        ({"schedule": {"holidays": None}}, {"schedule": {**RULE["schedule"], "holidays": None}}),
        ({"schedule": {"time_zone": "Asia/Tokyo"}}, {"schedule": {**RULE["schedule"], "time_zone": "Asia/Tokyo"}}),
        ({"updated_at": None, "summary": None, "revision": None}, {}),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json"])
def test_a_patch_changes_what_it_names(api: V2Api, patch: Any, expected: Any, kind: str) -> None:
    put_rules(api, RULE)
    response = api.send("PATCH", RULES, content=json.dumps(patch), headers={"Content-Type": kind})
    assert response.status_code == 200, response.text
    shown = response.json()
    assert {name: shown[name] for name in RULE} == RULE | expected
    assert shown["revision"] == (2 if expected else 1)


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ([], "", "wrong_type"),
        ({"on_bussy": None}, "/on_bussy", "unknown_field"),
        ({"schedule": {"closed": {"too": None}}}, "/schedule/closed/too", "unknown_field"),
        ({"action": None}, "/action", "missing"),
        ({"to": None}, "/to", "missing"),
        ({"voicemail": None}, "/voicemail/emails", "missing"),
        ({"on_busy": {"action": "release", "to": ["+33644630000"]}}, "/on_busy/to", "not_used"),
        ({"revision": "1"}, "/revision", "wrong_type"),
        ({"revision": True}, "/revision", "wrong_type"),
    ],
)
def test_wrong_patches(refusing: V2Api, patch: Any, pointer: str, code: str) -> None:
    assert pointers(problem(refusing.patch(RULES, patch), 422, "fields_invalid")) == {pointer: code}


def test_all_that_is_wrong_with_a_patch_is_told_at_once(refusing: V2Api) -> None:
    """What is wrong together with the present rule only is not guessed: the patch names a number for a busy target."""
    patch = {
        "to": ["x"],
        "ring_timeout_s": 1,
        "foo": 2,
        "bar": None,
        "on_busy": {"to": ["+33261910123"]},
        "schedule": {"open": [{"days": ["lun"], "from": "25:00", "to": "9"}]},
    }
    expected = {
        "/foo": "unknown_field",
        "/bar": "unknown_field",
        "/to/0": "number_invalid",
        "/ring_timeout_s": "too_small",
        "/schedule/open/0/days/0": "not_allowed",
        "/schedule/open/0/from": "bad_format",
        "/schedule/open/0/to": "bad_format",
    }
    assert pointers(problem(refusing.patch(RULES, patch), 422, "fields_invalid")) == expected


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?dry_run=maybe", {"?dry_run": "wrong_type"}),
        ("?foo=1", {"?foo": "unknown_field"}),
        ("?foo=1&dry_run=maybe", {"?foo": "unknown_field", "?dry_run": "wrong_type"}),
    ],
)
def test_query_and_rule_are_told_together(refusing: V2Api, method: str, query: str, told: dict[str, str]) -> None:
    wrong = {"action": "forward", "to": ["x"], "ring_timeout_s": 1}
    answer = refusing.send(method, RULES + query, json=wrong)
    rule = {"/to/0": "number_invalid", "/ring_timeout_s": "too_small"}
    assert pointers(problem(answer, 422, "fields_invalid")) == told | rule
