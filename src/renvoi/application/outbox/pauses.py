"""Pauses and clocks: what waits does so by a clock that nobody sets."""

from collections.abc import Callable

from renvoi.application.ports.unit_of_work import Clock

MAX_PAUSE_S = 60.0
"""Longest pause between two attempts at a server that cannot be reached."""
JUMP_MS = 60 * 60 * 1000
"""From how much on a clock that runs otherwise than time passes has been set, and not just corrected."""


class Pause:
    """Leaves a server alone for a while after it failed, longer each time in a row; `jitter` is from 0 to 1."""

    def __init__(self, clock: Clock, jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._jitter = jitter
        self._resume_at_ms = 0
        self.failures = 0
        """How often in a row a pause was begun, up to 16."""

    @property
    def left_ms(self) -> int:
        """How much of it is left, 0 when it is over."""
        return max(0, self._resume_at_ms - self._clock.monotonic_ms())

    def begin(self) -> None:
        """Begin a pause; while one lasts nothing changes, as what was on its way together fails together."""
        if self.left_ms:
            return
        pause_s = min(2.0**self.failures, MAX_PAUSE_S) * (0.5 + self._jitter())
        self.failures = min(self.failures + 1, 16)
        self._resume_at_ms = self._clock.monotonic_ms() + int(pause_s * 1000)

    def reset(self) -> None:
        """Take note that the server works."""
        self.failures = 0


class ClockWatch:
    """Notices that the clock was set, for what must not be done by a wrong date and cannot be undone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_ms = clock.now_ms() - clock.monotonic_ms()
        self._set_at_ms: int | None = None

    def look(self) -> bool:
        """Tell whether the clock was set, by more than an hour, since the last look."""
        offset_ms = self._clock.now_ms() - self._clock.monotonic_ms()
        was_set = abs(offset_ms - self._offset_ms) > JUMP_MS
        self._offset_ms = offset_ms
        if was_set:
            self._set_at_ms = self._clock.monotonic_ms()
        return was_set

    def was_set_within(self, duration_ms: int) -> bool:
        """Tell whether a look found so within that time."""
        return self._set_at_ms is not None and self._clock.monotonic_ms() - self._set_at_ms < duration_ms
