"""Whether a call stays within the limits of what it uses: those of a day by the store, those of calls by counting.

The latter is done in Kamailio's tables, which all of its processes share.

A call counts from the decision to its end, under a name for each thing that has a limit: an account, a number, a target
and the trunk that it is at. What it counts under stands beside its Call-ID until then, so nothing is taken off twice;
the entry of a call whose BYE was lost ends with the longest time that a call may last. Trunks are counted by Kamailio's
own route (`trunk_limits.cfg.j2`), as the call goes from one to the next.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from renvoi.domain.access.limits import LimitKind, LimitReached, Use, used_up
from renvoi.domain.calls.usage import day_of, used_today
from renvoi.edge.router.lookup import Lookup

CALLS_TABLE = "counts"
"""Kamailio's table of how many calls there are at once, by name."""
HELD_TABLE = "held"
"""Kamailio's table of the names that a call counts under, by Call-ID."""
RATES_TABLE, MINUTES_TABLE = "rates", "minutes"
"""Kamailio's tables of calls in a second at a trunk, and in a minute, by name and time."""
TRUNK = "T"
"""What the name of a trunk begins with."""
END = "/"
"""What each name ends with where several stand in a row."""
CALL_ID = "$(ci{s.md5})"
"""What `HELD_TABLE` knows a call by."""
IN_USE = "$shv(counting)"
"""Whether anything was counted yet."""
HELD = "$avp(held)"
"""The names that a call counts under, without that of its trunk."""
ONLY_HELD = "$(avp(held)[*])"
"""The same, to be replaced: another value would be put on top of it."""
AT_TRUNK = "$avp(on)"
"""The trunk that a call counts at."""
IDLE_S = 60
"""For how long a count of zero is kept."""
TOLD_TABLE = "told"
"""Kamailio's table of what has come to its limit within the last minute: the log has a line of it."""

_log = logging.getLogger("renvoi.edge")


class CountedTwice(Exception):
    """There is another call with the same Call-ID, and counts are known by that."""


