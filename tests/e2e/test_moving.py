"""A node's store moves to PostgreSQL while it takes calls: nothing is lost, and nothing is there twice."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.callers import Caller
from tests.support.commands import RENVOI
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.postgres import PostgresServer, shared_cluster
from tests.support.sip import Call, Phone
from tests.support.smtp import Inbox
from tests.support.sound import Sound
from tests.support.waiting import wait_for

OWNER = "owner@example.com"
PATIENCE_S = 60.0
DYING = Path(__file__).parents[1] / "support" / "dying"
"""What lets a command be killed by what it tells: see there."""
KILLED_AT = ("copying numbers", "copying message_audio", "comparing accounts")
"""What the command tells last before it is killed, in turn."""


@pytest.fixture
def url() -> Iterator[str]:
    """Return the URL of an empty database."""
    server: PostgresServer = shared_cluster()
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        yield server


@pytest.fixture
def node(tmp_path: Path, inbox: Inbox) -> Iterator[Node]:
    """Run a node on SQLite whose first number takes messages."""
    made = Node(tmp_path)
    made.configure(smtp_url=inbox.url(), voicemail_workers=1, edge_workers=1)
    try:
        made.start()
        assert made.set_rule(2, OWNER).json()["code"] == 4
        yield made
    finally:
        made.stop()


def leave_message(node: Node, hz: float) -> Caller:
    """Call, talk and hang up."""
    with Caller(node.edge, NUMBER, hz=hz) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        caller.talk(1.5)
        caller.hang_up()
        return caller


def refused_call(node: Node) -> str:
    """Call a number whose calls are not taken; return the Call-ID."""
    with Phone() as phone:
        call = Call(phone, node.edge, SECOND).start()
        call.expect(480)
        return call.call_id


def kill_move_at(node: Node, url: str, line: str) -> None:
    """Begin to move the store, by a command that is killed when it tells `line`."""
    command = [RENVOI, "migrate", "--to", url, "--data", str(node.data)]
    path = f"{DYING}:{os.environ.get('PYTHONPATH', '')}"
    environment = os.environ | {"PYTHONPATH": path, "DIES_AT": line}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, env=environment)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ended.stderr.splitlines()[-1] == line


def test_a_store_moves_while_its_node_serves(node: Node, inbox: Inbox, url: str, tmp_path: Path) -> None:
    first, refused = leave_message(node, 440), [refused_call(node)]
    wait_for(lambda: inbox.mails, "the first mail", PATIENCE_S)
    wait_for(lambda: node.renvoi("messages")[0]["mail_state"] == "sent", "its outcome", PATIENCE_S)
    for line in KILLED_AT:
        kill_move_at(node, url, line)
        assert_changes_are_refused(node, "is being moved")
    refused.append(refused_call(node))
    second = leave_message(node, 660)
    wait_for(lambda: list((node.data / "recordings").glob("*.json")), "a message that waits", PATIENCE_S)
    assert node.readiness() == 200

    moved = node.renvoi("migrate", "--to", url)
    assert moved["moved"]
    assert {table["table"]: table["rows_there"] for table in moved["tables"]}["message_audio"] == 1
    assert "s3cret" not in str(moved)
    assert_changes_are_refused(node, "was moved")
    refused.append(refused_call(node))
    assert node.stop() == 0
    assert "Traceback" not in node.log.read_text()

    node.environment["RENVOI_DATABASE_URL"] = url
    node.start()
    wait_for(lambda: len(inbox.mails) == 2, "the second mail", PATIENCE_S)
    assert node.forward(TARGET) == 2
    for call_id in (*refused, first.call_id, second.call_id):
        assert node.record(call_id)["call_id"] == call_id
    for caller in (first, second):
        caller.assert_whole(Sound.of_wav(saved(node, caller.call_id, tmp_path).read_bytes()))
    wait_for(
        lambda: [m["mail_state"] for m in node.renvoi("messages")] == ["sent", "sent"], "both outcomes", PATIENCE_S
    )
    assert len(inbox.mails) == 2
    assert len(list((node.data / "recordings").iterdir())) == 0


def assert_changes_are_refused(node: Node, why: str) -> None:
    answer = node.set_rule(1, TARGET)
    assert (answer.status_code, answer.json()["code"]) == (503, 104)
    assert answer.headers["Retry-After"]
    done = node.run("account", "add", "new")
    assert done.returncode == 1
    assert why in done.stderr
    assert node.renvoi("account", "list")[0]["name"] == "acme"


def saved(node: Node, call_id: str, directory: Path) -> Path:
    """Save the recording of a call's message, of which there must be one."""
    found: list[dict[str, Any]] = [each for each in node.renvoi("messages") if each["call_id"] == call_id]
    assert len(found) == 1
    file = directory / f"{found[0]['id']}.wav"
    node.renvoi("messages", "save", found[0]["id"], str(file))
    return file
