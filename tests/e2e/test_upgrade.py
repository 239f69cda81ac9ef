"""A node of a version before goes on with its data: rules, keys, messages, calls, and what waited to be stored."""

import json
import sqlite3
import subprocess
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.data.upgrade.make import DEACTIVATED, FALLBACK, NOT_ENABLED, OFF, OWNER, WITH_FALLBACK
from tests.support.callers import Caller
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.postgres import shared_cluster
from tests.support.sip import Call, Incoming, Phone
from tests.support.smtp import Inbox
from tests.support.waiting import wait_for

OLD = Path(__file__).parents[1] / "data" / "upgrade"
"""The data of versions before, by their schemas."""
PATIENCE_S = 60.0
ABROAD, FREE = "+33199001205", "+33199001206"
TARGETS_ABROAD = {ABROAD: "+32470123456", FREE: "+80012345678"}
"""Destinations of the version before that an account has to be allowed now."""
ROWS_ABROAD = [
    "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target, ring_timeout_s,"
    " revision, created_at_ms) SELECT"
    f" {number[1:]}, id, '', true, true, 1, {target[1:]}, 60, 1, 5 FROM accounts WHERE name = 'beta'"
    for number, target in TARGETS_ABROAD.items()
]
"""Rules as the version before writes them."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        yield server


STORES = {"0003": ["postgresql"], "0004": ["sqlite"], "0005": ["sqlite"], "0006": ["postgresql", "sqlite"]}
"""Where the data of each version are tried as a whole; migrations are tried on both databases from every schema."""
FIRST_WITH_DESTINATIONS = "0005"
"""From it on accounts have destinations: a rule for another one is nothing that such a version had let be set."""


@pytest.fixture(params=[(old, store) for old, stores in STORES.items() for store in stores], ids="-".join)
def origin(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return the schema of the version before, and the kind of its store."""
    old, store = request.param
    return old, store


@pytest.fixture
def old(origin: tuple[str, str]) -> Path:
    """Return where the data of the version before are."""
    return OLD / origin[0]


@pytest.fixture
def facts(old: Path) -> dict[str, Any]:
    """Return what is known of the data."""
    found: dict[str, Any] = json.loads((old / "facts.json").read_text("utf-8"))
    return found


@pytest.fixture
def node(origin: tuple[str, str], tmp_path: Path, inbox: Inbox, old: Path, facts: dict[str, Any]) -> Iterator[Node]:
    """Return a node, not started, whose data are those of the old version."""
    data = tmp_path / "data"
    data.mkdir()
    # Python's own wants a filter since 3.12, which 3.11.2 has not.
    subprocess.run(["tar", "-C", data, "--no-same-owner", "-xzf", old / "data.tar.gz"], check=True)
    url = None
    if origin[1] == "sqlite":
        with sqlite3.connect(data / "renvoi.db") as store:
            store.executescript((old / "sqlite.sql").read_text("utf-8"))
        store.close()
    else:
        cluster = shared_cluster()
        database = cluster.create_database()
        url = cluster.url(database)
        with psycopg.connect(url) as connection:
            connection.execute((old / "postgresql.sql").read_bytes())
    if url is None:
        with sqlite3.connect(data / "renvoi.db") as store:
            for row in ROWS_ABROAD:
                store.execute(row)
        store.close()
    else:
        with psycopg.connect(url) as connection:
            for row in ROWS_ABROAD:
                connection.execute(row)
    made = Node(tmp_path, database_url=url, key=facts["key"])
    # The old settings name a mail server that has gone. The data get older with each run of this test.
    made.environment |= {"RENVOI_SMTP_URL": inbox.url(), "RENVOI_CALL_RETENTION_DAYS": "0"}
    try:
        yield made
    finally:
        made.stop()
        if url is not None:
            cluster.drop_database(database)


def listed(node: Node, *words: str, key: str) -> dict[str, dict[str, Any]]:
    """Return what a command lists, by the value of `key`."""
    return {row[key]: row for row in node.renvoi(*words)}


def assert_goes_to_trunk(node: Node, trunk: Phone, number: str = NUMBER, target: str = TARGET) -> None:
    with Phone() as phone:
        call = Call(phone, node.edge, number).start()
        incoming = Incoming.wait(trunk)
        assert incoming.invite.uri.startswith(f"sip:{target}@")
        incoming.reply(486)
        call.expect(486)
        trunk.expect("ACK")


def assert_says_what_it_did(node: Node, schema: str, store: str) -> None:
    """Check that the node says which schema it found, and that a store on SQLite was copied before."""
    said = [json.loads(line) for line in node.log.read_text().splitlines() if '"schema_before"' in line]
    assert {line["schema_before"] for line in said} == {schema}
    if store == "sqlite":
        (copy,) = node.data.glob("renvoi.db.schema-*")
        assert [line["copy"] for line in said] == [str(copy)]
        with sqlite3.connect(copy) as copied:
            assert copied.execute("SELECT version_num FROM alembic_version").fetchone() == (schema,)
        copied.close()


def leave_message(node: Node, number: str, trunk: Phone | None = None) -> str:
    """Call, talk and hang up; with `trunk` nobody answers there first. Return the Call-ID."""
    with Caller(node.edge, number) as caller, ThreadPoolExecutor(1) as thread:
        connecting = thread.submit(caller.connect)
        if trunk is not None:
            Incoming.wait(trunk).reply(480)
        assert connecting.result() == 200
        assert caller.wait_for_beep()
        caller.talk(1.0)
        caller.hang_up()
        return caller.call_id