class CallCounts:
    """Kamailio's tables of what is in use. Every operation on one of them is atomic."""

    def __init__(self, ksr: Any, elsewhere: Callable[[str], int] = lambda _name: 0) -> None:
        """Count in Kamailio's tables; `elsewhere` tells what other nodes count under a name."""
        self._ksr = ksr
        self._elsewhere = elsewhere
        self._in_use = False

    def admit(self, uses: Sequence[Use], now_ms: int) -> LimitReached | None:
        """Count the call of the message at hand under all that it uses, or under nothing; return why not.

        Raises:
            CountedTwice: the limits cannot be kept for this call.
        """
        if not uses:
            return None
        table, call_id = self._ksr.htable, self._ksr.pv.get(CALL_ID)
        names = joined(use.name for use in uses)
        self._ksr.pv.seti(IN_USE, 1)
        self._take(call_id, names)
        reached = self._count(uses, now_ms // 60_000)
        if reached is None:
            self._ksr.pv.sets(HELD, names)
            return None
        table.sht_rm(HELD_TABLE, call_id)
        self.log_reached(reached)
        return reached

    def admit_besides(self, use: Use, now_ms: int) -> LimitReached | None:
        """Count the call of the transaction at hand under one thing more, while it is at no trunk; return why not.

        Raises:
            CountedTwice: see `admit`.
        """
        held = self._ksr.pv.get(HELD)
        if not held:
            return self.admit([use], now_ms)
        reached = self._count([use], now_ms // 60_000)
        if reached is not None:
            self.log_reached(reached)
            return reached
        names = held + joined([use.name])
        self._ksr.pv.sets(ONLY_HELD, names)
        self._ksr.htable.sht_sets(HELD_TABLE, self._ksr.pv.get(CALL_ID), names)
        return None

    def admit_instead(self, uses: Sequence[Use], now_ms: int) -> LimitReached | None:
        """Count the call of the transaction at hand under `uses` and nothing else, while it is at no trunk.

        It stays counted as it is if something is at its limit, which is returned, or if nothing is limited any more.

        Raises:
            CountedTwice: see `admit`.
        """
        held = self._ksr.pv.get(HELD)
        if not held:
            return self.admit(uses, now_ms)
        if not uses:
            return None
        before = held.split(END)[:-1]
        reached = self._count([use for use in uses if use.name not in before], now_ms // 60_000)
        if reached is not None:
            self.log_reached(reached)
            return reached
        kept = [use.name for use in uses]
        names = joined(kept)
        # Noted first: should this process die now, the call is counted too often rather than for ever.
        self._ksr.htable.sht_sets(HELD_TABLE, self._ksr.pv.get(CALL_ID), names)
        self._ksr.pv.sets(ONLY_HELD, names)
        for name in before:
            if name not in kept:
                self._decrease(name)
        return None

    def log_reached(self, reached: LimitReached) -> None:
        """Log that a limit is reached, once a minute."""
        if self._ksr.htable.sht_inc(TOLD_TABLE, f"{reached.kind} {reached.use.name}") == 1:
            _log.warning("limit.reached: %s of %s", reached.kind.value, reached.use.what)

    def _take(self, call_id: str, names: str) -> None:
        """Note what the call counts under, before it does: another process may be about to count one of its Call-ID."""
        table = self._ksr.htable
        table.sht_lock(HELD_TABLE, call_id)
        try:
            if table.sht_get(HELD_TABLE, call_id) is not None:
                raise CountedTwice
            table.sht_sets(HELD_TABLE, call_id, names)
        finally:
            table.sht_unlock(HELD_TABLE, call_id)

    def _count(self, uses: Iterable[Use], minute: int) -> LimitReached | None:
        # More calls at once than there may be are never let in here, as each counts itself before it looks.
        table = self._ksr.htable
        counted: list[tuple[str, str]] = []
        for use in uses:
            limits = use.limits
            counted.append((CALLS_TABLE, use.name))
            calls = table.sht_inc(CALLS_TABLE, use.name)
            if limits.calls and calls + self._elsewhere(use.name) > limits.calls:
                self._undo(counted)
                return LimitReached(use, LimitKind.CALLS)
            if limits.calls_per_minute:
                name = f"{use.name}/{minute}"
                counted.append((MINUTES_TABLE, name))
                if table.sht_inc(MINUTES_TABLE, name) + self._elsewhere(name) > limits.calls_per_minute:
                    self._undo(counted)
                    return LimitReached(use, LimitKind.RATE)
        return None

    def _undo(self, counted: Iterable[tuple[str, str]]) -> None:
        for table, name in counted:
            if table == CALLS_TABLE:
                self._decrease(name)
            else:
                self._ksr.htable.sht_dec(table, name)

    def let_go_unanswered(self) -> None:
        """Count the call of the transaction at hand no more, if it is counted: it was not answered."""
        if self._is_in_use() and (self._ksr.pv.get(HELD) or self._ksr.pv.get(AT_TRUNK)):
            self.let_go()

    def let_go(self) -> None:
        """Count the call of the message at hand no more: it has ended."""
        if not self._is_in_use():
            return
        table, call_id = self._ksr.htable, self._ksr.pv.get(CALL_ID)
        if table.sht_get(HELD_TABLE, call_id) is None:
            return
        table.sht_lock(HELD_TABLE, call_id)
        try:
            names = table.sht_get(HELD_TABLE, call_id)
            table.sht_rm(HELD_TABLE, call_id)
        finally:
            table.sht_unlock(HELD_TABLE, call_id)
        if names is not None:
            self.take_off(names)

    def _is_in_use(self) -> bool:
        """Tell whether anything was counted since Kamailio's start; where nothing has a limit no call pays for them."""
        if not self._in_use:
            self._in_use = bool(self._ksr.pv.get(IN_USE))
        return self._in_use

    def take_off(self, names: str) -> None:
        """Count one call less under each of `names`."""
        for name in names.split(END)[:-1]:
            self._decrease(name)

    def _decrease(self, name: str) -> None:
        table = self._ksr.htable
        if table.sht_dec(CALLS_TABLE, name) > 0:
            return
        table.sht_setex(CALLS_TABLE, name, IDLE_S)
        # Counting keeps an entry for long; another process may have done so just before that.
        if (table.sht_get(CALLS_TABLE, name) or 0) > 0:
            table.sht_setex(CALLS_TABLE, name, 0)


def joined(names: Iterable[str]) -> str:
    """Return names in a row, as `HELD_TABLE` has them."""
    return "".join(name + END for name in names)


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
            self._counts.log_reached(reached)
            return reached
        return self._counts.admit(uses, now_ms)

    def admit_instead(self, uses: Sequence[Use], now_ms: int, *, forwarded: bool) -> LimitReached | None:
        """Count the call of the transaction at hand, which is at no trunk, under `uses` and nothing else from now on.

        If something is at its limit it stays counted as it is; return what.

        Raises:
            LookupFailed, CountedTwice: see `admit`.
        """
        reached = self._of_the_day(uses, now_ms) if forwarded else None
        if reached is not None:
            self._counts.log_reached(reached)
            return reached
        return self._counts.admit_instead(uses, now_ms)

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
