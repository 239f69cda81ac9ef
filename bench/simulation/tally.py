"""The outcome of the calls."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from bench.report import percentile

FAILED_SHARE = 0.01
SLOW_S = 0.1
"""A second is bad in which more than this share of the calls failed, or one in a hundred took longer than this."""


class Outcome(StrEnum):
    """The one end of a call's set-up."""

    FORWARDED = "forwarded"
    MESSAGE = "to voicemail"
    REJECTED = "refused by rule"
    LOST = "lost in the dead region"
    CUT = "cut off by the loss"
    SHED = "refused by overload"
    DROPPED = "dropped by a full buffer"
    STORE_AWAY = "refused, look-up too late"
    VOICEMAIL_FULL = "voicemail full"


SERVED = frozenset({Outcome.FORWARDED, Outcome.MESSAGE, Outcome.REJECTED})


@dataclass(slots=True)
class Tally:
    """Counts of simulated calls, by outcome and by the second in which they ended."""

    offered: int = 0
    open: int = 0
    """Calls that have no outcome yet."""
    moved: int = 0
    """Calls that their carrier sent to another region after silence."""
    redialled: int = 0
    dialogs_lost: int = 0
    """Calls that were talking through the region when it was lost: their BYE finds nobody."""
    messages_cut: int = 0
    """Messages being left in the region when it was lost: what was heard is on its disks."""
    later_dropped: int = 0
    """Messages inside dialogs that found a full buffer; SIP sends them again, which is not simulated."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    look_ups: Counter[int] = field(default_factory=Counter)
    """Simulated look-ups in each second, all regions."""
    _ends: Counter[int] = field(default_factory=Counter)
    _failures: Counter[int] = field(default_factory=Counter)
    _times: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def offer(self) -> None:
        """Count a call that begins."""
        self.offered += 1
        self.open += 1

    def end(self, outcome: Outcome, now: float, took_s: float | None = None) -> None:
        """Count a call's end, and how long its node took to serve it, if it did."""
        self.open -= 1
        self.outcomes[outcome] += 1
        second = int(now)
        self._ends[second] += 1
        if outcome not in SERVED:
            self._failures[second] += 1
        elif took_s is not None:
            self._times[second].append(took_s)

    @property
    def given_up(self) -> int:
        """Callers who were let down and did not try again."""
        return sum(count for outcome, count in self.outcomes.items() if outcome not in SERVED) - self.redialled

    def failed_share(self, begin: float, end: float) -> float:
        """Return the share of failures among the calls that ended in a span of seconds."""
        span = range(int(begin), int(end))
        ends = sum(self._ends[second] for second in span)
        return sum(self._failures[second] for second in span) / ends if ends else 0.0

    def set_up_s(self, share: float, begin: float, end: float) -> float:
        """Return the time within which `share` of the calls of a span were set up by their node."""
        times = sorted(time for second in range(int(begin), int(end)) for time in self._times.get(second, ()))
        return percentile(times, share) if times else 0.0

    def last_bad_second(self, begin: float, end: float) -> int | None:
        """Return the end of the last bad second in a span, None if there is none."""
        for second in reversed(range(int(begin), int(end))):
            if self.failed_share(second, second + 1) > FAILED_SHARE:
                return second + 1
            if self.set_up_s(0.99, second, second + 1) > SLOW_S:
                return second + 1
        return None
