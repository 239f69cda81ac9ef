"""Rules as documents in a real store: every way of writing one, and other versions beside this one."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
from psycopg import sql
from sqlalchemy import Insert, Update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from renvoi.adapters.sql import batch, open_store, schema, staging, statements
from renvoi.adapters.sql.sqlite_to_postgres.move import Route, move_store
from renvoi.application.csv_import import import_numbers
from renvoi.application.forwarding import RuleRequest, RuleResult, set_rule
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store
from renvoi.documents.number_row import COLUMNS, RULE_COLUMNS, number_record
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import Otherwise, Rule, RuleType
from renvoi.edge.router.lookup import SELECT, SELECT_USAGE, RuleNotUnderstood, SqliteLookup
from renvoi.edge.router.postgres_lookup import PostgresLookup
from renvoi.edge.router.stale_rules import Memory, StaleRulesLookup
from tests.integration.store.test_migrations import connected, old_store, open_and_close
from tests.integration.store.test_upgrades import STATEMENTS, VALUES
from tests.support.edge import edge_url
from tests.support.http_api import FixedClock
from tests.support.postgres import shared_cluster
from tests.support.rules import fallbacks
from tests.support.stores import A, B, C, opened, seed
from tests.support.waiting import PATIENCE_S

MAILBOX = EmailAddress("é@example.org")


def with_store(url: str, scenario: Callable[[Store], Awaitable[None]]) -> None:
    """Run a scenario on the store."""

    async def main() -> None:
        async with opened(url) as store:
            await scenario(store)

    asyncio.run(main())


def lookup_in(url: str) -> SqliteLookup | PostgresLookup:
    """Open the store as the edge does."""
    kind, _, path = url.partition(":///")
    return SqliteLookup(Path(path)) if kind == "sqlite" else PostgresLookup(url, PATIENCE_S)


def rows(url: str) -> list[dict[str, Any]]:
    """Return the rows of all numbers."""
    with connected(url) as connection:
        found = connection.execute(sqlalchemy.select(schema.numbers).order_by(schema.numbers.c.number))
        return [dict(row) for row in found.mappings()]


def change(url: str, words: str, **values: object) -> None:
    """Change the store by hand."""
    with connected(url) as connection:
        assert connection.execute(sqlalchemy.text(words), values).rowcount > 0


def assert_compiled(url: str, *numbers: E164) -> None:
    """Check that these numbers are all there are, and that each has a document that says what its columns say."""
    found = rows(url)
    assert [row["number"] for row in found] == sorted(number.digits for number in numbers)
    for row in found:
        assert row["routing_version"] == 1, "columns hold all of the rules that are written here"
        number = E164.from_digits(row["number"])
        without_document = row | {"routing_version": None}
        without_columns = row | {"rule_type": None, "no_answer": None}
        by_columns, by_document = (
            number_record(number, [values[name] for name in COLUMNS]) for values in (without_document, without_columns)
        )
        rule = by_document.rule
        if rule.type is not RuleType.FORWARD:
            # The target of the last forward is kept for the next one: no call depends on it.
            by_document = replace(by_document, rule=replace(rule, target=None))
        assert by_document == by_columns


def test_every_statement_that_writes_a_rule_writes_its_document() -> None:
    found = []
    for module in (statements, batch, staging):
        for name, statement in vars(module).items():
            if isinstance(statement, Insert | Update) and statement.table is schema.numbers:
                written = columns_written(statement) & set(RULE_COLUMNS)
                assert written in (set(), set(RULE_COLUMNS)), name
                if written:
                    found.append(name)
    assert found == ["put_rule", "add_number", "put_rules", "move_rows"]


def columns_written(statement: Insert | Update) -> set[str]:
    """Return the columns that a statement sets."""
    words = str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]
    if isinstance(statement, Insert):
        return set(words.partition("(")[2].partition(")")[0].split(", "))
    assigned = words.partition(" SET ")[2].partition(" FROM ")[0].partition(" WHERE ")[0]
    return {each.partition("=")[0] for each in assigned.split(", ")}


def test_numbers_that_are_added(url: str) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(lambda writer: writer.add_numbers(account_id, [NumberRow(C, "x", False)], 3))

    with_store(url, scenario)
    assert_compiled(url, A, B, C)


def test_numbers_of_a_csv_file(url: str, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("number,label\n" + "".join(f"+3319900{n:04},n\n" for n in range(50)))

    async def scenario(store: Store) -> None:
        await store.write(lambda writer: writer.add_account("demo", "fr", "FR", 1))
        assert await import_numbers(store, FixedClock(), file, "demo", lambda *_: None) == 50

    with_store(url, scenario)
    assert_compiled(url, *(E164(f"+3319900{n:04}") for n in range(50)))


def test_rules_that_are_put(url: str) -> None:
    with_options = Rule(emails=(MAILBOX,), fallbacks=fallbacks(Otherwise.VOICEMAIL))

    async def scenario(store: Store) -> None:
        await seed(store)
        for revision, rule in enumerate(
            (
                Rule(RuleType.FORWARD, C, revision=1),
                replace(with_options, type=RuleType.VOICEMAIL, revision=2),
                replace(with_options, revision=3),
            ),
            1,
        ):
            await store.write(methodcaller("put_rule", A, rule, revision))
            assert_compiled(url, A, B)
            await store.write(methodcaller("set_number_state", A, active=revision % 2 == 0, forwarding_enabled=True))
            await store.write(methodcaller("set_label", A, f"label {revision}"))
            assert_compiled(url, A, B)
            record = await store.read(methodcaller("number", A))
            assert record is not None
            assert record.rule == rule

    with_store(url, scenario)


def test_changes_that_share_statements(url: str) -> None:
    """As on PostgreSQL, where one update writes the rules of many changes."""
    some = [E164(f"+3319900{n:04}") for n in range(40)]

    async def scenario(store: Store) -> None:
        account = await store.write(lambda writer: writer.add_account("demo", "fr", "FR", 1))
        await store.write(lambda writer: writer.add_numbers(account.id, map(NumberRow, some), 3))
        principal = Principal(account.id, "FR", None, "command line")
        requests = [
            RuleRequest(number.value, kind, param)
            for number in some
            for kind, param in (("1", C.value), ("2", MAILBOX.value))
        ]
        await asyncio.gather(*(set_rule(store, FixedClock(), principal, request) for request in requests))

    with_store(url, scenario)
    assert_compiled(url, *some)
    assert {(row["revision"], row["rule_type"]) for row in rows(url)} <= {(2, 1), (2, 2)}


def test_a_store_that_moves(tmp_path: Path) -> None:
    cluster = shared_cluster()
    name = cluster.create_database()
    source = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=1), 1))

    try:
        with_store(source, scenario)
        before = rows(source)
        route = Route(tmp_path / "renvoi.db", cluster.url(name), "shown", lambda message: tmp_path / message)
        move_store(route, FixedClock(), lambda _: None)
        assert rows(cluster.url(name)) == before
        assert_compiled(cluster.url(name), A, B)
    finally:
        cluster.drop_database(name)


@pytest.mark.parametrize("version", ["0002", "0003"])
def test_what_an_older_program_writes_between_counts_at_once(url: str, version: str) -> None:
    """Nodes of two versions on one store: each change of either is obeyed by the next call at both."""
    put_rule = json.loads((STATEMENTS / f"{version}.json").read_text())["put_rule"][url.partition(":")[0]]

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=1), 1))
        with connected(url) as connection:
            values = {**VALUES, "key": A.digits, "target": B.digits, "rule_type": 1, "revision": 2, "email": None}
            connection.exec_driver_sql(put_rule, values | {"ring_timeout_s": 20, "fallback_email": None})
        record = await store.read(methodcaller("number", A))
        assert record is not None
        assert (record.rule.target, record.rule.revision, record.rule.ring_timeout.seconds) == (B, 2, 20)
        with closing(lookup_in(url)) as lookup:
            assert lookup.find(A).record == record
            await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=3), 3))
            record = lookup.find(A).record
        assert record is not None
        assert (record.rule.target, record.rule.revision) == (C, 3)

    with_store(url, scenario)
    assert_compiled(url, A, B)


NEWER = {
    "rules": "UPDATE numbers SET routing_version = 3, routing = '{}' WHERE number = :number",
    "policies of accounts": "UPDATE accounts SET policy_version = 3, policy = '{}'",
}

FIRST = {"rules": rf"\{A}", "policies of accounts": "demo"}
"""What is named, as a pattern."""


def make_newer(url: str, what: str) -> None:
    """Write as a later version would."""
    with connected(url) as connection:
        values = {"number": A.digits} if ":number" in NEWER[what] else {}
        assert connection.execute(sqlalchemy.text(NEWER[what]), values).rowcount == 1


@pytest.mark.parametrize("what", sorted(NEWER))
def test_a_store_with_newer_documents_is_refused(url: str, what: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

    with_store(url, scenario)
    make_newer(url, what)
    with pytest.raises(
        StoreMismatch,
        match=rf"has {what} in documents of version 3 \({FIRST[what]}\), .*up to .: install the renvoi.*damaged: ",
    ):
        open_and_close(url)
    with pytest.raises(StoreMismatch, match=r"documents of version 3"):
        asyncio.run(open_store(url, migrates=False))
    change(url, "UPDATE numbers SET routing_version = 1")
    change(url, "UPDATE accounts SET policy_version = NULL")
    open_and_close(url)


@pytest.mark.parametrize("document", ["'{'", "'{\"limit\":{}}'", "NULL"])
def test_a_damaged_policy_refuses_targets_of_its_account_alone(url: str, document: str) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(methodcaller("add_account", "other", "en", "FR", 1))
        await store.write(methodcaller("add_number", other.id, NumberRow(C), 1))
        change(url, f"UPDATE accounts SET policy_version = 1, policy = {document} WHERE id = {account_id}")

        async def set_to(account: int, number: E164, kind: str, param: str) -> Outcome:
            principal = Principal(account, "FR", None, "command line")
            return (await set_rule(store, FixedClock(1), principal, RuleRequest(number.value, kind, param))).outcome

        forward = "1", "+33612345678"
        refused, done = await asyncio.gather(set_to(account_id, A, *forward), set_to(other.id, C, *forward))
        assert (refused, done) == (Outcome.DESTINATION_REFUSED, Outcome.FORWARD_ENABLED)
        # What needs no target needs no policy.
        assert await set_to(account_id, A, "2", "owner@example.org") is Outcome.VOICEMAIL_ENABLED
        assert await set_to(account_id, A, "0", "") is Outcome.DISABLED

    with_store(url, scenario)


@pytest.mark.parametrize(
    "words", ["UPDATE numbers SET routing_version = 'one'", "UPDATE accounts SET policy_version = 'one'"]
)
def test_a_version_that_is_no_number_is_refused_as_a_newer_one(tmp_path: Path, words: str) -> None:
    """Only SQLite keeps it."""
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await seed(store)

    with_store(url, scenario)
    change(url, words)
    with pytest.raises(StoreMismatch, match=r"documents of version one \(.+\), .*up to 2"):
        open_and_close(url)


def test_to_look_for_newer_documents_reads_no_number(url: str) -> None:
    """However many numbers there are."""
    open_and_close(url)
    with connected(url) as connection:
        if url.startswith("sqlite"):
            explain = "EXPLAIN QUERY PLAN "
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            explain = "EXPLAIN "
        words = "SELECT max(routing_version) FROM numbers WHERE routing_version > 2"
        plan = str(connection.exec_driver_sql(explain + words).fetchall())
    assert "ix_numbers_routing_newer" in plan


@pytest.mark.parametrize("what", sorted(NEWER))
def test_a_call_is_not_decided_past_a_newer_document(url: str, what: str) -> None:
    """Not even by what was known before it was written: that is for a store that is away."""

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=1), 1))
        with closing(lookup_in(url)) as real, closing(Memory()) as memory:
            lookup = StaleRulesLookup(real, memory, 900)
            assert lookup.find(A).record is not None
            make_newer(url, what)
            with pytest.raises(RuleNotUnderstood, match=r"is a document of version [23], and this renvoi reads"):
                lookup.find(A)
            assert lookup.find(C).record is None

    with_store(url, scenario)


def test_a_change_of_a_newer_rule_is_refused_and_others_go_on(url: str) -> None:
    """To write over it would lose what this program does not know; another node can do it."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        make_newer(url, "rules")
        principal = Principal(account_id, "FR", None, "command line")
        requests = [RuleRequest(number.value, "1", C.value) for number in (A, B)]
        requests.append(RuleRequest(B.value, "1", A.value))
        changes = (set_rule(store, FixedClock(), principal, request) for request in requests)
        refused, *done = await asyncio.gather(*changes, return_exceptions=True)
        assert isinstance(refused, StoreUnavailable)
        assert "version 3" in str(refused)
        # Rules of others may name it.
        assert [each.revision for each in done if isinstance(each, RuleResult)] == [1, 2]
        with pytest.raises(StoreUnavailable, match="version 3"):
            await store.read(methodcaller("number", A))

    with_store(url, scenario)


