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


def ticks_of(worker: WorkerHarness, ticks: list[float]) -> int:
    """Return how often a worker ticks in `TURNS` turns of its loop."""
    before = len(ticks)
    for _ in range(TURNS):
        worker.run(lambda: None)
    return len(ticks) - before


def test_a_worker_ticks_only_while_it_has_calls(resources: WorkerResources, ticks: list[float]) -> None:
    with worker_harness(resources) as worker:
        assert ticks_of(worker, ticks) == 0
        for _ in range(2):
            with WorkerCaller(worker) as caller, WorkerCaller(worker) as other:
                assert caller.connect() == other.connect() == 200
                assert ticks_of(worker, ticks) >= TURNS
                caller.hang_up()
                wait_for(lambda: worker.calls == 1, "the end of the first call")
                assert ticks_of(worker, ticks) >= TURNS
                other.hang_up()
                wait_for(lambda: worker.calls == 0, "the end of the last call")
            worker.run(lambda: None)
            assert ticks_of(worker, ticks) == 0
