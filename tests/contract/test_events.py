"""Events, in every adapter of the `Store` port."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import methodcaller

import psycopg
import pytest

from renvoi.application.events import emit
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import MAX_DATA_BYTES, NODE, Event, EventType, StoredEvent, position_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from tests.integration.store.test_migrations import empty_database
from tests.support.http_api import FixedClock
from tests.support.stores import Scenario, opened
from tests.support.waiting import wait_until


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Return the URL of an empty database on PostgreSQL."""
    yield from empty_database()


NUMBERS = tuple(E164.from_digits(33_199_000_000 + n) for n in range(6))
OTHER = E164("+33199009999")


async def make(store: Store) -> int:
    """Make an account with numbers, and return its id."""

    def work(writer: Writer) -> int:
        account = writer.add_account("acme", "en", "FR", 0)
        writer.add_numbers(account.id, map(NumberRow, NUMBERS), 0)
        return account.id

    return await store.write(work)


def event(account_id: int, number: E164 | None, kind: EventType = EventType.CALL_MISSED, **data: object) -> Event:
    """Return an event that happens at 1000."""
    return Event(kind, account_id, number, data, 1000)


async def tell(store: Store, *told: Event) -> None:
    """Tell events in one transaction."""

    def work(writer: Writer) -> None:
        for each in told:
            emit(writer, each)

    await store.write(work)


async def log_of(store: Store, account_id: int, count: int, after: int = 0) -> Sequence[StoredEvent]:
    """Return the log of an account, once that many events can be read: others in the cluster may hold them back."""
    found: Sequence[StoredEvent] = ()

    async def are_there() -> bool:
        nonlocal found
        found = await store.read(methodcaller("events", account_id, after, 10_000))
        return len(found) >= count

    await wait_until(are_there)
    assert len(found) == count
    return found


