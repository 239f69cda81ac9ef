"""Counting calls in Kamailio's tables, which are played here."""

from renvoi.edge.router.call_counts import CALLS_TABLE, HELD_TABLE, CallCounts
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
