"""Pauses and leases by a clock that nobody sets, and the other one watched."""

import asyncio

import pytest

from renvoi.application.outbox.leases import Leases
from renvoi.application.outbox.pauses import ClockWatch, Pause
from tests.support.outbox_harness import MovedClock, OutboxHarness


@pytest.mark.parametrize("hours", [-1000.0, -1.5, 1.5, 1000.0])
def test_a_pause_lasts_as_long_as_it_should(hours: float) -> None:
    clock = MovedClock()
    pause = Pause(clock, lambda: 0.5)
    assert pause.left_ms == 0
    pause.begin()
    clock.set(hours=hours)
    assert pause.left_ms == 1000
    pause.begin()
    assert pause.failures == 1
    clock.move(seconds=1)
    assert pause.left_ms == 0
    pause.begin()
    assert (pause.left_ms, pause.failures) == (2000, 2)
    pause.reset()
    assert pause.failures == 0


@pytest.mark.parametrize(("hours", "was_set"), [(-2, True), (2, True), (0.5, False), (-0.5, False), (0, False)])
def test_a_clock_that_is_set_is_noticed_once(hours: float, was_set: bool) -> None:
    clock = MovedClock()
    watch = ClockWatch(clock)
    clock.move(hours=100)
    assert not watch.look()
    clock.set(hours=hours)
    assert watch.look() is was_set
    assert not watch.look()
    clock.move(seconds=59)
    assert watch.was_set_within(60_000) is was_set
    clock.move(seconds=1)
    assert not watch.was_set_within(60_000)


@pytest.mark.parametrize("hours", [-1.0, 1.0])
def test_a_lease_ends_in_time_whatever_the_clock_says(hours: float) -> None:
    async def scenario() -> None:
        outbox = OutboxHarness()
        await outbox.open("m1")
        leases = Leases(outbox.store, outbox.channel, outbox.clock, "this node")
        assert list(await leases.take(["m1"])) == ["m1"]
        outbox.clock.set(hours=hours)
        assert list(await leases.renew(["m1"])) == []
        outbox.clock.move(seconds=39)
        assert leases._is_ours("m1")
        outbox.clock.move(seconds=1)
        assert not leases._is_ours("m1")

    asyncio.run(scenario())
