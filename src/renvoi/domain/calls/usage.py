"""What forwarded calls use up in a day, in minutes and in money: answered ones, and those that run as they run.

What is kept of a day is sums, so adding a call, or taking it off, is one addition, and what runs needs no look at each
call: n calls that were answered at a₁ … aₙ have lasted n·t − (a₁ + … + aₙ) at the time t.

Calls, and changes of rules, are counted by the hour besides, for pictures of the last day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from renvoi.domain.access.limits import MINUTE_MS, Used
from renvoi.domain.calls.call_record import CallRecord

DAY_MS = 24 * 3600 * 1000
"""A day of UTC; days are numbered from 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls add up to on one day; times of that day are counted from its beginning.

    `ms` is the time of calls that have ended, less the times of answer of the `running` ones. `spend` is the same in
    millionths of the rate table's currency, and `price` what all running calls cost a minute.
    """

    ms: int = 0
    running: int = 0
    spend: int = 0
    price: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """Return both together."""
        return Usage(
            self.ms + other.ms, self.running + other.running, self.spend + other.spend, self.price + other.price
        )

    def minus(self, other: "Usage") -> "Usage":
        """Return this without `other`."""
        return self.plus(Usage(-other.ms, -other.running, -other.spend, -other.price))


NOTHING = Usage()
Usages = Mapping[tuple[str, int], Usage]
"""Usage by name (`domain.access.limits`) and day."""


def day_of(at_ms: int) -> int:
    """Return the day (UTC) of a time."""
    return at_ms // DAY_MS


def usages_of(record: CallRecord | None) -> dict[tuple[str, int], Usage]:
    """Return what a call adds under each name that it counts under.

    A call that runs over midnight counts for both days, as it lasts on each.
    """
    if record is None or record.answer_at_ms is None or record.decision != "forward" or not record.used:
        return {}
    found = dict(_by_day(record.answer_at_ms, record.end_at_ms, record.price or 0))
    return {(name, day): usage for name in record.used for day, usage in found.items()}


def _by_day(answer_at_ms: int, end_at_ms: int | None, price: int) -> Iterator[tuple[int, Usage]]:
    first = day_of(answer_at_ms)
    if end_at_ms is None:
        answered = answer_at_ms - first * DAY_MS
        yield first, Usage(-answered, 1, -_cost(price, answered), price)
        return
    for day in range(first, day_of(max(answer_at_ms, end_at_ms)) + 1):
        ms = min(end_at_ms, (day + 1) * DAY_MS) - max(answer_at_ms, day * DAY_MS)
        if ms > 0:
            yield day, Usage(ms, 0, _cost(price, ms), 0)


def difference(before: CallRecord | None, after: CallRecord) -> dict[tuple[str, int], Usage]:
    """Return what a call adds that was `before` and is `after` now."""
    old, new = usages_of(before), usages_of(after)
    if old == new:
        return {}
    return {key: new.get(key, NOTHING).minus(old.get(key, NOTHING)) for key in old.keys() | new.keys()}


def add_up(sums: dict[tuple[str, int], Usage], before: CallRecord | None, after: CallRecord) -> None:
    """Add to `sums` what a call adds that was `before` and is `after` now."""
    for key, usage in difference(before, after).items():
        sums[key] = sums.get(key, NOTHING).plus(usage)


def used_today(rows: Iterable[tuple[int, Usage]], now_ms: int) -> Used:
    """Return what was used up on the day of `now_ms`, by the `rows` (day, usage) of that day and the one before.

    Calls of the day before that still run count from midnight on.
    """
    today = day_of(now_ms)
    passed = now_ms - today * DAY_MS
    ms = spend = 0
    for day, usage in rows:
        if day == today:
            ms += usage.ms
            spend += usage.spend
        if day in (today, today - 1):
            ms += usage.running * passed
            spend += _cost(usage.price, passed)
    return Used(max(0, ms), max(0, spend))


def _cost(price: int, ms: int) -> int:
    return price * ms // MINUTE_MS


HOUR_MS = 3_600_000
CALLS, ANSWERED, FAILED = "calls", "answered", "failed"
"""All calls; those that were answered; those that were not for a fault on the way (5xx)."""
CHANGED = "changed"
"""Changes of rules, however they were made."""


def counted_in_hour(record: CallRecord) -> Iterator[tuple[int, str]]:
    """Yield the hour of a call that has its final answer (since 1970-01-01 UTC), with each name it is counted by."""
    hour = record.setup_at_ms // HOUR_MS
    yield hour, CALLS
    if record.answer_at_ms is not None:
        yield hour, ANSWERED
    elif record.status is not None and 500 <= record.status < 600:
        yield hour, FAILED
