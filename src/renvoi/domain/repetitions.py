"""Bounds how often lines that say the same are logged: strangers choose what they send, and how often."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

AT_ONCE = 5
"""Lines of one kind that are logged in `PERIOD_S`."""
PERIOD_S = 60.0
MAX_KINDS = 256
"""Kinds that are told apart at a time; further ones count as one."""

Line = TypeVar("Line")


class Repetitions(Generic[Line]):
    """Lets through `AT_ONCE` lines of each kind in `PERIOD_S`, and counts those beyond.

    So whatever comes, at most `(AT_ONCE + 1) * (MAX_KINDS + 1)` lines are logged in `PERIOD_S`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Use `clock`, in seconds."""
        self._clock = clock
        self._kinds: dict[str, tuple[float, int, Line]] = {}

    def __len__(self) -> int:
        return len(self._kinds)

    def left_out(self) -> Iterator[tuple[int, Line]]:
        """Yield of each kind whose time is over how many lines were left out, if any, and its first line."""
        now = self._clock()
        for kind in list(self._kinds):
            until, count, first = self._kinds[kind]
            # In the order of their beginnings, so the first that is not over ends the search.
            if until > now:
                break
            del self._kinds[kind]
            if count > AT_ONCE:
                yield count - AT_ONCE, first

    def admit(self, kind: str, line: Line) -> bool:
        """Count `line`, and tell whether to log it. Ask for `left_out` before."""
        if kind not in self._kinds and len(self._kinds) >= MAX_KINDS:
            kind = ""
        until, count, first = self._kinds.get(kind, (self._clock() + PERIOD_S, 0, line))
        self._kinds[kind] = (until, count + 1, first)
        return count < AT_ONCE
