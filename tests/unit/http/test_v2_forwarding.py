"""`/v2/numbers/{number}/forwarding`: rules as a whole."""

from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.numbers.number import E164
from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import FOREIGN, KEY, NUMBER, PATH, SECOND
from tests.support.v2_api import V2Api, pointers, problem

RULES = f"/v2/numbers/{NUMBER}/forwarding"
LIMITED = ApiKey("0d0d0d0d0d0d", "d" * 43)
OPERATOR = ApiKey("op_0c0c0c0c0c0c", "o" * 43)


@pytest.fixture
def api() -> V2Api:
    return V2Api()


@pytest.fixture(scope="module")
def refusing() -> V2Api:
    """Lend one API to all tests whose requests are refused, with RULE."""
    api = V2Api()
    put(api, RULE)
    return api


def put(api: V2Api, rule: Any, path: str = RULES, **keywords: Any) -> Any:
    return api.send("PUT", path, json=rule, **keywords)


def test_a_new_number_is_off(api: V2Api) -> None:
    response = api.get(RULES)
    assert response.status_code == 200
    assert response.headers["etag"].startswith('"0-')
    assert response.json() == {
        "action": "off",
        "to": [],
        "ring_timeout_s": 60,
        "on_no_answer": {"action": "release"},
        "on_busy": {"action": "release"},
        "on_unreachable": {"action": "release"},
        "voicemail": {"emails": [], "missed_call_mail": False},
        "schedule": None,
        "callers": {"anonymous": "accept", "block": [], "allow": []},
        "revision": 0,
        "updated_at": None,
        "summary": "Calls are refused.",
    }


def test_a_rule_with_all_options_comes_back_as_it_was_sent(api: V2Api) -> None:
    response = put(api, RULE)
    shown = response.json()
    assert response.status_code == 200
    assert shown["revision"] == 1
    assert response.headers["etag"] == api.get(RULES).headers["etag"]
    assert {name: shown[name] for name in RULE} == RULE
    assert api.get(RULES).json() == shown
    # What was read can be sent back.
    again = put(api, shown)
    assert (again.status_code, again.json()) == (200, shown)


def test_the_rule_again_is_no_change(api: V2Api) -> None:
    put(api, RULE)
    first = api.get(RULES).json()
    api.clock.now += 5000
    response = put(api, RULE, headers={"If-Match": '"1"'})
    assert (response.status_code, response.json()["revision"]) == (200, 1)
    assert response.json()["updated_at"] == first["updated_at"]


def test_the_summary_is_in_the_language_of_the_request(api: V2Api) -> None:
    response = api.get(RULES, headers={"Accept-Language": "fr"})
    assert response.json()["summary"] == "Les appels sont refusés."
    assert (response.headers["content-language"], response.headers["vary"]) == ("fr", "Accept-Language")


def test_versions(api: V2Api) -> None:
    put(api, {"action": "forward", "to": ["+33644630000"]})
    tag = api.get(RULES).headers["etag"]
    assert api.get(RULES, headers={"If-None-Match": tag}).status_code == 304
    off = {"action": "off"}
    problem(put(api, off, headers={"If-Match": '"0"'}), 412, "precondition_failed")
    problem(put(api, off | {"revision": 0}), 412, "precondition_failed")
    for language in ("en", "fr"):
        older = api.patch(RULES, off | {"revision": 0}, headers={"Accept-Language": language})
        # The request has no such header.
        assert "If-Match" not in problem(older, 412, "precondition_failed")["detail"]
    assert api.get(RULES).json()["revision"] == 1
    assert put(api, off | {"revision": 1}, headers={"If-Match": '"1"'}).json()["revision"] == 2


