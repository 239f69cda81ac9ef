"""The simulation's clock: what is to happen, in the order of time."""

import heapq
import itertools
from collections.abc import Callable
from typing import Any


class Loop:
    """Runs actions at their times, those of the same time in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        """Seconds since the simulation began."""
        self._waiting: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = itertools.count()

    def at(self, time: float, action: Callable[..., None], *arguments: Any) -> None:
        """Have `action(*arguments)` run at `time`, which is not in the past."""
        heapq.heappush(self._waiting, (time, next(self._order), action, arguments))

    def step(self) -> bool:
        """Run the next action; False when there is none."""
        if not self._waiting:
            return False
        self.now, _, action, arguments = heapq.heappop(self._waiting)
        action(*arguments)
        return True

    def run(self, until: float) -> None:
        """Run everything that is to happen before `until`."""
        waiting, pop = self._waiting, heapq.heappop
        while waiting and waiting[0][0] < until:
            self.now, _, action, arguments = pop(waiting)
            action(*arguments)
        self.now = until
