"""Policies and trunks that cannot be read: what needs them says so, lists have them, and others take their place."""

from typing import Any

import pytest

from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.http_api import FOREIGN, NUMBER, SECOND
from tests.support.v2_api import OPERATOR_KEY, V2Api, problem

A, B = NUMBER.value, SECOND.value
POLICY, LIMITS = "/v2/admin/accounts/acc_1/policy", "/v2/admin/accounts/acc_1/limits"
FORWARD = {"action": "forward", "to": ["+33644630000"]}
OFF = {"action": "off", "ring_timeout_s": 20}
BATCH = "/v2/forwarding:batch"


@pytest.fixture
def api() -> V2Api:
    api = V2Api()
    api.add_key(OPERATOR_KEY)
    api.write(lambda writer: writer.make_policy_unreadable(1, Unreadable.DAMAGED))
    return api


def as_operator(api: V2Api, method: str, path: str, body: Any = None) -> Any:
    return api.send(method, path, key=OPERATOR_KEY, **({} if body is None else {"json": body}))


def put(api: V2Api, body: Any, query: str = "", **keywords: Any) -> Any:
    return api.send("PUT", f"/v2/numbers/{A}/forwarding{query}", json=body, **keywords)


def test_a_target_needs_the_policy(api: V2Api) -> None:
    for query in ("", "?dry_run=true"):
        answer = put(api, FORWARD, query)
        found = problem(answer, 409, "policy_unreadable")
        assert "acc_1: it is damaged, and calls are refused until the operator sets another one" in found["detail"]
        # That would have a client ask for ever.
        assert "retry-after" not in answer.headers
        found = problem(put(api, FORWARD, query, headers={"Accept-Language": "fr"}), 409, "policy_unreadable")
        assert "elles sont endommagées" in found["detail"]


def test_what_has_no_target_does_not(api: V2Api) -> None:
    for query in ("?dry_run=true", ""):
        assert put(api, OFF, query).status_code == 200
    for action in ({"action": "voicemail", "voicemail": {"emails": ["owner@example.com"]}}, OFF):
        assert put(api, action).status_code == 200


def test_a_batch_refuses_targets_alone(api: V2Api) -> None:
    changes = [{"number": A, "forwarding": FORWARD}, {"number": B, "forwarding": OFF}]
    for query in ("?dry_run=true", ""):
        answer = api.send("POST", BATCH + query, json={"atomic": False, "changes": changes})
        assert answer.status_code == 200, answer.text
        first, second = answer.json()["results"]
        assert (first["problem"]["code"], second["status"]) == ("policy_unreadable", "changed")
    for query in ("?dry_run=true", ""):
        atomic = {"atomic": True, "changes": changes}
        problem(api.send("POST", BATCH + query, json=atomic), 409, "policy_unreadable")
        switched = {"atomic": True, "changes": [{"number": B, "forwarding": {"action": "off", "ring_timeout_s": 21}}]}
        assert api.send("POST", BATCH + query, json=switched).status_code == 200


def test_v1_allows_no_target(api: V2Api) -> None:
    refused = api.post({"type": "1", "param": "+33644630000"})
    assert (refused.status_code, refused.json()["code"]) == (403, 102)
    assert api.post({"type": "2", "param": "owner@example.com"}).json()["code"] == 4
    assert api.post({"type": "0"}).json()["code"] == 2


def test_operators_are_told_and_set_another_one(api: V2Api) -> None:
    for path in (POLICY, LIMITS):
        problem(as_operator(api, "GET", path), 409, "policy_unreadable")
    changed = as_operator(api, "PATCH", POLICY, {"countries": ["FR", "BE"]})
    assert changed.json()["countries"] == ["BE", "FR"]
    assert as_operator(api, "GET", POLICY).json()["refused_types"]
    (entry,) = as_operator(api, "GET", POLICY + "/history").json()["data"]
    assert (entry["before"]["countries"], entry["after"]["countries"]) == ([], ["BE", "FR"])
    assert put(api, FORWARD).status_code == 200


def test_limits_take_its_place_as_well(api: V2Api) -> None:
    changed = as_operator(api, "PATCH", LIMITS, {"account": {"calls": 3}})
    assert changed.json()["account"]["calls"] == 3
    assert as_operator(api, "GET", POLICY).json()["countries"] is None


def test_nothing_takes_the_place_of_a_newer_one(api: V2Api) -> None:
    api.write(lambda writer: writer.make_policy_unreadable(1, Unreadable.NEWER))
    for path, body in ((POLICY, {"eea": True}), (LIMITS, {"account": {"calls": 3}})):
        found = problem(as_operator(api, "PATCH", path, body), 409, "policy_unreadable")
        assert "a newer renvoi wrote it" in found["detail"]


@pytest.mark.parametrize("why", Unreadable)
def test_a_trunk_that_cannot_be_read_is_listed_and_removed(api: V2Api, why: Unreadable) -> None:
    networks = (parse_network("192.0.2.0/24"),)
    api.write(lambda writer: writer.add_trunk(InboundTrunk("whole", networks, "FR")))
    api.write(lambda writer: writer.add_trunk(OutboundTrunk("broken", "sip:sip.example.com", region="FR")))
    api.write(lambda writer: writer.make_trunk_unreadable("broken", why))
    trunks = "/v2/admin/trunks"
    broken, whole = as_operator(api, "GET", trunks).json()["data"]
    text = broken.pop("text")
    assert "Trunk broken: " in text
    nothing = dict.fromkeys(("region", "inbound", "outbound", "state"))
    assert broken == {"name": "broken", **nothing, "unreadable": why}
    assert (whole["name"], whole["region"], whole["unreadable"]) == ("whole", "FR", None)
    assert as_operator(api, "GET", trunks + "/whole").json()["unreadable"] is None
    patch, new = {"inbound": {"nat": True}}, {"name": "third", "outbound": {"uri": "sip:192.0.2.7"}}
    for method, path, body in (
        ("GET", trunks + "/broken", None),
        ("PATCH", trunks + "/broken", patch),
        ("POST", trunks + "/broken/test", None),
        # It is not left out of what depends on all of them.
        ("PATCH", trunks + "/whole", patch),
        ("POST", trunks, new),
    ):
        assert "broken" in problem(as_operator(api, method, path, body), 409, "trunk_unreadable")["detail"]
    stale = api.send("DELETE", trunks + "/broken", key=OPERATOR_KEY, headers={"If-Match": '"0123456789abcdef0123"'})
    problem(stale, 412, "precondition_failed")
    assert as_operator(api, "DELETE", trunks + "/broken").status_code == 204
    assert as_operator(api, "POST", trunks, new).status_code == 201


@pytest.mark.parametrize("why", [None, *Unreadable])
def test_v1_answers_alike_of_all_numbers_of_others(api: V2Api, why: Unreadable | None) -> None:
    """Whether their rules can be read or not; and as of numbers that there are not."""
    if why is not None:
        api.write(lambda writer: writer.make_unreadable(FOREIGN, why))
    answers = set()
    for number in (FOREIGN.value, "+33199009999"):
        for body in ({"type": "0"}, {"type": "1", "param": A}, {"type": "2", "param": "owner@example.com"}):
            answer = api.post({"number": number, **body})
            answers.add((answer.status_code, answer.content, answer.headers.get("retry-after")))
    ((status, content, retry),) = answers
    assert (status, retry) == (404, None)
    assert b'"code":13' in content
