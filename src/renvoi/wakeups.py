"""Periodic work that wakes up together: waits that end at the same moments cost one wake-up instead of many."""

import time


def to_next(period_s: float) -> float:
    """Return the seconds to the next multiple of `period_s` on the clock that all processes of the machine share."""
    return period_s - time.monotonic() % period_s if period_s else 0.0