def test_all_wrong_fields_are_told_at_once(api: V2Api) -> None:
    wrong = {
        "action": "forward",
        "ring_timeout_s": True,
        "on_no_answer": {"action": "forward"},
        "on_busy": {"action": "voicemail", "to": ["+33644630000"]},
        "on_unreachable": {"action": "release", "then": "voicemail"},
        "voicemail": {"emails": ["no"], "missed_call_mail": 1},
        "schedule": {
            "time_zone": "Mars/Base",
            "open": [
                {"days": ["mon", "mon"], "from": "9:00", "to": "24:01"},
                {"days": [], "from": "24:00", "to": "24:00"},
                {"days": ["lun"], "from": "09:00", "to": "18:00"},
            ],
            "holidays": "fr",
            "exceptions": [{"from": "2026-02-30", "to": "2026-12-26"}, {"from": "2026-12-24", "to": "2026-12-23"}],
            "closed": {"action": "forward"},
        },
        "callers": {"anonymous": "maybe", "block": ["33162*", "+*"], "allow": [1]},
        "timeout": 5,
    }
    found = pointers(problem(put(api, wrong), 422, "fields_invalid"))
    assert found == {
        "/to": "missing",
        "/ring_timeout_s": "wrong_type",
        "/on_no_answer/to": "missing",
        "/on_busy/to": "not_used",
        "/on_unreachable/then": "not_used",
        "/voicemail/emails/0": "email_invalid",
        "/voicemail/missed_call_mail": "wrong_type",
        "/schedule/time_zone": "time_zone_unknown",
        "/schedule/open/0/days/1": "repeated",
        "/schedule/open/0/from": "bad_format",
        "/schedule/open/0/to": "bad_format",
        "/schedule/open/1/days": "too_short",
        "/schedule/open/1/from": "bad_format",
        "/schedule/open/2/days/0": "not_allowed",
        "/schedule/holidays": "bad_format",
        "/schedule/exceptions/0/from": "bad_format",
        "/schedule/exceptions/1/to": "ends_before_begin",
        "/schedule/closed/to": "missing",
        "/callers/anonymous": "not_allowed",
        "/callers/block/0": "bad_format",
        "/callers/block/1": "bad_format",
        "/callers/allow/0": "wrong_type",
        "/timeout": "unknown_field",
    }
    assert api.get(RULES).json()["revision"] == 0


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        ({}, "/action", "missing"),
        ([], "", "wrong_type"),
        ("off", "", "wrong_type"),
        ({"action": "off", "to": ["+33644630000", "+33644630001"]}, "/to", "too_long"),
        ({"action": "forward", "to": ["0644630000"]}, "/to/0", "number_invalid"),
        ({"action": "forward", "to": ["+33 644630000"]}, "/to/0", "number_invalid"),
        ({"action": "forward", "to": ["+330644630000"]}, "/to/0", "number_invalid"),
        ({"action": "forward", "to": ["+112"]}, "/to/0", "number_invalid"),
        ({"action": "forward", "to": ["+３３644630000"]}, "/to/0", "number_invalid"),
        ({"action": "forward", "to": "+33644630000"}, "/to", "wrong_type"),
        ({"action": "voicemail"}, "/voicemail/emails", "missing"),
        ({"action": "off", "on_busy": {"action": "voicemail"}}, "/voicemail/emails", "missing"),
        ({"action": "off", "callers": {"anonymous": "voicemail"}}, "/voicemail/emails", "missing"),
        ({"action": "off", "voicemail": {"missed_call_mail": True}}, "/voicemail/emails", "missing"),
        ({"action": "off", "ring_timeout_s": 4}, "/ring_timeout_s", "too_small"),
        ({"action": "off", "ring_timeout_s": 171}, "/ring_timeout_s", "too_large"),
        ({"action": "off", "ring_timeout_s": 10**400}, "/ring_timeout_s", "too_large"),
        ({"action": "off", "ring_timeout_s": 25.0}, "/ring_timeout_s", "wrong_type"),
        ({"action": "off", "on_busy": None}, "/on_busy", "wrong_type"),
        (
            {"action": "off", "schedule": {"time_zone": "Europe/Paris", "holidays": "QQ"}},
            "/schedule/holidays",
            "holidays_unknown",
        ),
        (
            {
                "action": "off",
                "schedule": {
                    "time_zone": "Europe/Paris",
                    "exceptions": [
                        {"from": "2026-05-02", "to": "2026-05-03"},
                        {"from": "2026-05-01", "to": "2026-05-02"},
                    ],
                },
            },
            "/schedule/exceptions/0",
            "overlaps",
        ),
        (
            {"action": "voicemail", "voicemail": {"emails": ["a@example.com", "a@EXAMPLE.com"]}},
            "/voicemail/emails/1",
            "repeated",
        ),
    ],
)
def test_wrong_rules(refusing: V2Api, rule: Any, pointer: str, code: str) -> None:
    found = problem(put(refusing, rule), 422, "fields_invalid")
    assert pointers(found) == {pointer: code}
    assert len(found["errors"][0]["detail"]) > 5


