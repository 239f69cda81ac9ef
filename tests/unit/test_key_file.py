"""The file by which a node hands its keys on: whatever is wrong with it, calls go on with the keys from before."""

import os
from pathlib import Path

import pytest

from renvoi.domain.shared_key import KeysInvalid
from renvoi.key_file import NAME, KeyFile, write_keys
from tests.support.keys import new_keys

FIRST, SECOND = new_keys(), new_keys()
DAMAGES = {
    "empty": b"",
    "cut off": FIRST.dump().encode()[:-3],
    "its beginning": FIRST.dump().encode()[:5],
    "zeros": bytes(300),
    "no text": b"\xff\xfe\x00" * 50,
    "another JSON": b'{"keys": [["00000001", "00", 0]]}',
    "no keys": b'{"keys": []}',
    "nested without an end": b"[" * 100_000,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_keys(tmp_path / NAME, FIRST)
    return tmp_path / NAME


@pytest.fixture
def told() -> list[str]:
    return []


def put(path: Path, data: bytes) -> None:
    """Replace a file as `write_keys` does: another file of the same name."""
    new = path.with_suffix(".test")
    new.write_bytes(data)
    new.replace(path)


def test_keys_are_read_and_read_again_when_they_are_replaced(path: Path, told: list[str]) -> None:
    keys = KeyFile(path, told.append)
    assert keys.ring == FIRST
    for ring in (SECOND, FIRST):
        write_keys(path, ring)
        assert keys.ring == ring
    assert told == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_at_the_start(path: Path, damage: bytes, told: list[str]) -> None:
    put(path, damage)
    with pytest.raises(KeysInvalid, match="restart the node"):
        KeyFile(path, told.append)


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.mkdir(), lambda path: path.symlink_to(path)])
def test_what_cannot_be_read_is_refused_at_the_start(tmp_path: Path, make: object, told: list[str]) -> None:
    path = tmp_path / NAME
    assert callable(make)
    make(path)
    with pytest.raises(KeysInvalid, match=NAME):
        KeyFile(path, told.append)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_later_the_keys_from_before_serve_on_and_it_is_told_once(path: Path, damage: bytes, told: list[str]) -> None:
    keys = KeyFile(path, told.append)
    put(path, damage)
    assert [keys.ring for _ in range(5)] == [FIRST] * 5
    assert len(told) == 1
    assert "the previous shared keys stay in use" in told[0]
    assert FIRST.keys[0].secret.hex() not in told[0]
    write_keys(path, SECOND)
    assert keys.ring == SECOND
    assert len(told) == 1


def test_a_file_that_went_is_told_once_and_comes_back(path: Path, told: list[str]) -> None:
    keys = KeyFile(path, told.append)
    path.unlink()
    assert [keys.ring for _ in range(5)] == [FIRST] * 5
    assert len(told) == 1
    write_keys(path, SECOND)
    assert keys.ring == SECOND
    path.unlink()
    assert keys.ring == SECOND
    assert len(told) == 2


def test_a_read_that_fails_for_the_moment_is_done_again(
    path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process without a free file descriptor must not miss a rotation for a day."""
    keys = KeyFile(path, told.append)
    write_keys(path, SECOND)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", _no_descriptor)
        assert [keys.ring for _ in range(5)] == [FIRST] * 5
    assert len(told) == 1
    assert keys.ring == SECOND


def _no_descriptor(*_: object) -> str:
    raise OSError(24, "Too many open files")


def test_nobody_else_may_read_it_and_what_lay_in_the_way_goes(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    victim = path.with_name("victim")
    victim.write_text("untouched")
    path.with_name(f"{NAME}.new").symlink_to(victim)
    write_keys(path, SECOND, os.getgid())
    assert path.stat().st_mode & 0o777 == 0o640
    assert victim.read_text() == "untouched"
    assert sorted(each.name for each in path.parent.iterdir()) == [NAME, "victim"]
