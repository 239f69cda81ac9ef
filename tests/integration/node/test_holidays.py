"""The mailer as the node runs it renews the holidays of rules, and says when it cannot."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.sql import open_store
from renvoi.application.holiday_renewal import Renewal, renew_due
from renvoi.application.ports.unit_of_work import Store
from renvoi.configuration.settings import Settings
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import Schedule
from renvoi.key_file import NAME, write_keys
from renvoi.node.checks.store import check_store
from renvoi.node.entrypoints.mailer import send_mails
from renvoi.node.parts.watchdog import Heartbeat, HeartbeatSender
from tests.support.keys import new_keys
from tests.support.stores import A, B, C, seed
from tests.support.waiting import wait_until

TODAY = datetime.now(UTC).date()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make the directories of a node, and a store with the numbers A and B."""
    made = Settings(data_dir=tmp_path, shutdown_grace_s=0)
    for path in (made.recordings_dir, made.messages_dir, made.mail_dir, made.spool_dir, made.run_dir):
        path.mkdir()
    write_keys(made.run_dir / NAME, new_keys())
    asyncio.run(change(made, seed, aside=True))
    return made


async def change(settings: Settings, work: Any, *, aside: bool = False) -> Any:
    store = await open_store(settings.database)
    try:
        return await (work(store) if aside else store.write(work))
    finally:
        await store.close()


def rule(code: str, until: date) -> Rule:
    schedule = Schedule("Europe/Paris", holidays=code, holidays_until=until)
    return replace(Rule.forward(C), revision=3, schedule=schedule)


def test_the_mailer_renews_rules_and_alarms(settings: Settings) -> None:
    lost_in = TODAY + timedelta(days=10)
    asyncio.run(change(settings, methodcaller("put_rule", A, rule("FR-57", TODAY), 1)))
    asyncio.run(change(settings, methodcaller("put_rule", B, rule("SU", lost_in), 1)))

    async def scenario() -> None:
        stop = asyncio.Event()
        with closing(Heartbeat()) as heartbeat:
            sender = HeartbeatSender(heartbeat.child_fd)
            beating = asyncio.create_task(sender.beat())
            mailer = asyncio.create_task(send_mails(settings, stop, sender))

            async def alarmed() -> bool:
                return "1 rule with holidays whose dates are known for less than 30 days" in heartbeat.alarm

            await wait_until(alarmed, "the alarm", 60)
            assert "no holidays are known under 'SU'" in heartbeat.alarm
            stop.set()
            await mailer
            beating.cancel()

    asyncio.run(scenario())
    renewed, lost = (asyncio.run(change(settings, methodcaller("number", number))).rule for number in (A, B))
    assert renewed.schedule.holidays_until >= TODAY + timedelta(days=399)
    assert len(renewed.schedule.holiday_dates) > 10
    assert renewed.revision == 3
    assert lost == rule("SU", lost_in)
    finding = next(each for each in asyncio.run(check_store(settings)) if each.name == "holidays")
    assert (finding.ok, finding.needed) == (False, False)
    assert finding.text == "1 rule with holidays whose dates are known for less than 30 days"


def test_a_check_says_nothing_of_holidays_that_are_known(settings: Settings) -> None:
    asyncio.run(change(settings, methodcaller("put_rule", A, rule("FR", TODAY + timedelta(days=60)), 1)))
    assert "holidays" not in [each.name for each in asyncio.run(check_store(settings))]


def test_a_rule_that_an_older_program_has_changed_is_due_no_more(settings: Settings) -> None:
    """It writes the columns that it knows, and not when the dates run out."""
    asyncio.run(change(settings, methodcaller("put_rule", A, rule("FR", TODAY), 1)))
    with closing(sqlite3.connect(settings.database_path or "", isolation_level=None)) as database:
        plain = "UPDATE numbers SET revision = 4, routing = NULL, routing_version = NULL WHERE number = ?"
        database.execute(plain, (A.digits,))

    async def renew(store: Store) -> tuple[Renewal, int, NumberRecord | None]:
        renewal = await renew_due(store, PackagedHolidays(), SystemClock(), asyncio.Event())
        due = await store.read(methodcaller("count_to_renew", 2**53))
        return renewal, due, await store.read(methodcaller("number", A))

    renewal, due, record = asyncio.run(change(settings, renew, aside=True))
    assert (renewal, due) == (Renewal(), 0)
    assert record is not None
    assert record.rule == replace(Rule.forward(C), revision=4)
