"""Whether a call stays within the limits of what it uses: those of a day by the store, those of calls by counting."""

from collections.abc import Sequence

from renvoi.domain.access.limits import LimitReached, Use, used_up
from renvoi.domain.calls.usage import day_of, used_today
from renvoi.edge.router.call_counts import CallCounts
from renvoi.edge.router.lookup import Lookup


class LimitKeeper:
    """Lets calls in that stay within their limits, and counts them."""

    def __init__(self, counts: CallCounts, lookup: Lookup) -> None:
        self._counts = counts
        self._lookup = lookup

    def admit(self, uses: Sequence[Use], now_ms: int, *, forwarded: bool) -> LimitReached | None:
        """Count a call under all that it uses, or under nothing; return why not. Only `forwarded` calls cost minutes.

        Raises:
            LookupFailed: it is not known what was used up.
            CountedTwice: see `CallCounts.admit`.
        """
        reached = self._of_the_day(uses, now_ms) if forwarded else None
        if reached is not None:
            self._counts.tell(reached)
            return reached
        return self._counts.admit(uses, now_ms)

    def _of_the_day(self, uses: Sequence[Use], now_ms: int) -> LimitReached | None:
        limited = [use for use in uses if use.limits.of_a_day]
        if not limited:
            return None
        usages = self._lookup.usages([use.name for use in limited], day_of(now_ms) - 1)
        for use in limited:
            rows = [(day, usage) for (name, day), usage in usages.items() if name == use.name]
            if (reached := used_up(use, used_today(rows, now_ms))) is not None:
                return reached
        return None
