"""Numbers and accounts are taken away from a node as installed, while calls run and processes are killed."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.callers import Caller
from tests.support.commands import RENVOI
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.node import node as running_node
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

MESSAGES, NUMBERS = 1500, 500


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """Run a node of its own for each test: what it removes is gone."""
    with running_node(tmp_path) as running:
        yield running


def operator(node: Node) -> httpx.Client:
    """Return a client with an operator's key."""
    key = node.renvoi("key", "add", "--operator", "--scope", "operator")["key"]
    return httpx.Client(base_url=str(node.api.base_url), headers={"Authorization": f"Bearer {key}"}, timeout=20)


def refused(node: Node, carrier: Phone, number: str) -> None:
    """Check that the very next call to a number is one to nobody."""
    Call(carrier, node.edge, number).start().expect(404)


def asked(node: Node, statement: str) -> Any:
    with closing(sqlite3.connect(f"file:{node.data}/renvoi.db?mode=ro", uri=True, timeout=10)) as store:
        return store.execute(statement).fetchone()[0]


def test_numbers_are_removed_while_their_calls_run(node: Node) -> None:
    """The next call finds nobody; one that runs goes on; what is being recorded is dropped, and no mail is sent."""
    with Phone() as trunk, Phone() as carrier, Caller(node.edge, SECOND) as caller, operator(node) as admin:
        node.renvoi("trunk", "add", "main", "--outbound", trunk.uri)
        node.forward(TARGET)
        assert node.set_rule(2, "owner@example.com", SECOND).json()["code"] == 4
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        caller.talk(1.5)
        for number in (NUMBER, SECOND):
            removal = admin.delete(f"/v2/admin/numbers/{number}")
            assert removal.status_code == 200, removal.text
            refused(node, carrier, number)
        assert caller.hang_up() == 200
        call.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        carrier.expect(200)
        assert node.record(call.call_id)["status"] == 200
        # The worker tells it, whenever the edge tells the end of the call.
        wait_for(lambda: node.record(caller.call_id)["missed"] is True, "the record of a missed call", 30)
        where = f"/v2/admin/removals/{removal.json()['id']}"
        wait_for(lambda: admin.get(where).json()["state"] == "ended", "the end of the removal", 30)
        wait_for(lambda: not list((node.data / "recordings").iterdir()), "the end of the recording", 30)
        assert node.renvoi("messages") == []
        assert not list((node.data / "mail").glob("*")) if (node.data / "mail").exists() else True
        # Another account gets it as if it were new.
        node.renvoi("account", "add", "beta")
        account = next(each for each in admin.get("/v2/admin/accounts").json()["data"] if each["name"] == "beta")
        added = admin.post("/v2/admin/numbers", json={"number": SECOND, "account": account["id"]})
        assert (added.status_code, added.json()["revision"], added.json()["action"]) == (201, 0, "off")
        key = node.renvoi("key", "add", "beta")["key"]
        bearer = {"Authorization": f"Bearer {key}"}
        for path in ("calls", "messages", f"numbers/{SECOND}/forwarding/history"):
            assert node.api.get(f"/v2/{path}", headers=bearer).json()["data"] == [], path
        assert node.set_rule(0, number=SECOND).json()["code"] != 1


def fill(node: Node) -> list[Path]:
    """Give the account many numbers, and many messages with their recordings; return those."""
    rows = "".join(f"+3319901{n:04}\n" for n in range(NUMBERS))
    (node.data / "numbers.csv").write_text(rows)
    node.renvoi("number", "import", str(node.data / "numbers.csv"), "--account", "acme")
    folder = node.data / "messages"
    folder.mkdir(exist_ok=True)
    files = [folder / f"m{n}.wav" for n in range(MESSAGES)]
    for file in files:
        file.write_bytes(b"RIFF")
    with closing(sqlite3.connect(node.data / "renvoi.db", timeout=30)) as store, store:
        store.executemany(
            "INSERT INTO messages (id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms,"
            " cut_off) VALUES (?, 33199001234, 1, 1, '+331', 'c', 9999999999999, 4000, 0)",
            [(file.stem,) for file in files],
        )
        store.executemany(
            "INSERT INTO mails (message_id, recipient, queued_at_ms, due_at_ms, state, attempts, note)"
            " VALUES (?, 'a@example.com', 1, 1, 'sent', 0, '')",
            [(file.stem,) for file in files],
        )
    return files


def test_closing_an_account_is_carried_on_by_the_node_after_kill_9(node: Node) -> None:
    """The key and the calls of the account end with the first commit; what is left goes whoever is killed when."""
    node.forward(TARGET)
    files = fill(node)
    command = [RENVOI, "account", "close", "acme", "--yes", "--data", str(node.data)]
    closing_it = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=node.environment)
    gone = "SELECT coalesce(max(messages), 0) FROM removals WHERE kind = 'account'"
    wait_for(lambda: asked(node, gone) > 0 or closing_it.poll() is not None, "the first messages to go", 60)
    closing_it.kill()
    closing_it.wait()
    with Phone() as carrier:
        refused(node, carrier, NUMBER)
        refused(node, carrier, "+33199010499")
    assert node.set_rule(0).json()["code"] == 10
    # The part that carries it on dies as well, in the middle.
    for pid in node.pids("renvoi.node mailer"):
        subprocess.run(["kill", "-9", str(pid)], check=True)
    under_way = "SELECT count(*) FROM removals WHERE ended_at_ms IS NULL"
    wait_for(lambda: asked(node, under_way) == 0, "the end of the closing", 90)
    assert node.renvoi("account", "show", "1")["state"] == "closed"
    (whole,) = node.renvoi("account", "show", "1")["removals"]
    assert (whole["numbers"], whole["messages"]) == (NUMBERS + 2, MESSAGES)
    assert not any(file.exists() for file in files)
    for table in ("numbers", "messages", "mails", "import_rows"):
        assert asked(node, f"SELECT count(*) FROM {table}") == 0, table
    node.renvoi("account", "add", "acme")
    node.renvoi("number", "add", NUMBER, "--account", "acme")
