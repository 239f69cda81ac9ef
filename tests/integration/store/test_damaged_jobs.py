"""One value of one row is damaged: what works in the background does its work on all other rows, and ends.

Each job has some rows that are due, and each column of their tables is damaged in one of them in turn, in every way
that its store keeps. It then does its work on the others, and ends; of what it leaves a line of the log says why.
"""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from structlog.testing import capture_logs

from renvoi.application.ports.unit_of_work import Store, Writer
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
from tests.support.damaged_rows import EVERY, Damage, damages_of, some_of
from tests.support.damaged_stores import DAMAGED, STORES, TABLES, Made
from tests.support.http_api import START_MS
from tests.support.outbox_harness import MovedClock
from tests.support.receivers import SECRET
from tests.support.stores import opened
from tests.support.webhook_harness import SEALER

_HEX = "CREATE FUNCTION hex(text) RETURNS text LANGUAGE sql AS 'SELECT encode(convert_to($1, ''UTF8''), ''hex'')'"
"""What SQLite has: it makes a text of one that is none."""
_ALL = ("accounts", "numbers")
_STAGED = "number, import_id, line, label, forwarding_enabled"
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
        "SELECT CAST(id AS TEXT) FROM removals WHERE ended_at_ms IS NOT NULL UNION SELECT hex(id) FROM messages",
        before=("UPDATE removals SET keeps_messages = FALSE", "UPDATE messages SET number = 33199005501"),
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
            *(f"INSERT INTO import_rows ({_STAGED}) VALUES ({each}, '', TRUE)" for each in _IMPORTED),
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
        quiet=frozenset({"calls.status"}),
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


@pytest.fixture(scope="module", params=STORES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Made]]:
    with STORES[request.param](tmp_path_factory.mktemp("filled")) as made:
        made.fill()
        if request.param == "postgresql":
            made.run(_HEX)
        yield request.param, made


class Bench:
    """A store on which a job runs again and again."""

    def __init__(self, job: Job, store: Store, made: Made, directory: Path) -> None:
        self._job = job
        self._store = store
        self._made = made
        self._directory = directory

    def _rows(self) -> set[str]:
        return {str(key) for (key,) in self._made.run(self._job.done or "SELECT 1")}

    async def run(self) -> set[str]:
        """Have the job do what is due; return what it has worked on."""
        told, before = Told(), self._rows()
        clock = MovedClock(START_MS + 1000 + self._job.later_ms)
        await self._job.run(Work(Counted(self._store), clock, told, self._directory))
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


def _seal_secrets(writer: Writer) -> None:
    for webhook in writer.webhooks():
        name = secret_of(webhook.id)
        writer.put_secret(name, SEALER.seal(name, SECRET))


@pytest.mark.parametrize("name", JOBS)
def test_a_damaged_row_keeps_no_job_from_its_work(
    tmp_path: Path, filled: tuple[str, Made], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renvoi.application.retention.PAUSE_S", 0)
    monkeypatch.setattr("renvoi.application.holiday_renewal.PAUSE_S", 0)
    (kind, whole), job, faults = filled, JOBS[name], []

    async def main(made: Made) -> None:
        async with opened(made.url) as store:
            await store.write(_seal_secrets)
            bench = Bench(job, store, made, tmp_path)
            with made.damager() as damager:
                with damager.undone():
                    expected = await bench.run()
                assert len(expected) > 1, "there is to be work on several rows"
                for each in _damages(job, kind):
                    with damager.damaged(each, DAMAGED) as is_damaged:
                        if is_damaged:
                            faults.append(await bench.judge(each, expected))

    with whole.copied(tmp_path) as made:
        for words in job.before:
            made.run(words)
        asyncio.run(main(made))
    assert not any(faults), "\n".join(filter(None, faults))


def _damages(job: Job, kind: str) -> Iterator[Damage]:
    """Yield what is damaged: on PostgreSQL, where a row takes much longer, every second column in one way."""
    for table in job.tables:
        found = list(some_of(list(damages_of(TABLES[table], typed=kind == "postgresql"))))
        yield from found if kind == "sqlite" or EVERY else found[::4]
