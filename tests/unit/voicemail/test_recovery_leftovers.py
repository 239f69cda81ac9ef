"""Finding recordings whose process died."""

import fcntl
import os
import time
from pathlib import Path

import pytest

from renvoi.voicemail import recovery, wav
from renvoi.voicemail.recording import Recording

FACTS = b'{"number":"+33199001234"}'
PCM = b"\x01\x02" * 160


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Make the two folders of a node."""
    recordings, messages = tmp_path / "recordings", tmp_path / "messages"
    recordings.mkdir()
    messages.mkdir()
    return recordings, messages


def unexpected(name: str, error: OSError) -> None:
    raise AssertionError(name) from error


def find(folders: tuple[Path, Path]) -> list[str]:
    return [orphan.id for orphan in recovery.find_leftovers(*folders, unexpected)]


def descriptors() -> list[Path]:
    return sorted(Path("/proc/self/fd").iterdir())


def abandon(folders: tuple[Path, Path], name: str, chunks: int = 1) -> None:
    """Leave a recording as a death would."""
    recording = Recording.create(*folders, name, FACTS, 16000)
    for index in range(chunks):
        recording.write(index * 160, PCM)
    recording.release()


def test_a_live_recording_is_nobody_elses(folders: tuple[Path, Path]) -> None:
    recording = Recording.create(*folders, "abc", FACTS, 8000)
    assert find(folders) == []
    recording.finish()
    assert find(folders) == []
    recording.release()
    assert find(folders) == ["abc"]


def test_an_orphan_is_found_until_it_is_done(folders: tuple[Path, Path]) -> None:
    abandon(folders, "abc")
    assert find(folders) == ["abc"]
    for orphan in recovery.find_leftovers(*folders, unexpected):
        assert (orphan.facts, orphan.rate, orphan.duration_ms) == (FACTS, 16000, 10)
        assert orphan.finish().read_bytes() == wav.header(16000, 320) + PCM
    assert find(folders) == ["abc"]
    for orphan in recovery.find_leftovers(*folders, unexpected):
        assert orphan.was_finished
        assert orphan.duration_ms == 10
        assert orphan.finish().read_bytes() == wav.header(16000, 320) + PCM
        orphan.done()
    assert find(folders) == []
    assert [path.name for path in folders[1].iterdir()] == ["abc.wav"]


def test_an_unfinished_orphan_says_so(folders: tuple[Path, Path]) -> None:
    abandon(folders, "abc")
    for orphan in recovery.find_leftovers(*folders, unexpected):
        assert not orphan.was_finished


def test_two_who_search_at_once_share_the_orphans(folders: tuple[Path, Path]) -> None:
    for name in ("a", "b", "c"):
        abandon(folders, name)
    first = recovery.find_leftovers(*folders, unexpected)
    held = next(first)
    assert find(folders) == ["b", "c"]
    second = recovery.find_leftovers(*folders, unexpected)
    assert next(second).id == "b"
    held.done()
    assert next(first).id == "c"
    assert [orphan.id for orphan in second] == []
    assert next(first, None) is None


def test_an_orphan_that_another_has_dealt_with_meanwhile_is_passed_over(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is done right between our opening of the file and our locking of it."""
    abandon(folders, "abc")
    lock = fcntl.flock

    def late_lock(fd: int, operation: int) -> None:
        (folders[0] / "abc.json").unlink()
        lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", late_lock)
    assert find(folders) == []


def test_facts_without_audio_are_a_recording_of_no_length(folders: tuple[Path, Path]) -> None:
    for begun in (None, b"", b"RIFF"):
        abandon(folders, "abc", 0)
        (folders[0] / "abc.wav").unlink()
        if begun is not None:
            (folders[0] / "abc.wav").write_bytes(begun)
        for orphan in recovery.find_leftovers(*folders, unexpected):
            assert (orphan.duration_ms, orphan.was_finished) == (0, False)
            assert orphan.finish().read_bytes() == wav.header(8000, 0)
            orphan.discard()
        assert [list(folder.iterdir()) for folder in folders] == [[], []]


def test_audio_with_a_damaged_header_is_kept(folders: tuple[Path, Path]) -> None:
    abandon(folders, "abc")
    with (folders[0] / "abc.wav").open("r+b") as file:
        file.write(bytes(44))
    for orphan in recovery.find_leftovers(*folders, unexpected):
        assert (orphan.duration_ms, orphan.was_finished) == (20, False)
        assert orphan.finish().read_bytes() == wav.header(8000, 320) + PCM


def test_half_a_sample_at_the_end_is_cut_off(folders: tuple[Path, Path]) -> None:
    abandon(folders, "abc")
    with (folders[0] / "abc.wav").open("ab") as file:
        file.write(b"x")
    for orphan in recovery.find_leftovers(*folders, unexpected):
        assert orphan.finish().read_bytes() == wav.header(16000, 320) + PCM


def test_what_a_power_cut_left_of_the_beginning_is_removed(folders: tuple[Path, Path]) -> None:
    abandon(folders, "abc", 0)
    (folders[0] / "abc.json").write_bytes(b"")
    assert find(folders) == []
    assert list(folders[0].iterdir()) == []


def test_torn_facts_are_removed_when_they_are_old(folders: tuple[Path, Path]) -> None:
    torn = folders[0] / "abc.json.new"
    torn.write_bytes(b"{")
    assert find(folders) == []
    assert torn.exists()
    an_hour_ago = time.time() - 3600
    os.utime(torn, (an_hour_ago, an_hour_ago))
    assert find(folders) == []
    assert not torn.exists()


def test_a_file_that_the_disk_refuses_does_not_hide_the_others(folders: tuple[Path, Path]) -> None:
    abandon(folders, "a")
    abandon(folders, "b")
    (folders[0] / "a.wav").unlink()
    (folders[0] / "a.wav").mkdir()
    refused: list[str] = []
    found = [orphan.id for orphan in recovery.find_leftovers(*folders, lambda name, _: refused.append(name))]
    assert (found, refused) == (["b"], ["a.json"])


def test_other_files_are_left_alone(folders: tuple[Path, Path]) -> None:
    for name in ("notes.txt", "stray.wav"):
        (folders[0] / name).write_bytes(b"x")
    assert find(folders) == []
    assert len(list(folders[0].iterdir())) == 2


def test_searching_holds_no_descriptor(folders: tuple[Path, Path]) -> None:
    for name in ("a", "b"):
        abandon(folders, name)
    (folders[0] / "c.json.new").write_bytes(b"{")
    live = Recording.create(*folders, "live", FACTS, 8000)
    before = descriptors()
    find(folders)
    assert descriptors() == before
    live.discard()
