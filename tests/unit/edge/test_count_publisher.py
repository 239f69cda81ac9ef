"""What an edge tells other nodes that it counts."""

import json
from pathlib import Path

import pytest

from renvoi.count_files import CountFile, CountsInvalid, read_counts, write_counts
from renvoi.domain.access.limits import LimitKind, LimitReached, Limits, Use
from renvoi.edge.router.call_counts import CALLS_TABLE, MINUTES_TABLE, CallCounts
from renvoi.edge.router.count_publisher import LIVELY_S, PERIOD_S, CountPublisher
from tests.support.kamailio import FakeKsr

MINUTE = 28_000_000
NOW_MS = MINUTE * 60_000 + 5


def counting(**counts: int) -> FakeKsr:
    ksr = FakeKsr()
    ksr.values |= {"$shv(counting)": 1, "$(ci{s.md5})": b"call"}
    for name, count in counts.items():
        ksr.htable.sht_seti(CALLS_TABLE, name, count)
    return ksr


def test_what_is_counted_is_told_when_it_changes(tmp_path: Path) -> None:
    ksr = counting(a1=2, n33=1, n34=0, Tmain=3)
    ksr.htable.sht_seti(MINUTES_TABLE, f"n33/{MINUTE}", 4)
    ksr.htable.sht_seti(MINUTES_TABLE, f"n33/{MINUTE - 1}", 9)
    path = tmp_path / "counts.json"
    publisher = CountPublisher(ksr, path)
    publisher.look(10.0, NOW_MS)
    assert read_counts(path) == {"a1": 2, "n33": 1, "Tmain": 3, f"n33/{MINUTE}": 4}
    assert not ksr.htable.iterating, "others would wait for ever"
    before = path.stat().st_mtime_ns, path.stat().st_ino
    publisher.look(10.0 + PERIOD_S, NOW_MS)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    ksr.htable.sht_seti(CALLS_TABLE, "a1", 1)
    publisher.look(10.1 + PERIOD_S, NOW_MS)
    assert read_counts(path)["a1"] == 2, "it is too soon"
    publisher.look(10.0 + 2 * PERIOD_S, NOW_MS)
    assert read_counts(path)["a1"] == 1


def test_it_looks_often_while_there_are_calls_or_may_be(tmp_path: Path) -> None:
    ksr = counting()
    publisher = CountPublisher(ksr, tmp_path / "counts.json")
    publisher.look(10.0, NOW_MS)
    assert publisher.rest_s(1.0, 10.0) == 1.0
    publisher.stir(10.0)
    assert publisher.rest_s(1.0, 10.0 + LIVELY_S / 2) == PERIOD_S
    assert publisher.rest_s(1.0, 10.0 + LIVELY_S) == 1.0
    ksr.htable.sht_seti(CALLS_TABLE, "a1", 1)
    publisher.look(20.0, NOW_MS)
    assert publisher.rest_s(1.0, 90.0) == PERIOD_S


def test_calls_at_other_nodes_count(tmp_path: Path) -> None:
    path = tmp_path / "other-counts.json"
    said: list[str] = []
    elsewhere = CountFile(path, said.append)
    use = Use("a1", "account 1", Limits(calls=3, calls_per_minute=5), 1)

    def admitted() -> LimitReached | None:
        ksr = counting(a1=1)
        return CallCounts(ksr, elsewhere.of).admit([use], NOW_MS)

    assert admitted() is None
    write_counts(path, {"a1": 1, f"a1/{MINUTE}": 4})
    assert admitted() is None
    write_counts(path, {"a1": 2})
    assert admitted() == LimitReached(use, LimitKind.CALLS)
    write_counts(path, {f"a1/{MINUTE}": 5})
    assert admitted() == LimitReached(use, LimitKind.RATE)
    write_counts(path, {"a1": 9})
    path.unlink()
    assert admitted() is None
    path.write_text("[]")
    assert admitted() is admitted() is None
    assert len(said) == 1
    assert said[0].startswith("calls at other nodes are not counted: other-counts.json: Expected `object`")


def test_a_file_of_counts_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    assert read_counts(path) == {}
    write_counts(path, {"a1": 1})
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {"a1": 1}
    path.write_text('{"a1": "x"}')
    with pytest.raises(CountsInvalid, match=r"counts\.json"):
        read_counts(path)
