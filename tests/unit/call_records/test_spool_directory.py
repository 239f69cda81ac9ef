"""A spool whose directory or files are removed, moved or replaced while somebody writes to it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renvoi.call_records import spool as spool_module
from renvoi.call_records.events import decode
from renvoi.call_records.spool import Spool, SpoolDirectory
from renvoi.domain.calls.call_record import CallKey, FellBack

FIRST, SECOND, THIRD = (FellBack(CallKey("call", "tag", 1), at_ms, "busy", None, None) for at_ms in (1, 2, 3))


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "LOOK_PERIOD_S", 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "spool"
    made.mkdir()
    return made


class Watched:
    """A spool, and what it says."""

    def __init__(self, path: Path) -> None:
        self.waits: list[OSError] = []
        self.directory = SpoolDirectory(path)
        self.spool = Spool(self.directory, "boot", self._lost, waits=self.waits.append)

    def _lost(self, _line: bytes, error: OSError) -> None:
        raise AssertionError(error)


@pytest.fixture
def watched(path: Path) -> Iterator[Watched]:
    made = Watched(path)
    yield made
    made.spool.close()
    made.directory.close()


def held(path: Path) -> list[object]:
    """Return the events in a directory, in the order of its files."""
    return [decode(line) for file in sorted(path.iterdir()) for line in file.read_bytes().splitlines(True)]


def empty(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def replace(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def swap(path: Path) -> None:
    path.rename(path.with_name("old"))
    path.mkdir()


@pytest.mark.parametrize("remove", [empty, replace, swap])
def test_who_writes_follows_the_directory_of_its_name(
    watched: Watched, path: Path, remove: Callable[[Path], None]
) -> None:
    """Nothing that is written from then on is lost, whatever of it has to wait."""
    watched.spool.append(FIRST)
    remove(path)
    watched.spool.append(SECOND)
    watched.spool.append(THIRD)
    assert watched.spool.retry()
    assert held(path) == [SECOND, THIRD]


@pytest.mark.parametrize("away", [shutil.rmtree, lambda path: path.rename(path.with_name("old"))])
def test_while_there_is_no_directory_events_wait(watched: Watched, path: Path, away: Callable[[Path], None]) -> None:
    watched.spool.append(FIRST)
    away(path)
    watched.spool.append(SECOND)
    watched.spool.append(THIRD)
    assert not watched.spool.retry()
    assert (len(watched.waits), watched.spool.waiting) == (1, 2)
    path.mkdir()
    assert watched.spool.retry()
    assert held(path) == [SECOND, THIRD]
    assert watched.spool.waiting == 0


def test_a_file_in_the_place_of_the_directory_is_none(watched: Watched, path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("x")
    watched.spool.append(FIRST)
    assert not watched.spool.retry()
    path.unlink()
    path.mkdir()
    assert watched.spool.retry()
    assert held(path) == [FIRST]


def test_a_directory_that_may_not_be_looked_for_is_written_on(
    watched: Watched, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kamailio opens it with rights that it drops then."""

    def refused(*_args: object, **_named: object) -> None:
        raise PermissionError(13, "no")

    watched.spool.append(FIRST)
    monkeypatch.setattr(os, "stat", refused)
    watched.spool.append(SECOND)
    monkeypatch.undo()
    assert held(path) == [FIRST, SECOND]
