"""Versions side by side: what an older program does works on this one's schema (docs/operating/upgrades.md)."""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.config import Config
from alembic.script import ScriptDirectory

from renvoi.adapters.sql.migrate import MIGRATIONS
from renvoi.adapters.sql.schema import HEAD
from tests.integration.store.test_migrations import connected, old_store
from tests.support.postgres import shared_cluster

STATEMENTS = Path(__file__).parents[2] / "data" / "statements"
"""Of each released version that has a schema of its own: written by `scripts/freeze_statements.py`."""
FIRST_FOR_SEVERAL_NODES = "0002"
NUMBER = 33199001234
VALUES: Mapping[str, object] = {
    **dict.fromkeys(("id", "key", "name", "message_id", "file", "key_id"), "k"),
    **dict.fromkeys(("call_id", "key_call_id", "from_tag", "key_from_tag", "decision", "of_decision"), "c"),
    **dict.fromkeys(("number", "target"), NUMBER),
    **dict.fromkeys(("account_id", "cseq", "key_cseq", "status", "of_status", "revision", "version"), 1),
    **dict.fromkeys(("rule_type", "before_type", "after_type", "ring_timeout_s", "retention_days", "attempts"), 1),
    **dict.fromkeys(("value", "by", "calls", "offset", "cause", "priority", "duration_ms"), 1),
    **dict.fromkeys(("created_at_ms", "updated_at_ms", "setup_at_ms", "ring_at_ms", "answer_at_ms", "end_at_ms"), 5),
    **dict.fromkeys(("received_at_ms", "queued_at_ms", "due_at_ms", "ended_at_ms", "at_ms", "revoked_at_ms"), 5),
    **dict.fromkeys(("before_ms", "now_ms"), 9),
    **dict.fromkeys(("active", "forwarding_enabled", "cut_off", "missed", "spoken", "last_known"), True),
    **dict.fromkeys(("hash", "request_hash", "audio"), b"\0\xff"),
    **dict.fromkeys(("no_answer", "busy"), "release"),
    **dict.fromkeys(("locale", "region", "time_zone", "label", "scopes", "email", "fallback_email", "source"), "text"),
    **dict.fromkeys(("before_param", "after_param", "outcome", "direction", "networks", "called_from", "uri"), "text"),
    **dict.fromkeys(("number_format", "diversion_headers", "caller_id", "caller", "called", "reason"), "text"),
    **dict.fromkeys(("trunk", "hung_up_by", "diversions", "recipient", "note"), "text"),
    **dict.fromkeys(("routing", "options", "skipped_0", "skipped_1", "skipped_2"), ""),
    **dict.fromkeys(("routing_version", "options_version", "last_revision"), 1),
    **dict.fromkeys(("after_number", "after_revision"), 0),
    **dict.fromkeys(("latest_ms", "farthest_ms"), 99),
    **dict.fromkeys(("scheduled_at_ms", "report_at_ms"), 5),
    **dict.fromkeys(("identity", "unheard", "used", "policy", "before", "ladder"), "text"),
    **dict.fromkeys(("policy_version", "price", "import_id", "line", "alive_until_ms"), 1),
    **dict.fromkeys(("skipped_3", "skipped_4", "skipped_5", "skipped_6"), ""),
    **dict.fromkeys((f"{name}_{n}" for name in ("id", "key_id") for n in range(200)), "k"),
    **dict.fromkeys(("changed_key", "made_by", "webhook_id", "of_webhook", "prefix"), "k"),
    **dict.fromkeys(
        ("after_rule", "answer", "data", "description", "numbers", "transcript", "type", "types", "url"), ""
    ),
    **dict.fromkeys(("attempted_at_ms", "disabled_at_ms", "failing_since_ms", "heard_at_ms", "renew_at_ms"), 5),
    **dict.fromkeys(("lane", "of_lane", "of_account", "place", "of_place", "position", "seq", "previous_until_ms"), 1),
    **dict.fromkeys(("cursor", "cursor_tx", "after_tx", "tx"), 0),
    "before_revision": 99,
    "previous_hash": b"\0\xff",
    "enabled": True,
    "disabled_reason": "gone",
    "of_state": "pending",
    "fallback": False,
    "last": 10**15,
    "sealed": b"\0\xff",
    "last_number": NUMBER,
    "withheld": False,
    "secret": b"\0\xff",
    "state": "pending",
    "limit": 10,
    "after": 0,
    "after_ms": 0,
    "until_ms": 8,
    **dict.fromkeys(("after_id", "owner", "of_owner"), "a"),
    "expires_at_ms": None,
}
"""What each parameter stands for, so that every statement finds what another one has stored."""
OF_STATEMENT: Mapping[str, Mapping[str, object]] = {
    **{name: {"id": 1} for name in ("account_by_id", "account_by_id_held", "stored_call", "delivery")},
    **{name: {"limit": 1} for name in ("end_deliveries", "remove_deliveries_of", "remove_events")},
    "put_delivery": {"key": 1},
    "release_leases": {"prefix": "others"},
    "commit_import": {"key": 1},
    **{name: {"before": 99} for name in ("changes_before", "account_changes_before")},
    **{name: {"before": 99} for name in ("deliveries", "deliveries_in_state")},
    "put_account": {"key": 1},
    "account_number_ahead": {"offset": 0},
    "account_numbers_page": {"offset": 0},
    "unfinished_calls": {"before_ms": 0},
    "expired_messages": {"now_ms": 10**12},
    "end_reports": {"until_ms": 5},
    "page_end": {"offset": 0, "id": 1},
    "all_policies": {"after": -1},
    **{key: {"id": 1} for key in ("policy", "policy_for_change", "existing_numbers")},
    **{key: {"id": 1} for key in ("add_import", "import_state", "remove_import", "remove_rows", "move_rows")},
    **{key: {"key": 1} for key in ("put_policy", "renew_import", "decide_import")},
    **{
        name: {"key": NUMBER}
        for name in (
            "next_seq_of_number",
            "put_seq_of_number",
            "put_rule",
            "put_told_rule",
            "set_active",
            "set_forwarding_enabled",
            "set_label",
        )
    },
}
FIND_NOTHING = {"unfinished_calls", "unended_calls", "put_leased_mail", "unreported_mails", "claim_reports"} | {
    *("move_rows", "all_policies", "release_number", "renew_import", "decide_import", "commit_import"),
    *("put_leased_further", "unreported_further", "claim_further", "end_further", "closed_accounts_after"),
    *("disabled_with_deliveries", "disable_webhooks", "due_notices", "assign_calls", "remove_lost_deliveries"),
    *("release_leases", "remove_old_deliveries"),
}
"""No call is without an end or an account; when the others run, no mail is leased yet and none has failed, no account

has a policy or is closed, each endpoint is enabled or was disabled by the statement before, the staged number is one
already, its row is gone, no lease has that prefix, and the delivery that ended is gone.
"""


