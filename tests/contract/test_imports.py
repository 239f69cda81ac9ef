"""Imports on every store: staged in small transactions, and all of their rows or none whatever happens in between."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import methodcaller
from typing import Any, TypeVar

import pytest

from renvoi.application import staging
from renvoi.application.errors import OperatorError
from renvoi.application.numbers import add_number
from renvoi.application.ports.errors import Conflict, StoreUnavailable
from renvoi.application.ports.numbers import ImportState, NumberRow
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.staging import LEASE_MS, Errors, Row, Settled, Staging, settle
from renvoi.domain.numbers.number import E164
from tests.support.outbox_harness import MovedClock
from tests.support.stores import A, B, C, Scenario, seed

T = TypeVar("T")

ROWS: Sequence[Row] = [(n + 2, NumberRow(E164(f"+3319900{n:04}"), f"n{n}", n % 2 == 0)) for n in range(25)]
BATCH = 10
BEFORE = [A, B]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", BATCH)


class Watched:
    """A store that notes how many rows each transaction takes, and is away from the write `dies_at` on."""

    def __init__(self, store: Store, dies_at: int | None = None) -> None:
        self._store = store
        self._dies_at = dies_at
        self.keeps_audio = store.keeps_audio
        self.rows: list[int] = []
        self.writes = 0

    async def read(self, work: Callable[[Reader], T]) -> T:
        return await self._store.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        if self.writes == self._dies_at:
            raise StoreUnavailable("away")
        self.writes += 1
        taken: list[int] = []

        def watched(writer: Writer) -> T:
            taken.clear()
            return work(_Watched(writer, taken))

        result = await self._store.write(watched)
        self.rows.append(sum(taken))
        return result

    async def close(self) -> None:
        await self._store.close()


class _Watched:
    def __init__(self, writer: Writer, taken: list[int]) -> None:
        self._writer = writer
        self._taken = taken

    def stage_numbers(self, import_id: int, rows: Sequence[Row], alive_until_ms: int) -> int | None:
        self._taken.append(len(rows))
        return self._writer.stage_numbers(import_id, rows, alive_until_ms)

    def advance_import(self, import_id: int, limit: int) -> int:
        count = self._writer.advance_import(import_id, limit)
        self._taken.append(count)
        return count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


async def numbers(store: Store) -> list[E164]:
    return [record.number for record in await store.read(lambda reader: reader.numbers(limit=1000))]


async def import_all(store: Store, clock: MovedClock, rows: Sequence[Row] = ROWS) -> Errors:
    """Import as `importing.import_numbers` does."""
    account = await store.read(lambda reader: reader.accounts()[0])
    each, errors = Staging(store, clock), Errors(20)
    await each.begin(account)
    await each.stage(rows, errors)
    if errors.count:
        await each.abandon(remove=True)
    else:
        await each.commit()
    return errors


async def is_clean(store: Store) -> bool:
    """Tell whether nothing is staged."""
    imports = await store.read(methodcaller("imports"))
    staged = await store.read(lambda reader: [reader.staged(row.number) for _, row in ROWS])
    return not imports and not any(staged)


def test_all_rows_become_numbers_in_small_transactions(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        watched = Watched(store)
        assert (await import_all(watched, MovedClock())).count == 0
        assert set(await numbers(store)) == {*BEFORE, *(row.number for _, row in ROWS)}
        assert watched.rows == [0, 10, 10, 5, 0, 10, 10, 5, 0]
        await store.write(lambda writer: writer.add_number(account_id, NumberRow(C), 1))
        single = await store.read(methodcaller("number", C))
        for _, row in ROWS:
            expected = replace(single, number=row.number, label=row.label, forwarding_enabled=row.forwarding_enabled)
            assert await store.read(methodcaller("number", row.number)) == expected
        assert await is_clean(store)

    run(scenario)


def test_an_import_is_told_as_one_event_in_its_commit(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        clock = MovedClock()

        async def told() -> list[tuple[str, E164 | None, object]]:
            found = await store.read(methodcaller("events", account_id, 0, 100))
            return [(each.type, each.number, json.loads(each.data)) for each in found]

        await import_all(store, clock, [(2, ROWS[0][1]), (3, ROWS[0][1])])
        assert await told() == []
        # It dies right behind the commit: what was accepted is told, and comes.
        watched = Watched(store, 5)
        with pytest.raises(StoreUnavailable, match="accepted"):
            await import_all(watched, clock)
        assert len(await numbers(store)) < len(BEFORE) + len(ROWS)
        assert await told() == [("number.changed", None, {"change": "imported", "count": len(ROWS)})]
        await settle(store, clock)
        assert len(await numbers(store)) == len(BEFORE) + len(ROWS)
        assert len(await told()) == 1

    run(scenario)


def test_nobody_sees_rows_before_the_commit_and_their_numbers_are_reserved(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        clock, errors = MovedClock(), Errors(20)
        each = Staging(store, clock)
        await each.begin(account)
        await each.stage(ROWS, errors)
        assert await numbers(store) == BEFORE
        staged = ROWS[7][1]
        with pytest.raises(OperatorError, match=r"\+33199000007 is part of an import that is under way"):
            await add_number(store, clock, staged.number.value, "demo")
        several = [NumberRow(C), staged]
        with pytest.raises(Conflict, match=r"\+33199000007 is part of an import that is under way"):
            await store.write(lambda writer: writer.add_numbers(account_id, iter(several), 1))
        assert await numbers(store) == BEFORE
        assert not errors.count
        await each.commit()
        with pytest.raises(OperatorError, match=r"\+33199000007 exists already"):
            await add_number(store, clock, staged.number.value, "demo")
        assert len(await numbers(store)) == len(BEFORE) + len(ROWS)

    run(scenario)


def test_a_number_that_is_added_meanwhile_is_found_by_the_import(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        rows = [*ROWS, (40, NumberRow(C))]
        results = await asyncio.gather(
            import_all(store, MovedClock(), rows),
            add_number(store, MovedClock(), C.value, "demo", label="single"),
            return_exceptions=True,
        )
        errors, added = results
        assert isinstance(errors, Errors)
        # One of them has the number; the other one was told so.
        if isinstance(added, BaseException):
            assert "part of an import" in str(added) or "exists already" in str(added)
            assert errors.count == 0
            assert len(await numbers(store)) == len(BEFORE) + len(rows)
        else:
            assert errors.first == [(40, f"{C} exists already")]
            assert await numbers(store) == [*BEFORE, C]
        assert await is_clean(store)

    run(scenario)


def test_what_exists_or_stands_twice_keeps_all_out(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        wrong = [(30, ROWS[3][1]), (31, NumberRow(B)), (32, NumberRow(C)), (33, NumberRow(C)), (34, NumberRow(A))]
        errors = await import_all(store, MovedClock(), [*ROWS, *wrong])
        assert errors.count == 4
        assert errors.first == [
            (30, f"{ROWS[3][1].number} is on line 5 already"),
            (31, f"{B} exists already"),
            (33, f"{C} is on line 32 already"),
            (34, f"{A} exists already"),
        ]
        assert await numbers(store) == BEFORE
        assert await is_clean(store)

    run(scenario)


def test_the_first_errors_are_told_and_the_others_counted(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        errors = await import_all(store, MovedClock(), [(n, ROWS[0][1]) for n in range(1, 102)])
        assert (errors.count, len(errors.first)) == (100, 20)
        assert errors.first[0] == (2, f"{ROWS[0][1].number} is on line 1 already")

    run(scenario)


def test_two_imports_at_the_same_time_share_no_number(run: Callable[[Scenario], None]) -> None:
    """They take turns; those that begin at the very same time reserve the numbers of one or the other."""

    async def scenario(store: Store) -> None:
        await seed(store)
        clock = MovedClock()
        both = await asyncio.gather(import_all(store, clock), import_all(store, clock, ROWS[::-1]))
        counts = sorted(errors.count for errors in both)
        found = await numbers(store)
        assert counts[1] > 0
        assert len(found) == (len(BEFORE) if counts[0] else len(BEFORE) + len(ROWS))
        reasons = {reason.partition(" ")[2] for errors in both for _, reason in errors.first}
        assert reasons <= {"exists already", "is part of another import that is under way"}
        assert await is_clean(store)

    run(scenario)


def test_an_import_waits_for_one_that_is_under_way(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        clock = MovedClock()
        first = Staging(store, clock)
        await first.begin(account)
        await first.stage(ROWS, Errors(20))
        assert await settle(store, clock) == Settled(0, 0, under_way=True)
        second = asyncio.create_task(import_all(store, clock, ROWS[:1]))
        await first.commit()
        assert (await second).first == [(2, f"{ROWS[0][1].number} exists already")]

    run(scenario)


@pytest.mark.parametrize("dies_at", range(9))
def test_whatever_write_it_dies_at_all_or_none_is_there_after_the_next_look(
    run: Callable[[Scenario], None], dies_at: int
) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        clock = MovedClock()
        with pytest.raises(StoreUnavailable):
            await import_all(Watched(store, dies_at), clock)
        clock.move(milliseconds=LEASE_MS)
        settled = await settle(store, clock)
        assert not settled.under_way
        committed = dies_at > 4
        assert len(await numbers(store)) == (len(BEFORE) + len(ROWS) if committed else len(BEFORE))
        assert await is_clean(store)
        # Its numbers are free again, or taken.
        assert (await import_all(store, clock)).count == (len(ROWS) if committed else 0)

    run(scenario)


@pytest.mark.parametrize("dies_at", range(3))
def test_the_look_may_die_as_well(run: Callable[[Scenario], None], dies_at: int) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        clock = MovedClock()
        for import_dies_at, there in ((4, 0), (5, len(ROWS))):
            with pytest.raises(StoreUnavailable):
                await import_all(Watched(store, import_dies_at), clock)
            clock.move(milliseconds=LEASE_MS)
            with pytest.raises(StoreUnavailable):
                await settle(Watched(store, dies_at), clock)
            # Several nodes look at the same time.
            await asyncio.gather(*(settle(store, clock) for _ in range(3)))
            assert len(await numbers(store)) == len(BEFORE) + there
            assert await is_clean(store)

    run(scenario)


def test_an_import_that_was_taken_for_dead_ends_with_nothing(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        for stages_more in (True, False):
            clock = MovedClock()
            each = Staging(store, clock)
            await each.begin(account)
            await each.stage(ROWS, Errors(20))
            clock.move(milliseconds=LEASE_MS)
            assert await settle(store, clock) == Settled(0, len(ROWS), under_way=False)
            with pytest.raises(OperatorError, match="given up"):
                await (each.stage([(90, NumberRow(C))], Errors(20)) if stages_more else each.commit())
            assert await numbers(store) == BEFORE
            assert await is_clean(store)

    run(scenario)


def test_a_lease_from_before_the_clock_was_set_back_is_over(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        clock = MovedClock()
        await Staging(store, clock).begin(account)
        clock.set(hours=-1)
        assert not (await settle(store, clock)).under_way

    run(scenario)


def test_what_an_older_program_added_meanwhile_stays_as_it_is(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        # It does not know of reservations; here the number is there before it is staged, and nobody looks for it.
        account_id = await seed(store)
        await store.write(lambda writer: writer.begin_import(7, account_id, 1, 2))
        rows = [(1, NumberRow(A, "other")), (2, NumberRow(C, "new"))]
        assert await store.write(lambda writer: writer.stage_numbers(7, rows, 3)) == 2
        assert await store.write(methodcaller("commit_import", 7))
        assert not await store.write(methodcaller("abandon_import", 7))
        assert [each.state for each in await store.read(methodcaller("imports"))] == [ImportState.COMMITTED]
        await settle(store, MovedClock())
        labels = [record.label for record in await store.read(lambda reader: reader.numbers(limit=10))]
        assert labels == ["front desk", "", "new"]

    run(scenario)
