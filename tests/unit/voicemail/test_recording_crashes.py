"""A recording survives the death of its process at any instant, whole up to that instant, and exactly once."""

import random
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.voicemail import recovery
from tests.support.waiting import wait_for
from tests.unit.voicemail import dying


@contextmanager
def run_dying(mode: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-m", "tests.unit.voicemail.dying", mode, str(data)]) as process:
        try:
            yield process
        finally:
            process.kill()


def unexpected(name: str, error: OSError) -> None:
    raise AssertionError(name) from error


def recover(data: Path) -> list[str]:
    """File what was left, as whoever looks for orphans does; return what was found."""
    found = []
    for orphan in recovery.find_leftovers(data / "recordings", data / "messages", unexpected):
        assert orphan.facts == dying.FACTS
        found.append(orphan.id)
        if orphan.duration_ms == 0:
            orphan.discard()
            continue
        assert orphan.finish() == data / "messages" / f"{orphan.id}.wav"
        (data / "rows" / orphan.id).touch()
        orphan.done()
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check(data: Path) -> None:
    """Check that each recording that was begun is one message, whole up to what had been written."""
    for torn in (data / "recordings").glob("*.json.new"):
        torn.unlink()
    assert names(data / "recordings") == []
    assert names(data / "messages") == [f"{name}.wav" for name in names(data / "rows")]
    for progress in (data / "progress").iterdir():
        written = int(progress.read_bytes() or b"0")
        path = data / "messages" / f"{progress.name}.wav"
        assert path.exists() or not written
        if path.exists():
            check_audio(path, written)


def check_audio(path: Path, written: int) -> None:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (dying.RATE, 1, 2)
        samples = file.getnframes()
        pcm = file.readframes(samples)
    # One more may have been written than was reported.
    assert samples in {written, written + dying.CHUNK_SAMPLES}
    assert pcm == b"".join(dying.chunk(index) for index in range(samples // dying.CHUNK_SAMPLES))


def test_death_before_any_system_call_is_recovered_from(tmp_path: Path) -> None:
    with run_dying("each", tmp_path) as process:
        assert process.wait(60) == 0
    places = list(tmp_path.iterdir())
    assert len(places) > 20
    kept = 0
    for place in places:
        recover(place)
        check(place)
        assert recover(place) == []
        kept += len(names(place / "messages"))
    assert kept > 10


def test_death_while_recovering_is_recovered_from(tmp_path: Path) -> None:
    """Whoever finished an orphan and died before telling the store is followed by one that tells it."""
    with run_dying("each", tmp_path) as process:
        assert process.wait(60) == 0
    for place in tmp_path.iterdir():
        for orphan in recovery.find_leftovers(place / "recordings", place / "messages", unexpected):
            orphan.finish()
        recover(place)
        assert names(place / "messages") == [f"{name}.wav" for name in names(place / "rows")]


@pytest.mark.parametrize("seed", range(4))
def test_death_at_any_time_is_recovered_from(tmp_path: Path, seed: int) -> None:
    data = tmp_path / "data"
    begun = random.Random(seed).randrange(1, 40)
    with run_dying("forever", data) as process:
        wait_for((data / "progress" / f"m{begun}").exists, "the recording", 60)
        process.kill()
        process.wait(60)
    recover(data)
    check(data)