def test_events_of_each_number_are_counted_without_a_gap(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        first, second = NUMBERS[:2]
        await tell(store, event(account_id, first, a=1), event(account_id, second), event(account_id, first, a="é"))
        await tell(store, event(account_id, None), event(NODE, None, EventType.TRUNK_DOWN), event(account_id, None))
        found = await log_of(store, account_id, 5)
        assert [(each.number, each.seq) for each in found] == [
            (first, 1),
            (second, 1),
            (first, 2),
            (None, 1),
            (None, 2),
        ]
        assert json.loads(found[2].data) == {"a": "é"}
        assert (found[0].type, found[0].at_ms, found[0].account_id) == ("call.missed", 1000, account_id)
        (of_node,) = await log_of(store, NODE, 1)
        assert (of_node.type, of_node.seq) == ("trunk.down", 1)
        assert await store.read(methodcaller("event", found[1].position)) == found[1]
        assert [position_of(each.id) for each in found] == [each.position for each in found]

    run(scenario)


def test_a_rule_and_the_event_that_tells_it_are_put_together(run: Callable[[Scenario], None]) -> None:
    number = NUMBERS[0]

    async def put(store: Store, event: Event, revision: int) -> None:
        rule = Rule(revision=revision)
        await store.write(lambda writer: writer.put_rule(number, rule, 1000 + revision, event))

    async def scenario(store: Store) -> None:
        account_id = await make(store)
        changed = event(account_id, number, EventType.FORWARDING_CHANGED, a="é")
        await tell(store, event(account_id, number))
        await put(store, changed, 1)
        await tell(store, event(account_id, number), event(account_id, NUMBERS[1]))
        with pytest.raises(StoreRefused):
            await put(store, replace(changed, data={"a": "x" * MAX_DATA_BYTES}), 2)
        await put(store, changed, 3)
        found = await log_of(store, account_id, 5)
        assert [(each.type, each.seq) for each in found if each.number == number] == [
            ("call.missed", 1),
            ("forwarding.changed", 2),
            ("call.missed", 3),
            ("forwarding.changed", 4),
        ]
        assert (json.loads(found[1].data), found[1].at_ms, found[1].account_id) == ({"a": "é"}, 1000, account_id)
        record = await store.read(methodcaller("number", number))
        assert (record.rule.revision, record.updated_at_ms) == (3, 1003)

        def put_first(writer: Writer) -> None:
            writer.put_rule(number, Rule(revision=4), 1004, changed)
            raise RuntimeError("changed its mind")

        with pytest.raises(RuntimeError):
            await store.write(put_first)
        assert (await store.read(methodcaller("number", number))).rule.revision == 3
        await log_of(store, account_id, 5)

    run(scenario)


def test_a_log_is_read_in_pages(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        assert await store.read(methodcaller("last_event", account_id)) == 0
        await tell(store, *(event(account_id, NUMBERS[0]) for _ in range(5)), event(account_id + 1, None))
        every = await log_of(store, account_id, 5)
        places = [each.position for each in every]
        assert await store.read(methodcaller("last_event", account_id)) == places[-1]
        assert [each.position for each in await store.read(methodcaller("events", account_id, places[1], 2))] == places[
            2:4
        ]
        assert not await store.read(methodcaller("events", account_id, places[-1], 2))
        # One that is not there, and one of another account, are before all.
        (strange,) = await log_of(store, account_id + 1, 1)
        for unknown in (strange.position, 10**15):
            assert len(await store.read(methodcaller("events", account_id, unknown, 9))) == 5

    run(scenario)


def test_what_fails_tells_nothing(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)

        def fail(writer: Writer) -> None:
            emit(writer, event(account_id, NUMBERS[0]))
            raise RuntimeError("changed its mind")

        with pytest.raises(RuntimeError):
            await store.write(fail)
        for bad in ({"a": object()}, {"a": "x" * MAX_DATA_BYTES}, {"a": "\ud800"}):
            with pytest.raises(StoreRefused):
                await tell(store, Event(EventType.CALL_MISSED, account_id, NUMBERS[0], bad, 1))
        await tell(store, event(account_id, NUMBERS[0]))
        (only,) = await log_of(store, account_id, 1)
        assert only.seq == 1

    run(scenario)


def test_changes_side_by_side_tell_each_once(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        principal = Principal(account_id, "FR", "aa", "192.0.2.1")

        async def change(turn: int) -> None:
            request = RuleRequest(NUMBERS[turn % 3].value, "1", f"+3364463{turn:04}")
            result = await set_rule(store, FixedClock(), principal, request)
            assert result.outcome.success

        await asyncio.gather(
            *(change(turn) for turn in range(60)), *(tell(store, event(account_id, n)) for n in NUMBERS)
        )
        revisions: dict[E164, list[int]] = defaultdict(list)
        seqs: dict[E164, list[int]] = defaultdict(list)
        for each in await log_of(store, account_id, 66):
            assert each.number is not None
            seqs[each.number].append(each.seq)
            if each.type == "forwarding.changed":
                revisions[each.number].append(json.loads(each.data)["revision"])
        assert {number: len(found) for number, found in seqs.items()} == dict.fromkeys(NUMBERS[:3], 21) | dict.fromkeys(
            NUMBERS[3:], 1
        )
        assert all(found == list(range(1, len(found) + 1)) for found in (*seqs.values(), *revisions.values()))

    run(scenario)


def test_a_reader_that_follows_misses_nothing(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        seen: list[StoredEvent] = []

        async def follow() -> None:
            while len(seen) < 120:
                seen.extend(await store.read(methodcaller("events", account_id, seen[-1].position if seen else 0, 7)))
                await asyncio.sleep(0)

        telling = (tell(store, event(account_id, NUMBERS[n % 6])) for n in range(120))
        await asyncio.wait_for(asyncio.gather(follow(), *telling), 20)
        assert seen == await log_of(store, account_id, 120)

    run(scenario)


def test_seq_outlasts_a_number_and_is_the_accounts_own(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await tell(store, event(account_id, NUMBERS[0]), event(account_id, NUMBERS[0], EventType.NUMBER_CHANGED))
        # It is not that account's.
        await tell(store, event(account_id + 1, NUMBERS[0]), event(account_id + 1, NUMBERS[0]))
        assert [each.seq for each in await log_of(store, account_id + 1, 2)] == [1, 2]
        # It is nobody's.
        await tell(store, event(account_id, OTHER), event(account_id, OTHER))
        await store.write(methodcaller("add_number", account_id, NumberRow(OTHER), 0))
        await tell(store, event(account_id, OTHER, EventType.NUMBER_CHANGED), event(account_id, OTHER))
        found = await log_of(store, account_id, 6)
        assert [each.seq for each in found if each.number == OTHER] == [1, 2, 3, 4]

    run(scenario)


def test_old_events_and_those_of_an_account_go(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        for at_ms in range(6):
            await tell(store, Event(EventType.CALL_MISSED, account_id, NUMBERS[0], {}, at_ms))
        assert await store.write(methodcaller("remove_old_events", 3, 2)) == 2
        assert await store.write(methodcaller("remove_old_events", 3, 2)) == 1
        assert await store.write(methodcaller("remove_old_events", 3, 2)) == 0
        assert [each.at_ms for each in await log_of(store, account_id, 3)] == [3, 4, 5]
        remove = partial(store.write, methodcaller("remove_events", account_id, 2))
        await tell(store, event(account_id + 1, None))
        assert await remove() == 2
        assert await remove() == 1
        while await remove():
            pass
        assert len(await log_of(store, account_id + 1, 1)) == 1

    run(scenario)


def test_events_of_a_database_that_was_restored_elsewhere_come_first(postgres_url: str) -> None:
    async def main() -> None:
        async with opened(postgres_url) as store:
            account_id = await make(store)
            await tell(store, event(account_id, NUMBERS[0]), event(account_id, NUMBERS[1]))
        with psycopg.connect(postgres_url) as connection:
            # That server had more transactions than this one.
            for statement in (
                "UPDATE events SET tx = tx + 1000000",
                "UPDATE numbers SET event_tx = event_tx + 1000000",
            ):
                connection.execute(statement)
        async with opened(postgres_url) as store:
            await tell(store, event(account_id, NUMBERS[0]))
            found = await log_of(store, account_id, 3)
            assert [(each.number, each.seq) for each in found] == [(NUMBERS[0], 1), (NUMBERS[1], 1), (NUMBERS[0], 2)]

    asyncio.run(main())
