"""A node's share in the keys that nodes share."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import structlog

from renvoi.adapters.clock import SystemClock
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.configuration.settings import Settings
from renvoi.domain.shared_key import ROTATION_MS, KeyRing, SharedKey
from renvoi.key_file import NAME, KeyFile, write_keys
from renvoi.node.supervisor import key_keeper
from renvoi.node.supervisor.key_keeper import KeyKeeper
from tests.support.http_api import FixedClock
from tests.support.keys import new_keys
from tests.support.memory_store import MemoryStore


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path)
    made.run_dir.mkdir()
    return made


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def file_of(settings: Settings) -> KeyRing:
    return KeyFile(settings.run_dir / NAME, pytest.fail).ring


class AwayStore(MemoryStore):
    """A store that is away."""

    async def read(self, _: Callable[[Reader], Any]) -> Any:
        raise StoreUnavailable("away")

    async def write(self, _: Callable[[Writer], Any]) -> Any:
        raise StoreUnavailable("away")


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_node_writes_what_the_store_has_and_only_when_that_changed(settings: Settings, clock: FixedClock) -> None:
    async def scenario() -> None:
        keeper, store = KeyKeeper(settings, clock), MemoryStore()
        assert await keeper.renew(store)
        first = keeper.ring
        assert file_of(settings) == first
        written_at = (settings.run_dir / NAME).stat().st_mtime_ns
        assert not await keeper.renew(store)
        assert (settings.run_dir / NAME).stat().st_mtime_ns == written_at
        clock.now += ROTATION_MS
        assert await keeper.renew(store)
        assert list(keeper.ring.keys)[:1] == list(first.keys)
        assert len(keeper.ring.keys) == 2
        assert file_of(settings) == keeper.ring

    run(scenario())


def test_a_node_that_starts_again_has_the_same_keys(settings: Settings, clock: FixedClock) -> None:
    async def scenario() -> None:
        keeper, store = KeyKeeper(settings, clock), MemoryStore()
        await keeper.renew(store)
        again = KeyKeeper(settings, clock)
        await again.renew(store)
        assert again.ring == keeper.ring

    run(scenario())


def test_keys_from_before_serve_while_the_store_is_away(settings: Settings, clock: FixedClock) -> None:
    async def scenario() -> None:
        before = new_keys()
        write_keys(settings.run_dir / NAME, before)
        keeper = KeyKeeper(settings, clock)
        assert await keeper.renew(AwayStore())
        assert keeper.ring == before
        assert not await keeper.renew(AwayStore())
        # What the store says counts as soon as it says something.
        assert await keeper.renew(MemoryStore())
        assert keeper.ring != before

    run(scenario())


@pytest.mark.parametrize("damage", [None, "", "{", '{"keys": []}', "[" * 100_000])
def test_without_a_store_and_keys_a_node_says_so(settings: Settings, clock: FixedClock, damage: str | None) -> None:
    async def scenario() -> None:
        if damage is not None:
            (settings.run_dir / NAME).write_text(damage)
        keeper = KeyKeeper(settings, clock)
        with pytest.raises(StoreUnavailable):
            await keeper.renew(AwayStore())
        # A damaged file does not matter where there is a store.
        assert await keeper.renew(MemoryStore())
        assert file_of(settings) == keeper.ring

    run(scenario())


def test_a_file_that_cannot_be_written_is_tried_again(settings: Settings, clock: FixedClock) -> None:
    """Until then the node goes on with what it had, so that edge and workers agree."""

    async def scenario() -> None:
        keeper, store = KeyKeeper(settings, clock), MemoryStore()
        await keeper.renew(store)
        before = keeper.ring
        clock.now += ROTATION_MS
        obstacle = settings.run_dir / f"{NAME}.new"
        obstacle.mkdir()
        with pytest.raises(OSError, match=NAME):
            await keeper.renew(store)
        assert keeper.ring == before == file_of(settings)
        obstacle.rmdir()
        assert await keeper.renew(store)
        assert file_of(settings) == keeper.ring != before

    run(scenario())


def test_what_is_no_key_in_the_store_is_told_once_and_left_there(settings: Settings, clock: FixedClock) -> None:
    """It may be one that a newer program made."""

    async def scenario() -> None:
        store = MemoryStore()
        odd = object.__new__(SharedKey)
        for name, value in (("id", "newer-and-longer"), ("secret", b"x"), ("created_at_ms", 1)):
            object.__setattr__(odd, name, value)
        await store.write(lambda writer: writer.add_shared_key(odd))
        keeper = KeyKeeper(settings, clock)
        with structlog.testing.capture_logs() as logged:
            for _ in range(5):
                await keeper.renew(store)
        assert [line["event"] for line in logged] == ["a shared key in the store is not used"]
        assert len(keeper.ring.keys) == 1
        assert "newer-and-longer" in [row[0] for row in await store.read(lambda reader: reader.shared_keys())]

    run(scenario())


def test_keys_stay_for_as_long_as_the_longest_call(tmp_path: Path, clock: FixedClock) -> None:
    async def scenario() -> None:
        made = Settings(data_dir=tmp_path, longest_call_h=100)
        made.run_dir.mkdir()
        keeper, store = KeyKeeper(made, clock), MemoryStore()
        await keeper.renew(store)
        first = keeper.ring.keys[0]
        for hour in range(24, 24 + 100 + 2):
            clock.now = FixedClock().now + hour * 3600 * 1000
            await keeper.renew(store)
            assert first in keeper.ring.keys
        clock.now += 3600 * 1000
        await keeper.renew(store)
        assert first not in keeper.ring.keys

    run(scenario())


@pytest.mark.parametrize("damage", [None, "", "{", '{"keys": []}'])
def test_a_file_that_was_damaged_is_written_again(settings: Settings, clock: FixedClock, damage: str | None) -> None:
    """A worker that starts has nothing else."""

    async def scenario() -> None:
        keeper, store = KeyKeeper(settings, clock), MemoryStore()
        await keeper.renew(store)
        before, path = keeper.ring, settings.run_dir / NAME
        path.unlink()
        if damage is not None:
            path.write_text(damage)
        assert await keeper.renew(store)
        assert keeper.ring == before == file_of(settings)
        assert not await keeper.renew(store)

    run(scenario())


def test_an_edge_that_could_not_be_given_a_key_gets_it_at_the_next_look(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk may have been full; without the key it would refuse the calls of others a minute later."""

    async def scenario() -> None:
        monkeypatch.setattr(key_keeper, "PERIOD_S", 0.001)
        keeper, store, taken = KeyKeeper(settings, clock), MemoryStore(), asyncio.Queue[KeyRing]()
        attempts = 0

        async def hand_on(ring: KeyRing) -> None:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                raise OSError(28, "No space left on device")
            taken.put_nowait(ring)

        await keeper.renew(store)
        keeping = asyncio.create_task(keeper.keep(store, hand_on))
        clock.now += ROTATION_MS
        assert await asyncio.wait_for(taken.get(), 10) == keeper.ring
        assert len(keeper.ring.keys) == 2
        clock.now += ROTATION_MS
        assert len((await asyncio.wait_for(taken.get(), 10)).keys) == 3
        assert attempts == 3
        keeping.cancel()

    run(scenario())


def test_the_real_clock_will_do(settings: Settings) -> None:
    async def scenario() -> None:
        keeper, store = KeyKeeper(settings, SystemClock()), MemoryStore()
        assert await keeper.renew(store)
        assert not await keeper.renew(store)

    run(scenario())
