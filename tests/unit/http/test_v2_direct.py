"""Handlers that are called directly: as FastAPI would, where it has nothing to do."""

from dataclasses import fields
from typing import Any

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Callers
from renvoi.domain.rules.rule import TO_VOICEMAIL, Fallbacks, Rule, RuleType
from renvoi.http.v2.direct import direct_of
from renvoi.http.v2.forwarding import RULE
from renvoi.http.v2.rule_reading import read_rule, rule_of
from tests.support.v2_api import V2Api, pointers, problem
from tests.support.v2_rules import RULES
from tests.unit.http.test_v2_openapi import OPERATIONS


def test_the_rule_is_set_directly_and_what_fastapi_checks_is_not() -> None:
    direct = {name for name, route in OPERATIONS.items() if direct_of(route) is not None}
    assert {"forwarding.get", "forwarding.replace", "forwarding.update"} <= direct
    # Bodies that pydantic checks, pages, and answers that it makes.
    assert direct.isdisjoint({"forwarding.batch", "forwarding.undo", "forwarding.history", "numbers.list"})


@pytest.mark.parametrize("query", ["", "?dry_run=false"])
def test_both_ways_answer_alike(query: str) -> None:
    api = V2Api()
    response = api.send("PUT", RULES + query, json=RULE)
    assert (response.status_code, response.json()["revision"]) == (200, 1)
    assert pointers(problem(api.send("PUT", RULES + query), 422, "fields_invalid")) == {"": "missing"}
    problem(api.send("PUT", f"/v2/numbers/nonsense/forwarding{query}", json=RULE), 404, "number_unknown")
    problem(api.send("PUT", RULES + query, json=RULE, key=None), 401, "key_required")
    problem(api.send("POST", RULES + query, json=RULE), 405, "method_not_allowed")
    problem(api.send("PUT", RULES + query, json=RULE, headers={"If-Match": "x"}), 400, "header_malformed")


def test_each_field_of_a_rule_makes_it_another() -> None:
    email = EmailAddress("owner@example.com")
    rule = Rule(RuleType.FORWARD, E164("+33644630000"), (email,))
    whole = rule_of(read_rule(RULE))
    others: dict[str, Any] = {each.name: getattr(whole, each.name) for each in fields(Rule)}
    others |= {"type": RuleType.VOICEMAIL, "target": E164("+33644630001"), "fallbacks": Fallbacks(TO_VOICEMAIL)}
    others |= {"callers": Callers(block=("+33162*",))}
    for name in others:
        given = {each.name: getattr(rule, each.name) for each in fields(Rule)} | {name: others[name]}
        other = Rule(**given)
        assert other.asks_all_the_same(rule, other.schedule) is (name == "revision"), name
