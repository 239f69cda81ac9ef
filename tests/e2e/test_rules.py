"""A rule with all options, set by `/v2`, and the calls that obey it from the next one on."""

import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from renvoi.http.v2.forwarding import RULE
from tests.e2e.test_nodes import Trunk
from tests.support.callers import Caller
from tests.support.monitoring import labels_of_watched, measured, watched
from tests.support.node import NUMBER, Node
from tests.support.smtp import Inbox
from tests.support.waiting import wait_for

FORWARDING = f"/v2/numbers/{NUMBER}/forwarding"
ELSEWHERE = {"renvoi_relay_up", "renvoi_trunk_registered"}
"""What nodes with a media relay and a registration measure: test_readiness.py and test_digest.py hold that."""
NO_UNITS = ("_ms", "_minutes", "_size", "_kb", "_mib", "_percent")
ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Node]:
    """Run a node whose only outbound trunk is busy whatever the number."""
    with Trunk() as trunk:
        made = Node(tmp_path_factory.mktemp("node"))
        made.configure(smtp_url=inbox.url(), mail_retry_s=0.2)
        made.renvoi("trunk", "add", "busy", "--outbound", trunk.uri)
        try:
            made.start()
            yield made
        finally:
            made.stop()


def asked(node: Node, method: str, path: str, body: Any = None) -> httpx.Response:
    response = node.api.request(method, path, headers={"Authorization": f"Bearer {node.key}"}, json=body)
    assert response.status_code == 200, response.text
    return response


def status_of_call(node: Node) -> tuple[int, str | None]:
    """Call; return the answer, and the reason in the record where it is not an answer."""
    with Caller(node.edge, NUMBER) as caller:
        status = caller.connect()
        if status == 200:
            caller.hang_up()
        return status, node.record(caller.call_id)["reason"]


def test_calls_obey_a_rule_with_all_options_and_each_change_of_it(node: Node) -> None:
    schedule = RULE["schedule"] | {"open": [ALWAYS], "holidays": None, "exceptions": []}
    on_busy = RULE["on_busy"] | {"then": "voicemail"}
    asked(node, "PUT", FORWARDING, RULE | {"schedule": schedule, "on_busy": on_busy})
    # Busy, busy at the second number as well, then the voicemail.
    assert status_of_call(node) == (200, "busy")
    explained = asked(node, "GET", f"/v2/numbers/{NUMBER}/explain?from=%2B33611223344").json()
    assert (explained["decision"], [each["trunk"] for each in explained["trunks"]]) == ("forward", ["busy"])
    blocked = asked(node, "GET", f"/v2/numbers/{NUMBER}/explain?from=%2B33162000000").json()
    assert blocked["reason"] == "blocked"

    closed = {"schedule": {"open": [], "closed": {"action": "off"}}}
    asked(node, "PATCH", FORWARDING, closed)
    status, reason = status_of_call(node)
    assert (status >= 400, reason) == (True, "closed")

    asked(node, "POST", f"{FORWARDING}/undo", {})
    assert status_of_call(node) == (200, "busy")

    with Caller(node.edge, NUMBER) as caller:
        asked(node, "PATCH", FORWARDING, {"callers": {"block": [caller.number]}})
        assert caller.connect() == 603

    changes = {"changes": [{"number": NUMBER, "forwarding": {"action": "off"}}]}
    assert asked(node, "POST", "/v2/forwarding:batch", changes).json()["changed"] == 1
    assert status_of_call(node)[1] == "disabled"
    history = asked(node, "GET", f"{FORWARDING}/history").json()["data"]
    assert [each["revision"] for each in history] == [5, 4, 3, 2, 1]


def test_what_alerts_and_panels_are_about_is_measured(node: Node) -> None:
    """After the calls above: a series is there once something has been counted."""

    def lacking() -> set[str]:
        return watched() - measured(node.inner.get("/metrics").text).keys()

    # Each part counts in its own time.
    wait_for(lambda: lacking() == ELSEWHERE, lambda: f"series besides {lacking()}", 30)
    found = measured(node.inner.get("/metrics").text)
    for name, labels in labels_of_watched().items():
        if name not in ELSEWHERE:
            assert labels <= found[name], f"{name} has the labels {found[name]}"
    for name in found:
        assert not name.endswith(NO_UNITS), f"{name}: seconds and bytes are what Prometheus counts in"
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=node.inner.get("/metrics").content, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
