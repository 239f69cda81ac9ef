"""Waits that end together."""

import time

import pytest

from renvoi.wakeups import to_next


@pytest.mark.parametrize("now_s", [0.0, 7.25, 7.999, 1e6 + 0.5])
def test_all_wait_for_the_same_moment(monkeypatch: pytest.MonkeyPatch, now_s: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    for period_s in (0.5, 1.0, 1.5):
        assert 0 < to_next(period_s) <= period_s
        assert (now_s + to_next(period_s)) / period_s == pytest.approx(round((now_s + to_next(period_s)) / period_s))
    assert to_next(0) == 0
