"""A worker that has no call is woken by nothing."""

import pytest

from renvoi.voicemail.rtp_sockets import RtpReader
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources, worker_harness

TURNS = 20
"""Turns of the worker's event loop, each of which would be a tick if it ticked."""


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have a worker with calls tick at each turn of its loop; return the times of its ticks."""
    found: list[float] = []
    read = RtpReader.read

    def noting(self: RtpReader, now: float) -> None:
        found.append(now)
        read(self, now)

    monkeypatch.setattr(RtpReader, "read", noting)
    monkeypatch.setattr("renvoi.voicemail.worker.TICK_S", 0.0)
    return found


def ticks_of(place: WorkerHarness, ticks: list[float]) -> int:
    """Return how often a worker ticks in `TURNS` turns of its loop."""
    before = len(ticks)
    for _ in range(TURNS):
        place.run(lambda: None)
    return len(ticks) - before


def test_a_worker_ticks_only_while_it_has_calls(house: WorkerResources, ticks: list[float]) -> None:
    with worker_harness(house) as place:
        assert ticks_of(place, ticks) == 0
        for _ in range(2):
            with WorkerCaller(place) as caller, WorkerCaller(place) as other:
                assert caller.connect() == other.connect() == 200
                assert ticks_of(place, ticks) >= TURNS
                caller.hang_up()
                wait_for(lambda: place.calls == 1, "the end of the first call")
                assert ticks_of(place, ticks) >= TURNS
                other.hang_up()
                wait_for(lambda: place.calls == 0, "the end of the last call")
            place.run(lambda: None)
            assert ticks_of(place, ticks) == 0
