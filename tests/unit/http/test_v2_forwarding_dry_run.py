"""`?dry_run=true` at `/v2/numbers/{number}/forwarding`: what a rule would come to, and what is hardly wanted of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from renvoi.http.deps import Condition, PartState
from renvoi.http.v2.forwarding import RULE
from tests.support.http_api import FOREIGN, NUMBER, SECOND
from tests.support.v2_api import V2Api, problem

RULES = f"/v2/numbers/{NUMBER}/forwarding"
PARIS = {"time_zone": "Europe/Paris"}


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def dry_run(api: V2Api, rule: Any, **keywords: Any) -> Any:
    return api.send("PUT", f"{RULES}?dry_run=true", json=rule, **keywords)


def test_a_dry_run_stores_nothing(api: V2Api) -> None:
    response = dry_run(api, RULE)
    assert response.status_code == 200
    assert response.json()["revision"] == 1
    assert api.get(RULES).json()["revision"] == 0
    problem(dry_run(api, {"action": "forward", "to": [NUMBER.value]}), 409, "forwarding_would_loop")


def test_a_dry_run_warns_of_what_is_hardly_wanted(api: V2Api) -> None:
    rule = {
        "action": "forward",
        "to": [SECOND.value],
        "on_busy": {"action": "forward", "to": [SECOND.value]},
        "on_no_answer": {"action": "forward", "to": [FOREIGN.value]},
        "schedule": PARIS | {"closed": {"action": "off"}},
        "callers": {"block": ["+33162*", "+44*"], "allow": ["+33*", "+49*"]},
    }
    found = dry_run(api, rule, headers={"Accept-Language": "fr"}).json()["warnings"]
    assert [(each["pointer"], each["code"]) for each in found] == [
        ("/to/0", "target_off"),
        ("/on_busy/to/0", "same_target"),
        ("/on_busy/to/0", "target_off"),
        ("/schedule", "never_open"),
        ("/callers/block/0", "blocks_nobody"),
        ("/callers/allow/1", "allows_nobody"),
    ]
    assert found[0]["detail"] == f"{SECOND} est un numéro du compte qui refuse les appels maintenant"
    week = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}
    always = RULE | {"schedule": PARIS | {"open": [week]}}
    found = api.patch(f"{RULES}?dry_run=true", always).json()["warnings"]
    assert ("/schedule", "never_closed") in {(each["pointer"], each["code"]) for each in found}
    assert dry_run(api, {"action": "off", "to": [SECOND.value]}).json()["warnings"] == []
    assert "warnings" not in api.send("PUT", RULES, json=rule).json()


@pytest.mark.parametrize(("states", "warned"), [((), False), (("absent",), True), (("ok", "absent"), False)])
def test_a_dry_run_warns_where_no_voicemail_runs(states: Sequence[Condition], warned: bool) -> None:
    async def parts() -> Mapping[str, PartState]:
        return {f"voicemail-{place}": PartState(state) for place, state in enumerate(states)}

    found = dry_run(V2Api(parts=parts), RULE).json()["warnings"]
    assert ("no_voicemail" in {each["code"] for each in found}) is warned
