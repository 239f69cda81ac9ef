"""Timers of a protocol that reads no clock: its owner says what time it is."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[float], None]


class Timer:
    """One action at one time."""

    __slots__ = ("_action",)

    def __init__(self, action: Action) -> None:
        self._action: Action | None = action

    @property
    def pending(self) -> bool:
        """Say whether the action is still to come."""
        return self._action is not None

    def cancel(self) -> None:
        """See to it that the action is not run; that it has been run already does no harm."""
        self._action = None

    def fire(self, now: float) -> None:
        """Run the action, once."""
        action, self._action = self._action, None
        if action is not None:
            action(now)


class Timers:
    """Timers in the order in which they are due; times in seconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def at(self, when: float, action: Action) -> Timer:
        """Have `action(now)` run at the first `run` that is not before `when`."""
        timer = Timer(action)
        heapq.heappush(self._heap, (when, next(self._order), timer))
        return timer

    def next(self) -> float | None:
        """Return when the next timer is due, None when there is none."""
        while self._heap and not self._heap[0][2].pending:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: float) -> None:
        """Run what is due, earliest first."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2].fire(now)
