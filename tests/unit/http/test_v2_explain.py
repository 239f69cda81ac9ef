"""`/v2/numbers/{number}/explain`."""

from typing import Any

import pytest

from renvoi.domain.rules.rule import Rule
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import FOREIGN, NUMBER, SECOND, START_MS
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem
from tests.support.v2_rules import RULES, put_rules

CALLER = "%2B33611223344"
OPEN, CLOSED = "2026-12-01T10:00:00Z", "2026-12-01T20:00:00%2B01:00"


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def explain(api: V2Api, query: str = f"from={CALLER}&at={OPEN}", number: object = NUMBER, **keywords: Any) -> Any:
    return api.get(f"/v2/numbers/{number}/explain?{query}", **keywords)


def test_a_call_goes_to_each_trunk_with_its_headers(api: V2Api) -> None:
    put_rules(api, RULE)
    api.write(lambda writer: writer.add_trunk(OutboundTrunk("carrier", "sip:192.0.2.9:5060")))
    shown = explain(api).json()
    assert (shown["decision"], shown["target"], shown["via"]) == ("forward", "+33644630000", [NUMBER.value])
    (trunk,) = shown["trunks"]
    assert trunk["trunk"] == "carrier"
    assert trunk["request_uri"].startswith("sip:+33644630000@")
    headers = {each["name"]: each["value"] for each in trunk["headers"]}
    assert NUMBER.value in headers["Diversion"]
    assert "+33644630000" in headers["History-Info"]


@pytest.mark.parametrize(
    ("query", "decision", "reason", "last"),
    [
        (f"from={CALLER}&at={OPEN}", "forward", None, ("destination", "allowed", True)),
        (f"from={CALLER}&at={CLOSED}", "voicemail", None, ("schedule", "closed: voicemail", True)),
        (f"from=%2B33162000000&at={OPEN}", "reject", "blocked", ("caller", "blocked", False)),
        (f"at={OPEN}", "forward", None, ("destination", "allowed", True)),
    ],
)
def test_decisions_with_their_checks(
    api: V2Api, query: str, decision: str, reason: str | None, last: tuple[str, str, bool]
) -> None:
    put_rules(api, RULE)
    shown = explain(api, query).json()
    assert (shown["decision"], shown["reason"]) == (decision, reason)
    check = shown["checks"][-1]
    assert (check["check"], check["verdict"], check["passed"]) == last


def test_the_sentence_is_in_the_language_of_the_request(api: V2Api) -> None:
    response = explain(api, headers={"Accept-Language": "fr"})
    assert response.json()["summary"] == "L’appel est refusé\u00a0: sa règle est désactivée."
    assert response.headers["content-language"] == "fr"


def test_the_rule_of_another_account_does_not_show(api: V2Api) -> None:
    target = "+33655443322"
    api.write(lambda writer: writer.put_rule(FOREIGN, Rule.forward(type(FOREIGN)(target)), START_MS))
    put_rules(api, {"action": "forward", "to": [SECOND.value]})
    put_rules(api, {"action": "forward", "to": [FOREIGN.value]}, number=SECOND)
    response = explain(api)
    assert (response.json()["target"], response.json()["via"]) == (FOREIGN.value, [NUMBER.value, SECOND.value])
    assert target not in response.text
    api.add_key(OPERATOR_KEY)
    assert explain(api, key=OPERATOR_KEY).json()["target"] == target


def test_wrong_questions(api: V2Api) -> None:
    problem(explain(api, number=FOREIGN), 404, "number_unknown")
    problem(explain(api, number="+33199009999"), 404, "number_unknown")
    assert pointers(problem(explain(api, "at=tomorrow"), 422, "fields_invalid")) == {"?at": "bad_format"}
    assert pointers(problem(explain(api, "when=now"), 422, "fields_invalid")) == {"?when": "unknown_field"}
    assert explain(api, "at=9999-01-01T00:00:00Z").status_code == 200
    assert explain(api, "at=1970-01-01T00:00:00Z&from=%F0%9F%98%80").json()["reason"] == "disabled"
    assert api.get(RULES).json()["revision"] == 0
