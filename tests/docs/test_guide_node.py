"""The guide from a bare server to the first real call, by its lines alone, at a carrier of the tests; and runbooks."""

import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.carrier import Carrier
from tests.support.commands import RENVOI
from tests.support.guide import GUIDE, files, here, run_blocks
from tests.support.node import NUMBER, Node
from tests.support.sip import Call, Phone
from tests.support.waiting import wait_for

FIRST_CALL = "first-call.md"
TARGET = "+33199005678"
PATIENCE_S = 300.0
USER, PASSWORD = "acc-12", "correct-horse-battery"


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    with Carrier(USER, PASSWORD) as made:
        yield made


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node with the guide's settings and nothing in its store."""
    made = Node(tmp_path_factory.mktemp("node"), key="none yet")
    (settings,) = files(FIRST_CALL, "2. Settings")
    lines = here(settings, {"203.0.113.10": "127.0.0.1", 'data_dir = "/var/lib/renvoi"\n': ""})
    (made.data / "renvoi.toml").write_text(lines, "utf-8")
    try:
        yield made.start()
    finally:
        made.stop()


def paste(node: Node, page: str, section: str, words: dict[str, str]) -> str:
    """Run the commands of a section, each of which must succeed; return what they print."""
    out = ""
    for block in run_blocks(page, section):
        script = here(block, words | {"http://127.0.0.1:8081": str(node.inner.base_url).rstrip("/")})
        # The command of the package knows its settings file by itself; here it is told.
        script = f'renvoi() {{ {RENVOI} "$@" --data {node.data}; }}\n{script}'
        done = subprocess.run(
            ["bash", "-ec", script],
            cwd=node.data,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
            env=os.environ | {"RENVOI_INNER_PORT": str(node.inner_port)},
        )
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        out += done.stdout
    return out


def test_a_carrier_set_up_by_the_guide_makes_a_call(node: Node, carrier: Carrier) -> None:
    (node.data / "password").write_text(f"{PASSWORD}\n", "utf-8")
    words = {"192.0.2.0/24": "127.0.0.0/8", "sip:sip.carrier.example": carrier.uri}
    assert "FAULT" not in paste(node, FIRST_CALL, "2. Settings", words)
    assert "rv_" in paste(node, FIRST_CALL, "3. An account, a key and the number", words)
    tested = paste(node, FIRST_CALL, "4. The trunk", words)
    assert "FAULT" not in tested
    assert TARGET in paste(node, FIRST_CALL, "5. The first call", words)

    with Phone() as phone:
        call = Call(phone, node.edge, NUMBER).start()
        call.expect(200, skip=(100, 180))
        call.ack()
        assert carrier.put_through == [TARGET]
        call.send("BYE")
        phone.expect(200)
        record = node.record(call.call_id)
    assert (record["decision"], record["status"]) == ("forward", 200)
    assert paste(node, "addresses.md", "Are they right?", words)


@pytest.mark.usefixtures("carrier")
def test_what_the_runbooks_ask_a_node_is_answered(node: Node) -> None:
    """Behind the test above, whose trunk it names."""
    words = {"renvoi trunk test main": "renvoi trunk test carrier"}
    for section in ("", "RenvoiTrunkDown", "RenvoiCallsFail", "RenvoiLimitsReached"):
        paste(node, "alerts.md", section, words)


def test_lines_of_the_log_have_the_fields_that_the_guide_names(node: Node) -> None:
    text = (GUIDE / "logs.md").read_text("utf-8")
    node.api.get("/v2/account")

    def requests() -> list[dict[str, object]]:
        # What the node says at its start, for people, is not a line of the log.
        lines = [json.loads(line) for line in node.log.read_text("utf-8").splitlines() if line.startswith("{")]
        assert all({"timestamp", "level", "event"} <= line.keys() for line in lines)
        return [line for line in lines if line["event"] == "request"]

    (line, *_) = wait_for(requests, "the request's line")
    for name in ("part", "call", "outcome", "status", "duration_ms", "client", "key", "account", "request_id"):
        assert f"`{name}`" in text
        assert name in line
    assert f'"level": "{line["level"]}"' in node.log.read_text("utf-8"), "as the guide greps for it"
