"""Counting calls in Kamailio's tables, which are played here."""

import pytest

from renvoi.domain.access.limits import LimitKind, LimitReached, Limits, Use
from renvoi.edge.router.call_counts import CALLS_TABLE, HELD_TABLE, CallCounts, CountedTwice
from tests.support.kamailio import FakeKsr

KEY = "0123"


def ksr_with(names: str | None = None, **counts: int) -> FakeKsr:
    ksr = FakeKsr()
    ksr.values |= {"$shv(counting)": 1, "$(ci{s.md5})": KEY.encode()}
    if names is not None:
        ksr.htable.sht_sets(HELD_TABLE, KEY, names)
    for name, count in counts.items():
        ksr.htable.sht_seti(CALLS_TABLE, name, count)
    return ksr


def test_a_call_that_ends_is_counted_no_more_and_not_twice() -> None:
    ksr = ksr_with("Tout/a1/", Tout=3, a1=1)
    counts = CallCounts(ksr)
    counts.let_go()
    counts.let_go()
    assert ksr.htable.entries == {(CALLS_TABLE, "Tout"): 2, (CALLS_TABLE, "a1"): 0}


def test_a_count_of_zero_is_not_kept_for_long() -> None:
    ksr = ksr_with("a1/a2/", a1=1, a2=2)
    CallCounts(ksr).let_go()
    assert ksr.htable.kept == {(CALLS_TABLE, "a1"): 60}


def test_where_nothing_is_counted_no_table_is_read() -> None:
    ksr = ksr_with("Tout/", Tout=1)
    ksr.values["$shv(counting)"] = 0
    ksr.htable.sht_get = None  # type: ignore[assignment,method-assign]  # to be called is to fail
    CallCounts(ksr).let_go()


USES = [
    Use("a1", "account 1", Limits(calls=2, calls_per_minute=9), 1),
    Use("n33", "number +33", Limits(calls_per_minute=2), 1),
    Use("n34", "number +34", Limits(), 1),
]


def test_all_that_a_call_uses_is_counted_or_nothing() -> None:
    ksr = ksr_with(a1=1)
    counts = CallCounts(ksr)
    assert counts.admit([USES[2], USES[0]], 0) is None
    assert (ksr.htable.sht_get(HELD_TABLE, KEY), ksr.values["$avp(held)"]) == ("n34/a1/", b"n34/a1/")
    ksr.htable.sht_rm(HELD_TABLE, KEY)
    before = dict(ksr.htable.entries)
    reached = counts.admit([USES[2], USES[0]], 0)
    assert reached == LimitReached(USES[0], LimitKind.CALLS)
    assert ksr.htable.entries == before | {("told", "calls a1"): 1}


def test_calls_of_each_minute_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Refused ones are not. The log has one line of what has come to its limit, as the table of those has."""
    ksr = ksr_with()
    counts = CallCounts(ksr)

    def admit(now_ms: int) -> LimitReached | None:
        counts.let_go()
        return counts.admit([USES[0], USES[1]], now_ms)

    minute = 1_700_000_040_000
    let_in = [admit(minute + each) is None for each in (0, 1, 59_999, 59_999)]
    assert let_in == [True, True, False, False], "two a minute for the number"
    assert caplog.text.count("limit.reached: rate of number +33") == 1
    assert admit(minute + 60_000) is None
    assert admit(minute - 1) is None


def test_a_call_id_has_one_count() -> None:
    """Else the end of one call would end the count of another."""
    ksr = ksr_with("a1/", a1=1)
    with pytest.raises(CountedTwice):
        CallCounts(ksr).admit([USES[0]], 0)
    assert ksr.htable.entries[CALLS_TABLE, "a1"] == 1


def test_two_processes_do_not_count_one_call_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if both begin at the same time."""
    ksr = ksr_with()
    one, other = CallCounts(ksr), CallCounts(ksr)
    count = ksr.htable.sht_inc
    tried: list[str] = []

    def sht_inc(table: str, name: str, by: int = 1) -> int:
        # Where the other process comes in between.
        if not tried:
            tried.append(name)
            with pytest.raises(CountedTwice):
                other.admit([USES[2]], 0)
        return count(table, name, by)

    monkeypatch.setattr(ksr.htable, "sht_inc", sht_inc)
    assert one.admit([USES[2]], 0) is None
    one.let_go()
    assert tried
    assert ksr.htable.sht_get(CALLS_TABLE, "n34") == 0


def test_a_call_that_goes_on_counts_under_what_it_uses_now_alone() -> None:
    """What it used before and uses still is counted once, in this minute too; a refusal changes nothing."""
    ksr = ksr_with("a1/t1.5/", **{"a1": 2, "t1.5": 1, "n33": 0})
    ksr.values["$avp(held)"] = b"a1/t1.5/"
    counts = CallCounts(ksr)
    full = Use("t1.6", "target 6", Limits(calls_per_minute=1), 1)
    ksr.htable.sht_seti("minutes", "t1.6/0", 1)
    before = dict(ksr.htable.entries)
    assert counts.admit_instead([USES[0], USES[2], full], 0) == LimitReached(full, LimitKind.RATE)
    changed = {key: count for key, count in ksr.htable.entries.items() if before.get(key, 0) != count}
    assert changed == {("told", "rate t1.6"): 1}
    assert ksr.values["$avp(held)"] == b"a1/t1.5/"
    assert counts.admit_instead([USES[0], USES[2]], 0) is None, "the account has as many calls as before"
    assert ksr.htable.sht_get(HELD_TABLE, KEY) == "a1/n34/"
    assert ksr.values["$avp(held)"] == b"a1/n34/"
    counted = {name: count for (table, name), count in ksr.htable.entries.items() if table == CALLS_TABLE}
    assert (counted["a1"], counted["n34"], counted["t1.5"]) == (2, 1, 0)


def test_a_call_that_counted_under_nothing_may_go_on_to_what_is_limited() -> None:
    ksr = ksr_with()
    assert CallCounts(ksr).admit_instead([USES[2]], 0) is None
    assert ksr.htable.sht_get(HELD_TABLE, KEY) == "n34/"


def test_a_call_that_goes_on_to_what_has_no_limit_any_more_stays_counted() -> None:
    ksr = ksr_with("a1/", a1=1)
    ksr.values["$avp(held)"] = b"a1/"
    counts = CallCounts(ksr)
    assert counts.admit_instead([], 0) is None
    counts.let_go_unanswered()
    assert ksr.htable.entries == {(CALLS_TABLE, "a1"): 0}
