"""A store of which is known whether it takes changes."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.node.entrypoints.http import SUSPECT_S, WriteWatch
from tests.support.memory_store import MemoryStore
from tests.support.outbox_harness import run, until

FULL = StoreUnavailable("the change could not be stored: database or disk is full")
DENIED = StoreUnavailable("the change could not be stored: permission denied for table numbers")


class Watched:
    """A watched store; what it is asked to do is counted."""

    def __init__(self) -> None:
        self.real = MemoryStore()
        self.now_s = 1000.0
        self.writes = 0
        self.write = self.real.write
        self.real.write = self._write  # type: ignore[method-assign]  # counted on the way
        self.store = WriteWatch(self.real, lambda: self.now_s, probe_period_s=0)

    async def _write(self, work: Callable[[Any], Any]) -> Any:
        self.writes += 1
        return await self.write(work)

    async def probes(self, count: int) -> None:
        """Wait until the store was probed so often, and what follows from the last one is done."""
        before = self.writes
        await until(lambda: self.writes >= before + count, f"probe {count}")
        await asyncio.sleep(0)

    async def change(self, refused: Exception | None = None) -> None:
        """Make a change, which is refused or taken."""
        before, self.real.refuse_with = self.real.refuse_with, refused
        try:
            if refused is None:
                await self.store.write(lambda writer: writer.count("x"))
            else:
                with pytest.raises(type(refused)):
                    await self.store.write(lambda writer: writer.count("x"))
        finally:
            self.real.refuse_with = before


def watched(scenario: Callable[[Watched], Awaitable[None]]) -> None:
    async def main() -> None:
        made = Watched()
        try:
            await scenario(made)
        finally:
            await made.store.close()

    run(main)


def test_a_store_that_takes_changes_is_not_probed() -> None:
    async def scenario(it: Watched) -> None:
        await it.change()
        for _ in range(50):
            await asyncio.sleep(0)
        assert it.store.refusal() is None
        assert it.writes == 1

    watched(scenario)


def test_it_takes_them_again_by_itself_when_the_fault_is_over() -> None:
    """A full disk or a read-only server refuses the probe as well; nobody else makes a change meanwhile."""

    async def scenario(it: Watched) -> None:
        it.real.refuse_with = FULL
        await it.change(FULL)
        await it.probes(3)
        assert it.store.refusal() == str(FULL)
        assert await it.store.read(lambda reader: reader.accounts()) == []
        it.real.refuse_with = None
        await until(lambda: it.store.refusal() is None, "recovery")

    watched(scenario)


def test_what_the_probe_does_not_touch_is_suspected_for_a_while() -> None:
    """The rights on one table, say: the probe is taken."""

    async def scenario(it: Watched) -> None:
        await it.change(DENIED)
        await it.probes(3)
        it.now_s += SUSPECT_S - 0.1
        await it.probes(3)
        assert it.store.refusal() == str(DENIED)
        await it.change(DENIED)
        it.now_s += SUSPECT_S - 0.1
        await it.probes(3)
        assert it.store.refusal() == str(DENIED)
        it.now_s += 0.1
        await until(lambda: it.store.refusal() is None, "the end of the suspicion")

    watched(scenario)


def test_a_change_that_is_taken_says_that_they_are() -> None:
    async def scenario(it: Watched) -> None:
        await it.change(DENIED)
        assert it.store.refusal() == str(DENIED)
        await it.change()
        assert it.store.refusal() is None

    watched(scenario)


def test_what_is_refused_for_its_content_says_nothing_of_the_store() -> None:
    async def scenario(it: Watched) -> None:
        await it.change(StoreRefused("too large"))
        assert it.store.refusal() is None

    watched(scenario)


KEPT = """
import gc
from renvoi.node.entrypoints.http import keep_heap
keep_heap()
print(gc.get_freeze_count() > 1000)
"""


def test_what_is_loaded_by_the_start_is_not_collected_again() -> None:
    """In a process of its own: what this one had to leave alone, other tests would find later."""
    done = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True\n"
