"""The table that processes share: what it keeps, and what it forgets."""

import os
import random
from collections.abc import Iterator

import pytest

from renvoi.edge.router.stale_rules import Entry, SharedTable, SizedTables
from tests.support.waiting import wait_for

ENTRIES = 4000


@pytest.fixture
def table() -> Iterator[SharedTable]:
    table = SharedTable(ENTRIES, 32)
    yield table
    table.close()


def test_what_was_put_is_got(table: SharedTable) -> None:
    entries = {2**64 - 1: Entry(1.5, b""), 0: Entry(2.5, b"\0" * 32), 33199001234: Entry(0.0, b"abc")}
    for key, entry in entries.items():
        assert table.get(key) is None
        table.put(key, entry)
    assert {key: table.get(key) for key in entries} == entries


def test_the_newest_of_a_key_is_kept_whatever_the_order(table: SharedTable) -> None:
    """Who read first may be the last one to write."""
    for at in (1.0, 3.0, 2.0):
        table.put(7, Entry(at, b"%d" % at))
    assert table.get(7) == Entry(3.0, b"3")


def test_what_is_too_long_is_not_kept(table: SharedTable) -> None:
    table.put(7, Entry(1.0, b"x" * 33))
    assert table.get(7) is None


@pytest.fixture
def tables() -> Iterator[SizedTables]:
    tables = SizedTables((8, 4), (4, 16))
    yield tables
    tables.close()


def test_a_value_that_grows_or_shrinks_replaces_the_one_before(tables: SizedTables) -> None:
    for at, value in enumerate((b"x", b"x" * 16, b"y" * 5, b"z" * 4, b""), 1):
        tables.put(7, Entry(at, value))
        assert tables.get(7) == Entry(at, value)
        assert tables.get(8) is None
    for key in range(100, 200):  # nor does one come back when those that replaced it are forgotten
        tables.put(key, Entry(9.0, b"x" * 4))
    assert tables.get(7) is None


def test_nothing_is_known_of_a_value_that_fits_nowhere(tables: SizedTables) -> None:
    tables.put(7, Entry(1.0, b"x"))
    tables.put(8, Entry(1.0, b"x"))
    tables.put(7, Entry(2.0, b"x" * 17))
    assert tables.get(7) is None
    assert tables.get(8) == Entry(1.0, b"x")


def test_what_was_read_earlier_and_written_later_changes_nothing(tables: SizedTables) -> None:
    tables.put(7, Entry(2.0, b"x" * 16))
    tables.put(7, Entry(1.0, b"y"))
    assert tables.get(7) == Entry(2.0, b"x" * 16)
    tables.put(7, Entry(1.5, b"z" * 17))
    assert tables.get(7) == Entry(2.0, b"x" * 16)


def test_numbers_in_a_row_fill_it_evenly(table: SharedTable) -> None:
    """Half full, next to nothing is forgotten."""
    keys = range(33199000000, 33199000000 + ENTRIES // 2)
    for key in keys:
        table.put(key, Entry(key, b"x"))
    assert sum(table.get(key) is not None for key in keys) > 0.95 * len(keys)


def test_the_oldest_is_forgotten(table: SharedTable) -> None:
    dice = random.Random(4)
    keys = [dice.getrandbits(40) for _ in range(10 * ENTRIES)]
    for at, key in enumerate(keys):
        table.put(key, Entry(at, b"%d" % key))
    kept = [at for at, key in enumerate(keys) if table.get(key) == Entry(at, b"%d" % key)]
    assert len(kept) > 0.95 * ENTRIES
    assert all(at in kept for at in range(len(keys) - 50, len(keys)))
    assert sum(kept) / len(kept) > len(keys) - ENTRIES


def test_processes_share_it(table: SharedTable) -> None:
    child = os.fork()
    if child == 0:
        table.put(7, Entry(1.0, b"child"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert table.get(7) == Entry(1.0, b"child")


def test_writers_at_once_leave_nothing_that_nobody_wrote() -> None:
    """All write to the same place, and one is killed in the middle."""
    table = SharedTable(4, 512)
    children = [_write_forever(table, bytes([letter]) * 512) for letter in b"abc"]
    try:
        wait_for(lambda: any(table.get(key) for key in range(8)), "the first of them", 60)
        seen = [table.get(key) for _ in range(3000) for key in range(8)]
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)
    values = {entry.value for entry in seen if entry is not None}
    assert values <= {bytes([letter]) * 512 for letter in b"abc"}
    assert values
    table.put(7, Entry(1e12, b"after"))
    assert table.get(7) == Entry(1e12, b"after")
    table.close()


def _write_forever(table: SharedTable, value: bytes) -> int:
    child = os.fork()
    at = 0.0
    while child == 0:
        at += 1
        table.put(int(at) % 8, Entry(at, value))
    return child
