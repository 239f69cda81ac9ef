"""Periodic work that wakes up together: waits that end at the same moments cost one wake-up instead of many."""

import asyncio
import time
from contextlib import suppress

_EARLY = 1 / 8
"""Share of a period by which somebody may come early: timers of an event loop end up to a millisecond too soon."""


def to_next(period_s: float) -> float:
    """Return the seconds to a multiple of `period_s` on the clock that all processes of the machine share.

    It is the next one, but for who waited for that and came early.
    """
    if not period_s:
        return 0.0
    left_s = period_s - time.monotonic() % period_s
    return left_s if left_s > _EARLY * period_s else left_s + period_s


async def wait_or_stop(stop: asyncio.Event, seconds: float) -> None:
    """Wait for that long, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