def test_targets_are_all_judged_at_once(api: V2Api) -> None:
    assert put(api, {"action": "forward", "to": [NUMBER.value]}, f"/v2/numbers/{SECOND}/forwarding").status_code == 200
    rule = {
        "action": "forward",
        "to": ["+33644630000"],
        "on_no_answer": {"action": "forward", "to": [SECOND.value]},
        "on_busy": {"action": "forward", "to": ["+33899701234"]},
        "on_unreachable": {"action": "forward", "to": [NUMBER.value]},
        "schedule": {"time_zone": "Europe/Paris", "closed": {"action": "forward", "to": ["+881612345678"]}},
    }
    found = problem(put(api, rule), 409, "forwarding_would_loop")
    assert pointers(found) == {
        "/on_no_answer/to/0": "would_loop",
        "/on_busy/to/0": "destination_refused",
        "/on_unreachable/to/0": "would_loop",
        "/schedule/closed/to/0": "destination_refused",
    }
    assert found["v1_code"] == 101
    del rule["on_no_answer"], rule["on_unreachable"]
    found = problem(put(api, rule), 422, "destination_not_allowed")
    assert (found["v1_code"], len(found["errors"])) == (102, 2)


def test_a_fallback_that_would_loop_once_the_rule_forwards_is_refused_while_it_does_not(api: V2Api) -> None:
    off = {"action": "off", "on_busy": {"action": "forward", "to": [SECOND.value]}}
    assert put(api, off).status_code == 200
    back = {"action": "forward", "to": [NUMBER.value]}
    problem(put(api, back, f"/v2/numbers/{SECOND}/forwarding"), 409, "forwarding_would_loop")


def test_numbers_of_others_are_unknown(api: V2Api) -> None:
    for number in (FOREIGN, E164("+33199009999"), "nonsense"):
        path = f"/v2/numbers/{number}/forwarding"
        problem(api.get(path), 404, "number_unknown")
        problem(put(api, {"action": "off"}, path), 404, "number_unknown")
        problem(api.patch(path, {"action": "off"}), 404, "number_unknown")


def test_a_key_that_is_limited_to_other_numbers_finds_none(api: V2Api) -> None:
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", numbers=frozenset({SECOND}))
    api.write(lambda writer: writer.add_key(record))
    problem(api.get(RULES, key=LIMITED), 404, "number_unknown")
    problem(put(api, {"action": "off"}, key=LIMITED), 404, "number_unknown")
    assert put(api, {"action": "off"}, f"/v2/numbers/{SECOND}/forwarding", key=LIMITED).status_code == 200


def test_an_operator_changes_any_rule_by_the_policy_of_its_account(api: V2Api) -> None:
    api.add_key(OPERATOR)
    forward = {"action": "forward", "to": ["+33644630000"]}
    for path in (RULES, f"{RULES}?account=acc_1", f"/v2/numbers/{FOREIGN}/forwarding"):
        assert put(api, forward, path, key=OPERATOR).status_code == 200
    problem(put(api, forward, f"{RULES}?account=acc_2", key=OPERATOR), 404, "number_unknown")
    problem(put(api, forward, "/v2/numbers/+33199009999/forwarding", key=OPERATOR), 404, "number_unknown")


def test_inactive_numbers_and_those_without_the_option_are_refused(api: V2Api) -> None:
    api.write(lambda writer: writer.set_number_state(NUMBER, active=False))
    found = problem(put(api, {"action": "off"}), 409, "number_inactive")
    assert found["v1_code"] == 15
    api.write(lambda writer: writer.set_number_state(NUMBER, forwarding_enabled=False))
    assert problem(put(api, {"action": "off"}), 409, "forwarding_not_enabled")["v1_code"] == 14


def test_what_is_known_is_never_an_older_sentence_or_one_in_another_language(api: V2Api) -> None:
    put(api, RULE)
    english = api.get(RULES, headers={"Accept-Language": "en"})
    known = {"If-None-Match": english.headers["etag"]}
    assert api.get(RULES, headers=known | {"Accept-Language": "en"}).status_code == 304
    french = api.get(RULES, headers=known | {"Accept-Language": "fr"})
    assert (french.status_code, french.headers["content-language"]) == (200, "fr")
    api.clock.now += 44 * 3600 * 1000
    later = api.get(RULES, headers=known | {"Accept-Language": "en"})
    assert later.status_code == 200
    assert later.json()["summary"] != english.json()["summary"]
    assert later.headers["etag"] != english.headers["etag"]


