"""Retention: one statement finds what is too old, however many accounts there are, and small pieces remove it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.message_statements import expired_messages
from renvoi.application import retention as module
from renvoi.application.messages import DELETED, delete_expired
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.retention import Retention, remove_old
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.rules.rule import Rule
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, Scenario, opened, seed

DAY_MS = 24 * 3600 * 1000
NOW = 2000 * DAY_MS
ACCOUNTS = 20_000


def clock() -> FixedClock:
    """Return a clock that stands at NOW."""
    stopped = FixedClock()
    stopped.now = NOW
    return stopped


def call(name: str, age_days: int) -> CallRecord:
    """Return the record of a call of that age."""
    return CallRecord(
        CallKey(name, "t", 1), "", "", None, None, "reject", None, None, None, NOW - age_days * DAY_MS, status=404
    )


def entry(number: Any, revision: int, age_days: int) -> AuditEntry:
    """Return an entry of the audit trail of that age."""
    rules = Rule(revision=revision - 1), Rule(revision=revision)
    return AuditEntry(NOW - age_days * DAY_MS, number, 1, None, "cli", *rules)


def test_records_of_calls_go_after_their_time(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        for name, age_days in (("new", 0), ("kept", 399), ("old", 401), ("older", 900)):
            await store.write(methodcaller("put_call", call(name, age_days)))
        kept = Retention(calls=timedelta(days=400))
        await remove_old(kept, store, clock(), asyncio.Event())
        assert [each.key.call_id for each in await store.read(lambda r: r.calls())] == ["new", "kept"]
        await remove_old(Retention(), store, clock(), asyncio.Event())
        assert len(await store.read(lambda r: r.calls())) == 2

    run(scenario)


def test_the_audit_trail_stays_unless_it_is_said(
    run: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(module, "PAUSE_S", 0)

    async def scenario(store: Store) -> None:
        await seed(store)
        for each in (*(entry(A, n, 1000 - n) for n in range(1, 8)), entry(B, 1, 999), entry(B, 2, 1)):
            await store.write(methodcaller("add_audit", each))
        await remove_old(Retention(calls=timedelta(days=1)), store, clock(), asyncio.Event())
        assert len(await store.read(lambda r: r.history(A))) == 7
        await remove_old(Retention(audit=timedelta(days=995)), store, clock(), asyncio.Event())
        assert [e.after.revision for e in await store.read(lambda r: r.history(A))] == [7, 6, 5]
        assert [e.after.revision for e in await store.read(lambda r: r.history(B))] == [2]

    run(scenario)


def test_a_transaction_removes_no_more_than_a_piece(
    run: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 10)
    monkeypatch.setattr(module, "PAUSE_S", 0)

    async def scenario(store: Store) -> None:
        for n in range(35):
            await store.write(methodcaller("put_call", call(f"c{n}", 500)))
        pieces = []
        write = store.write

        async def counting(work: Any) -> Any:
            pieces.append(await write(work))
            return pieces[-1]

        monkeypatch.setattr(store, "write", counting)
        await remove_old(Retention(calls=timedelta(days=400)), store, clock(), asyncio.Event())
        assert pieces == [0, 10, 10, 10, 5, *[0] * (len(pieces) - 5)]  # nothing else has to go

    run(scenario)


def test_files_that_stay_keep_their_message_alone(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for name in ("a", "bad", "c"):
            message = Message(name, A, account_id, 1, "", "", NOW - 31 * DAY_MS, 4000)
            mail = Mail(name, EmailAddress("a@b.example"), 1, 1)
            await store.write(methodcaller("add_message", message, mail))

        def remove_files(name: str) -> None:
            if name == "bad":
                raise IsADirectoryError(21, "Is a directory", name)

        with pytest.raises(IsADirectoryError):
            await delete_expired(store, clock(), remove_files, 100)
        assert [each.message.id for each in await store.read(lambda r: r.messages())] == ["bad"]
        assert await store.read(lambda r: r.counts()) == {DELETED: 2}

    run(scenario)


def test_20_000_accounts_are_looked_at_by_one_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    bind = Connection.all

    def counting(self: Connection, statement: Any, /, **parameters: object) -> Any:
        statements.append(str(statement))
        return bind(self, statement, **parameters)

    async def scenario() -> None:
        async with opened(f"sqlite:///{tmp_path}/renvoi.db") as store:
            await seed(store)

            def fill(writer: Writer) -> None:
                for n in range(ACCOUNTS):
                    account = writer.add_account(f"a{n}", "en", "FR", 1)
                    if n % 5000 == 7:
                        writer.put_account(replace(account, retention_days=3650))
                        message = Message(f"m{n}", A, account.id, 1, "", "", NOW - 3000 * DAY_MS, 4000)
                    elif n % 5000 == 8:
                        message = Message(f"m{n}", A, account.id, 1, "", "", NOW - 31 * DAY_MS, 4000)
                    else:
                        continue
                    writer.add_message(message, Mail(message.id, EmailAddress("a@b.example"), 1, 1))

            await store.write(fill)
            monkeypatch.setattr(Connection, "all", counting)
            expired = await store.read(lambda r: r.expired_messages(NOW, 100))
            assert sorted(each.id for each in expired) == ["m10008", "m15008", "m5008", "m8"]
            assert len(statements) == 1
            reader = store._reader._connection  # type: ignore[attr-defined]  # of the SQLite store
            text, values = reader._statements.bind(expired_messages, {"now_ms": NOW, "limit": 9})
            plan = store._reading.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()  # type: ignore[attr-defined]
            assert any("ix_messages_account_id" in row[3] and "received_at_ms<" in row[3] for row in plan), plan

    asyncio.run(scenario())


def test_events_and_what_was_removed_go_after_their_time(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for age_days in (40, 31, 29, 0):
            event = Event(EventType.NUMBER_CHANGED, account_id, A, {"age": age_days}, NOW - age_days * DAY_MS)
            await store.write(methodcaller("add_event", event))
        kept = Retention(events=timedelta(days=30), deliveries=timedelta(days=30))
        await remove_old(Retention(calls=timedelta(days=1)), store, clock(), asyncio.Event())
        assert len(await store.read(lambda r: r.events(account_id, 0, 9))) == 4
        await remove_old(kept, store, clock(), asyncio.Event())
        ages = [(NOW - each.at_ms) // DAY_MS for each in await store.read(lambda r: r.events(account_id, 0, 9))]
        assert ages == [29, 0]
        for number, age_days in ((A, 40), (B, 20)):
            await store.write(methodcaller("add_audit", entry(number, 1, age_days)))
            at_ms = NOW - age_days * DAY_MS
            removal = Removal(age_days, RemovalKind.NUMBER, account_id, at_ms, None, "cli", number, 1)
            await store.write(methodcaller("remove_number", removal))
            await store.write(methodcaller("archive_changes", removal, 9))
            await store.write(methodcaller("end_removal", removal, at_ms))
        await remove_old(kept, store, clock(), asyncio.Event())
        assert len(await store.read(lambda r: r.removals())) == 2
        await remove_old(Retention(audit=timedelta(days=30)), store, clock(), asyncio.Event())
        assert [each.number for each in await store.read(lambda r: r.removals())] == [B]
        assert [each.number for each in await store.read(lambda r: r.past_changes())] == [B]

    run(scenario)
