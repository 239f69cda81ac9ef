"""What calls use up is in the store once, whoever dies on the way (docs/operating/limits.md, Limits)."""

from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.adapters.sql.sqlite import SqliteStore
from renvoi.call_records.collector import ENDLESS_AFTER_MS, LONGEST_CALL_MS, Collector
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.calls.call_record import Answered, CallKey, FellBack, HungUp
from renvoi.domain.calls.rates import Rate
from renvoi.domain.calls.usage import Usage, day_of, used_today
from tests.integration.call_records.test_collector import NOW, HandClock, append, decided, mine, with_collector


def test_minutes_are_counted_once_whatever_comes_again(tmp_path: Path) -> None:
    """As calls run and when they have ended, for each name; and what a limit has refused."""
    key = CallKey("a", "t", 1)
    begun = replace(decided("a"), used=("a1", "n332"))
    answered, hung_up = Answered(key, NOW + 1000, 200), HungUp("a", "t", NOW + 61_000, "caller")
    over = replace(decided("b", status=480), reason="limit-minutes", used=("a7", "n332"))
    notice = LimitNotice(7, day_of(NOW), LimitKind.MINUTES, "n332", NOW)

    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        async def usage(name: str) -> Usage:
            found = await store.read(lambda reader: reader.usages([name], 0))
            return found[name, day_of(NOW)]

        append(mine(spool), begun, answered)
        await collector.collect()
        assert (await usage("a1")).running == (await usage("n332")).running == 1
        append(mine(spool), answered, hung_up, hung_up, over)
        await collector.collect()
        append(mine(spool), answered, over)
        await collector.collect()
        assert await usage("a1") == await usage("n332") == Usage(60_000)
        assert (await store.read(lambda reader: reader.counts()))["limit_reached_minutes"] == 1
        assert list(await store.read(lambda reader: reader.due_limit_notices(NOW, 9))) == [notice]
        record = await store.read(lambda reader: reader.call(key))
        assert record is not None
        assert record.used == ("a1", "n332")

    with_collector(tmp_path, scenario)


def test_a_call_costs_what_the_rates_say_when_it_is_answered(tmp_path: Path) -> None:
    key = CallKey("a", "t", 1)
    begun = replace(decided("a"), used=("a1",), target="+33612345678")

    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        async def spend(at_ms: int) -> int:
            found = await store.read(lambda reader: reader.usages(["a1"], 0))
            return used_today([(day, usage) for (_, day), usage in found.items()], at_ms).spend

        await store.write(lambda writer: writer.put_rates([Rate("336", 60_000, "EUR")]))
        append(mine(spool), begun)
        await collector.collect()
        append(mine(spool), Answered(key, NOW + 1000, 200))
        await collector.collect()
        await store.write(lambda writer: writer.put_rates([Rate("336", 999_000, "EUR")]))
        assert await spend(NOW + 31_000) == 30_000
        append(mine(spool), HungUp("a", "t", NOW + 91_000, "caller"))
        await collector.collect()
        assert await spend(NOW + 200_000) == 90_000
        record = await store.read(lambda reader: reader.call(key))
        assert record is not None
        assert record.price == 60_000

    with_collector(tmp_path, scenario)


@pytest.mark.parametrize("late", [False, True])
def test_a_call_that_went_on_costs_what_its_second_number_does(tmp_path: Path, *, late: bool) -> None:
    """Also when it is seen last that it went on, as another process has written that."""
    key = CallKey("a", "t", 1)
    begun = replace(decided("a"), used=("a1", "n332"), target="+33612345678")
    went_on = FellBack(key, NOW + 500, "busy", target="+33140000009", diversions=("+332",), used=("a2",))
    answered, hung_up = Answered(key, NOW + 1000, 200), HungUp("a", "t", NOW + 61_000, "caller")

    async def scenario(collector: Collector, store: SqliteStore, _: HandClock, spool: Path) -> None:
        await store.write(lambda writer: writer.put_rates([Rate("336", 60_000, "EUR"), Rate("331", 7_000, "EUR")]))
        for event in (begun, answered, went_on, hung_up) if late else (begun, went_on, answered, hung_up):
            append(mine(spool), event)
            await collector.collect()
        record = await store.read(lambda reader: reader.call(key))
        assert record is not None
        assert (record.price, record.target, record.reason, record.decision) == (
            7_000,
            "+33140000009",
            "busy",
            "forward",
        )
        found = await store.read(lambda reader: reader.usages(["a1", "n332", "a2"], 0))
        used = {name: (usage.ms, usage.running, usage.spend) for (name, _), usage in found.items()}
        assert {name: each for name, each in used.items() if any(each)} == {"a2": (60_000, 0, 7_000)}

    with_collector(tmp_path, scenario)


def test_a_call_without_an_end_stops_counting_when_its_record_is_closed(tmp_path: Path) -> None:
    begun = replace(decided("a"), used=("a1",))

    async def scenario(collector: Collector, store: SqliteStore, clock: HandClock, spool: Path) -> None:
        append(mine(spool), begun, Answered(CallKey("a", "t", 1), NOW + 1000, 200))
        await collector.collect()
        clock.ms += LONGEST_CALL_MS + ENDLESS_AFTER_MS + 2
        await collector.collect()
        found = await store.read(lambda reader: reader.usages(["a1"], 0))
        assert sum(usage.running for usage in found.values()) == 0
        assert sum(usage.ms for usage in found.values()) == clock.ms - NOW - 1000

    with_collector(tmp_path, scenario)
