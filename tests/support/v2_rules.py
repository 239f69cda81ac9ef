"""Rules of numbers, set by `/v2`, and the states of them that its examples are sent in."""

from collections.abc import Callable, Mapping
from typing import Any

from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import NUMBER
from tests.support.v2_api import V2Api

RULES = f"/v2/numbers/{NUMBER}/forwarding"


def put_rules(api: V2Api, *rules: dict[str, Any], number: object = NUMBER) -> None:
    """Give a number these rules, one after another."""
    for rule in rules:
        response = api.send("PUT", f"/v2/numbers/{number}/forwarding", json=rule)
        assert response.status_code == 200, response.text


def _put(*rules: dict[str, Any]) -> Callable[[V2Api], None]:
    return lambda api: put_rules(api, *rules)


GIVEN: Mapping[str, Callable[[V2Api], None]] = {
    "a number with a rule": _put(RULE),
    "a number with another timeout": _put(RULE | {"ring_timeout_s": 40}),
    "a number whose rule was changed": _put(RULE, {"action": "off"}),
}
