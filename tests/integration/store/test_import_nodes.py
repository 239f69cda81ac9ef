"""Imports on PostgreSQL, where several programs work on one store at the same time."""

import asyncio
from contextlib import suppress
from operator import methodcaller

import pytest

from renvoi.application import staging
from renvoi.application.errors import OperatorError
from renvoi.application.numbers import add_number
from renvoi.application.ports.numbers import ImportState, NumberRow
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.staging import Errors, Row, Staging, settle
from renvoi.domain.numbers.number import E164
from tests.integration.store.test_postgres import ROUNDS, Nodes, run
from tests.support.http_api import FixedClock
from tests.support.postgres import shared_cluster

EACH = 4


def rows_of(round_number: int) -> list[Row]:
    return [(n + 1, NumberRow(E164(f"+331990{round_number:02}{n:03}"))) for n in range(100)]


async def import_rows(store: Store, rows: list[Row]) -> Errors:
    account = await store.read(lambda reader: reader.accounts()[0])
    each, errors = Staging(store, FixedClock()), Errors(20)
    await each.begin(account)
    await each.stage(rows, errors)
    await (each.abandon(remove=True) if errors.count else each.commit())
    return errors


def test_a_number_is_of_an_import_or_of_who_added_it_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever commits first wins, and the other one is told: never is a staged number left out in silence."""
    monkeypatch.setattr(staging, "BATCH_ROWS", 10)

    async def scenario(nodes: Nodes) -> None:
        first, second = nodes.stores
        for each in range(ROUNDS):
            rows = rows_of(each)

            async def add_some(rows: list[Row] = rows) -> list[int]:
                added = []
                for line, row in rows[:: -len(rows) // EACH]:
                    with suppress(OperatorError):
                        await add_number(second, FixedClock(), row.number.value, "demo", label="single")
                        added.append(line)
                return sorted(added)

            errors, added = await asyncio.gather(import_rows(first, rows), add_some())
            found = [await first.read(methodcaller("number", row.number)) for _, row in rows]
            singles = [
                line for (line, _), record in zip(rows, found, strict=True) if record and record.label == "single"
            ]
            assert singles == added
            if errors.count:
                assert {line for line, _ in errors.first} <= set(added)
                assert sum(record is not None for record in found) == len(added)
            else:
                # Those that were added by themselves would have kept all out.
                assert added == []
                assert all(found)

    run(scenario)


def test_nodes_that_settle_side_by_side_move_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", 7)

    async def scenario(nodes: Nodes) -> None:
        for each in range(ROUNDS):
            rows, import_id = rows_of(each), each + 1
            await nodes.stores[0].write(methodcaller("begin_import", import_id, nodes.principal.account_id, 1, 2))
            await nodes.stores[0].write(methodcaller("stage_numbers", import_id, rows, 2))
            await nodes.stores[0].write(methodcaller("commit_import", import_id))
            states = [one.state for one in await nodes.stores[1].read(methodcaller("imports"))]
            assert states == [ImportState.COMMITTED]
            settled = await asyncio.gather(*(settle(store, FixedClock()) for store in nodes.stores * 2))
            assert sum(one.added for one in settled) == len(rows)
            assert await nodes.stores[1].read(methodcaller("imports")) == []
            found = [await nodes.stores[1].read(methodcaller("number", row.number)) for _, row in rows]
            assert all(found)

    run(scenario)


def test_the_planner_knows_of_the_numbers_when_an_import_has_ended() -> None:
    """It would sort all numbers of the account for each step to a far page else."""

    async def scenario(nodes: Nodes) -> None:
        with shared_cluster().admin(nodes.database) as connection:
            connection.execute("ANALYZE numbers")
            query = "SELECT reltuples FROM pg_class WHERE relname = 'numbers'"
            before = connection.execute(query).fetchone()
            await import_rows(nodes.stores[0], rows_of(0))
            after = connection.execute(query).fetchone()
        assert before is not None
        assert after is not None
        assert after[0] == before[0] + 100

    run(scenario)
