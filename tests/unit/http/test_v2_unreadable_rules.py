"""A number whose rule cannot be read: what needs the rule says so, what only names the number works."""

from typing import Any

import pytest

from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.unreadable_rows import listed
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Unreadable
from tests.support.http_api import FOREIGN, NUMBER, SECOND
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem

A, B = NUMBER.value, SECOND.value
OFF = {"action": "off", "ring_timeout_s": 20}
TO_A = {"action": "forward", "to": [A]}
BATCH = "/v2/forwarding:batch"


@pytest.fixture
def api() -> V2Api:
    api = V2Api()
    api.write(lambda writer: writer.make_unreadable(NUMBER, Unreadable.DAMAGED))
    return api


def ask(api: V2Api, method: str, path: str, body: Any = None, number: str = A, **keywords: Any) -> Any:
    content = {} if body is None else {"json": body}
    return api.send(method, f"/v2/numbers/{number}{path}", **content, **keywords)


NEEDING = (
    ("GET", "/forwarding", None),
    ("PUT", "/forwarding", OFF),
    ("PUT", "/forwarding?dry_run=true", OFF),
    ("PATCH", "/forwarding", {"ring_timeout_s": 20}),
    ("GET", "/forwarding/history", None),
    ("POST", "/forwarding/undo", {"revision": 0}),
    ("GET", "/explain?from=%2B33612345678", None),
    ("PATCH", "", {"label": "x"}),
    ("GET", "/greeting", None),
)


@pytest.mark.parametrize(("method", "path", "body"), NEEDING)
def test_what_needs_the_rule_says_what_is_wrong_and_what_to_do(api: V2Api, method: str, path: str, body: Any) -> None:
    answer = ask(api, method, path, body)
    found = problem(answer, 409, "rule_unreadable")
    assert A in found["detail"]
    assert "restores a backup, or removes the number and adds it again" in found["detail"]
    # That would have a client ask for ever.
    assert "retry-after" not in answer.headers


def test_it_is_said_in_french_and_of_a_newer_rule(api: V2Api) -> None:
    api.write(lambda writer: writer.make_unreadable(NUMBER, Unreadable.NEWER))
    found = problem(ask(api, "GET", "/forwarding", headers={"Accept-Language": "fr"}), 409, "rule_unreadable")
    assert "un renvoi plus récent l’a écrite" in found["detail"]


@pytest.mark.parametrize(("method", "path", "body"), NEEDING)
def test_nobody_else_is_told_that_there_is_such_a_number(api: V2Api, method: str, path: str, body: Any) -> None:
    api.write(lambda writer: writer.make_unreadable(FOREIGN, Unreadable.DAMAGED))
    problem(ask(api, method, path, body, FOREIGN.value), 404, "number_unknown")


def test_a_batch_refuses_it_alone(api: V2Api) -> None:
    changes = [{"number": A, "forwarding": OFF}, {"number": B, "forwarding": OFF}]
    for query in ("?dry_run=true", ""):
        answer = api.send("POST", BATCH + query, json={"atomic": False, "changes": changes})
        assert answer.status_code == 200, answer.text
        first, second = answer.json()["results"]
        assert (first["status"], first["problem"]["code"], second["status"]) == (
            "refused",
            "rule_unreadable",
            "changed",
        )
        assert A in first["problem"]["detail"]


def test_all_or_nothing_names_it(api: V2Api) -> None:
    changes = [{"number": B, "forwarding": OFF}, {"number": A, "forwarding": OFF}]
    found = problem(api.send("POST", BATCH, json={"atomic": True, "changes": changes}), 422, "batch_refused")
    assert set(pointers(found)) == {"/changes/1"}
    assert A in found["errors"][0]["detail"]
    assert ask(api, "GET", "/forwarding", number=B).json()["revision"] == 0


def test_another_number_forwards_to_it(api: V2Api) -> None:
    for query in ("?dry_run=true", ""):
        assert ask(api, "PUT", f"/forwarding{query}", TO_A, B).status_code == 200
    changes = [{"number": B, "forwarding": TO_A | {"ring_timeout_s": 21}}]
    for atomic in (True, False):
        answer = api.send("POST", BATCH, json={"atomic": atomic, "changes": changes})
        assert answer.json()["refused"] == 0
    problem(ask(api, "GET", "/explain?from=%2B33612345678", number=B), 409, "rule_unreadable")


def test_a_key_is_limited_to_it_and_a_webhook_hears_of_it(api: V2Api) -> None:
    body: dict[str, Any] = {"label": "x", "scopes": ["calls:read"], "numbers": [A]}
    assert api.send("POST", "/v2/keys", json=body).status_code == 201
    hook = {"url": "https://example.com/hook", "numbers": [A]}
    assert api.send("POST", "/v2/webhooks", json=hook).status_code == 201


def test_an_operator_is_told_too(api: V2Api) -> None:
    api.add_key(OPERATOR_KEY)
    changed = api.patch(f"/v2/admin/numbers/{A}", {"label": "x"}, key=OPERATOR_KEY)
    problem(changed, 409, "rule_unreadable")
    problem(ask(api, "PUT", "/forwarding", OFF, key=OPERATOR_KEY), 409, "rule_unreadable")


def test_what_is_no_number_is_not_taken_for_one() -> None:
    def find(number: E164) -> NumberRecord | None:
        raise NotUnderstood(f"the policy of the account of {number} cannot be read")

    with pytest.raises(NotUnderstood):
        listed(find, NUMBER)
