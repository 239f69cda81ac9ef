"""What calls use up in a day, as sums, and by what they are counted in the hour in which they began."""

from dataclasses import replace

import pytest

from renvoi.domain.access.limits import MINUTE_MS, LimitKind, LimitReached, Limits, Use, Used, metered, used_up
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.usage import (
    ANSWERED,
    CALLS,
    DAY_MS,
    FAILED,
    HOUR_MS,
    Usage,
    add_up,
    counted_in_hour,
    difference,
    usages_of,
    used_today,
)
from tests.support.v2_kept import CALL

DAY = 20_000
MIDNIGHT = DAY * DAY_MS
NOON = MIDNIGHT + DAY_MS // 2
RUNNING = CallRecord(
    CallKey("c", "t", 1),
    *("+331", "+332", "+332", 4, "forward", None, "+333", None),
    setup_at_ms=NOON - 5,
    answer_at_ms=NOON,
    used=("a1", "n332"),
    price=600_000,
)


def used(*records: CallRecord, at_ms: int, name: str = "a1") -> Used:
    """Return what these calls, added up, have used by then."""
    sums: dict[tuple[str, int], Usage] = {}
    for record in records:
        add_up(sums, None, record)
    return used_today([(day, usage) for (of, day), usage in sums.items() if of == name], at_ms)


def test_calls_count_as_they_run_and_when_they_have_ended() -> None:
    ended = replace(RUNNING, end_at_ms=NOON + 90_000)
    assert used(RUNNING, at_ms=NOON + 60_000) == Used(60_000, 600_000)
    assert used(ended, at_ms=NOON + 600_000) == Used(90_000, 900_000)
    assert used(RUNNING, RUNNING, ended, at_ms=NOON + 30_000, name="n332") == Used(150_000, 1_500_000)
    assert used(RUNNING, at_ms=NOON - 1) == Used(), "by a clock that was set back"


def test_a_call_over_midnight_counts_for_each_day_as_long_as_it_lasts_there() -> None:
    late = replace(RUNNING, answer_at_ms=MIDNIGHT - 30_000)
    assert used(late, at_ms=MIDNIGHT - 1).ms == 29_999
    assert used(late, at_ms=MIDNIGHT + 10_000) == Used(10_000, 100_000)
    ended = replace(late, end_at_ms=MIDNIGHT + 60_000)
    assert used(ended, at_ms=MIDNIGHT - 1).ms == 30_000
    assert used(ended, at_ms=MIDNIGHT + DAY_MS - 1) == Used(60_000, 600_000)
    assert used(ended, at_ms=MIDNIGHT + DAY_MS) == Used()


@pytest.mark.parametrize(
    "record",
    [
        replace(RUNNING, answer_at_ms=None),
        replace(RUNNING, decision="voicemail"),
        replace(RUNNING, used=()),
        replace(RUNNING, end_at_ms=NOON - 10),
    ],
)
def test_what_costs_nothing(record: CallRecord) -> None:
    assert used(record, at_ms=NOON + 60_000) == Used()


def test_a_change_of_a_record_adds_the_difference() -> None:
    ringing, ended = replace(RUNNING, answer_at_ms=None), replace(RUNNING, end_at_ms=NOON + 1000)
    sums: dict[tuple[str, int], Usage] = {}
    for before, after in ((None, ringing), (ringing, RUNNING), (RUNNING, RUNNING), (RUNNING, ended)):
        add_up(sums, before, after)
    assert sums == usages_of(ended) == {("a1", DAY): Usage(1000, 0, 10_000), ("n332", DAY): Usage(1000, 0, 10_000)}
    assert difference(ended, ended) == {}


def test_a_limit_of_the_day_is_reached_when_it_is_used_up() -> None:
    use = Use("a1", "account 1", Limits(minutes_per_day=2, spend_per_day=5_000_000), 1)
    assert used_up(use, Used(2 * MINUTE_MS - 1, 4_999_999)) is None
    assert used_up(use, Used(2 * MINUTE_MS)) == LimitReached(use, LimitKind.MINUTES)
    assert used_up(use, Used(0, 5_000_000)) == LimitReached(use, LimitKind.SPEND)
    assert used_up(Use("a1", "account 1", Limits(calls=1), 1), Used(DAY_MS, 10**12)) is None
    assert metered([use, Use("n33", "number", Limits(), 1), Use("t1.33", "target", Limits(), 1)]) == ("a1", "n33")


@pytest.mark.parametrize(
    ("answered", "status", "names"),
    [
        (True, 200, [CALLS, ANSWERED]),
        (False, 486, [CALLS]),
        (False, 500, [CALLS, FAILED]),
        (False, 599, [CALLS, FAILED]),
        (False, 603, [CALLS]),
    ],
)
def test_calls_are_counted_by_what_became_of_them(*, answered: bool, status: int, names: list[str]) -> None:
    at_ms = 7 * HOUR_MS + 1
    call = replace(CALL, setup_at_ms=at_ms, answer_at_ms=at_ms + 10 * HOUR_MS if answered else None, status=status)
    assert list(counted_in_hour(call)) == [(7, name) for name in names]
