"""The keys that nodes share, in every adapter of the `Store` port: nodes that come at the same time agree on them."""

import asyncio
import os
from collections.abc import Callable
from operator import methodcaller

import pytest

from renvoi.application.ports.errors import Conflict, StoreRefused
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.shared_keys import keep_keys
from renvoi.domain.shared_key import ROTATION_MS, SPREAD_MS, KeyRing, SharedKey
from tests.support.http_api import FixedClock
from tests.support.stores import Scenario

HOUR_MS = 3600 * 1000
VALIDITY_MS = 24 * HOUR_MS
NODES = 8


async def keep(store: Store, clock: FixedClock, complain: Callable[[str], None] = pytest.fail) -> KeyRing:
    """Do what a node does."""
    return await keep_keys(store, clock, os.urandom, VALIDITY_MS, complain)


async def stored(store: Store) -> list[SharedKey]:
    return [SharedKey(*row) for row in await store.read(lambda reader: reader.shared_keys())]


def test_a_key_comes_back_as_it_was(run: Callable[[Scenario], None]) -> None:
    """Oldest first, whatever bytes it has; a second one of its name is refused, and a missing one is not a fault."""

    async def scenario(store: Store) -> None:
        keys = [
            SharedKey("ffffffff", bytes(range(32)), 1),
            SharedKey("00000000", bytes(32), 2),
            SharedKey("0000000a", b"\xff" * 32, 2**62),
        ]
        for key in reversed(keys):
            await store.write(methodcaller("add_shared_key", key))
        assert await stored(store) == keys
        with pytest.raises(Conflict, match="00000000"):
            await store.write(methodcaller("add_shared_key", new_key_named("00000000")))
        for _ in range(2):
            await store.write(methodcaller("remove_shared_key", "00000000"))
        assert await stored(store) == [keys[0], keys[2]]
        assert await store.read(lambda reader: reader.counts()) == {}

    run(scenario)


def new_key_named(name: str) -> SharedKey:
    return SharedKey(name, os.urandom(32), 0)


def test_nodes_that_start_at_the_same_time_make_one_first_key(run: Callable[[Scenario], None]) -> None:
    """With a key each, one would refuse what another signed for as long as it has not looked again."""

    async def scenario(store: Store) -> None:
        clock = FixedClock()
        rings = await asyncio.gather(*(keep(store, clock) for _ in range(NODES)))
        (key,) = await stored(store)
        assert set(rings) == {KeyRing([key])}
        assert await store.read(lambda reader: reader.counts()) == {}

    run(scenario)


def test_nodes_that_rotate_at_the_same_time_make_one_key(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        clock = FixedClock()
        await keep(store, clock)
        for day in range(1, 4):
            clock.now += ROTATION_MS
            rings = await asyncio.gather(*(keep(store, clock) for _ in range(NODES)))
            assert len(set(rings)) == 1
            assert list(rings[0].keys) == await stored(store)
            assert len({key.created_at_ms for key in rings[0].keys}) == len(rings[0].keys) <= day + 1

    run(scenario)


def test_old_keys_are_removed_once_nothing_valid_was_signed_by_them(run: Callable[[Scenario], None]) -> None:
    """By whichever node comes first; the others do not miss them."""

    async def scenario(store: Store) -> None:
        clock = FixedClock()
        first = (await keep(store, clock)).keys[0]
        clock.now += ROTATION_MS
        second = (await keep(store, clock)).keys[-1]
        clock.now = second.created_at_ms + SPREAD_MS + VALIDITY_MS + HOUR_MS - 1
        assert first in (await keep(store, clock)).keys
        clock.now += 1
        rings = await asyncio.gather(*(keep(store, clock) for _ in range(NODES)))
        assert all(first not in ring.keys and second in ring.keys for ring in rings)
        assert first not in await stored(store)
        assert len(set(rings)) == 1

    run(scenario)


def test_a_store_that_nobody_looked_at_for_a_year_has_its_keys_replaced(run: Callable[[Scenario], None]) -> None:
    """As after a backup was restored: the newest of the old keys signs until the new one has spread."""

    async def scenario(store: Store) -> None:
        clock = FixedClock()
        first = (await keep(store, clock)).keys[0]
        clock.now += 365 * 24 * HOUR_MS
        ring = await keep(store, clock)
        assert len(ring.keys) == 2
        assert ring.signing(clock.now) == first
        assert ring.signing(clock.now + SPREAD_MS) == ring.keys[-1]

    run(scenario)


HOSTILE: dict[str, tuple[object, object, object]] = {
    "a longer name": ("0000000a0000000b", b"x" * 32, 0),
    "no hexadecimal": ("zzzzzzzz", b"x" * 32, 0),
    "a short secret": ("0000000a", b"x", 0),
    "no secret": ("0000000a", b"", 0),
    "64 kB of secret": ("0000000a", b"x" * 65_536, 0),
    "an empty name": ("", b"x" * 32, 0),
    "SQL": ("'; DROP TABLE shared_keys; --" * 20, b"x" * 32, 0),
}


def odd_key(row: tuple[object, object, object]) -> SharedKey:
    """Return what no `SharedKey` can be."""
    key = object.__new__(SharedKey)
    for name, value in zip(("id", "secret", "created_at_ms"), row, strict=True):
        object.__setattr__(key, name, value)
    return key


@pytest.mark.parametrize("row", HOSTILE.values(), ids=HOSTILE)
def test_a_row_that_is_no_key_is_told_and_hinders_nobody(
    run: Callable[[Scenario], None], row: tuple[object, object, object]
) -> None:
    async def scenario(store: Store) -> None:
        await store.write(methodcaller("add_shared_key", odd_key(row)))
        clock, told = FixedClock(), list[str]()
        ring = await keep(store, clock, told.append)
        assert len(ring.keys) == 1
        assert await keep(store, clock, told.append) == ring
        assert told
        assert all(len(text) < 200 and "xxxx" not in text for text in told)
        assert row in await store.read(lambda reader: reader.shared_keys())

    run(scenario)


@pytest.mark.parametrize(
    "row",
    [
        ("0000000\0", b"x" * 32, 0),
        ("\ud8000000", b"x" * 32, 0),
        ("0" * 65_536, b"x" * 32, 0),
        ("0000000a", b"x" * 32, 2**63),
    ],
    ids=["NUL", "half a surrogate pair", "64 kB of name", "64 bits"],
)
def test_what_a_store_cannot_hold_is_refused(
    run: Callable[[Scenario], None], row: tuple[object, object, object]
) -> None:
    async def scenario(store: Store) -> None:
        with pytest.raises(StoreRefused):
            await store.write(methodcaller("add_shared_key", odd_key(row)))
        assert await stored(store) == []

    run(scenario)


def test_keys_from_a_clock_that_was_wrong_hold_nobody_up(run: Callable[[Scenario], None]) -> None:
    """One node believes to be in the year 2100 for a while; the others go on, and rotate theirs each day."""

    async def scenario(store: Store) -> None:
        clock, wrong = FixedClock(), FixedClock(4_102_444_800_000)
        await keep(store, clock)
        await keep(store, wrong)
        signers = []
        for _ in range(3):
            clock.now += ROTATION_MS
            ring = await keep(store, clock)
            signers.append(ring.signing(clock.now + SPREAD_MS).created_at_ms)
        assert signers == [clock.now - 2 * ROTATION_MS, clock.now - ROTATION_MS, clock.now]

    run(scenario)
