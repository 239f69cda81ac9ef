"""Policies, limits and rates by `/v2/admin`."""

from typing import Any

import pytest

from renvoi.domain.calls.usage import Usage, day_of
from tests.support.v2_api import pointers, problem
from tests.unit.http.admin.test_accounts import api, send

__all__ = ["api"]
ACCOUNT = "/accounts/acc_1"


def test_a_policy_is_changed_in_parts_with_who_did_it(api: Any) -> None:
    first = send(api, "GET", f"{ACCOUNT}/policy")
    assert first.json()["countries"] is None
    changed = send(api, "PATCH", f"{ACCOUNT}/policy", {"countries": ["BE", "FR"], "allowed_prefixes": ["33800"]})
    assert changed.json() == first.json() | {"countries": ["BE", "FR"], "allowed_prefixes": ["33800"]}
    stale = send(api, "PATCH", f"{ACCOUNT}/policy", {"eea": True}, headers={"If-Match": first.headers["etag"]})
    problem(stale, 412, "precondition_failed")
    back = send(api, "PATCH", f"{ACCOUNT}/policy", {"countries": None, "refused_types": []})
    assert (back.json()["countries"], back.json()["refused_types"]) == (None, [])
    send(api, "PATCH", f"{ACCOUNT}/limits", {"number": {"calls": 2}})
    page = send(api, "GET", f"{ACCOUNT}/policy/history?limit=2").json()
    assert [each["after"]["countries"] for each in page["data"]] == [None, None]
    assert page["data"][0]["limits_after"]["number"]["calls"] == 2
    assert page["data"][0]["key"] == "key_op_0c0c0c0c0c0c"
    (last,) = send(api, "GET", f"{ACCOUNT}/policy/history?limit=2&cursor={page['next_cursor']}").json()["data"]
    assert (last["before"]["countries"], last["after"]["countries"]) == (None, ["BE", "FR"])


@pytest.mark.parametrize(
    ("part", "body", "wrong"),
    [
        (
            "policy",
            {"countries": ["XX"], "refused_types": ["x"]},
            {"/countries": "refused", "/refused_types": "refused"},
        ),
        ("policy", {"allowed_prefixes": ["0"], "eea": 1}, {"/eea": "wrong_type"}),
        ("policy", {"refused_prefixes": [str(n) for n in range(101)]}, {"/refused_prefixes": "too_long"}),
        (
            "limits",
            {"account": {"calls": -1}, "target": {"minutes_per_day": 1}},
            {"/account/calls": "too_small", "/target/minutes_per_day": "unknown_field"},
        ),
        ("limits", {"account": {"spend_per_day": "1.1234567"}}, {"/account/spend_per_day": "bad_format"}),
        ("limits", {"account": {"spend_per_day": "9999999999"}}, {"/account/spend_per_day": "too_large"}),
        ("limits", {"number": {"calls": True}}, {"/number/calls": "wrong_type"}),
    ],
)
def test_wrong_values_are_named(api: Any, part: str, body: Any, wrong: dict[str, str]) -> None:
    assert pointers(problem(send(api, "PATCH", f"{ACCOUNT}/{part}", body), 422, "fields_invalid")) == wrong


def test_limits_are_changed_in_parts(api: Any) -> None:
    send(api, "PATCH", f"{ACCOUNT}/limits", {"account": {"calls": 5, "spend_per_day": "25.50"}})
    changed = send(
        api, "PATCH", f"{ACCOUNT}/limits", {"account": {"calls": 0}, "target": {"calls_per_minute": 3}}
    ).json()
    assert changed["account"] == {"calls": 0, "calls_per_minute": 0, "minutes_per_day": 0, "spend_per_day": "25.5"}
    assert changed["target"] == {"calls": 0, "calls_per_minute": 3}
    assert send(api, "GET", f"{ACCOUNT}/limits").json() == changed
    assert send(api, "DELETE", "/accounts/acc_2").status_code == 200
    problem(send(api, "PATCH", "/accounts/acc_2/limits", {"account": {"calls": 1}}), 409, "account_closed")
    problem(send(api, "GET", "/accounts/acc_7/limits"), 404, "account_unknown")


