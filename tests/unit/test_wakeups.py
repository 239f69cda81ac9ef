"""Waits that end together."""

import time

import pytest

from renvoi.wakeups import to_next


@pytest.mark.parametrize("now_s", [0.0, 7.25, 7.6, 1e6 + 0.5])
def test_all_wait_for_the_same_moments(monkeypatch: pytest.MonkeyPatch, now_s: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    for period_s in (0.5, 1.0, 1.5):
        turns = (now_s + to_next(period_s)) / period_s
        assert turns == pytest.approx(round(turns))
        assert 0 < to_next(period_s) <= 1.125 * period_s
    assert to_next(0) == 0


def test_who_comes_early_does_not_wait_for_the_same_moment_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 7.9995)
    assert to_next(1.0) == pytest.approx(1.0005)