def test_if_match_compares_revisions_whatever_was_shown_of_them(api: V2Api) -> None:
    put(api, RULE)
    tags = [api.get(RULES, headers={"Accept-Language": each}).headers["etag"] for each in ("en", "fr")]
    assert tags[0] != tags[1]
    api.clock.now += 44 * 3600 * 1000
    for seconds, tag in enumerate([*tags, '"1"', '"9", ' + tags[0]], 10):
        body = {"ring_timeout_s": seconds}
        assert api.patch(f"{RULES}?dry_run=true", body, headers={"If-Match": tag}).status_code == 200, tag
    assert api.patch(RULES, {"ring_timeout_s": 9}, headers={"If-Match": tags[1]}).json()["revision"] == 2
    # Weak ones never match (RFC 9110 §8.8.3.2), nor what is not a tag of a rule.
    now = api.get(RULES).headers["etag"]
    for tag in (tags[0], f"W/{now}", '"2-"', '"2-x"', '"12"', '"-2"', now[:-1] + '0"'):
        problem(api.patch(RULES, {"ring_timeout_s": 8}, headers={"If-Match": tag}), 412, "precondition_failed")


def test_put_takes_json_alone(api: V2Api) -> None:
    patch = api.send(
        "PUT", RULES, content=b'{"action":"off"}', headers={"Content-Type": "application/merge-patch+json"}
    )
    problem(patch, 415, "content_type_unknown")
    problem(api.send("PUT", RULES), 422, "fields_invalid")
    problem(api.send("PATCH", RULES), 422, "fields_invalid")


@pytest.mark.parametrize(
    ("kind", "param", "expected"),
    [
        (0, "", {"action": "off"}),
        (1, "+33611223344", {"to": ["+33611223344"]}),
        (
            2,
            "new@example.com",
            {"action": "voicemail", "voicemail": {"emails": ["new@example.com"], "missed_call_mail": True}},
        ),
    ],
)
def test_v1_leaves_what_it_has_no_word_for(api: V2Api, kind: int, param: str, expected: Any) -> None:
    put(api, RULE)
    body = {"apiKey": KEY.reveal(), "number": NUMBER.value, "type": kind, "param": param}
    assert api.request("POST", PATH, json=body).json()["success"] is True
    shown = api.get(RULES).json()
    assert {name: shown[name] for name in RULE} == RULE | expected
    assert shown["revision"] == 2


def test_a_request_sent_again_is_made_once(api: V2Api) -> None:
    named = {"Idempotency-Key": "one"}
    first = put(api, RULE, headers=named)
    again = put(api, RULE, headers=named)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert api.get(RULES).json()["revision"] == 1


WRONG = {"time_zone": "Europe/Paris", "holidays": "QQ"}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("more", "others"),
    [
        ({"ring_timeout_s": 4}, {"/ring_timeout_s": "too_small"}),
        ({"colour": "red"}, {"/colour": "unknown_field"}),
        ({"to": [NUMBER.value]}, {"/to/0": "would_loop"}),
        ({"to": ["+88213000000"]}, {"/to/0": "destination_refused"}),
        ({"to": []}, {"/to": "missing"}),
        ({"schedule": {"holidays": "QQ", "time_zone": "Mars"}}, {"/schedule/time_zone": "time_zone_unknown"}),
    ],
)
def test_holidays_that_nobody_knows_are_told_with_all_else(
    api: V2Api, method: str, more: dict[str, Any], others: dict[str, str]
) -> None:
    """Whether they are known is looked up, which nothing else of a rule is: it must not hide them, nor they it."""
    rule = {"action": "forward", "to": ["+33644630000"], "schedule": WRONG} | more
    for query in ("", "?dry_run=true"):
        found = problem(api.send(method, RULES + query, json=rule), 422, "fields_invalid")
        assert pointers(found) == others | {"/schedule/holidays": "holidays_unknown"}
    known = rule | {"schedule": rule["schedule"] | {"holidays": "FR"}}
    assert "/schedule/holidays" not in pointers(api.send(method, RULES, json=known).json())