def test_what_is_used_up_meanwhile_is_no_change_of_the_limits(api: Any) -> None:
    """It is shown, so 304 must not hide it; whoever sets limits has not looked at another version of them."""
    first = send(api, "GET", f"{ACCOUNT}/limits")
    tag = first.headers["etag"]
    assert send(api, "GET", f"{ACCOUNT}/limits", headers={"If-None-Match": tag}).status_code == 304
    today = day_of(api.clock.now_ms())
    api.write(lambda writer: writer.add_usages({("a1", today): Usage(ms=90_000)}))
    later = send(api, "GET", f"{ACCOUNT}/limits", headers={"If-None-Match": tag})
    assert (later.status_code, later.json()["used_today"]["minutes"]) == (200, 1.5)
    changed = send(api, "PATCH", f"{ACCOUNT}/limits", {"number": {"calls": 2}}, headers={"If-Match": tag})
    assert changed.status_code == 200
    stale = send(api, "PATCH", f"{ACCOUNT}/limits", {"number": {"calls": 3}}, headers={"If-Match": tag})
    problem(stale, 412, "precondition_failed")
    for named in (changed.headers["etag"], stale.headers["etag"]):
        again = send(api, "PATCH", f"{ACCOUNT}/limits", {"number": {"calls": 2}}, headers={"If-Match": named})
        assert again.status_code == 200


def test_a_table_of_rates_is_replaced_only_at_the_version_that_was_read(api: Any) -> None:
    def put(price: str, tag: str) -> Any:
        headers = {"Content-Type": "text/csv", "If-Match": tag}
        return send(api, "PUT", "/rates", content=f"prefix,price,currency\n33,{price},EUR\n".encode(), headers=headers)

    none = send(api, "GET", "/rates").headers["etag"]
    first = put("0.01", none)
    assert send(api, "GET", "/rates?limit=1").headers["etag"] == first.headers["etag"]
    problem(put("0.02", none), 412, "precondition_failed")
    assert put("0.03", first.headers["etag"]).status_code == 200
    assert "etag" not in send(api, "GET", "/rates?to=%2B33199001234").headers


def test_rates_are_replaced_as_a_whole(api: Any) -> None:
    def put(text: str) -> Any:
        return send(api, "PUT", "/rates", content=text.encode(), headers={"Content-Type": "text/csv"})

    lines = "".join(f"{n},0.01,EUR\n" for n in range(3300, 3350))
    assert put(f"prefix,price,currency\n{lines}").json() == {"rates": 50}
    page = send(api, "GET", "/rates?limit=30").json()
    rest = send(api, "GET", f"/rates?limit=30&cursor={page['next_cursor']}").json()
    assert [each["prefix"] for each in (*page["data"], *rest["data"])] == [str(n) for n in range(3300, 3350)]
    assert rest["next_cursor"] is None
    (one,) = send(api, "GET", "/rates?to=%2B33199001234").json()["data"]
    assert one == {"prefix": "3319", "price": "0.01", "currency": "EUR"}
    wrong = put("prefix,price,currency\n33,0.01,EUR\nx,1,EUR\n33,y,USD\n")
    assert pointers(problem(wrong, 422, "fields_invalid")) == {"/3": "refused", "/4": "refused"}
    assert pointers(problem(put("a,b\n"), 422, "fields_invalid")) == {"/1": "refused"}
    assert len(send(api, "GET", "/rates?limit=200").json()["data"]) == 50


@pytest.mark.parametrize("part", ["policy", "limits", "policy/history"])
def test_what_a_closed_account_had_is_read(api: Any, part: str) -> None:
    before = send(api, "GET", f"{ACCOUNT}/{part}").json()
    assert send(api, "DELETE", ACCOUNT).status_code == 200
    assert send(api, "GET", f"{ACCOUNT}/{part}").json() == before


def test_a_prefix_is_not_allowed_and_refused_whichever_of_them_is_there(api: Any) -> None:
    both = send(api, "PATCH", f"{ACCOUNT}/policy", {"allowed_prefixes": ["3389"], "refused_prefixes": ["3389"]})
    told = {"/allowed_prefixes": "refused", "/refused_prefixes": "refused"}
    assert pointers(problem(both, 422, "fields_invalid")) == told
    assert send(api, "PATCH", f"{ACCOUNT}/policy", {"allowed_prefixes": ["3389"]}).status_code == 200
    beside = send(api, "PATCH", f"{ACCOUNT}/policy", {"refused_prefixes": ["3389"]})
    assert pointers(problem(beside, 422, "fields_invalid")) == {"/refused_prefixes": "refused"}
    assert send(api, "GET", f"{ACCOUNT}/policy").json()["refused_prefixes"] == []
