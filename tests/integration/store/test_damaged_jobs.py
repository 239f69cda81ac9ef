"""One value of one row is damaged: what works in the background does its work on all other rows, and ends.

Each job has some rows that are due, and each column of their tables is damaged in one of them in turn, in every way
that SQLite keeps. It then does its work on the others, and ends; of what it leaves a line of the log says why.
"""

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest
from structlog.testing import capture_logs

from renvoi.adapters.sql.schema import metadata
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.events.webhook import secret_of
from tests.support.background_jobs import (
    DAYS,
    Counted,
    Job,
    Told,
    Work,
    collecting,
    expiry,
    imports,
    limit_notices,
    mails,
    missed_calls,
    person_mails,
    removals,
    renewals,
    retention,
    webhook_notices,
    webhooks,
)
from tests.support.damaged_rows import Damage, SqliteDamager, damages_of, some_of
from tests.support.everything_asked import Browser
from tests.support.full_store import BY_HAND, fill
from tests.support.http_api import START_MS
from tests.support.outbox_harness import MovedClock
from tests.support.receivers import SECRET
from tests.support.stores import make_sqlite, opened
from tests.support.threaded_store import threaded_store
from tests.support.webhook_harness import SEALER

TABLES = metadata.tables
DAMAGED = 1
"""Which row is damaged, in the order of the primary key: there is one before it, and one behind it."""
_ALL = ("accounts", "numbers")
_IMPORTED = "33199005590, 7, 1", "33199005591, 8, 1", "33199005592, 9, 1"
_OF_WEBHOOKS = {f"webhooks.{name}" for name in ("account_id", "types", "cursor", "enabled")}
JOBS = {
    "mails": Job(
        mails,
        ("messages", "mails", "further_mails", *_ALL),
        before=("UPDATE mails SET state = 'pending', due_at_ms = 1, ended_at_ms = NULL",),
        # A mail without its message is one whose message was deleted meanwhile.
        quiet=frozenset({"mails.state", "further_mails.state", "messages.id"}),
    ),
    "missed calls": Job(missed_calls, ("missed_call_mails", *_ALL), quiet=frozenset({"missed_call_mails.state"})),
    "limit notices": Job(
        limit_notices,
        ("limit_notices", "accounts"),
        quiet=frozenset({"limit_notices.due_at_ms", "accounts.email"}),
    ),
    "webhook notices": Job(
        webhook_notices,
        ("webhooks", "accounts"),
        before=("UPDATE webhooks SET notice_due_at_ms = 1",),
        quiet=frozenset({"webhooks.notice_due_at_ms"}),
    ),
    "mails to people": Job(
        person_mails,
        ("user_tokens", "users", "accounts"),
        hanging=3,
        quiet=frozenset({"user_tokens.expires_at_ms", "user_tokens.due_at_ms"}),
    ),
    "expiry": Job(
        expiry,
        ("messages", "mails", "further_mails", "accounts"),
        "SELECT hex(id) FROM messages",
        later_ms=4000 * DAYS,
        # It is kept while nobody can tell for how long.
        quiet=frozenset({"messages.account_id", "messages.received_at_ms"}),
    ),
    "retention": Job(
        retention,
        ("calls", "call_ladders", "audit", "events", "webhook_deliveries"),
        "SELECT 'call' || id FROM calls UNION SELECT 'event' || position FROM events",
        later_ms=4000 * DAYS,
        quiet=frozenset({"calls.setup_at_ms", "events.at_ms"}),
    ),
    "removals": Job(
        removals,
        ("removals", "messages", "mails", "numbers", "webhooks", "users", "accounts", "audit", "missed_call_mails"),
        "SELECT id FROM removals WHERE ended_at_ms IS NOT NULL UNION SELECT hex(id) FROM messages",
        before=("UPDATE removals SET keeps_messages = 0", "UPDATE messages SET number = 33199005501"),
        # A message that is not found again, and its removal, which waits for that.
        hanging=2,
        quiet=frozenset({"removals.ended_at_ms", "messages.account_id", "messages.number"}),
    ),
    "renewals": Job(
        renewals,
        _ALL,
        "SELECT number || ' ' || renew_at_ms FROM numbers WHERE renew_at_ms IS NOT NULL",
        later_ms=395 * DAYS,
        hanging=2,
    ),
    "imports": Job(
        imports,
        ("imports", "import_rows", *_ALL),
        "SELECT number FROM numbers",
        before=(
            "INSERT INTO imports SELECT 9, account_id, state, created_at_ms, alive_until_ms FROM imports WHERE id = 8",
            "UPDATE imports SET state = 'committed'",
            "DELETE FROM import_rows",
            *(
                f"INSERT INTO import_rows (number, import_id, line, label, forwarding_enabled) VALUES ({each}, '', 1)"
                for each in _IMPORTED
            ),
        ),
        later_ms=DAYS,
        quiet=frozenset({"imports.id", "import_rows.number", "import_rows.import_id"}),
    ),
    "collector": Job(
        collecting,
        ("calls", "call_ladders", "usage", "call_counts", "rates", "event_seqs", "webhooks", *_ALL),
        "SELECT hex(call_id) FROM calls WHERE end_at_ms IS NOT NULL",
        before=("UPDATE calls SET status = NULL, answer_at_ms = NULL, end_at_ms = NULL",),
        later_ms=2 * DAYS,
    ),
    "webhooks": Job(
        webhooks,
        ("webhooks", "webhook_deliveries", "events", "secrets", "leases", "accounts"),
        before=("UPDATE webhooks SET url = 'https://' || id || '.example'",),
        # All events of an endpoint, or one of each endpoint.
        hanging=20,
        quiet=frozenset(
            {"webhooks.account_id", "webhooks.types", "webhooks.cursor", "webhooks.enabled", "events.tx", "events.type"}
        ),
    ),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("filled") / "renvoi.db"
    make_sqlite(path)
    with threaded_store(f"sqlite:///{path}") as store, closing(Browser(store)) as browser:
        fill(browser)
    with closing(sqlite3.connect(path)) as connection:
        for words in BY_HAND:
            connection.execute(words)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


class Bench:
    """A store on which a job runs again and again."""

    def __init__(self, job: Job, store: Store, path: Path) -> None:
        self._job = job
        self._store = store
        self._path = path

    def _rows(self) -> set[str]:
        with closing(sqlite3.connect(self._path)) as connection:
            return {str(key) for (key,) in connection.execute(self._job.done or "SELECT 1")}

    async def run(self) -> set[str]:
        """Have the job do what is due; return what it has worked on."""
        told, before = Told(), self._rows()
        clock = MovedClock(START_MS + 1000 + self._job.later_ms)
        await self._job.run(Work(Counted(self._store), clock, told, self._path.parent))
        return set(told.names) if not self._job.done else before ^ self._rows()

    async def judge(self, each: Damage, expected: set[str]) -> str:
        """Return what is wrong with a run on a damaged row, "" if all is well."""
        with capture_logs() as lines, _Records() as records:
            try:
                done = await self.run()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                return f"{each}: {error!r:.300}"
        gone = expected - done
        is_told = records or any(line["log_level"] in ("warning", "error") for line in lines)
        if len(gone) > self._job.hanging:
            return f"{each}: {gone} were left"
        if len(done) >= len(expected) or is_told or f"{each.column.table.name}.{each.column.name}" in self._job.quiet:
            return ""
        return f"{each}: {gone} was left without a line of the log"


class _Records(logging.Handler):
    """Whether the store warned of anything."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._count = 0

    def emit(self, _: logging.LogRecord) -> None:
        self._count += 1

    def __bool__(self) -> bool:
        return self._count > 0

    def __enter__(self) -> Self:
        logging.getLogger("renvoi.store").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("renvoi.store").removeHandler(self)


def _prepare(connection: sqlite3.Connection, job: Job) -> None:
    for words in job.before:
        connection.execute(words)
    for (webhook_id,) in connection.execute("SELECT id FROM webhooks").fetchall():
        name = secret_of(webhook_id)
        values = (name, SEALER.seal(name, SECRET))
        connection.execute("INSERT OR REPLACE INTO secrets (name, sealed) VALUES (?, ?)", values)
    connection.commit()


@pytest.mark.parametrize("name", JOBS)
def test_a_damaged_row_keeps_no_job_from_its_work(
    tmp_path: Path, filled: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renvoi.application.retention.PAUSE_S", 0)
    monkeypatch.setattr("renvoi.application.holiday_renewal.PAUSE_S", 0)
    job, path = JOBS[name], tmp_path / "renvoi.db"
    path.write_bytes(filled)
    with closing(sqlite3.connect(path)) as connection:
        _prepare(connection, job)
    faults = []

    async def main() -> None:
        async with opened(f"sqlite:///{path}") as store:
            damager, bench = SqliteDamager(path), Bench(job, store, path)
            with damager.undone():
                expected = await bench.run()
            assert len(expected) > 1, "there is to be work on several rows"
            for each in (each for table in job.tables for each in some_of(list(damages_of(TABLES[table])))):
                with damager.damaged(each, DAMAGED) as is_damaged:
                    if is_damaged:
                        faults.append(await bench.judge(each, expected))

    asyncio.run(main())
    assert not any(faults), "\n".join(filter(None, faults))
