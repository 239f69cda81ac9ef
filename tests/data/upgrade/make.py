"""Makes a node's data with an older version, as a fixture of `tests/e2e/test_upgrade.py`.

    git worktree add /tmp/old COMMIT
    cd /tmp/old
    ./test tests/unit/domain -q
    PYTHONPATH=src:. .venv/bin/python REPOSITORY/tests/data/upgrade/make.py REPOSITORY/tests/data/upgrade/0005

It is run there: node, command line and test support are those of the old version. COMMIT was
8962ea185479ed6e8813302384bc3ecafc45b25f for schema 0003, 9de8fe829c2013e88b0416f6e42d9d68bea4996e for 0004,
bdf21bf66e8aa4e9a8b4a75b4cb73b4f7c028796 for 0005, e434de6c72754d3fc945e5db7c9527312d6c18b7 for 0006.
"""

import json
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.support.callers import Caller
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.ports import free_port
from tests.support.postgres import PostgresCluster, programs
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

OWNER, FALLBACK = "owner@example.com", "colleague@example.com"
OFF, DEACTIVATED, NOT_ENABLED = "+33199001201", "+33199001202", "+33199001203"
WITH_FALLBACK = "+33199001204"
KEPT = ("renvoi.toml", "messages", "recordings", "spool", "mail")


def fill(node: Node) -> None:
    """Make what an operator makes."""
    node.renvoi("account", "set", "acme", "--locale", "fr", "--time-zone", "Europe/Paris", "--retention-days", "3650")
    node.renvoi("account", "add", "beta", "--region", "GB")
    node.renvoi("key", "revoke", node.renvoi("key", "add", "acme", "--name", "revoked")["id"])
    for number, *words in ((OFF,), (DEACTIVATED,), (NOT_ENABLED, "--no-forwarding"), (WITH_FALLBACK, "--label", "été")):
        node.renvoi("number", "add", number, "--account", "acme", *words)
    node.renvoi("number", "deactivate", DEACTIVATED)
    options = ("--ring-timeout", "20", "--no-answer", "voicemail", "--email", FALLBACK)
    node.renvoi("forward", WITH_FALLBACK, "--to", TARGET, *options)


def leave_message(node: Node, hz: float) -> str:
    """Call the number that takes messages, talk and hang up; return the Call-ID."""
    with Caller(node.edge, SECOND, hz=hz) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        caller.talk(1.0)
        caller.hang_up()
        return caller.call_id


def refused_call(node: Node) -> str:
    """Call a number whose calls are not taken; return the Call-ID."""
    with Phone() as phone:
        call = Call(phone, node.edge, OFF).start()
        call.expect(480)
        return call.call_id


def forwarded_call(node: Node, trunk: Phone) -> str:
    """Call the number that is forwarded, to a target that is busy; return the Call-ID."""
    with Phone() as phone:
        call = Call(phone, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)
        trunk.expect("ACK")
        return call.call_id


def make(directory: Path) -> tuple[Node, dict[str, object]]:
    """Make the data in `directory`; return its node, which has ended, and what the test has to know."""
    node = Node(directory)
    with Phone() as trunk:
        node.renvoi("trunk", "add", "carrier-out", "--outbound", trunk.uri, "--priority", "60")
        fill(node)
        node.start()
        try:
            assert node.set_rule(1, "+33644631111").json()["code"] == 3
            assert node.set_rule(1, TARGET).json()["code"] == 3
            assert node.set_rule(2, OWNER, SECOND).json()["code"] == 4
            stored = [forwarded_call(node, trunk), refused_call(node), kept := leave_message(node, 440)]
            greeting = next((node.data / "messages").rglob("*.wav"))
            node.renvoi("greeting", "set", SECOND, str(greeting))
            wait_for(lambda: node.renvoi("messages")[0]["mail_state"] == "kept", "the first mail", 60)
            for call_id in stored:
                node.record(call_id)
        finally:
            node.stop()
        # No mail server any more: this message is stored, its mail waits.
        node = again(node, smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_retry_s=1)
        stored.append(waiting := leave_message(node, 550))
        wait_for(lambda: len(node.renvoi("messages")) == 2, "the second message", 60)
        node.record(waiting)
        # While another process writes, nothing can be stored: what follows stays in the spool and among recordings.
        with sqlite3.connect(node.data / "renvoi.db", isolation_level=None, timeout=60) as other:
            other.execute("BEGIN IMMEDIATE")
            left = [refused_call(node), unfiled := leave_message(node, 660)]
            wait_for(lambda: list((node.data / "recordings").glob("*.json")), "the third message", 60)
            wait_for(lambda: '["hungup",' in spooled(node.data), "its end in the spool", 60)
            node.kill()
            other.execute("ROLLBACK")
    told = {"kept": kept, "waiting": waiting, "not_filed": unfiled}
    return node, {"key": node.key, "calls": stored, "calls_in_spool": left, "messages_by_call": told}


def again(node: Node, **settings: object) -> Node:
    """Start the node of these data with other settings."""
    (node.data / "renvoi.toml").write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in settings.items()), "utf-8")
    return Node(node.data.parent, beside=node).start()


def spooled(data: Path) -> str:
    """Return all that is in the spool."""
    return "".join(file.read_text("utf-8") for file in (data / "spool").rglob("*") if file.is_file())


def of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out whose it was: who unpacks it may not have a user of that number."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def dump_sqlite(data: Path, to: Path) -> None:
    """Write the database as SQL."""
    with sqlite3.connect(data / "renvoi.db") as store:
        to.write_text("\n".join(store.iterdump()), "utf-8")


def dump_postgresql(node: Node, to: Path) -> None:
    """Move the store to PostgreSQL by the old version's own command, and write the database as SQL."""
    with PostgresCluster(durable=False) as cluster:
        url = cluster.url(cluster.create_database())
        node.renvoi("migrate", "--to", url)
        command = [str(programs() / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", url]
        dump = subprocess.run(command, check=True, capture_output=True).stdout
        # Lines of a backslash are for psql.
        to.write_bytes(b"".join(line for line in dump.splitlines(keepends=True) if not line.startswith(b"\\")))


def main() -> None:
    """Write `data.tar.gz`, `sqlite.sql`, `postgresql.sql` and `facts.json` to the directory given."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        node, facts = make(Path(directory))
        facts |= {
            name: node.renvoi(*words)
            for name, *words in (("numbers", "number", "list"), ("messages", "messages"), ("records", "calls"))
        }
        (target / "facts.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
        with tarfile.open(target / "data.tar.gz", "w:gz") as tar:
            for name in KEPT:
                if (node.data / name).exists():
                    tar.add(node.data / name, name, filter=of_nobody)
        dump_sqlite(node.data, target / "sqlite.sql")
        dump_postgresql(node, target / "postgresql.sql")


if __name__ == "__main__":
    main()