def test_a_number_whose_account_is_missing_is_still_ours(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

    with_store(url, scenario)
    with connected(url) as connection:
        if not url.startswith("sqlite"):
            connection.exec_driver_sql("ALTER TABLE numbers DROP CONSTRAINT fk_numbers_account_id")
        connection.exec_driver_sql("DELETE FROM accounts")
    with closing(lookup_in(url)) as lookup:
        assert lookup.find(A).record is not None


def test_the_edges_role_can_look_up_after_the_upgrade() -> None:
    """It was given SELECT on the numbers, and a look-up now reads something of the account too."""
    cluster = shared_cluster()
    name = cluster.create_database()
    url, role = cluster.url(name), sql.Identifier(f"edge of {name}")
    try:
        old_store(url, "0003")
        with cluster.admin(name) as admin:
            admin.execute(sql.SQL("CREATE ROLE {}").format(role))
            admin.execute(sql.SQL("GRANT SELECT ON numbers TO {}").format(role))
            admin.execute("GRANT SELECT ON numbers TO PUBLIC")
        open_and_close(url)
        with cluster.admin(name) as admin:
            admin.execute(sql.SQL("SET ROLE {}").format(role))
            admin.execute(f"{SELECT}1".encode())
            admin.execute(f"{SELECT_USAGE}name = 'a1'".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                admin.execute("SELECT name FROM accounts")
    finally:
        with suppress(psycopg.Error), cluster.admin(name) as admin:
            admin.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))
        cluster.drop_database(name)


def test_the_edges_role_of_the_documentation_can_look_up() -> None:
    cluster = shared_cluster()
    name = cluster.create_database()
    try:
        open_and_close(cluster.url(name))
        with closing(PostgresLookup(edge_url(cluster, name), PATIENCE_S)) as lookup:
            assert lookup.find(A).record is None
    finally:
        cluster.drop_database(name)