def test_a_node_goes_on_with_the_data_of_a_version_before(
    node: Node, origin: tuple[str, str], facts: dict[str, Any], inbox: Inbox, tmp_path: Path
) -> None:
    node.launch()
    wait_for(lambda: node.readiness() == 200, "readiness", PATIENCE_S)
    assert_says_what_it_did(node, *origin)
    assert_all_is_there(node, facts)
    assert_what_waited_is_done(node, facts, inbox, tmp_path)
    with Phone() as trunk:
        node.renvoi("trunk", "remove", "carrier-out")
        node.renvoi("trunk", "add", "carrier-out", "--outbound", trunk.uri)
        node.wait_ready()
        assert_rules_are_obeyed(node, trunk, inbox)
        if origin[0] < FIRST_WITH_DESTINATIONS:
            assert_destinations_are_kept(node, trunk)
    assert_the_key_works(node)
    assert node.stop() == 0
    assert "Traceback" not in node.log.read_text()


def assert_all_is_there(node: Node, facts: dict[str, Any]) -> None:
    numbers = [row for row in node.renvoi("number", "list") if row["number"] not in TARGETS_ABROAD]
    assert [row.pop("unreadable") for row in numbers] == [None] * len(numbers)
    assert numbers == facts["numbers"]
    account = listed(node, "account", "list", key="name")["acme"]
    assert (account["locale"], account["time_zone"], account["retention_days"]) == ("fr", "Europe/Paris", 3650)
    assert {row["label"]: bool(row["revoked_at"]) for row in node.renvoi("key", "list")} == {"": False, "revoked": True}
    records = listed(node, "calls", "--limit", "1000", key="call_id")
    for before in facts["records"]:
        assert before.items() <= records[before["call_id"]].items()
    messages = listed(node, "messages", key="id")
    for before in facts["messages"]:
        message = {key: value for key, value in before.items() if key != "audio" and not key.startswith("mail_")}
        assert message.items() <= messages[before["id"]].items()
    changes = node.renvoi("audit", "--number", NUMBER)
    assert [(each["revision"], each["by"], each["after"]["param"]) for each in changes] == [
        (2, "key", TARGET),
        (1, "key", "+33644631111"),
    ]
    assert node.renvoi("greeting", "show", SECOND)["greeting"] == "own"


def assert_what_waited_is_done(node: Node, facts: dict[str, Any], inbox: Inbox, directory: Path) -> None:
    """Two calls in the spool, a mail that could not be sent, and a recording that was no message yet."""
    for call_id in facts["calls_in_spool"]:
        assert node.record(call_id)["number"] in (OFF, SECOND)
    calls = facts["messages_by_call"]
    wait_for(lambda: len(inbox.mails) == 2, "the mails", PATIENCE_S)
    expected = {calls["kept"]: "kept", calls["waiting"]: "sent", calls["not_filed"]: "sent"}

    def states() -> dict[str, str]:
        return {message["call_id"]: message["mail_state"] for message in node.renvoi("messages")}

    wait_for(lambda: states() == expected, lambda: f"the outcome of the mails ({states()})", PATIENCE_S)
    assert {recipient for mail in inbox.mails for recipient in mail.recipients} == {OWNER}
    for message in node.renvoi("messages"):
        file = directory / f"{message['id']}.wav"
        node.renvoi("messages", "save", message["id"], str(file))
        with wave.open(str(file)) as sound:
            assert sound.getnframes() / sound.getframerate() == pytest.approx(message["duration_s"], abs=0.01)
    assert not list((node.data / "recordings").iterdir())


def assert_rules_are_obeyed(node: Node, trunk: Phone, inbox: Inbox) -> None:
    assert_goes_to_trunk(node, trunk)
    for number, status in ((OFF, 480), (DEACTIVATED, 404), (NOT_ENABLED, 480)):
        with Phone() as phone:
            Call(phone, node.edge, number).start().expect(status)
    leave_message(node, SECOND)
    leave_message(node, WITH_FALLBACK, trunk)
    wait_for(lambda: len(inbox.mails) == 4, "the mails of new messages", PATIENCE_S)
    assert [mail.recipients for mail in inbox.mails[2:]] == [(OWNER,), (FALLBACK,)]


def assert_destinations_are_kept(node: Node, trunk: Phone) -> None:
    """Check that calls go on where rules sent them, and that the account may go nowhere else."""
    for number, target in TARGETS_ABROAD.items():
        assert_goes_to_trunk(node, trunk, number, target)
    policies = listed(node, "policy", "show", key="account")
    assert (policies["beta"]["countries"], policies["beta"]["allowed_prefixes"]) == (["BE", "GB"], ["800"])
    assert (policies["acme"]["countries"], policies["acme"]["allowed_prefixes"]) == (None, [])
    node.renvoi("forward", ABROAD, "--to", "+32470123457")
    assert node.set_rule(1, "+32470123457").json()["code"] == 102


def assert_the_key_works(node: Node) -> None:
    answer = node.set_rule(0)
    assert (answer.json()["code"], answer.headers["X-Rule-Revision"]) == (2, "3")
    node.renvoi("forward", WITH_FALLBACK, "--to", TARGET, "--ring-timeout", "30")
    assert node.renvoi("audit")[0]["options"] == {"ring_timeout_s": {"before": 20, "after": 30}}
