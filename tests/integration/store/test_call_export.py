"""All calls of an account, however many: in bounded memory, and with no transaction held open between two pieces."""

import asyncio
import tracemalloc
from functools import partial
from pathlib import Path

import pytest

from bench.reading import BEGIN_MS, BIG, fill
from renvoi.adapters.sql import open_store
from renvoi.application import call_log
from renvoi.application.json_fields import call_fields
from renvoi.application.ports.calls import CallQuery
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.calls import call_csv
from tests.support.postgres import shared_cluster
from tests.support.stores import new_database

CALLS = 6_000
MOST_BYTES = 3_000_000
"""A few pieces of 500 calls; all of them together take more than ten times as much."""
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"


def two_accounts(writer: Writer) -> None:
    for name in ("bench", "quiet"):
        writer.add_account(name, "en", "FR", 1)


async def export(url: str, watch: object = None) -> tuple[int, int]:
    """Read all calls; return how many, and the most memory that took beyond what was there before."""
    store = await open_store(url)
    try:
        await store.write(two_accounts)
        await asyncio.to_thread(partial(fill, url, CALLS, CALLS))
        await call_log.list_calls(store, BIG, CallQuery(), None, 500)
        lines = 0
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        async for stored in call_log.every_call(store, BIG, CallQuery(), None):
            call_csv.row(call_fields(stored, shows_withheld=False))
            lines += 1
            if lines == CALLS // 2:
                # What comes meanwhile is later than all that follows, and may be written at once.
                await store.write(lambda writer: writer.count("meanwhile"))
                if callable(watch):
                    watch()
        return lines, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        await store.close()


def test_sqlite(tmp_path: Path) -> None:
    lines, most = asyncio.run(export(f"sqlite:///{tmp_path}/renvoi.db"))
    # The other account has each hundredth of 6,000, from the first on.
    assert (lines, most < MOST_BYTES) == (CALLS - 60, True), most


def test_postgresql() -> None:
    async def main() -> None:
        cluster = shared_cluster()
        async with new_database(cluster) as name:
            seen: list[int] = []

            def watch() -> None:
                with cluster.admin(name) as connection:
                    row = connection.execute(OPEN).fetchone()
                    assert row is not None
                    seen.append(row[0])

            lines, most = await export(cluster.url(name), watch)
            assert seen == [0]
            assert (lines, most < MOST_BYTES) == (CALLS - 60, True), most

    asyncio.run(main())


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_pages_join_without_a_gap(tmp_path: Path, limit: int) -> None:
    async def main() -> None:
        url = f"sqlite:///{tmp_path}/renvoi.db"
        store = await open_store(url)
        try:
            await store.write(two_accounts)
            await asyncio.to_thread(partial(fill, url, 1000, 1000))
            found: list[int] = []
            after = None
            while True:
                page = await call_log.list_calls(store, BIG, CallQuery(decision="forward"), after, limit)
                found += [stored.record.setup_at_ms - BEGIN_MS for stored in page.items]
                after = page.next
                if after is None:
                    break
            assert found == sorted(set(found), reverse=True)
            assert len(found) == 989
        finally:
            await store.close()

    asyncio.run(main())
