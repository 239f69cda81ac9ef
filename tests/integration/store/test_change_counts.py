"""How many rules each commit wrote: what the stores say of it is what the audit trail has."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.sql import open_store
from renvoi.adapters.sql.sqlite import prepare_file
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.rule_batches import BatchChange, BatchRefused, change_all
from renvoi.application.rule_history import undo
from renvoi.application.rules import HolidayDates, RuleChange, anything
from renvoi.application.write_behind import ChangeCounts, keep_writing
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls.usage import CHANGED, HOUR_MS
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from tests.support.http_api import FixedClock
from tests.support.postgres import shared_cluster
from tests.support.stores import A, new_database, seed

MANY = [E164(f"+33199005{n:03}") for n in range(40)]
TARGET = E164("+33644630000")


class Broken(Exception):
    """Work ends with it after it has written."""


async def changed_in_every_way(store: Store) -> None:
    account_id = await seed(store)
    who, clock = Principal(account_id, "FR", None, "127.0.0.1"), FixedClock()

    def add(writer: Writer) -> None:
        for number in MANY:
            writer.add_number(account_id, NumberRow(number), 2)

    await store.write(add)
    await set_rule(store, clock, who, RuleRequest(str(A), "1", str(TARGET)))
    # One with an Idempotency-Key, one that changes nothing, and one that is refused.
    await set_rule(store, clock, who, RuleRequest(str(A), "1", str(MANY[0])), "once")
    await set_rule(store, clock, who, RuleRequest(str(A), "1", str(MANY[0])), "once")
    await set_rule(store, clock, who, RuleRequest(str(A), "1", str(A)))
    # Many at once, which share commits; each is asked for twice, and one of the two changes nothing.
    await asyncio.gather(*(set_rule(store, clock, who, RuleRequest(str(n), "1", str(TARGET))) for n in MANY * 2))
    dates = HolidayDates(PackagedHolidays(), clock.now_ms())
    wanted = [BatchChange(RuleChange(number, lambda _: Rule.forward(E164("+33644630001")))) for number in MANY]
    await change_all(store, dates, who, wanted)
    loop = [BatchChange(RuleChange(MANY[0], lambda _: Rule.forward(MANY[0]))), *wanted[1:]]
    with pytest.raises(BatchRefused):
        await change_all(store, dates, who, loop)
    await undo(store, clock, PackagedHolidays(), who, A, None, anything)

    def broken(writer: Writer) -> None:
        writer.put_rule(A, Rule.forward(TARGET), 5)
        raise Broken

    with pytest.raises(Broken):
        await store.write(broken)


async def opened_and_changed(url: str, counts: ChangeCounts) -> None:
    store = await open_store(url, on_commit=lambda _, rules: counts.note(rules), connections=4)
    try:
        await changed_in_every_way(store)
        trail = await store.read(lambda reader: reader.changes(1000))
        assert len(trail) == 2 + len(MANY) * 2 + 1
        assert await store.read(lambda reader: reader.hour_counts(0)) == {}
        stop = asyncio.Event()
        stop.set()
        await keep_writing([counts], store, stop, timedelta(hours=1))
        hour = FixedClock().now_ms() // HOUR_MS
        expected = {(hour, CHANGED): len(trail)}
        assert dict(await store.read(lambda reader: reader.hour_counts(0))) == expected
        await counts.write(store)
        assert dict(await store.read(lambda reader: reader.hour_counts(0))) == expected
    finally:
        await store.close()


def test_every_change_is_counted_once_on_sqlite(tmp_path: Path) -> None:
    prepare_file(tmp_path / "renvoi.db")
    asyncio.run(opened_and_changed(f"sqlite:///{tmp_path}/renvoi.db", ChangeCounts(FixedClock())))


def test_every_change_is_counted_once_on_postgresql() -> None:
    async def main() -> None:
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(new_database(shared_cluster()))
            await opened_and_changed(shared_cluster().url(database), ChangeCounts(FixedClock()))

    asyncio.run(main())
