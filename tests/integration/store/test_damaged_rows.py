"""Rows of numbers that are damaged: whoever can be served is, and the rest is refused by itself."""

import asyncio
from contextlib import closing
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.rules.rule import Rule, RuleType
from renvoi.edge.router.lookup import RuleNotUnderstood
from renvoi.edge.router.stale_rules import Memory, StaleRulesLookup
from tests.integration.store.test_routing_documents import change, lookup_in, with_store
from tests.support.stores import A, B, C, seed


def damage(url: str) -> None:
    """Have a number's row hold no rule."""
    change(url, "UPDATE numbers SET routing = '', no_answer = 'dance' WHERE number = :number", number=A.digits)


@pytest.mark.parametrize("document", ["", "{", "[]", '{"revision":1,"action":"forward","to":[7777,8888]}', None])
def test_damage_leaves_a_call_on_its_way(url: str, document: str | None) -> None:
    rule = Rule(RuleType.FORWARD, C, revision=1)

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, rule, 1))
        change(url, "UPDATE numbers SET routing = :document", document=document)
        with closing(lookup_in(url)) as lookup:
            record = lookup.find(A).record
            assert record is not None
            assert record.rule == rule
            assert await store.read(methodcaller("number", A)) == record

    with_store(url, scenario)


@pytest.mark.parametrize("column", ["routing", "label", "no_answer", "email"])
def test_bytes_that_are_no_text_leave_a_call_on_its_way(tmp_path: Path, column: str) -> None:
    """Only SQLite keeps them."""
    url = f"sqlite:///{tmp_path}/renvoi.db"
    rule = Rule(RuleType.FORWARD, C, revision=1)

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, rule, 1))
        change(url, f"UPDATE numbers SET {column} = CAST(x'7bff7d' AS TEXT)")
        with closing(lookup_in(url)) as lookup:
            for _ in range(2):
                record = lookup.find(A).record
                assert record is not None
                assert record.rule == rule

    with_store(url, scenario)


def test_a_damaged_row_is_not_a_store_that_is_away(url: str) -> None:
    """So what was known before does not count."""

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=1), 1))
        with closing(lookup_in(url)) as real, closing(Memory()) as memory:
            lookup = StaleRulesLookup(real, memory, 900)
            assert lookup.find(A).record is not None
            damage(url)
            with pytest.raises(RuleNotUnderstood, match="does not hold a rule"):
                lookup.find(A)

    with_store(url, scenario)


def test_numbers_of_a_closed_account_are_gone_whether_they_can_be_read_or_not(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        damage(url)
        change(url, "UPDATE accounts SET closed_at_ms = 1, policy_version = 2, policy = '{'")
        with closing(lookup_in(url)) as lookup:
            assert [lookup.find(each).record for each in (A, B)] == [None, None]

    with_store(url, scenario)


def test_a_damaged_row_stops_no_change_of_others(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        damage(url)
        changes = (store.write(methodcaller("number_for_change", number)) for number in (A, B, C))
        refused, *others = await asyncio.gather(*changes, return_exceptions=True)
        assert isinstance(refused, StoreUnavailable)
        assert not any(isinstance(other, BaseException) for other in others)

    with_store(url, scenario)


def test_bytes_that_are_no_text_stop_no_change_of_others(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await seed(store)
        change(url, f"UPDATE numbers SET routing = CAST(x'ff' AS TEXT) WHERE number = {A.digits}")
        changes = (store.write(methodcaller("number_for_change", number)) for number in (A, B))
        refused, other = await asyncio.gather(*changes, return_exceptions=True)
        assert isinstance(refused, StoreUnavailable)
        assert not isinstance(other, BaseException)

    with_store(url, scenario)


@pytest.mark.parametrize(
    ("table", "column", "raw"),
    [
        ("numbers", "label", "CAST(x'61ff' AS TEXT)"),
        ("calls", "caller", "CAST(x'61ff' AS TEXT)"),
        ("calls", "identity", "CAST(x'ff' AS TEXT)"),
        ("calls", "identity", "'{'"),
        ("audit", "options", "'['"),
        ("audit", "source", "CAST(x'ff' AS TEXT)"),
    ],
)
def test_a_damaged_row_hides_no_others_in_a_list(tmp_path: Path, table: str, column: str, raw: str) -> None:
    """Only SQLite keeps what is not a text; a document may be damaged in both."""
    url = f"sqlite:///{tmp_path}/renvoi.db"
    entry = AuditEntry(1, A, 1, None, "cli", Rule(), Rule(revision=1))

    def add(writer: Writer) -> None:
        writer.add_audit(entry)
        for name in ("one", "two"):
            writer.put_call(CallRecord(CallKey(name, "tag", 1), "a", "b", None, None, "reject", None, None, None, 1))

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(add)
        one = {"numbers": f"number = {A.digits}", "calls": "call_id = 'one'", "audit": "true"}[table]
        lists = {"numbers": methodcaller("numbers"), "calls": methodcaller("calls"), "audit": methodcaller("changes")}
        before = await store.read(lists[table])
        change(url, f"UPDATE {table} SET {column} = {raw} WHERE {one}")
        after = await store.read(lists[table])
        assert len(after) == len(before) > 0
        # Texts that are whole are read as before.
        assert await store.read(methodcaller("accounts"))

    with_store(url, scenario)
