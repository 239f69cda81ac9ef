"""One recording on disk."""

import errno
import os
import resource
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.voicemail.recording import Recording

FACTS = b'{"number":"+33199001234"}'
PCM = b"\x01\x02" * 160


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Make the two folders of a node."""
    return make_folders(tmp_path)


def make_folders(data: Path) -> tuple[Path, Path]:
    recordings, messages = data / "recordings", data / "messages"
    recordings.mkdir()
    messages.mkdir()
    return recordings, messages


def descriptors() -> list[Path]:
    return sorted(Path("/proc/self/fd").iterdir())


def read(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path)) as file:
        return file.getframerate(), file.readframes(file.getnframes())


@pytest.mark.parametrize("rate", [8000, 16000])
def test_what_is_written_in_any_order_is_in_the_file_and_gaps_are_silence(
    folders: tuple[Path, Path], rate: int
) -> None:
    recording = Recording.create(*folders, "abc", FACTS, rate)
    recording.write(480, PCM)
    recording.write(0, PCM)
    recording.write(480, bytearray(PCM))
    assert recording.duration_ms == 640 * 1000 // rate
    path = recording.finish()
    assert read(path) == (rate, PCM + bytes(640) + PCM)
    assert recording.duration_ms == 640 * 1000 // rate
    recording.done()
    assert list(folders[0].iterdir()) == []
    assert path == folders[1] / "abc.wav"
    assert path.stat().st_size == 44 + 2 * 640


def test_a_growing_file_says_that_it_goes_on_until_its_end(folders: tuple[Path, Path]) -> None:
    recording = Recording.create(*folders, "abc", FACTS, 8000)
    recording.write(0, PCM)
    start = (folders[0] / "abc.wav").read_bytes()[:44]
    assert start[4:8] == start[40:44] == b"\xff" * 4
    recording.discard()


def test_finishing_again_changes_nothing(folders: tuple[Path, Path]) -> None:
    recording = Recording.create(*folders, "abc", FACTS, 8000)
    recording.write(0, PCM)
    before = read(recording.finish())
    assert read(recording.finish()) == before
    recording.done()


def test_a_discarded_recording_leaves_nothing(folders: tuple[Path, Path]) -> None:
    for finished in (False, True):
        recording = Recording.create(*folders, "abc", FACTS, 8000)
        recording.write(0, PCM)
        if finished:
            recording.finish()
        recording.discard()
        assert [list(folder.iterdir()) for folder in folders] == [[], []]


def test_an_ended_recording_holds_no_descriptor(folders: tuple[Path, Path]) -> None:
    before = descriptors()
    for end in (Recording.discard, Recording.done, Recording.release):
        recording = Recording.create(*folders, f"end-{end.__name__}", FACTS, 8000)
        end(recording)
        recording.release()
    assert descriptors() == before


def test_a_released_recording_takes_nothing_more(folders: tuple[Path, Path]) -> None:
    recording = Recording.create(*folders, "abc", FACTS, 8000)
    recording.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        recording.write(0, PCM)


@pytest.mark.parametrize("name", ["", "../abc", "a.b", "a/b", "é"])
def test_an_identifier_that_is_no_file_name_is_refused(folders: tuple[Path, Path], name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file's name"):
        Recording.create(*folders, name, FACTS, 8000)


def test_empty_facts_are_refused(folders: tuple[Path, Path]) -> None:
    """They are how a power cut leaves those that were not written yet."""
    with pytest.raises(ValueError, match="facts"):
        Recording.create(*folders, "abc", b"", 8000)


def test_an_identifier_is_used_once(folders: tuple[Path, Path]) -> None:
    first = Recording.create(*folders, "abc", FACTS, 8000)
    first.write(0, PCM)
    with pytest.raises(FileExistsError):
        Recording.create(*folders, "abc", b"other", 8000)
    assert (folders[0] / "abc.json").read_bytes() == FACTS
    assert read(first.finish())[1] == PCM
    first.discard()


def test_a_recording_that_cannot_begin_leaves_nothing(folders: tuple[Path, Path]) -> None:
    before = descriptors()
    with limited_file_size(20), pytest.raises(OSError, match="File too large"):
        Recording.create(*folders, "abc", FACTS, 8000)
    with limited_file_size(len(FACTS) + 1), pytest.raises(OSError, match="No space left"):
        Recording.create(*folders, "abc", FACTS, 8000)
    assert list(folders[0].iterdir()) == []
    assert descriptors() == before


def test_a_write_that_fits_in_part_is_kept_in_part(folders: tuple[Path, Path]) -> None:
    recording = Recording.create(*folders, "abc", FACTS, 8000)
    recording.write(0, PCM)
    with limited_file_size(44 + 320 + 101), pytest.raises(OSError, match="File too large"):
        recording.write(160, PCM)
    assert recording.duration_ms == 26
    path = recording.finish()
    assert read(path)[1] == PCM + PCM[:100]
    recording.done()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount the small disk")
def test_a_full_disk_keeps_what_was_recorded(tmp_path: Path) -> None:
    with small_disk(tmp_path) as data:
        folders = make_folders(data)
        recording = Recording.create(*folders, "abc", FACTS, 8000)
        offset = fill(recording)
        assert offset > 100_000
        path = recording.finish()
        recording.done()
        pcm = read(path)[1]
        assert len(pcm) >= 2 * offset
        assert pcm[: 2 * offset] == b"\x01\x02" * offset
        with pytest.raises(OSError, match="No space left"):
            Recording.create(*folders, "next", FACTS, 8000)
        assert list(folders[0].iterdir()) == []


def fill(recording: Recording) -> int:
    """Write until the disk is full; return how many samples it took."""
    offset = 0
    while True:
        try:
            recording.write(offset, PCM)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return offset
        offset += 160


@contextmanager
def limited_file_size(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes; Python ignores the signal that would end it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