def in_order(statements: Mapping[str, Mapping[str, Any]], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the statements that end a store's life last: rows are inserted as they refer to each other."""
    order: dict[str, list[str]] = {"INSERT": [], "SELECT": [], "UPDATE": [], "DELETE": []}
    for name, frozen in statements.items():
        order[str(frozen[kind]).split()[0]].append(name)
    for name in (*order["INSERT"], *order["SELECT"], *order["UPDATE"], *reversed(order["DELETE"])):
        yield name, statements[name]


@pytest.mark.parametrize("file", sorted(STATEMENTS.glob("*.json")), ids=lambda file: file.stem)
def test_every_statement_of_an_older_version_works_on_the_schema_of_this_one(file: Path, url: str) -> None:
    old_store(url, HEAD)
    kind = url.partition(":")[0]
    with connected(url) as connection:
        assert compatible_from(connection) <= file.stem, f"{file} may go: no program of that version is admitted"
        for name, frozen in in_order(json.loads(file.read_text()), kind):
            values = {**VALUES, **frozen["values"], **OF_STATEMENT.get(name, {})}
            result = connection.exec_driver_sql(str(frozen[kind]), values)
            if result.returns_rows:
                assert bool(result.fetchall()) == (name not in FIND_NOTHING), name
            else:
                assert result.rowcount == (name not in FIND_NOTHING), name


def test_each_version_with_a_schema_of_its_own_is_there() -> None:
    """Whoever releases a schema freezes the statements that go with it."""
    released = [revision for revision in revisions() if FIRST_FOR_SEVERAL_NODES <= revision < HEAD]
    assert [file.stem for file in sorted(STATEMENTS.glob("*.json"))][: len(released)] == released


def revisions() -> list[str]:
    """Return all revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return sorted(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def compatible_from(connection: sqlalchemy.Connection) -> str:
    """Return the oldest version that a store admits."""
    row = connection.exec_driver_sql("SELECT value FROM store_info WHERE key = 'compatible_from'").fetchone()
    assert row is not None
    return str(row[0])


Table = dict[str, Any]


def schema_of(connection: sqlalchemy.Connection) -> dict[str, Table]:
    """Return what a program may rely on: columns and rules of each table."""
    found = sqlalchemy.inspect(connection)
    return {
        table: {
            "columns": {column["name"]: column for column in found.get_columns(table)},
            "rules": {
                *(("unique", *each["column_names"]) for each in found.get_unique_constraints(table)),
                *(("unique", *each["column_names"]) for each in found.get_indexes(table) if each["unique"]),
                *(("refers", *each["constrained_columns"]) for each in found.get_foreign_keys(table)),
                *(("check", each["sqltext"]) for each in found.get_check_constraints(table)),
                ("key", *found.get_pk_constraint(table)["constrained_columns"]),
            },
        }
        for table in found.get_table_names()
    }


def breaks(before: Mapping[str, Table], after: Mapping[str, Table]) -> list[str]:
    """Return what of `after` a program that knows `before` cannot work with."""
    found = [f"table {name} is gone" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        old, new = before[name]["columns"], after[name]["columns"]
        found += [f"column {name}.{each} is gone" for each in old.keys() - new.keys()]
        for each in new.keys() - old.keys():
            if not new[each]["nullable"] and new[each]["default"] is None:
                found.append(f"column {name}.{each} is new, and has to be filled")
        for each in old.keys() & new.keys():
            if str(old[each]["type"]) != str(new[each]["type"]):
                found.append(f"column {name}.{each} has another type")
            if old[each]["nullable"] and not new[each]["nullable"]:
                found.append(f"column {name}.{each} must not be empty any more")
            if old[each]["default"] is not None and new[each]["default"] is None and not new[each]["nullable"]:
                found.append(f"column {name}.{each} has no default any more")
        found += [f"{name} has another rule: {rule}" for rule in before[name]["rules"] ^ after[name]["rules"]]
    return sorted(found)


# What an index is made of cannot be read back there, and no program relies on it.
@pytest.mark.filterwarnings("ignore:.*expression-based index .?ix_(numbers_label|accounts_name_key)")
def test_a_migration_that_takes_something_away_says_so(url: str) -> None:
    """Each schema since several nodes may work side by side only adds, or admits no program of the one before."""
    known = [revision for revision in revisions() if revision >= FIRST_FOR_SEVERAL_NODES]
    for older, newer in pairwise(known):
        old_store(url, older)
        with connected(url) as connection:
            before = schema_of(connection)
        old_store(url, newer)
        with connected(url) as connection:
            found = breaks(before, schema_of(connection))
            assert not found or compatible_from(connection) >= newer, f"{newer}: {found}"


@pytest.mark.parametrize(
    ("migration", "found"),
    [
        ("ALTER TABLE a ADD COLUMN y INTEGER", []),
        ("ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 1", []),
        ("CREATE TABLE c (x INTEGER NOT NULL)", []),
        ("CREATE INDEX i ON a (x)", []),
        ("DROP TABLE b", ["table b is gone"]),
        ("ALTER TABLE a DROP COLUMN x", ["column a.x is gone"]),
        ("ALTER TABLE a RENAME COLUMN x TO y", ["column a.x is gone"]),
        ("ALTER TABLE a ALTER COLUMN x TYPE TEXT", ["column a.x has another type"]),
        ("ALTER TABLE a ALTER COLUMN x SET NOT NULL", ["column a.x must not be empty any more"]),
        ("ALTER TABLE a ALTER COLUMN z DROP DEFAULT", ["column a.z has no default any more"]),
        ("ALTER TABLE a ADD COLUMN y INTEGER NOT NULL", ["column a.y is new, and has to be filled"]),
        ("CREATE UNIQUE INDEX i ON a (x)", ["a has another rule: ('unique', 'x')"]),
        ("ALTER TABLE a ADD CHECK (x > 0)", ["a has another rule: ('check', 'x > 0')"]),
        ("ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (id)", ["a has another rule: ('refers', 'x')"]),
        ("ALTER TABLE b DROP CONSTRAINT b_pkey", ["b has another rule: ('key', 'id')", "b has another rule: ('key',)"]),
    ],
)
def test_what_takes_something_away(migration: str, found: list[str]) -> None:
    cluster = shared_cluster()
    name = cluster.create_database()
    try:
        with connected(cluster.url(name)) as connection:
            connection.exec_driver_sql("CREATE TABLE a (x INTEGER, z INTEGER NOT NULL DEFAULT 2)")
            connection.exec_driver_sql("CREATE TABLE b (id INTEGER PRIMARY KEY)")
            before = schema_of(connection)
            connection.exec_driver_sql(migration)
            assert breaks(before, schema_of(connection)) == found
    finally:
        cluster.drop_database(name)
